"""When a number of pieces will be there."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.incoming import Due, due_by

DAYS = st.none() | st.dates(date(2026, 11, 1), date(2026, 12, 1))


@given(st.integers(1, 30), st.lists(st.tuples(DAYS, st.integers(1, 9)), max_size=8))
def test_it_is_the_first_day_that_brings_enough(pieces: int, coming: list[Due]) -> None:
    day = due_by(pieces, coming)

    def until(last: date) -> int:
        return sum(n for due, n in coming if due is not None and due <= last)

    if day is None:
        assert until(date.max) < pieces
        return
    assert until(day) >= pieces
    assert all(until(due) < pieces for due, _ in coming if due is not None and due < day)
