"""What listings may show right now: absolute ATS with its arithmetic, read for many listings at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select

from hub.rules.ats import Balance, Limits, Offer, Part, free_of, offer, place_line
from hub.rules.pools import kept_for_others, own_pool
from hub.rules.selling import owed_under, policy_of
from hub.store.catalog import read_kits
from hub.store.selling import Terms, chunks, read_paces, read_terms
from hub.store.tables import listings, stock_balances, stock_lots, warehouses

Shelves = Mapping[str, Mapping[str, Sequence[Balance]]]
"""SKU -> warehouse -> its lots"""


def read_listings(db: Connection, connection_id: int, refs: Sequence[str] | None = None) -> Sequence[Row[Any]]:
    """The linked, stocked listings of one connection, by ref; all of them where `refs` is None."""
    table = listings.c
    query = select(listings).where(
        table.connection_id == connection_id, table.sku.is_not(None), table.stocked.is_(True)
    )
    if refs is not None:
        query = query.where(table.listing_ref.in_(sorted(refs)))
    return db.execute(query.order_by(table.listing_ref)).all()


def read_unlinked(db: Connection, connection_id: int, refs: Sequence[str]) -> Sequence[Row[Any]]:
    """Those of these listings of one connection that are no SKU, by ref."""
    table = listings.c
    here = (table.connection_id == connection_id, table.listing_ref.in_(sorted(refs)), table.sku.is_(None))
    return db.execute(select(listings).where(*here).order_by(table.listing_ref)).all() if refs else []


def sells() -> ColumnElement[bool]:
    """The condition of a warehouse whose stock is offered: open, and not closed by taking no orders on any day."""
    return warehouses.c.active & func.coalesce(warehouses.c.daily_orders > 0, True)


def read_shelves(db: Connection, skus: Iterable[str], codes: Sequence[str] | None = None) -> Shelves:
    """The balances of these SKUs in these warehouses (None: all that sell), with the expiry of their lots."""
    b = stock_balances.c
    numbers = (b.sku, b.warehouse, b.on_hand, b.reserved, b.damaged, b.quality_hold, b.safety, b.lot)
    joined = stock_balances.join(warehouses, warehouses.c.code == b.warehouse).outerjoin(
        stock_lots, and_(stock_lots.c.sku == b.sku, stock_lots.c.lot == b.lot)
    )
    there = sells() if codes is None else b.warehouse.in_(codes)
    query = select(*numbers, stock_lots.c.expires_on).select_from(joined).where(there)
    found: dict[str, dict[str, list[Balance]]] = defaultdict(lambda: defaultdict(list))
    for part in chunks(sorted(set(skus))):
        for sku, warehouse, *rest in db.execute(query.where(b.sku.in_(part)).order_by(b.sku, b.warehouse, b.lot)):
            found[sku][warehouse].append(Balance(*rest))
    return found


def _counted(db: Connection, skus: Collection[str]) -> set[str]:
    """Those of these SKUs that have a balance in any warehouse, whether it sells or not."""
    sku = stock_balances.c.sku
    return {found for part in chunks(sorted(skus)) for found in db.scalars(select(sku).where(sku.in_(part)).distinct())}


def free_pieces(db: Connection, skus: Iterable[str], today: date) -> dict[str, int]:
    """SKU -> pieces that may be promised over the active warehouses (each never below 0), expired lots left out."""
    return {sku: free_of(places, today) for sku, places in read_shelves(db, skus).items()}


def listing_offers(db: Connection, rows: Sequence[Row[Any]], now: datetime) -> dict[tuple[int, str], Offer]:
    """(connection_id, listing_ref) -> what the listing may sell, in listing units, with its arithmetic."""
    kits = read_kits(db, {row.sku for row in rows})
    components = {row.sku: kits.get(row.sku, ((row.sku, 1),)) for row in rows}
    skus = {sku for parts in components.values() for sku, _ in parts}
    terms = read_terms(db, skus | set(components), now)
    shelves = read_shelves(db, skus)
    counter = _Counter(shelves, _counted(db, skus - set(shelves)), terms, now)
    paces = read_paces(db, rows)
    return {
        (row.connection_id, row.listing_ref): offer(
            [counter.part(row.connection_id, sku, per_unit * row.units) for sku, per_unit in components[row.sku]],
            _limits(row, terms, paces.get((row.connection_id, row.listing_ref), 0)),
        )
        for row in rows
    }


def listing_numbers(db: Connection, rows: Sequence[Row[Any]], now: datetime) -> dict[tuple[int, str], int]:
    """(connection_id, listing_ref) -> what the listing may sell, in listing units."""
    return {key: found.number for key, found in listing_offers(db, rows, now).items()}


class _Counter:
    """Parts of offers at one moment."""

    def __init__(self, shelves: Shelves, closed: Collection[str], terms: Terms, now: datetime) -> None:
        self._shelves = shelves
        self._closed = closed
        self._terms = terms
        self._today = now.date()

    def part(self, connection_id: int, sku: str, per_unit: int) -> Part:
        """One component as this connection may sell it."""
        terms = self._terms
        days = terms.min_days(connection_id, sku)
        lines = tuple([
            place_line(code, lots, self._today, days, terms.buffer(connection_id, code, sku), terms.stale.get(code, ""))
            for code, lots in self._shelves.get(sku, {}).items()
        ])  # fmt: skip
        pools = terms.exclusive.get(sku, ())
        kept = kept_for_others(sum(line.free for line in lines), pools, connection_id) if pools else 0
        policy = policy_of(terms.policies, sku, connection_id)
        if policy.mode == "stock":
            return Part(sku, per_unit, lines, kept, closed=sku in self._closed)
        owed = owed_under(terms.policies, terms.owed.get(sku, {}), sku, connection_id)
        presale = policy.is_presale(self._today)
        return Part(sku, per_unit, lines, kept, policy.mode, policy.room(owed, self._today), not presale)


def _limits(row: Row[Any], terms: Terms, lag: int) -> Limits:
    pool = own_pool(terms.pools, row.connection_id, row.sku) if terms.pools else None
    if pool is None:
        return Limits(1000, row.buffer, lag, row.max_listed)
    caps = [cap for cap in (row.max_listed, pool.max_listed) if cap is not None]
    permille = pool.permille if pool.mode == "ratio" else 1000
    return Limits(permille, row.buffer, lag, min(caps, default=None), pool.end_when)
