"""A full day sends orders to who can send earlier, and says so; where no day is full it changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from hub.rules.routing import (
    NAMED,
    Demand,
    Piece,
    Place,
    Ruleset,
    ShipDay,
    Snapshot,
    explain,
    named,
    plan,
    ship_day,
    snapshot_hash,
    why,
)
from tests.rules.routing_cases import RULESETS, demands, names, snapshots, winner

MONDAY, TUESDAY, NEXT_WEEK = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 9)
FULL = Place("FULL", 1, ships_on=TUESDAY, moved_from=MONDAY)
FREE = Place("FREE", 2, ships_on=MONDAY)
SLOW = Place("SLOW", 3, ships_on=NEXT_WEEK)
MUG = Demand("o1", (Piece("1", "mug", 2),))


def _stock(*places: Place, **pieces: int) -> Snapshot:
    return Snapshot(places, {(place.code, "mug"): pieces.get(place.code, 9) for place in places})


@pytest.mark.parametrize(
    ("_case", "places", "pieces", "expected"),
    [
        ("another place can send on the day that is full here", (FULL, FREE), {}, ("FREE",)),
        ("the others send later still", (FULL, SLOW), {}, ("FULL",)),
        ("the other place has too little: one parcel goes first", (FULL, FREE), {"FREE": 1}, ("FULL",)),
        ("the full place has nothing of it: days do not matter", (FULL, replace(SLOW, priority=1), FREE),
         {"FULL": 0}, ("SLOW",)),
        ("no day is full: priority decides, whatever the days", (replace(FULL, moved_from=None), FREE), {}, ("FULL",)),
        ("a full place that may not serve moves nobody", (replace(FULL, active=False), replace(SLOW, priority=1), FREE),
         {}, ("SLOW",)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("rules", ["default", "fewest_parcels"])
def test_who_sends_earliest_gives_where_a_day_is_full(
    _case: str, places: tuple[Place, ...], pieces: dict[str, int], expected: tuple[str, ...], rules: str
) -> None:
    assert winner(plan(_stock(*places, **pieces), [MUG], named(rules))[0]) == expected


def test_the_reason_names_the_day() -> None:
    stock = _stock(FULL, FREE)
    (decision,) = plan(stock, [MUG], Ruleset())
    assert why(decision)[0] == "soonest_full"
    rows = explain(stock, MUG, Ruleset(), decision).candidates
    assert [(row.warehouses, row.reason) for row in rows] == [(("FREE",), "chosen"), (("FULL",), "ships_later")]


@pytest.mark.parametrize(
    ("_case", "codes", "expected"),
    [
        ("a place on its usual day", ("FREE",), ShipDay(MONDAY)),
        ("a place whose day is full", ("FULL",), ShipDay(TUESDAY, MONDAY, ("FULL",))),
        ("together they send when the last one does", ("FREE", "FULL"), ShipDay(TUESDAY, MONDAY, ("FULL",))),
        ("the last one was not moved", ("FULL", "SLOW"), ShipDay(NEXT_WEEK, None, ("FULL",))),
        ("a day that nobody knows", ("FREE", "VAGUE"), ShipDay(None)),
        ("no place", (), ShipDay(None)),
    ],
)
def test_the_day_of_a_set_of_places(_case: str, codes: tuple[str, ...], expected: ShipDay) -> None:
    assert ship_day(_stock(FREE, FULL, SLOW, Place("VAGUE", 1)), codes) == expected


@given(snapshots(), demands(), RULESETS)
def test_without_a_full_day_the_plan_is_the_one_without_the_criterion(
    snapshot: Snapshot, orders: tuple[Demand, ...], rules: Ruleset
) -> None:
    calm = replace(snapshot, places=tuple(replace(place, moved_from=None) for place in snapshot.places))
    (strategy,) = rules.strategies
    others = tuple(row for row in strategy.criteria if row.by != "full_day")
    plain = replace(rules, strategies=(replace(strategy, criteria=others),))
    assert "full_day" not in names(plain)
    assert plan(calm, orders, rules) == plan(calm, orders, plain)


def test_what_was_stored_before_reads_and_hashes_as_ever() -> None:
    body = _stock(FREE).to_dict()
    assert "moved_from" not in body["places"][0]
    moved = _stock(FULL)
    assert Snapshot.from_dict(moved.to_dict()) == moved
    assert snapshot_hash(moved) != snapshot_hash(_stock(replace(FULL, moved_from=None)))


def test_lists_that_a_shop_chose_word_by_word_stay_as_they_are() -> None:
    unchanged = {"cheapest", "nearest", "priority_list", "magento_priority", "magento_distance", "bid_price"}
    said = {name for name, body in NAMED.items() if "full_day" not in str(body)}
    assert said == unchanged
