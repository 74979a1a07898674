"""Orders that a warehouse can let leave on one day: a guarded counter, and one booking per order and warehouse.

Lock order, as everywhere: orders, balances, then days by (warehouse, day).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, select, tuple_

from hub.canonical.errors import Conflict
from hub.rules.calendars import Calendar, next_ship_day
from hub.store.database import insert_new
from hub.store.tables import capacity_bookings, capacity_days, fulfillment_orders

_d, _b, _f = capacity_days.c, capacity_bookings.c, fulfillment_orders.c


@dataclass(frozen=True, slots=True)
class Limit:
    """A warehouse that takes at most `daily` orders a day."""

    calendar: Calendar
    daily: int


@dataclass(frozen=True, slots=True)
class OpenDay:
    """The first day on which a warehouse still takes orders: `left` of `most`. None: there is no such day.

    moved_from: the day it would be if no day were full; None where no full day stands before it.
    """

    day: date | None
    left: int
    most: int
    moved_from: date | None = None


def open_days(db: Connection, limits: Mapping[str, Limit], now: datetime, *, lock: bool = True) -> dict[str, OpenDay]:
    """The first day with room of each limited warehouse; locked, so that it still has room when it is booked.

    Args: lock: False to look only: no row is made and none is locked.
    """
    if not limits:
        return {}
    chosen: dict[str, date | None] = {}
    while True:
        days = _days(db, limits, now, lock)
        found = {code: _first(code, limit, days, now) for code, limit in limits.items()}
        if not lock or {code: day.day for code, day in found.items()} == chosen:
            return found
        chosen = {code: day.day for code, day in found.items()}
        _make(db, {(code, day): limits[code].daily for code, day in chosen.items() if day is not None})


def _days(
    db: Connection, limits: Mapping[str, Limit], now: datetime, lock: bool
) -> dict[tuple[str, date], tuple[int, int | None]]:
    """(warehouse, day) -> (booked, capacity), from today on."""
    first = min(limit.calendar.today(now) for limit in limits.values())
    query = select(capacity_days).where(_d.warehouse.in_(sorted(limits)), _d.day >= first)
    query = query.order_by(_d.warehouse, _d.day)
    rows = db.execute(query.with_for_update() if lock else query)
    return {(row.warehouse, row.day): (row.booked, row.capacity) for row in rows}


def _first(code: str, limit: Limit, days: Mapping[tuple[str, date], tuple[int, int | None]], now: datetime) -> OpenDay:
    def room(day: date) -> tuple[int, int]:
        booked, capacity = days.get((code, day), (0, limit.daily))
        most = limit.daily if capacity is None else capacity
        return most - booked, most

    day = next_ship_day(limit.calendar, now, lambda day: room(day)[0] <= 0)
    if day is None:
        return OpenDay(None, 0, limit.daily)
    first = next_ship_day(limit.calendar, now)
    return OpenDay(day, *room(day), None if first == day else first)


def _make(db: Connection, days: Mapping[tuple[str, date], int]) -> None:
    rows = [
        {"warehouse": code, "day": day, "booked": 0, "capacity": most} for (code, day), most in sorted(days.items())
    ]
    insert_new(db, capacity_days, rows, ("warehouse", "day"))


@dataclass(frozen=True, slots=True)
class Booking:
    """One order's place on one day; `expires_at`: when it ends by itself, None never."""

    order_id: int
    warehouse: str
    day: date
    expires_at: datetime | None = None


def book(db: Connection, bookings: Sequence[Booking], now: datetime) -> None:
    """Take places on days that `open_days` gave; an order that has one in that warehouse keeps it.

    Raises: Conflict: a day is full; nothing of the transaction may be kept.
    """
    if not bookings:
        return
    keys = sorted({(booking.order_id, booking.warehouse) for booking in bookings})
    query = select(_b.order_id, _b.warehouse).where(tuple_(_b.order_id, _b.warehouse).in_(keys))
    known = {(row.order_id, row.warehouse) for row in db.execute(query)}
    new = [booking for booking in bookings if (booking.order_id, booking.warehouse) not in known]
    rows = [
        {"order_id": b.order_id, "warehouse": b.warehouse, "day": b.day, "expires_at": b.expires_at, "created_at": now}
        for b in new
    ]
    if rows:
        db.execute(capacity_bookings.insert(), rows)
    _count(db, Counter((booking.warehouse, booking.day) for booking in new))


def _count(db: Connection, by: Mapping[tuple[str, date], int]) -> None:
    """Change the counters, in lock order, under their guard."""
    for (code, day), more in sorted(by.items()):
        here = (_d.warehouse == code, _d.day == day)
        room = (_d.capacity.is_(None) | (_d.booked + more <= _d.capacity), _d.booked + more >= 0)
        if db.execute(capacity_days.update().where(*here, *room).values(booked=_d.booked + more)).rowcount != 1:
            raise Conflict(f"warehouse {code} takes no more orders on {day}: choose another day or warehouse")


def release(db: Connection, order_ids: Iterable[int]) -> int:
    """Give back the places of these (locked) orders in warehouses that have nothing to do for them any more."""
    here = (_f.order_id == _b.order_id) & (_f.warehouse == _b.warehouse) & (_f.status != "cancelled")
    return _delete(db, _b.order_id.in_(sorted(set(order_ids))) & ~exists().where(here))


def expire(db: Connection, now: datetime, limit: int = 500) -> int:
    """Give back places that ran out while nobody works for them; returns how many."""
    at_work = (_f.order_id == _b.order_id) & (_f.warehouse == _b.warehouse) & _f.status.not_in(("cancelled", "soft"))
    query = select(_b.order_id, _b.warehouse).where(_b.expires_at <= now, ~exists().where(at_work))
    keys = [tuple(row) for row in db.execute(query.order_by(_b.order_id, _b.warehouse).limit(limit))]
    return _delete(db, tuple_(_b.order_id, _b.warehouse).in_(keys)) if keys else 0


def _delete(db: Connection, where: Any) -> int:
    rows = db.execute(delete(capacity_bookings).where(where).returning(_b.warehouse, _b.day)).all()
    _count(db, Counter({key: -count for key, count in Counter((row.warehouse, row.day) for row in rows).items()}))
    return len(rows)


def reset(db: Connection, code: str, daily: int | None, today: date) -> None:
    """A warehouse takes another number of orders a day from today on; what is booked stays booked."""
    for row in db.execute(select(capacity_days).where(_d.warehouse == code, _d.day >= today).with_for_update()).all():
        capacity = None if daily is None else max(daily, row.booked)
        here = (_d.warehouse == code) & (_d.day == row.day)
        db.execute(capacity_days.update().where(here).values(capacity=capacity))
