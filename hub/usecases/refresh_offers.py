"""Lets numbers follow the calendar: lots expire, pools end, presales open, feeds grow stale, and channels are told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from hub.store import pushes
from hub.store.available import listing_offers
from hub.store.selling import chunks, read_stale
from hub.store.tables import (
    channel_pools,
    holds,
    kits,
    listings,
    sell_policies,
    stock_balances,
    stock_lots,
    stock_pushes,
)
from hub.store.waiting import wake_short
from hub.usecases.context import Context


def refresh_offers(ctx: Context) -> int:
    """Mark listings that show another number than they should by now; returns how many. Twice is as good as once."""
    now = ctx.clock()
    with ctx.db.read() as db:
        skus, whole = _timed_skus(db, now), _ended_for_all(db, now)
        outdated = [key for part in chunks(sorted(skus), 500) for key in _outdated(db, _selling(db, part), now)]
        outdated += [key for cid in whole for key in _outdated(db, _of_connection(db, cid), now)]
        opened = _opened(db, now)
    with ctx.db.write() as db:
        waiting = wake_short(db, opened, now)
        for connection_id in sorted({cid for cid, _ in outdated}):
            pushes.mark_listings(db, connection_id, [ref for cid, ref in outdated if cid == connection_id], now)
    if waiting:
        ctx.doorbell.ring("orders.place")
    for connection_id in sorted({cid for cid, _ in outdated}):
        ctx.doorbell.ring("stock.push", connection_id)
    return len(set(outdated))


def _timed_skus(db: Connection, now: datetime) -> set[str]:
    """SKUs whose numbers may change without anybody doing anything."""
    lot, policy, pool, balance = stock_lots.c, sell_policies.c, channel_pools.c, stock_balances.c
    there = and_(balance.sku == lot.sku, balance.lot == lot.lot, balance.on_hand > 0)
    dated = select(lot.sku).join(stock_balances, there).where(lot.expires_on.is_not(None))
    opened = select(policy.sku).where(policy.mode == "presale", policy.available_on <= now.date())
    ended = select(pool.sku).where(pool.ends_at <= now, pool.sku != "")
    stale = [code for code, what in read_stale(db, now).items() if what == "leave_out"]
    left_out = select(balance.sku).where(balance.warehouse.in_(stale), balance.on_hand > 0)
    return {sku for query in (dated, opened, ended, left_out) for sku in db.scalars(query.distinct())}


def _ended_for_all(db: Connection, now: datetime) -> list[int]:
    """Connections whose pool for all SKUs is over."""
    pool = channel_pools.c
    return list(db.scalars(select(pool.connection_id).where(pool.ends_at <= now, pool.sku == "")))


def _opened(db: Connection, now: datetime) -> list[str]:
    """SKUs whose presale day has come while orders wait for them since before: those are judged anew, once."""
    policy, hold = sell_policies.c, holds.c
    waiting = and_(hold.kind.in_(("backorder", "short")), hold.value == policy.sku, hold.state == "open")
    query = select(policy.sku, policy.available_on, func.min(hold.created_at)).select_from(
        sell_policies.join(holds, waiting)
    )
    rows = db.execute(
        query.where(policy.mode == "presale", policy.available_on <= now.date()).group_by(
            policy.sku, policy.available_on
        )
    )
    return [sku for sku, day, since in rows if since.date() < day]


def _selling(db: Connection, skus: Sequence[str]) -> Sequence[Row[Any]]:
    composed = select(kits.c.sku).where(kits.c.component.in_(skus))
    return db.execute(_shown().where(or_(listings.c.sku.in_(skus), listings.c.sku.in_(composed)))).all()


def _of_connection(db: Connection, connection_id: int) -> Sequence[Row[Any]]:
    return db.execute(_shown().where(listings.c.connection_id == connection_id)).all()


def _shown() -> Any:
    """Listings with what their channel was last told, and nothing newer under way but a 0 that waits for a person."""
    push = stock_pushes.c
    same = and_(push.connection_id == listings.c.connection_id, push.listing_ref == listings.c.listing_ref)
    idle = or_(and_(push.seq == push.sent_seq, push.dead.is_(False)), pushes.doubted())
    told = (push.sent_value, pushes.doubted().label("doubted"))
    query = select(listings, *told).select_from(listings.join(stock_pushes, same))
    return query.where(idle, listings.c.sku.is_not(None), listings.c.stocked.is_(True))


def _outdated(db: Connection, rows: Sequence[Row[Any]], now: datetime) -> Iterable[tuple[int, str]]:
    for part in chunks(rows, 2000):
        offers = listing_offers(db, part, now)
        for row in part:
            value = offers[row.connection_id, row.listing_ref].publish(row.sent_value)
            if value is not None and (value > 0 if row.doubted else value != row.sent_value):
                yield row.connection_id, row.listing_ref
