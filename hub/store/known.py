"""Which codes the house knows: SKUs, warehouses, and what a scanner read."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Column, Connection, select

from hub.canonical.errors import BadInput, NotFound
from hub.store.catalog import read_kits
from hub.store.tables import items, warehouses

CHUNK = 500


def known_skus(db: Connection, skus: Iterable[str]) -> set[str]:
    """Those of the SKUs that there are."""
    return _known(db, items.c.sku, skus)


def known_warehouses(db: Connection, codes: Iterable[str]) -> set[str]:
    """Those of the warehouses that there are."""
    return _known(db, warehouses.c.code, codes)


def must_be_skus(db: Connection, skus: Iterable[str]) -> None:
    """Raises NotFound: an unknown SKU."""
    wanted = set(skus)
    for sku in sorted(wanted - known_skus(db, wanted)):
        raise NotFound(f"there is no SKU {sku!r}: add it first (stockline item add {sku})")


def must_be_stocked(db: Connection, skus: Iterable[str]) -> None:
    """Raises: NotFound: an unknown SKU. BadInput: a kit, which has no stock of its own."""
    wanted = set(skus)
    must_be_skus(db, wanted)
    found = read_kits(db, wanted)
    for sku in sorted(found):
        parts = ", ".join(part for part, _ in found[sku])
        raise BadInput(f"{sku} is a kit and has no stock of its own: name its components ({parts})")


def must_be_warehouses(db: Connection, codes: Iterable[str]) -> None:
    """Raises NotFound: an unknown warehouse."""
    wanted = set(codes)
    for code in sorted(wanted - known_warehouses(db, wanted)):
        twin = next(
            (other for other in db.scalars(select(warehouses.c.code)) if other.casefold() == code.casefold()), ""
        )
        raise NotFound(
            f"there is no warehouse {code!r}: write {twin}, in large and small letters"
            if twin
            else f"there is no warehouse {code!r}: add it first, or see: stockline warehouse"
        )


def sku_of_code(db: Connection, code: str) -> str:
    """The SKU of what a scanner read: the SKU itself or its barcode. Raises BadInput."""
    text = code.strip()
    found = db.scalar(select(items.c.sku).where(items.c.sku == text))
    found = found or db.scalar(select(items.c.sku).where(items.c.barcode == text, items.c.barcode != ""))
    if not text or found is None:
        raise BadInput(f"{text!r} is no SKU or barcode that Stockline knows: scan the label of the piece itself")
    return str(found)


def _known(db: Connection, column: Column[str], values: Iterable[str]) -> set[str]:
    wanted, found = sorted(set(values)), set[str]()
    for start in range(0, len(wanted), CHUNK):
        found.update(db.scalars(select(column).where(column.in_(wanted[start : start + CHUNK]))))
    return found
