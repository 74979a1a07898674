"""Reads what the channels' listings mean in our SKUs, in few queries for many lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, select, tuple_

from hub.store.tables import items, kits, listings

T = TypeVar("T")
CHUNK = 500
"""Values in one IN list."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A listing in our words: its SKU, base units in one listing unit, and the components that are taken from stock."""

    sku: str
    units: int
    components: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Catalog:
    """What was read: listings by (connection_id, listing_ref), known SKUs, kits."""

    linked: Mapping[tuple[int, str], tuple[str, int]]
    known: frozenset[str]
    kits: Mapping[str, tuple[tuple[str, int], ...]]

    def meaning(self, connection_id: int, listing_ref: str | None, offered: str | None) -> Meaning | None:
        """The listing's own link first, else the SKU exactly as the channel wrote it; None when neither is known.

        A line without a listing is linked by the SKU as the channel wrote it.
        """
        sku, units = self.linked.get((connection_id, listing_ref or offered or ""), (None, 1))
        if sku is None and offered in self.known:
            sku = offered
        if sku is None:
            return None
        return Meaning(sku, units, self.kits.get(sku, ((sku, 1),)))


def read_catalog(db: Connection, wanted: Iterable[tuple[int, str | None, str | None]]) -> Catalog:
    """Everything that the lines (connection_id, listing_ref, offered_sku) may mean."""
    lines = list(wanted)
    linked = _links(db, {(connection, ref or offered or "") for connection, ref, offered in lines if ref or offered})
    known = _known(db, {offered for _, _, offered in lines if offered})
    return Catalog(linked, known, read_kits(db, {sku for sku, _ in linked.values()} | known))


def _links(db: Connection, keys: set[tuple[int, str]]) -> dict[tuple[int, str], tuple[str, int]]:
    table, found = listings.c, {}
    for part in _chunks(sorted(keys)):
        query = select(table.connection_id, table.listing_ref, table.sku, table.units)
        rows = db.execute(query.where(tuple_(table.connection_id, table.listing_ref).in_(part), table.sku.is_not(None)))
        found.update({(row.connection_id, row.listing_ref): (row.sku, row.units) for row in rows})
    return found


def _known(db: Connection, skus: set[str]) -> frozenset[str]:
    found: set[str] = set()
    for part in _chunks(sorted(skus)):
        found.update(db.scalars(select(items.c.sku).where(items.c.sku.in_(part))))
    return frozenset(found)


def read_kits(db: Connection, skus: Iterable[str]) -> dict[str, tuple[tuple[str, int], ...]]:
    """Kit SKU -> ((component, pieces in one kit), …), only for those that are kits."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for part in _chunks(sorted(set(skus))):
        for row in db.execute(select(kits).where(kits.c.sku.in_(part)).order_by(kits.c.sku, kits.c.component)):
            found[row.sku].append((row.component, row.quantity))
    return {sku: tuple(parts) for sku, parts in found.items()}


def _chunks(values: list[T]) -> Iterable[list[T]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
