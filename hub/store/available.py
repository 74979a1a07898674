"""What listings may show right now: absolute ATS, read for many listings at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.rules.ats import ats, listing_ats
from hub.store.catalog import read_kits
from hub.store.tables import listings, stock_balances, warehouses


def read_listings(db: Connection, connection_id: int, refs: Sequence[str] | None = None) -> Sequence[Row[Any]]:
    """The linked, stocked listings of one connection, by ref; all of them where `refs` is None."""
    table = listings.c
    query = select(listings).where(
        table.connection_id == connection_id, table.sku.is_not(None), table.stocked.is_(True)
    )
    if refs is not None:
        query = query.where(table.listing_ref.in_(sorted(refs)))
    return db.execute(query.order_by(table.listing_ref)).all()


def free_pieces(db: Connection, skus: Iterable[str]) -> dict[str, int]:
    """SKU -> ATS summed over the active warehouses (each never below 0)."""
    b = stock_balances.c
    wanted = sorted(set(skus))
    found: dict[str, int] = defaultdict(int)
    query = select(b.sku, b.on_hand, b.reserved, b.safety).join(warehouses, warehouses.c.code == b.warehouse)
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        for row in db.execute(query.where(b.sku.in_(part), warehouses.c.active.is_(True))):
            found[row.sku] += ats(row.on_hand, row.reserved, row.safety)
    return found


def listing_numbers(db: Connection, rows: Sequence[Row[Any]]) -> dict[tuple[int, str], int]:
    """(connection_id, listing_ref) -> what the listing may sell, in listing units."""
    kits = read_kits(db, {row.sku for row in rows})
    components = {row.sku: kits.get(row.sku, ((row.sku, 1),)) for row in rows}
    free = free_pieces(db, {sku for parts in components.values() for sku, _ in parts})
    return {
        (row.connection_id, row.listing_ref): listing_ats(
            [(per_unit * row.units, free.get(sku, 0)) for sku, per_unit in components[row.sku]],
            row.buffer,
            row.max_listed,
        )
        for row in rows
    }
