"""Reads what the channels' listings mean in our SKUs, in few queries for many lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection

from hub.store import bulk
from hub.store.tables import items, kits, listings


class Meaning(Struct, frozen=True):
    """A listing in our words: its SKU, base units in one listing unit, and the components that are taken from stock."""

    sku: str
    units: int
    components: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Catalog:
    """What was read: listings by (connection_id, listing_ref), known SKUs of lines that are not linked, kits.

    linked: (SKU, base units); the SKU is None where a person took the link away.
    """

    linked: Mapping[tuple[int, str], tuple[str | None, int]]
    known: frozenset[str]
    kits: Mapping[str, tuple[tuple[str, int], ...]]

    def meaning(self, connection_id: int, listing_ref: str | None, offered: str | None) -> Meaning | None:
        """The listing's own link first, else the SKU exactly as the channel wrote it; None when neither is known.

        A line without a listing is linked by the SKU as the channel wrote it. A person's unlink stands against it.
        """
        itself = (offered if offered in self.known else None, 1)
        sku, units = self.linked.get((connection_id, listing_ref or offered or ""), itself)
        if sku is None:
            return None
        return Meaning(sku, units, self.kits.get(sku, ((sku, 1),)))


def read_catalog(db: Connection, wanted: Iterable[tuple[int, str | None, str | None]]) -> Catalog:
    """Everything that the lines (connection_id, listing_ref, offered_sku) may mean."""
    lines = list(wanted)
    linked = _links(db, {(connection, ref or offered or "") for connection, ref, offered in lines if ref or offered})
    unlinked = {offered for connection, ref, offered in lines if offered and (connection, ref or offered) not in linked}
    known = _known(db, unlinked)
    return Catalog(linked, known, read_kits(db, {sku for sku, _ in linked.values() if sku} | known))


def _links(db: Connection, keys: set[tuple[int, str]]) -> dict[tuple[int, str], tuple[str | None, int]]:
    wanted = sorted(keys)
    columns: dict[str, Sequence[Any]] = {
        "connection_id": [key[0] for key in wanted],
        "listing_ref": [key[1] for key in wanted],
    }
    said = "AND (t.sku IS NOT NULL OR t.unlinked_at IS NOT NULL)"
    rows = bulk.read(db, listings, columns, (*columns, "sku", "units"), said)
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def _known(db: Connection, skus: set[str]) -> frozenset[str]:
    return frozenset(row[0] for row in bulk.read(db, items, {"sku": sorted(skus)}, ("sku",)))


def read_kits(db: Connection, skus: Iterable[str]) -> dict[str, tuple[tuple[str, int], ...]]:
    """Kit SKU -> ((component, pieces in one kit), …), only for those that are kits."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    columns: dict[str, Sequence[Any]] = {"sku": sorted(set(skus))}
    for sku, component, quantity in bulk.read(
        db, kits, columns, ("sku", "component", "quantity"), "ORDER BY t.sku, t.component"
    ):
        found[sku].append((component, quantity))
    return {sku: tuple(parts) for sku, parts in found.items()}
