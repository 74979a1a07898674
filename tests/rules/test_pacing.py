"""Laws of pacing: no window is overspent, a wait that is told is enough, orders go first, a day is a day."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.urgency import Urgency
from hub.rules import pacing
from hub.rules.pacing import Level, Limit, ask, full, refill, share, slowed

START = 1_790_000_000.0
TINY = 1e-5
RATES = st.floats(0.01, 50)
LIMITS = st.builds(Limit, RATES, st.floats(1, 60))
LANES = st.sampled_from(Urgency)
STEPS = st.lists(st.tuples(st.floats(0, 30), st.floats(0, 1), LANES), max_size=60)
"""(seconds since the last, part of the bucket that it costs, lane)"""


def _spent(limit: Limit, steps: list[tuple[float, float, Urgency]]) -> list[tuple[float, float]]:
    """(time, cost) of the calls that were let through."""
    level, now, found = full(limit, START), START, list[tuple[float, float]]()
    for passed, part, urgency in steps:
        now += passed
        level, wait = ask(limit, level, now, part * limit.size, urgency)
        if not wait:
            found.append((now, part * limit.size))
    return found


@given(LIMITS, STEPS)
def test_no_window_spends_more_than_the_size_and_what_came_in_it(
    limit: Limit, steps: list[tuple[float, float, Urgency]]
) -> None:
    spent = _spent(limit, steps)
    for first in range(len(spent)):
        for last in range(first, len(spent)):
            lasted = spent[last][0] - spent[first][0]
            assert sum(cost for _, cost in spent[first : last + 1]) <= limit.size + limit.rate * lasted + TINY


@given(LIMITS, STEPS, st.floats(0, 2), LANES)
def test_who_waits_as_long_as_told_is_let_through(
    limit: Limit, steps: list[tuple[float, float, Urgency]], part: float, urgency: Urgency
) -> None:
    level, now = full(limit, START), START
    for passed, cost, lane in steps:
        now += passed
        level, _ = ask(limit, level, now, cost * limit.size, lane)
    after, wait = ask(limit, level, now, part * limit.size, urgency)
    if wait:
        assert after.points == pytest.approx(refill(limit, level, now).points)
        after, wait = ask(limit, after, now + wait + TINY, part * limit.size, urgency)
    assert wait == 0.0


@given(LIMITS, st.floats(0, 20), st.floats(0, 1), st.floats(0, 1), st.floats(0, 100), LANES)
def test_dearer_waits_no_less_and_later_waits_no_longer(
    limit: Limit, missing: float, one: float, other: float, passed: float, urgency: Urgency
) -> None:
    level = replace(full(limit, START), points=limit.size - missing)
    cheap, dear = sorted((one, other))
    assert ask(limit, level, START, cheap, urgency)[1] <= ask(limit, level, START, dear, urgency)[1]
    assert ask(limit, level, START + passed, dear, urgency)[1] <= ask(limit, level, START, dear, urgency)[1]


@given(LIMITS, STEPS)
def test_a_lane_leaves_the_floor_to_those_before_it(limit: Limit, steps: list[tuple[float, float, Urgency]]) -> None:
    level, now = full(limit, START), START
    for passed, part, urgency in steps:
        now, floor = now + passed, pacing.FLOORS[urgency] * limit.size
        cost = part * (limit.size - floor)
        level, wait = ask(limit, level, now, cost, urgency)
        assert wait or level.points >= floor - TINY


def test_bulk_calls_alone_get_the_whole_rate_and_an_order_beside_them_goes_at_once() -> None:
    limit = Limit(2.0, 10.0)
    level, now, calls = full(limit, START), START, 0
    while now < START + 100:
        level, wait = ask(limit, level, now, 1.0, Urgency.BULK)
        calls += wait == 0.0
        now += wait
    assert calls == pytest.approx(7 + 200, abs=1)
    level, _ = ask(limit, level, now, 1.0, Urgency.BULK)
    assert ask(limit, level, now, 1.0, Urgency.BULK)[1] > 0.0
    assert ask(limit, level, now, 1.0, Urgency.ORDERS)[1] == 0.0


def test_a_bulk_call_gives_way_to_an_order_call_that_waits_for_the_same_gap() -> None:
    limit = Limit(1 / 60, 1.0)
    level, _ = ask(limit, full(limit, START), START, 1.0, Urgency.BULK)
    level, wait = ask(limit, level, START + 10, 1.0, Urgency.ORDERS)
    assert wait == pytest.approx(50.0)
    level, behind = ask(limit, level, START + 60, 1.0, Urgency.BULK)
    assert behind == pytest.approx(1.0)
    level, wait = ask(limit, level, START + 60.5, 1.0, Urgency.ORDERS)
    assert wait == 0.0
    assert ask(limit, level, START + 61.5, 1.0, Urgency.BULK)[1] == pytest.approx(59.0)


@given(LIMITS, st.lists(st.floats(0, 100), min_size=1, max_size=20), st.floats(0, 400))
def test_each_429_halves_the_pace_to_a_sixteenth_at_most_and_time_brings_it_back(
    limit: Limit, pauses: list[float], later: float
) -> None:
    level, now = full(limit, START), START
    for passed in pauses:
        now += passed
        before = share(level, now)
        level = slowed(limit, level, now)
        assert share(level, now) == pytest.approx(max(1 / 16, before / 2))
        assert level.points <= 0.0
    assert share(level, now) <= share(level, now + later) <= 1.0
    assert share(level, now + pacing.RECOVERY_S) == 1.0


@given(LIMITS, st.floats(0, 600), st.integers(1, 30))
def test_what_comes_back_does_not_depend_on_how_often_one_looks(limit: Limit, lasts: float, looks: int) -> None:
    start = replace(slowed(limit, full(limit, START), START), points=-1e5)
    once, often = refill(limit, start, START + lasts), start
    for look in range(1, looks + 1):
        often = refill(limit, often, START + lasts * look / looks)
    assert often.points == pytest.approx(once.points, rel=1e-6, abs=1e-3)


@given(LIMITS, LANES, st.floats(0, 3600), st.floats(0, 3600))
def test_nobody_calls_before_the_time_that_the_channel_named(
    limit: Limit, urgency: Urgency, retry_after: float, passed: float
) -> None:
    level = slowed(limit, full(limit, START), START, retry_after)
    wait = ask(limit, level, START + passed, 0.0, urgency)[1]
    assert wait >= retry_after - passed - TINY
    held = pacing.throttle({"calls": level, "gap OF01": full(limit, START)}, START + passed)
    assert (held is not None and held.until > START + passed) == (START + passed < level.closed_until)


def test_a_429_that_names_no_time_closes_for_longer_each_time_up_to_sixteen_seconds() -> None:
    limit = Limit(5.0, 5.0)
    level, closed = full(limit, START), []
    for _ in range(6):
        level = slowed(limit, level, START)
        closed.append(level.closed_until - START)
    assert closed == [2.0, 4.0, 8.0, 16.0, 16.0, 16.0]
    assert slowed(limit, full(limit, START), START, 0.0).closed_until == START


def test_a_connection_is_as_slow_as_its_slowest_limit_and_closed_by_that_of_all_its_calls() -> None:
    limit = Limit(5.0, 5.0)
    fine, once = full(limit, START), slowed(limit, full(limit, START), START, 90)
    twice = slowed(limit, once, START, 3)
    assert pacing.throttle({}, START) is None
    assert pacing.throttle({"calls": fine, "gap OF01": fine}, START) is None
    assert pacing.throttle({"calls": once, "getOrders": twice}, START) == pacing.Throttle(START + 90, 25)
    assert pacing.throttle({"calls": fine, "getOrders": once}, START) == pacing.Throttle(0.0, 50)
    assert pacing.throttle({"getOrders": once}, START) == pacing.Throttle(0.0, 50)


def test_a_channel_that_says_it_was_the_last_call_is_left_alone_and_no_slower_afterwards() -> None:
    limit = Limit(5.0, 5.0)
    level = pacing.closed(full(limit, START), START, 40)
    assert ask(limit, level, START, 1.0)[1] == 40.0
    assert ask(limit, level, START + 40, 1.0)[1] == 0.0
    assert share(level, START) == 1.0
    assert pacing.closed(level, START, 5).closed_until == START + 40


def test_a_second_429_never_shortens_the_first() -> None:
    limit = Limit(5.0, 5.0)
    level = slowed(limit, slowed(limit, full(limit, START), START, 600), START + 1, 2)
    assert level.closed_until == START + 600
    assert slowed(limit, level, START + 2, None).closed_until == START + 600


@given(
    st.integers(1, 9),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Shanghai", "America/Los_Angeles"]),
    st.lists(st.tuples(st.floats(0, 40_000), LANES), max_size=60),
)
def test_no_day_of_the_zone_has_more_calls_than_its_quota(
    quota: int, zone: str, steps: list[tuple[float, Urgency]]
) -> None:
    limit = Limit(1000.0, 1000.0, quota, zone)
    level, now, days = full(limit, START), START, Counter[str]()
    for passed, urgency in steps:
        now += passed
        level, wait = ask(limit, level, now, 1.0, urgency)
        day = datetime.fromtimestamp(now, ZoneInfo(zone)).date().isoformat()
        days[day] += not wait
        if wait:
            ends = datetime.fromtimestamp(now + wait, ZoneInfo(zone))
            assert ends.date() > datetime.fromtimestamp(now, ZoneInfo(zone)).date()
    assert max(days.values(), default=0) <= quota


def test_a_quota_ends_at_midnight_of_its_zone_also_on_the_day_with_25_hours() -> None:
    limit = Limit(10.0, 10.0, 1, "Europe/Berlin")
    morning = datetime(2026, 10, 25, 0, 30, tzinfo=ZoneInfo("Europe/Berlin"))  # clocks go back at three
    now = morning.timestamp()
    level, wait = ask(limit, full(limit, now), now, 1.0)
    assert wait == 0.0
    level, wait = ask(limit, level, now, 1.0)
    assert datetime.fromtimestamp(now, UTC) + timedelta(seconds=wait) == datetime(2026, 10, 25, 23, 0, tzinfo=UTC)
    assert ask(limit, level, now + wait, 1.0)[1] == 0.0


def test_bulk_leaves_three_tenths_of_the_day_to_orders() -> None:
    limit = Limit(1000.0, 1000.0, 10)
    level, sent = full(limit, START), Counter[Urgency]()
    for urgency in (*[Urgency.BULK] * 20, *[Urgency.PERSON] * 20, *[Urgency.ORDERS] * 20):
        level, wait = ask(limit, level, START, 1.0, urgency)
        sent[urgency] += not wait
    assert sent == {Urgency.BULK: 7, Urgency.PERSON: 2, Urgency.ORDERS: 1}


@given(LIMITS, st.lists(st.tuples(st.floats(0, 5), st.integers(1, 3), LANES), max_size=40))
def test_processes_that_draw_ahead_keep_the_law_together(limit: Limit, steps: list[tuple[float, int, Urgency]]) -> None:
    """All that was drawn is spent at the last moment that it may be."""
    common, late = pacing.shared(limit), pacing.ahead_s(limit)
    level, now, spent = full(common, START), START, list[tuple[float, float]]()
    for passed, cost, urgency in steps:
        now += passed
        if cost > common.size:
            continue
        level, wait = ask(common, level, now, cost, urgency)
        if not wait:
            level, more = pacing.drawn(common, level, now, urgency)
            assert 0.0 <= more <= pacing.ahead(limit)
            spent += [(now, float(cost)), (now + late, more)]
    spent.sort()
    for first in range(len(spent)):
        for last in range(first, len(spent)):
            lasted = spent[last][0] - spent[first][0]
            assert sum(cost for _, cost in spent[first : last + 1]) <= limit.size + limit.rate * lasted + TINY


def test_slow_channels_and_daily_quotas_are_never_drawn_ahead() -> None:
    assert pacing.ahead(Limit(2.0, 4.0)) == 0.0
    assert pacing.ahead(Limit(100.0, 200.0, 5000)) == 0.0
    assert pacing.ahead(Limit(100.0, 200.0)) == 50.0
    assert pacing.shared(Limit(100.0, 200.0)) == Limit(100.0, 150.0)
    assert pacing.shared(Limit(2.0, 4.0)) == Limit(2.0, 4.0)


def test_nothing_is_drawn_ahead_while_an_order_call_waits() -> None:
    limit = Limit(100.0, 200.0)
    level = Level(150.0, START, wanted_until=START + 1)
    assert pacing.drawn(limit, level, START, Urgency.BULK)[1] == 0.0
    assert pacing.drawn(limit, level, START, Urgency.ORDERS)[1] == 50.0


@given(LIMITS, st.floats(-100, 100), st.floats(0, 1000), st.floats(-1000, 1000))
def test_the_channels_count_only_lowers_ours_and_a_clock_that_goes_back_changes_nothing(
    limit: Limit, points: float, said: float, back: float
) -> None:
    level = Level(min(points, limit.size), START, slowed_at=START)
    assert pacing.counted(limit, level, START, said).points == min(level.points, said)
    assert refill(limit, level, START - abs(back)) == level
    assert pacing.returned(limit, level, START, -5.0).points == level.points
    assert pacing.returned(limit, level, START, 1000.0).points == limit.size
