"""How a warehouse works in the next two weeks: open when, booked how far, and whose book stock there is doubted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select

from hub.canonical.errors import NotFound
from hub.rules.calendars import Calendar, next_ship_day
from hub.store.database import Database
from hub.store.routing_snapshot import calendar_of
from hub.store.tables import capacity_days, place_confidences, warehouses

DAYS = 14
DOUBTS = 50
_w, _d, _p = warehouses.c, capacity_days.c, place_confidences.c


@dataclass(frozen=True, slots=True)
class WorkingDay:
    """One day in the warehouse's own zone. spans: (opens, closes) as "08:00", () is closed; no capacity: any number."""

    day: date
    spans: tuple[tuple[str, str], ...]
    booked: int
    capacity: int | None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A SKU whose book stock there is believed less than wholly, in permille, after so many misses."""

    sku: str
    permille: int
    misses: int


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """ships_on: the first day on which an order that comes in now can leave; None: there is none within a year."""

    ships_on: date | None
    days: tuple[WorkingDay, ...]
    doubts: tuple[Doubt, ...]


def working_days(db: Database, code: str, now: datetime) -> WorkingDays:
    """The days of one warehouse from today on, least believed SKUs first. Raises NotFound."""
    with db.read() as connection:
        row = connection.execute(select(warehouses).where(_w.code == code)).one_or_none()
        if row is None:
            raise NotFound(f"there is no warehouse {code!r}")
        calendar = calendar_of(row)
        days = _days(connection, code, calendar, row.daily_orders, calendar.today(now))
        full = {day.day for day in days if day.capacity is not None and day.booked >= day.capacity}
        query = select(place_confidences).where(_p.warehouse == code, _p.permille < 1000)
        doubts = connection.execute(query.order_by(_p.permille, _p.sku).limit(DOUBTS)).all()
    ships_on = next_ship_day(calendar, now, lambda day: day in full)
    return WorkingDays(ships_on, days, tuple(Doubt(one.sku, one.permille, one.misses) for one in doubts))


def _days(
    db: Connection, code: str, calendar: Calendar, daily: int | None, today: date
) -> tuple[WorkingDay, ...]:  # fmt: skip
    ahead = [today + timedelta(days=n) for n in range(DAYS)]
    rows = db.execute(select(capacity_days).where(_d.warehouse == code, _d.day >= today, _d.day <= ahead[-1]))
    booked = {row.day: (row.booked, row.capacity) for row in rows}
    found = []
    for day in ahead:
        spans = tuple((_clock(opens), _clock(closes)) for opens, closes in calendar.spans(day))
        found.append(WorkingDay(day, spans, *booked.get(day, (0, daily))))
    return tuple(found)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
