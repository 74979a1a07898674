"""The bid prices as they were last computed, and what they are computed from: orders that came, stock that is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from hub.rules.bid_forecast import HORIZON
from hub.rules.bid_market import Pair
from hub.store import bulk
from hub.store.tables import bid_prices, order_pieces, orders, stock_balances

MOST_ORDERS = 20_000
"""From more past orders every n-th is taken, and counts n times."""


@dataclass(frozen=True, slots=True)
class Past:
    """Orders that came. every: how many each stands for. rows: id, address and `came_at`, by id.

    pieces: order id -> (sku, pieces wanted), by SKU.
    """

    every: int
    rows: Sequence[Any]
    pieces: Mapping[int, Sequence[tuple[str, int]]]


_b, _o, _p, _s = bid_prices.c, orders.c, order_pieces.c, stock_balances.c


def read_prices(db: Connection, skus: Iterable[str], now: datetime) -> dict[Pair, int]:
    """(warehouse, sku) -> micros that a piece is worth for the orders to come.

    Prices older than the horizon that they were computed for say nothing any more and are left out.
    """
    query = select(_b.warehouse, _b.sku, _b.price)
    rows = db.execute(query.where(_b.sku.in_(sorted(set(skus))), _b.computed_at > now - HORIZON))
    return {(row.warehouse, row.sku): row.price for row in rows}


def write_prices(db: Connection, prices: Mapping[Pair, int], now: datetime) -> None:
    """These are all prices now; what is not among them is worth nothing beyond today."""
    db.execute(bid_prices.delete())
    rows = [{"warehouse": place, "sku": sku, "price": prices[place, sku]} for place, sku in sorted(prices)]
    if rows:
        bulk.insert(db, bid_prices, bulk.columns_of(rows), {"computed_at": now})


def read_supply(db: Connection) -> dict[Pair, int]:
    """(warehouse, sku) -> pieces that orders of the horizon can have: free, incoming and in transit; only above 0."""
    free = _s.on_hand - _s.reserved - _s.damaged - _s.quality_hold - _s.safety
    pieces = func.sum(free + _s.incoming + _s.in_transit)
    rows = db.execute(select(_s.warehouse, _s.sku, pieces.label("pieces")).group_by(_s.warehouse, _s.sku))
    return {(row.warehouse, row.sku): int(row.pieces) for row in rows if row.pieces > 0}


def read_sold(db: Connection, since: datetime) -> Past:
    """Orders that were placed since then and not called off."""
    placed = func.coalesce(_o.placed_at, _o.created_at)
    wanted = (placed >= since, _o.state.not_in(("cancelled", "refused")))
    count = db.scalar(select(func.count()).select_from(orders).where(*wanted)) or 0
    every = max(1, -(-count // MOST_ORDERS))
    some = (*wanted, _o.id % every == 0)
    columns = (_o.id, _o.country, _o.postal_code, _o.city, _o.region, _o.district, placed.label("came_at"))
    rows = db.execute(select(*columns).where(*some).order_by(_o.id)).all()
    pieces = select(_p.order_id, _p.sku, func.sum(_p.wanted).label("pieces")).join(orders, _o.id == _p.order_id)
    found: dict[int, list[tuple[str, int]]] = {}
    for row in db.execute(pieces.where(*some).group_by(_p.order_id, _p.sku).order_by(_p.order_id, _p.sku)):
        if row.pieces > 0:
            found.setdefault(row.order_id, []).append((row.sku, int(row.pieces)))
    return Past(every, rows, found)
