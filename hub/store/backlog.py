"""Orders that wait for stock, and the stock that could be moved or bought for them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select

from hub.rules.proposals import Backlog, Spot, Supply
from hub.store.places import point_of
from hub.store.routing_snapshot import read_velocity
from hub.store.tables import (
    holds,
    order_pieces,
    orders,
    proposals,
    stock_balances,
    stock_ledger,
    stock_lots,
    transfer_lines,
    transfers,
)

COVER_DAYS = 14
"""What a place sells in so many days stays there."""
BELIEVED_DAYS = 60
"""So long a purchase that was accepted counts as coming."""
_h, _o, _p, _b = holds.c, orders.c, order_pieces.c, stock_balances.c


def read_backlog(db: Connection) -> list[Backlog]:
    """What orders wait for, oldest first: what they are short of, and what was sold to them ahead of the stock.

    What is owed stays owed while its hold is closed because the order is to be planned again, or a person holds it.
    """
    needed = _p.wanted - _p.reserved - _p.shipped
    short = (_h.kind == "short") & (_h.state == "open")
    waiting = select(_h.order_id, _h.value).where(short | (_h.kind == "backorder")).distinct().subquery()
    query = (
        select(_p.order_id, _p.sku, func.sum(needed).label("pieces"), _o.country, _o.postal_code, _o.city, _o.region,
               _o.district)
        .join(waiting, and_(waiting.c.order_id == _p.order_id, waiting.c.value == _p.sku))
        .join(orders, _o.id == _p.order_id)
        .where(needed > 0, _o.state.in_(("held", "waiting")))
        .group_by(_p.order_id, _p.sku, _o.country, _o.postal_code, _o.city, _o.region, _o.district)
        .order_by(_p.order_id, _p.sku)
    )  # fmt: skip
    return [Backlog(row.order_id, row.sku, int(row.pieces), row.country, point_of(row)) for row in db.execute(query)]


def read_supply(db: Connection, skus: Collection[str], now: datetime) -> Supply:
    """Free, needed and coming pieces of these SKUs, by warehouse."""
    free: Counter[Spot] = Counter()
    coming: Counter[Spot] = Counter()
    for row in db.execute(_balances(skus)):
        coming[row.warehouse, row.sku] += row.in_transit + row.incoming
        if row.expires_on is None or row.expires_on >= now.date():
            taken = row.reserved + row.damaged + row.quality_hold + row.safety
            free[row.warehouse, row.sku] += max(0, row.on_hand - taken)
    for spot, pieces in (*_planned(db, skus), *_bought(db, skus, now)):
        coming[spot] += pieces
    sold = read_velocity(db, skus, now)
    return Supply(free, {spot: -(-pace * COVER_DAYS // 1000) for spot, pace in sold.items()}, coming)


def _balances(skus: Collection[str]) -> Any:
    lot = and_(stock_lots.c.sku == _b.sku, stock_lots.c.lot == _b.lot)
    query = select(stock_balances, stock_lots.c.expires_on).outerjoin(stock_lots, lot)
    return query.where(_b.sku.in_(sorted(skus)))


def _planned(db: Connection, skus: Collection[str]) -> list[tuple[Spot, int]]:
    """Pieces of transfers that have not left yet."""
    t, tl = transfers.c, transfer_lines.c
    query = select(t.destination, tl.sku, tl.quantity - tl.shipped).join(transfers, t.id == tl.transfer_id)
    rows = db.execute(query.where(tl.sku.in_(sorted(skus)), t.state.in_(("draft", "ready", "in_transit"))))
    return [((destination, sku), int(pieces)) for destination, sku, pieces in rows]


def _bought(db: Connection, skus: Collection[str], now: datetime) -> list[tuple[Spot, int]]:
    """Accepted purchases, less what was received of the SKU in that warehouse, or written down as expected, since."""
    p = proposals.c
    recent = now - timedelta(days=BELIEVED_DAYS)
    query = select(proposals).where(
        p.kind == "purchase", p.state == "accepted", p.decided_at >= recent, p.sku.in_(sorted(skus))
    )
    by_spot: dict[Spot, list[Row[Any]]] = defaultdict(list)
    for row in db.execute(query.order_by(p.id)):
        by_spot[row.destination, row.sku].append(row)
    return [(spot, _outstanding(db, spot, rows)) for spot, rows in by_spot.items()]


def _outstanding(db: Connection, spot: Spot, rows: list[Row[Any]]) -> int:
    t = stock_ledger.c
    since = min(row.decided_at for row in rows)
    came = select(func.coalesce(func.sum(t.on_hand + func.coalesce(t.incoming, 0)), 0)).where(
        t.warehouse == spot[0], t.sku == spot[1], t.kind.in_(("receive", "expect", "not_coming")), t.at >= since
    )
    return max(0, sum(int(row.quantity) for row in rows) - int(db.scalar(came) or 0))
