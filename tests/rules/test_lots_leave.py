"""Which lot leaves: the one that expires first, among those that live as long as the buyer asks."""

from __future__ import annotations

from datetime import date

import pytest

from hub.rules.routing import Demand, Piece, Place, Ruleset, Snapshot, plan

LOTS = (("l3", None, 2), ("l1", "2026-12-01", 2), ("l2", "2027-03-01", 2))
SHELF = Snapshot((Place("W1", 1),), {("W1", "mug"): 6}, {("W1", "mug"): LOTS})


@pytest.mark.parametrize(
    ("wanted", "good_until", "takes"),
    [
        (1, None, [("l1", 1)]),
        (3, None, [("l1", 2), ("l2", 1)]),
        (6, None, [("l1", 2), ("l2", 2), ("l3", 2)]),
        (1, date(2026, 12, 1), [("l1", 1)]),
        (3, date(2026, 12, 2), [("l2", 2), ("l3", 1)]),
        (5, date(2026, 12, 2), []),
    ],
)
def test_the_lot_that_expires_first_and_lives_long_enough_leaves_first(
    wanted: int, good_until: date | None, takes: list[tuple[str, int]]
) -> None:
    order = Demand("o", (Piece("p", "mug", wanted, min_life_until=good_until),), "DE", None)
    (decision,) = plan(SHELF, [order], Ruleset())
    assert sorted((take.lot, take.quantity) for take in decision.takes) == takes
    assert decision.outcome == ("routed" if takes else "short")
