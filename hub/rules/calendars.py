"""When a warehouse works: opening hours, cut-off and holidays in its own zone, right over daylight saving changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from hub.canonical.errors import BadInput

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FAR = 400
"""Days that are looked ahead; a warehouse that does not open within them never opens."""

Span = tuple[int, int]
"""Minutes after local midnight, from and to; 1440 is the end of the day."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours of one warehouse.

    zone:     IANA name.
    week:     spans of each weekday from Monday on, ascending, not overlapping; None: open day and night.
    cutoff:   minutes after local midnight; what comes later leaves on the next working day. None: closing time.
    holidays: closed all day.
    """

    zone: str = "UTC"
    week: tuple[tuple[Span, ...], ...] | None = None
    cutoff: int | None = None
    holidays: frozenset[date] = field(default_factory=frozenset)

    def spans(self, day: date) -> tuple[Span, ...]:
        """When it is open on a day, in its own zone."""
        if day in self.holidays:
            return ()
        return ((0, 1440),) if self.week is None else self.week[day.weekday()]

    def today(self, at: datetime) -> date:
        """The local date of a time."""
        return at.astimezone(_zone(self.zone)).date()


def read_calendar(
    zone: str, hours: Mapping[str, object], cutoff: str | None, holidays: Collection[str], where: str = "warehouse"
) -> Calendar:
    """A calendar from what people write.

    Args:    hours:    {"mon": [["08:00", "12:00"], ["13:00", "17:00"]], …}; days left out are closed; {}: always open.
             cutoff:   "14:00". holidays: ISO dates.
             where:    begins the path in messages.
    Raises:  BadInput naming the path, what stands there and what may.
    """
    try:
        _zone(zone)
    except (KeyError, ValueError, OSError):
        raise BadInput(f"{where}.zone = {zone!r}: use a name such as Europe/Berlin, Asia/Shanghai or UTC") from None
    unknown = sorted(set(hours) - set(DAYS))
    if unknown:
        raise BadInput(f"{where}.hours.{unknown[0]}: no such day; use {', '.join(DAYS)}")
    week = tuple(_day(hours.get(day, ()), f"{where}.hours.{day}") for day in DAYS) if hours else None
    if week is not None and not any(week):
        raise BadInput(f"{where}.hours: it would never open; leave hours out for a place that is always open")
    closes = None if cutoff is None else _minute(cutoff, f"{where}.cutoff")
    return Calendar(zone, week, closes, frozenset(_date(text, f"{where}.holidays") for text in holidays))


@lru_cache(maxsize=600)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _day(rows: object, path: str) -> tuple[Span, ...]:
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise BadInput(f'{path} = {rows!r}: use a list of spans such as [["08:00", "17:00"]]')
    spans = tuple(_span(row, f"{path}[{n}]") for n, row in enumerate(rows))
    for (_, ends), (begins, _) in pairwise(spans):
        if begins < ends:
            raise BadInput(f"{path}: spans must follow one another and not overlap")
    return spans


def _span(row: object, path: str) -> Span:
    if not isinstance(row, Sequence) or isinstance(row, str) or len(row) != 2:
        raise BadInput(f'{path} = {row!r}: use two times such as ["08:00", "17:00"]')
    begins, ends = _minute(row[0], f"{path}[0]"), _minute(row[1], f"{path}[1]")
    if begins >= ends:
        raise BadInput(f"{path}: {row[0]} is not before {row[1]}; a night shift is two spans, to 24:00 and from 00:00")
    return begins, ends


def _minute(text: object, path: str) -> int:
    digits = text.split(":") if isinstance(text, str) else []
    if len(digits) == 2 and all(len(part) == 2 and part.isascii() and part.isdigit() for part in digits):
        minute = int(digits[0]) * 60 + int(digits[1])
        if minute <= 1440 and int(digits[1]) < 60:
            return minute
    raise BadInput(f"{path} = {text!r}: use a time such as 08:00, to 24:00 at most")


def _date(text: str, path: str) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise BadInput(f"{path} = {text!r}: use dates such as 2026-12-25") from None


def next_ship_day(calendar: Calendar, at: datetime, is_full: Callable[[date], bool] = lambda day: False) -> date | None:
    """The first day, in the warehouse's own zone, on which work that comes in at `at` can leave.

    Args:    at:      aware time.
             is_full: whether a day takes no more orders.
    Returns: today while the cut-off (or closing time, where there is none) is not over, else the next working day that
             is not full; None where there is none within 400 days.
    """
    local = at.astimezone(_zone(calendar.zone))
    minute = local.hour * 60 + local.minute
    for ahead in range(FAR):
        day = local.date() + timedelta(days=ahead)
        spans = calendar.spans(day)
        if not spans or is_full(day):
            continue
        last = spans[-1][1] if calendar.cutoff is None else min(calendar.cutoff, spans[-1][1])
        if ahead or minute < last:
            return day
    return None


def working_minutes(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Whole minutes between two times in which the warehouse is open; 0 where `end` is not after `start`."""
    seconds = 0.0
    for opens, closes in _open_from(calendar, start):
        if opens >= end:
            break
        seconds += (min(closes, end) - opens).total_seconds()
    return int(seconds // 60)


def after_working(calendar: Calendar, start: datetime, minutes: int) -> datetime | None:
    """When so many minutes of opening time have passed since `start`, UTC; None where it does not open so long."""
    left = timedelta(minutes=minutes)
    for opens, closes in _open_from(calendar, start):
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    return None


def _open_from(calendar: Calendar, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Opening times from `start` on, in UTC: real time, so a day of 23 or 25 hours counts as it is."""
    zone, begin = _zone(calendar.zone), start.astimezone(UTC)
    today = calendar.today(start)
    for ahead in range(FAR):
        day = today + timedelta(days=ahead)
        for first, last in calendar.spans(day):
            opens, closes = max(begin, _moment(day, first, zone)), _moment(day, last, zone)
            if closes > opens:
                yield opens, closes


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    midnight = datetime.combine(day + timedelta(days=minute // 1440), time(), zone)
    return (midnight + timedelta(minutes=minute % 1440)).astimezone(UTC)
