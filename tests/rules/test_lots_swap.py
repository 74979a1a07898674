"""Which lots leave instead: each sentence of the rule."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.lots import swap
from hub.rules.routing.snapshot import Lot

TODAY = date(2026, 11, 23)
DAYS = st.none() | st.integers(-5, 40).map(lambda n: (TODAY + timedelta(days=n)).isoformat())
LOTS = st.lists(
    st.tuples(st.sampled_from("abcdef"), DAYS, st.integers(-3, 9)), unique_by=lambda lot: lot[0], max_size=6
)


@given(st.integers(1, 20), LOTS, st.integers(-3, 30), st.integers(0, 20))
def test_lots_that_are_good_for_long_enough_give_all_pieces_or_none(
    pieces: int, lots: list[Lot], free: int, days: int
) -> None:
    least = TODAY + timedelta(days=days)
    known = {lot[0]: lot for lot in lots}
    good = sum(n for _, day, n in lots if n > 0 and (day is None or day >= least.isoformat()))
    found = swap(pieces, lots, free, least)
    assert bool(found) == (pieces <= min(good, free))
    assert sum(n for _, n in found) == (pieces if found else 0)
    for lot, n in found:
        _, day, there = known[lot]
        assert 1 <= n <= there and (day is None or day >= least.isoformat())


@given(st.integers(1, 20), LOTS)
def test_the_first_to_expire_is_used_up_before_the_next_is_touched(pieces: int, lots: list[Lot]) -> None:
    known = {lot[0]: lot for lot in lots}
    found = swap(pieces, lots, 99, TODAY)
    days = [(known[lot][1] or "9999-12-31", lot) for lot, _ in found]
    assert days == sorted(days)
    assert all(n == known[lot][2] for lot, n in found[:-1])
    if found:
        skipped = [lot for lot in lots if lot[2] > 0 and lot[0] not in dict(found) and (lot[1] or "9") >= str(TODAY)]
        assert all((lot[1] or "9999-12-31", lot[0]) > days[-1] for lot in skipped)
