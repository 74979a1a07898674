"""Opening hours, cut-offs and holidays, in the warehouse's own zone, over both changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.errors import BadInput
from hub.rules.calendars import Calendar, after_working, next_ship_day, read_calendar, working_minutes

OFFICE = {day: [["08:00", "12:00"], ["13:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
BERLIN = read_calendar("Europe/Berlin", OFFICE, "14:00", ["2026-12-25"])
ALWAYS = Calendar()


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("_case", "at", "expected"),
    [
        ("before the cut-off", "2026-11-23T13:59+01:00", "2026-11-23"),
        ("at the cut-off", "2026-11-23T14:00+01:00", "2026-11-24"),
        ("before it opens", "2026-11-23T03:00+01:00", "2026-11-23"),
        ("Friday afternoon", "2026-11-27T15:00+01:00", "2026-11-30"),
        ("Sunday", "2026-11-29T10:00+01:00", "2026-11-30"),
        ("late on the day before a holiday and a weekend", "2026-12-24T15:00+01:00", "2026-12-28"),
        ("UTC is a day behind the warehouse", "2026-11-23T23:30+00:00", "2026-11-24"),
    ],
)
def test_the_ship_day_is_told_in_the_warehouses_own_zone(_case: str, at: str, expected: str) -> None:
    assert next_ship_day(BERLIN, _at(at)) == date.fromisoformat(expected)


def test_without_a_cutoff_closing_time_is_the_end_of_the_day() -> None:
    calendar = read_calendar("Europe/Berlin", OFFICE, None, [])
    assert next_ship_day(calendar, _at("2026-11-23T16:59+01:00")) == date(2026, 11, 23)
    assert next_ship_day(calendar, _at("2026-11-23T17:00+01:00")) == date(2026, 11, 24)


def test_full_days_are_passed_over() -> None:
    full = {date(2026, 11, 23), date(2026, 11, 24)}
    assert next_ship_day(BERLIN, _at("2026-11-23T09:00+01:00"), full.__contains__) == date(2026, 11, 25)
    assert next_ship_day(BERLIN, _at("2026-11-23T09:00+01:00"), lambda day: True) is None


def test_a_place_without_hours_is_always_open() -> None:
    at = _at("2026-11-29T23:59+00:00")
    assert next_ship_day(ALWAYS, at) == date(2026, 11, 29)
    assert after_working(ALWAYS, at, 90) == at + timedelta(minutes=90)


@pytest.mark.parametrize(
    ("_case", "start", "minutes", "end"),
    [
        ("within a span", "2026-11-23T09:00+01:00", 60, "2026-11-23T10:00+01:00"),
        ("over lunch", "2026-11-23T11:30+01:00", 60, "2026-11-23T13:30+01:00"),
        ("over the weekend", "2026-11-27T16:30+01:00", 60, "2026-11-30T08:30+01:00"),
        ("from the night", "2026-11-23T02:00+01:00", 30, "2026-11-23T08:30+01:00"),
        ("over a holiday", "2026-12-24T16:00+01:00", 120, "2026-12-28T09:00+01:00"),
        ("nothing to wait for", "2026-11-23T09:00+01:00", 0, "2026-11-23T09:00+01:00"),
    ],
)
def test_working_minutes_pass_only_while_it_is_open(_case: str, start: str, minutes: int, end: str) -> None:
    assert after_working(BERLIN, _at(start), minutes) == _at(end)
    assert working_minutes(BERLIN, _at(start), _at(end)) == minutes


@pytest.mark.parametrize(
    ("_case", "day", "hours"),
    [
        ("the clock goes forward", "2026-03-29", 23),
        ("the clock goes back", "2026-10-25", 25),
        ("a usual day", "2026-11-23", 24),
    ],
)
def test_a_day_has_the_hours_that_it_really_has(_case: str, day: str, hours: int) -> None:
    calendar = Calendar("Europe/Berlin")
    start = datetime.fromisoformat(f"{day}T12:00+00:00").astimezone(UTC) - timedelta(hours=36)
    following = date.fromisoformat(day) + timedelta(days=1)
    night = read_calendar("Europe/Berlin", {"sun": [["00:00", "24:00"]], "mon": [["00:00", "24:00"]]}, None, [])
    ends = next(  # local midnight after the day
        moment for n in range(100) if calendar.today(moment := start + timedelta(hours=n)) == following
    )
    begins = next(moment for n in range(100) if calendar.today(moment := start + timedelta(hours=n)).isoformat() == day)
    assert working_minutes(night, begins, ends) == hours * 60


def test_opening_hours_follow_the_clock_on_the_wall() -> None:
    calendar = read_calendar("Europe/Berlin", OFFICE, None, [])
    assert after_working(calendar, _at("2026-10-23T20:00+02:00"), 1) == _at("2026-10-26T08:01+01:00")
    assert after_working(calendar, _at("2026-03-27T20:00+01:00"), 1) == _at("2026-03-30T08:01+02:00")


def test_a_place_that_is_always_on_holiday_never_ships() -> None:
    first = date(2026, 11, 23)
    calendar = Calendar(holidays=frozenset(first + timedelta(days=n) for n in range(500)))
    assert next_ship_day(calendar, _at("2026-11-23T09:00+00:00")) is None
    assert after_working(calendar, _at("2026-11-23T09:00+00:00"), 1) is None


STARTS = st.integers(0, 365 * 1440).map(lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute))


@given(STARTS, st.integers(0, 5_000))
def test_waiting_and_counting_are_each_others_inverse(start: datetime, minutes: int) -> None:
    end = after_working(BERLIN, start, minutes)
    assert end is not None and end >= start
    assert working_minutes(BERLIN, start, end) == minutes


@given(STARTS)
def test_a_ship_day_is_never_closed_and_never_past(start: datetime) -> None:
    day = next_ship_day(BERLIN, start)
    assert day is not None and BERLIN.spans(day)
    assert BERLIN.today(start) <= day <= BERLIN.today(start) + timedelta(days=5)


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"zone": "Berlin"}, "warehouse.zone = 'Berlin': use a name such as Europe/Berlin, Asia/Shanghai or UTC"),
        ({"zone": "../etc"}, "warehouse.zone = '../etc': use a name such as Europe/Berlin, Asia/Shanghai or UTC"),
        ({"hours": {"monday": []}}, "warehouse.hours.monday: no such day; use mon, tue, wed, thu, fri, sat, sun"),
        ({"hours": {"mon": "08:00"}},
         "warehouse.hours.mon = '08:00': use a list of spans such as [[\"08:00\", \"17:00\"]]"),
        ({"hours": {"mon": [["08:00"]]}},
         "warehouse.hours.mon[0] = ['08:00']: use two times such as [\"08:00\", \"17:00\"]"),
        ({"hours": {"mon": [["8", "17:00"]]}},
         "warehouse.hours.mon[0][0] = '8': use a time such as 08:00, to 24:00 at most"),
        ({"hours": {"mon": [["22:00", "06:00"]]}},
         "warehouse.hours.mon[0]: 22:00 is not before 06:00; a night shift is two spans, to 24:00 and from 00:00"),
        ({"hours": {"mon": [["08:00", "12:00"], ["11:00", "17:00"]]}},
         "warehouse.hours.mon: spans must follow one another and not overlap"),
        ({"hours": {"mon": []}},
         "warehouse.hours: it would never open; leave hours out for a place that is always open"),
        ({"cutoff": "25:00"}, "warehouse.cutoff = '25:00': use a time such as 08:00, to 24:00 at most"),
        ({"holidays": ["25.12."]}, "warehouse.holidays = '25.12.': use dates such as 2026-12-25"),
    ],
)  # fmt: skip
def test_what_is_no_calendar_is_refused_by_its_path(given_: dict[str, Any], message: str) -> None:
    fields: dict[str, Any] = {"zone": "UTC", "hours": {}, "cutoff": None, "holidays": []} | given_
    with pytest.raises(BadInput) as refused:
        read_calendar(**fields)
    assert str(refused.value) == message
