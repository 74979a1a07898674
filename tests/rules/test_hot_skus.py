"""When SKUs are hot, when their orders go in single file, and when both are over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.hot_skus import (
    CONFLICTS,
    COOLING,
    LEAST_LINES,
    SINGLE,
    WARM_PERMILLE,
    WINDOW,
    Heat,
    after_conflict,
    after_window,
    warm_shares,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LINES = st.dictionaries(st.sampled_from("ABCDEFGHIJKLMN"), st.integers(1, 300))
TOLD = st.lists(st.tuples(st.sampled_from(["window", "conflict"]), st.integers(0, 1000), st.integers(0, 40)))


def _at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def _conflicts(*seconds: float) -> Heat:
    heat: Heat | None = None
    for second in seconds:
        heat = after_conflict(heat, _at(second))
    assert heat is not None
    return heat


@given(LINES)
def test_a_warm_sku_has_its_share_of_the_lines_and_a_cold_one_has_less(lines: dict[str, int]) -> None:
    total, found = sum(lines.values()), warm_shares(lines)
    for sku, count in lines.items():
        warm = total >= LEAST_LINES and 1000 * count >= WARM_PERMILLE * total
        assert (sku in found) == warm
        assert sku not in found or found[sku] <= 1000 * count / total < found[sku] + 1


@pytest.mark.parametrize(
    ("_case", "lines", "shares"),
    [
        ("nothing came in", {}, {}),
        ("a quiet shop", {"A": LEAST_LINES - 1}, {}),
        ("enough lines", {"A": LEAST_LINES}, {"A": 1000}),
        ("exactly warm", {"A": 10, "B": 90}, {"A": 100, "B": 900}),
        ("just below", {"A": 99, "B": 901}, {"B": 901}),
    ],
)
def test_shares_are_told_of_busy_windows_only(_case: str, lines: dict[str, int], shares: dict[str, int]) -> None:
    assert warm_shares(lines) == shares


@pytest.mark.parametrize(("permille", "hot"), [(100, False), (200, False), (201, True), (1000, True)])
def test_more_than_a_fifth_of_the_lines_makes_hot(permille: int, hot: bool) -> None:
    heat = after_window(None, permille, NOW)
    assert heat == (Heat(NOW, NOW + COOLING, permille) if hot else None)


@pytest.mark.parametrize(("permille", "stays"), [(99, False), (100, True), (200, True), (500, True)])
def test_a_hot_sku_stays_hot_at_half_of_that_and_is_hot_since_the_same_moment(permille: int, stays: bool) -> None:
    hot = after_window(None, 300, NOW)
    heat = after_window(hot, permille, _at(10))
    assert heat == (Heat(NOW, _at(10) + COOLING, permille) if stays else hot)


def test_what_cooled_down_is_hot_anew_only_above_a_fifth_and_since_then() -> None:
    hot = after_window(None, 300, NOW)
    late = NOW + COOLING
    assert hot is not None and not hot.is_hot(late)
    assert after_window(hot, 200, late) == hot
    assert after_window(hot, 201, late) == Heat(late, late + COOLING, 201)


@pytest.mark.parametrize(
    ("_case", "seconds", "single"),
    [
        ("two are none", (0, 1), False),
        ("three in one window", (0, 1, 9), True),
        ("three in two windows", (0, 1, 10), False),
        ("a new window counts from its own first", (0, 10, 11, 12), True),
    ],
)
def test_three_conflicts_in_a_window_call_for_single_file(_case: str, seconds: Sequence[float], single: bool) -> None:
    heat, last = _conflicts(*seconds), _at(seconds[-1])
    assert (heat.is_single(last), heat.is_hot(last)) == (single, single)
    assert heat.single_until == (last + SINGLE if single else None)
    if single:
        assert (heat.since, heat.until, heat.conflicts) == (last, last + SINGLE, CONFLICTS)


def test_one_more_conflict_in_single_file_prolongs_it() -> None:
    heat = after_conflict(_conflicts(0, 1, 2), _at(50))
    assert (heat.since, heat.single_until, heat.conflicts) == (_at(2), _at(50) + SINGLE, 1)


def test_single_file_ends_though_the_sku_stays_hot_and_one_conflict_brings_it_back() -> None:
    heat = after_window(_conflicts(0, 1, 2), 400, _at(55))
    assert heat is not None
    assert (heat.is_single(_at(61.9)), heat.is_single(_at(62)), heat.is_hot(_at(62))) == (True, False, True)
    again = after_conflict(heat, _at(63))
    assert (again.conflicts, again.since, again.single_until) == (1, _at(2), _at(63) + SINGLE)


@pytest.mark.parametrize(
    ("_case", "conflict", "single_until"),
    [
        ("one in the window that ended", 5, 65),
        ("one a while ago", -49, 11),
        ("one too long ago", -50, None),
    ],
)
def test_a_sku_that_turns_hot_goes_in_single_file_where_it_had_a_conflict(
    _case: str, conflict: float, single_until: float | None
) -> None:
    heat = after_window(_conflicts(conflict), 300, _at(10))
    assert heat is not None and heat.is_hot(_at(10)) and heat.since == _at(10)
    assert heat.single_until == (None if single_until is None else _at(single_until))


def test_a_share_below_a_fifth_and_one_conflict_change_nothing() -> None:
    heat = _conflicts(5)
    assert after_window(heat, 200, _at(10)) == heat


@given(TOLD)
def test_heat_ends_by_itself_and_single_file_is_never_without_heat(told: list[tuple[str, int, int]]) -> None:
    heat: Heat | None = None
    now = NOW
    for kind, permille, seconds in told:
        now += timedelta(seconds=seconds)
        before = heat
        heat = after_window(heat, permille, now) if kind == "window" else after_conflict(heat, now)
        if heat is None:
            continue
        assert heat.since <= now and heat.until <= now + SINGLE
        assert heat.is_hot(now) or not heat.is_single(now)
        assert not (before and before.is_hot(now)) or (heat.is_hot(now) and heat.since == before.since)
        assert heat.conflicts >= 0 and (
            heat.counted_from is None or now - heat.counted_from < WINDOW or kind == "window"
        )
    late = now + SINGLE
    assert heat is None or not (heat.is_hot(late) or heat.is_single(late))
