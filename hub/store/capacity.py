"""Orders that a warehouse can let leave on one day: a guarded counter, and one booking per order, warehouse and day.

Lock order, as everywhere: orders, balances, then days by (warehouse, day).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, exists, func, select, tuple_

from hub.canonical.errors import Conflict
from hub.rules.calendars import Calendar, next_ship_day
from hub.store.database import insert_new
from hub.store.tables import capacity_bookings, capacity_days, fulfillment_orders, shipments, warehouses

_d, _b, _f = capacity_days.c, capacity_bookings.c, fulfillment_orders.c

AT_WORK = ("soft", "open", "picking", "packed")
HAS_LIST = (_f.order_id == _b.order_id) & (_f.warehouse == _b.warehouse) & (_f.ships_on == _b.day)
"""A pick list for which a place is booked."""


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
    """One order's place in a warehouse on the day its pick list is planned to leave."""

    order_id: int
    warehouse: str
    day: date


Leaving = Mapping[tuple[int, str], date]
"""(order_id, warehouse) -> the day on which its pick lists there leave."""


def book(db: Connection, bookings: Sequence[Booking], now: datetime) -> Leaving:
    """Take places on days that `open_days` gave; what an order still has to do there leaves together with it.

    Returns: the day of each booking: that of the order's open work there, where it has some, else its own.
    Raises:  Conflict: a day is full; nothing of the transaction may be kept.
    """
    if not bookings:
        return {}
    there, days = _booked_before(db, {(booking.order_id, booking.warehouse) for booking in bookings})
    leaving = {(b.order_id, b.warehouse): days.get((b.order_id, b.warehouse), b.day) for b in bookings}
    new = [(*key, day) for key, day in sorted(leaving.items()) if (*key, day) not in there]
    rows = [
        {"order_id": order_id, "warehouse": code, "day": day, "created_at": now} for order_id, code, day in new
    ]  # fmt: skip
    if rows:
        db.execute(capacity_bookings.insert(), rows)
    _count(db, Counter((code, day) for _, code, day in new))
    return leaving


def _booked_before(
    db: Connection, keys: Collection[tuple[int, str]]
) -> tuple[set[tuple[int, str, date]], dict[tuple[int, str], date]]:
    """All places of these (order, warehouse), and the first day on which there is still work for them."""
    at_work = exists().where(HAS_LIST, _f.status.in_(AT_WORK)).label("at_work")
    query = select(_b.order_id, _b.warehouse, _b.day, at_work).where(
        tuple_(_b.order_id, _b.warehouse).in_(sorted(keys))
    )
    rows = db.execute(query.order_by(_b.day.desc())).all()
    there = {(row.order_id, row.warehouse, row.day) for row in rows}
    return there, {(row.order_id, row.warehouse): row.day for row in rows if row.at_work}


def _count(db: Connection, by: Mapping[tuple[str, date], int]) -> None:
    """Change the counters, in lock order, under their guard."""
    for (code, day), more in sorted(by.items()):
        here = (_d.warehouse == code, _d.day == day)
        room = (_d.capacity.is_(None) | (_d.booked + more <= _d.capacity), _d.booked + more >= 0)
        if db.execute(capacity_days.update().where(*here, *room).values(booked=_d.booked + more)).rowcount != 1:
            raise Conflict(f"warehouse {code} takes no more orders on {day}: choose another day or warehouse")


def release(db: Connection, order_ids: Iterable[int]) -> None:
    """Give back the places of these (locked) orders on days on which nothing of them is to be done any more.

    A parcel uses the place of its day; one that left on an earlier day does not.
    """
    idle = ~exists().where(HAS_LIST, _f.status.in_(AT_WORK))
    query = select(capacity_bookings).where(_b.order_id.in_(sorted(set(order_ids))), idle)
    rows = db.execute(query.order_by(_b.order_id, _b.warehouse, _b.day)).all()
    used = _last_left(db, {row.order_id for row in rows}) if rows else {}
    free = [row for row in rows if used.get((row.order_id, row.warehouse, row.day), date.min) < row.day]
    keys = [(row.order_id, row.warehouse, row.day) for row in free]
    db.execute(delete(capacity_bookings).where(tuple_(_b.order_id, _b.warehouse, _b.day).in_(keys)))
    _count(db, {key: -count for key, count in Counter((row.warehouse, row.day) for row in free).items()})


def _last_left(db: Connection, order_ids: Collection[int]) -> dict[tuple[int, str, date], date]:
    """(order, warehouse, day of its pick list) -> when the last parcel of it left, in the warehouse's own zone."""
    s, w = shipments.c, warehouses.c
    query = (
        select(_f.order_id, _f.warehouse, _f.ships_on, w.zone, func.max(s.shipped_at).label("at"))
        .join(shipments, s.fulfillment_order_id == _f.id).join(warehouses, w.code == _f.warehouse)
        .where(_f.order_id.in_(sorted(order_ids)))
        .group_by(_f.order_id, _f.warehouse, _f.ships_on, w.zone)
    )  # fmt: skip
    return {(row.order_id, row.warehouse, row.ships_on): Calendar(row.zone).today(row.at) for row in db.execute(query)}


def reset(db: Connection, code: str, daily: int | None, today: date) -> None:
    """A warehouse takes another number of orders a day from today on; what is booked stays booked."""
    for row in db.execute(select(capacity_days).where(_d.warehouse == code, _d.day >= today).with_for_update()).all():
        capacity = None if daily is None else max(daily, row.booked)
        here = (_d.warehouse == code) & (_d.day == row.day)
        db.execute(capacity_days.update().where(here).values(capacity=capacity))
