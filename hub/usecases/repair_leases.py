"""Frees what is leased for ever, and counts the bookings of days anew."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, exists, func, select, tuple_

from hub.store import capacity
from hub.store.laws import LONGEST_LEASE
from hub.store.tables import capacity_bookings, capacity_days, fulfillment_orders, leases, outbox, stock_pushes, streams
from hub.usecases.context import Context
from hub.usecases.repair_balances import Mended

_d, _b, _f = capacity_days.c, capacity_bookings.c, fulfillment_orders.c


def free_leases(ctx: Context) -> list[Mended]:
    """End every lease that would outlive the longest an installation may set: its clock was wrong, or it was edited."""
    far = ctx.clock() + LONGEST_LEASE
    with ctx.db.write() as db:
        counts = {
            "streams": db.execute(
                streams.update().where(streams.c.leased_until > far).values(leased_until=None, leased_by=None)
            ).rowcount,
            "stock pushes": db.execute(
                stock_pushes.update().where(stock_pushes.c.leased_until > far).values(leased_until=None)
            ).rowcount,
            "messages": db.execute(
                outbox.update().where(outbox.c.leased_until > far).values(leased_until=None)
            ).rowcount,
            "schedulers": db.execute(delete(leases).where(leases.c.until > far)).rowcount,
        }  # fmt: skip
    return [Mended("no_lease_for_ever", what, True, f"{count} freed") for what, count in counts.items() if count]


def free_bookings(ctx: Context, warehouses: Collection[str]) -> list[Mended]:
    """Give back places of orders that have nothing to do there, and let each day's counter say what is booked."""
    with ctx.db.write() as db:
        days = db.execute(
            select(_d.warehouse, _d.day, _d.booked).where(_d.warehouse.in_(sorted(warehouses)))
            .order_by(_d.warehouse, _d.day).with_for_update()
        ).all()  # fmt: skip
        orphans = _drop_orphans(db, warehouses)
        wrong = [(row.warehouse, row.day) for row in days if _recount(db, row.warehouse, row.day, row.booked)]
    found = [Mended("bookings_have_lists", f"order {order} in {code}", True, "its place was given back")
             for order, code in orphans]  # fmt: skip
    return found + [
        Mended("booked_is_bookings", f"{code} on {day}", True, "the counter says what is booked") for code, day in wrong
    ]  # fmt: skip


def _drop_orphans(db: Connection, warehouses: Collection[str]) -> list[tuple[int, str]]:
    listed = exists().where(capacity.HAS_LIST, _f.status != "cancelled")
    query = select(_b.order_id, _b.warehouse, _b.day).where(_b.warehouse.in_(sorted(warehouses)), ~listed)
    keys = [tuple(row) for row in db.execute(query.order_by(_b.order_id, _b.day))]
    db.execute(delete(capacity_bookings).where(tuple_(_b.order_id, _b.warehouse, _b.day).in_(keys)))
    return [(int(order_id), str(code)) for order_id, code, _ in keys]


def _recount(db: Connection, warehouse: str, day: datetime, booked: int) -> bool:
    """Whether the counter was wrong. A day that has more bookings than places keeps them all."""
    here = (_d.warehouse == warehouse, _d.day == day)
    count = db.scalar(select(func.count()).where(_b.warehouse == warehouse, _b.day == day)) or 0
    if count != booked:
        raised = (*here, _d.capacity < count)
        db.execute(capacity_days.update().where(*raised).values(booked=0, capacity=count))
        db.execute(capacity_days.update().where(*here).values(booked=count))
    return count != booked
