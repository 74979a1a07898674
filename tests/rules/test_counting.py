"""What a count changes: laws of the two rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.counting import still_to_write, writable

PIECES = st.integers(-1000, 1000)


@pytest.mark.parametrize(
    ("_case", "variance", "found_since", "rest"),
    [
        ("nobody found anything since", -5, 0, -5),
        ("a picker missed two of the five", -5, -2, -3),
        ("a second count found them all", -5, -5, 0),
        ("more is missing by now", -5, -7, 0),
        ("somebody found pieces elsewhere", -5, 3, -5),
        ("a surplus was counted twice", 4, 4, 0),
        ("a surplus, and a piece that got lost", 4, -1, 4),
        ("the count was right and a piece got lost later", 0, -1, 0),
    ],
)
def test_what_others_found_since_counts_against_the_variance(
    _case: str, variance: int, found_since: int, rest: int
) -> None:
    assert still_to_write(variance, found_since) == rest


@given(PIECES, PIECES)
def test_the_rest_lies_between_nothing_and_the_variance(variance: int, found_since: int) -> None:
    rest = still_to_write(variance, found_since)
    assert min(0, variance) <= rest <= max(0, variance)


@given(PIECES, st.integers(0, 1000), st.integers(0, 1000))
def test_what_is_written_never_breaks_a_promise_and_is_all_where_none_stands_against_it(
    variance: int, free: int, bound: int
) -> None:
    on_hand = free + bound
    step = writable(variance, on_hand, bound)
    assert on_hand + step >= bound
    assert step == variance or on_hand + step == bound
    assert min(0, variance) <= step <= max(0, variance)
