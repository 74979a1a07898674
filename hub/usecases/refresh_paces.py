"""Measures how fast SKUs sell and how late pushes land, and keeps the buffers that follow, with their arithmetic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from hub.rules.lag import SERVICE_PERMILLE, Pace, pace
from hub.store import pushes
from hub.store.catalog import read_kits
from hub.store.database import upsert
from hub.store.selling import chunks
from hub.store.tables import (
    connections,
    kits,
    listing_paces,
    listings,
    order_lines,
    order_pieces,
    orders,
    stock_pushes,
)
from hub.usecases.context import Context

DAYS = 14
"""Sales of so many days make the velocity; of fewer, where the first order is younger."""

Key = tuple[int, str]
"""(connection_id, listing_ref)"""


@dataclass(frozen=True, slots=True)
class Sales:
    """Base units sold in `days` days: in all by SKU, and of them through each listing."""

    days: float
    total: Mapping[str, int]
    through: Mapping[tuple[str, Key], int]


def refresh_paces(ctx: Context) -> int:
    """Compute all lag buffers anew; listings whose buffer changed are pushed. Returns how many those are.

    A connection's setting `lag_permille` says how many of 1000 pushes may not be too high (990; 0: no buffer there).
    """
    now = ctx.clock()
    with ctx.db.read() as db:
        sales = read_sales(db, now)
        found = dict(_paces(db, sales))
        before = {(row.connection_id, row.listing_ref): row.buffer for row in db.execute(select(listing_paces))}
    changed = {key for key in {*found, *before} if _buffer(found.get(key, ())) != before.get(key, 0)}
    with ctx.db.write() as db:
        _write(db, found, now)
        _forget(db, sorted(set(before) - set(found)))
        for connection_id in sorted({connection_id for connection_id, _ in changed}):
            pushes.mark_listings(db, connection_id, [ref for cid, ref in changed if cid == connection_id], now)
    if changed:
        for connection_id in sorted({connection_id for connection_id, _ in changed}):
            ctx.doorbell.ring("stock.push", connection_id)
    return len(changed)


def read_sales(db: Connection, now: datetime) -> Sales:
    """What live orders of the last days asked for."""
    since, placed = now - timedelta(days=DAYS), func.coalesce(orders.c.placed_at, orders.c.created_at)
    joined = orders.join(order_lines, order_lines.c.order_id == orders.c.id).join(
        order_pieces, order_pieces.c.line_id == order_lines.c.id
    )
    key = (order_pieces.c.sku, orders.c.connection_id, order_lines.c.listing_ref)
    query = select(*key, func.sum(order_pieces.c.wanted)).select_from(joined).where(placed >= since).group_by(*key)
    total, through = defaultdict[str, int](int), defaultdict[tuple[str, Key], int](int)
    for sku, connection_id, ref, pieces in db.execute(query):
        total[sku] += int(pieces)
        through[sku, (connection_id, ref or "")] += int(pieces)
    first = db.scalar(select(func.min(orders.c.created_at)))
    age = (now - first).total_seconds() / 86_400 if first else 0.0
    return Sales(min(float(DAYS), max(1.0, age)), total, through)


def _paces(db: Connection, sales: Sales) -> Iterator[tuple[Key, list[Pace]]]:
    sold = sorted(sku for sku, pieces in sales.total.items() if pieces > 0)
    wishes = {row.id: _permille(row.settings) for row in db.execute(select(connections.c.id, connections.c.settings))}
    for part in chunks(sold, 1000):
        rows = _listings(db, part)
        made_of = read_kits(db, {row.sku for row in rows})
        for row in rows:
            if row.latency_ms and wishes.get(row.connection_id, 0):
                key = (row.connection_id, row.listing_ref)
                parts = made_of.get(row.sku, ((row.sku, 1),))
                yield key, [_pace(sales, key, row, sku, pieces, wishes[row.connection_id]) for sku, pieces in parts]


def _pace(sales: Sales, key: Key, row: Row[Any], sku: str, pieces: int, permille: int) -> Pace:
    elsewhere = sales.total.get(sku, 0) - sales.through.get((sku, key), 0)
    return pace(sku, elsewhere, sales.days, row.latency_ms, pieces * row.units, permille)


def _listings(db: Connection, skus: Sequence[str]) -> Sequence[Row[Any]]:
    """The listings of these SKUs and of kits of them, with their measured latencies."""
    same = and_(
        stock_pushes.c.connection_id == listings.c.connection_id, stock_pushes.c.listing_ref == listings.c.listing_ref
    )
    composed = select(kits.c.sku).where(kits.c.component.in_(skus))
    columns = (listings.c.connection_id, listings.c.listing_ref, listings.c.sku, listings.c.units)
    query: Select[Any] = select(*columns, stock_pushes.c.latency_ms).select_from(listings.join(stock_pushes, same))
    sells = or_(listings.c.sku.in_(skus), listings.c.sku.in_(composed))
    return db.execute(query.where(sells, listings.c.stocked.is_(True))).all()


def _permille(settings: Mapping[str, Any]) -> int:
    text = str(settings.get("lag_permille") or SERVICE_PERMILLE)
    return min(999, int(text)) if text.isascii() and text.isdigit() else SERVICE_PERMILLE


def _buffer(parts: Sequence[Pace]) -> int:
    """A listing keeps back what its most endangered component needs."""
    return max((part.buffer for part in parts), default=0)


def _write(db: Connection, found: Mapping[Key, Sequence[Pace]], now: datetime) -> None:
    rows = [
        {"connection_id": key[0], "listing_ref": key[1], "buffer": _buffer(parts), "computed_at": now,
         "arithmetic": {"components": [part.to_dict() for part in parts], "buffer": _buffer(parts)}}
        for key, parts in sorted(found.items())
    ]  # fmt: skip
    statement = upsert(db, listing_paces)
    new = statement.excluded
    changed = {"buffer": new.buffer, "arithmetic": new.arithmetic, "computed_at": new.computed_at}
    for part in chunks(rows, 500):
        db.execute(
            statement.on_conflict_do_update(index_elements=["connection_id", "listing_ref"], set_=changed), list(part)
        )


def _forget(db: Connection, keys: Sequence[Key]) -> None:
    table = listing_paces.c
    for connection_id, ref in keys:
        db.execute(listing_paces.delete().where(table.connection_id == connection_id, table.listing_ref == ref))
