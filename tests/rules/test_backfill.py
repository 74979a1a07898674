"""Which orders belong to a range of time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.backfill import in_range

START = datetime(2026, 11, 1, tzinfo=UTC)
END = START + timedelta(days=14)
MOMENTS = st.integers(-30 * 24 * 60, 60 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))


def _asked() -> Iterable[datetime]:
    raise AssertionError("it was asked when the order was placed")


@given(MOMENTS, MOMENTS)
def test_an_order_belongs_to_the_range_that_it_was_placed_or_changed_in(placed: datetime, later: datetime) -> None:
    changed = max(placed, later)
    wanted = START <= placed < END or START <= changed < END
    if changed >= START:
        assert in_range(changed, START, END, lambda: [placed]) == wanted
    else:
        assert not in_range(changed, START, END, _asked)


@pytest.mark.parametrize(
    ("changed", "until", "expected"),
    [(START, END, True), (START - timedelta(seconds=1), END, False), (END + timedelta(days=9), None, True),
     (None, END, True)],
)  # fmt: skip
def test_it_is_not_asked_when_an_order_was_placed_where_its_change_answers(
    changed: datetime | None, until: datetime | None, expected: bool
) -> None:
    assert in_range(changed, START, until, _asked) is expected
