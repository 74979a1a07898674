"""What would have to change for a place to win: the smallest single changes, each proven."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from msgspec import structs

from hub.canonical.errors import NotFound
from hub.rules.routing import (
    Change,
    Demand,
    Piece,
    Place,
    Ruleset,
    Snapshot,
    applied,
    as_seen,
    changes_together,
    named,
    plan,
    what_would_have_to_change,
)
from tests.rules.world_cases import world

A, B = Place("A", 3, ships_on=date(2026, 3, 2)), Place("B", 4, ships_on=date(2026, 3, 5), per_order=2_500_000)
STOCK = Snapshot((A, B), {("A", "mug"): 9, ("B", "mug"): 9})
MUG = Demand("1", (Piece("1", "mug", 2),), "DE")


def rules(**strategy: object) -> Ruleset:
    return Ruleset.from_dict({"strategies": [strategy]})


ONLY_B = replace(STOCK, places=(B,))
EMPTY = replace(STOCK, free={("B", "mug"): -1})
FULL = replace(STOCK, free={("B", "mug"): 9}, capacity={"B": (0, 5)})
CLOSED = replace(STOCK, places=(replace(B, active=False),))
ABROAD = replace(STOCK, places=(replace(B, ships_to=frozenset({"US"})),))
REFUSED, MOVED = structs.replace(MUG, excluded=frozenset({"B"})), structs.replace(MUG, pinned="A")


@pytest.mark.parametrize(
    ("_case", "seen", "demand", "ruleset", "expected"),
    [
        ("priority", STOCK, MUG, rules(criteria=["priority"]), [Change("priority", 2)]),
        ("day", STOCK, MUG, rules(criteria=["ships_on"]), [Change("ships_on", 4)]),
        ("money", STOCK, MUG, rules(search="cheapest"), [Change("cost", 2_500_001)]),
        ("two things", replace(STOCK, free={("A", "mug"): 9}), MUG, rules(search="cheapest"), []),
        ("stock", EMPTY, MUG, rules(), [Change("stock", 3, "mug")]),
        ("capacity", FULL, MUG, rules(), [Change("capacity", 1)]),
        ("closed", CLOSED, MUG, rules(), [Change("activate", 1)]),
        ("abroad", ABROAD, MUG, rules(), [Change("ship_to", 1)]),
        ("refused", ONLY_B, REFUSED, rules(), [Change("ask_again", 1)]),
        ("moved, and not first anyway", STOCK, MOVED, rules(criteria=["ships_on"]), []),
        ("moved, else first", STOCK, MOVED, rules(filters={"places": ["B"]}), [Change("unpin", 1)]),
        ("it wins already", ONLY_B, MUG, rules(), []),
    ],
)
def test_the_smallest_change_of_each_kind_is_named(
    _case: str, seen: Snapshot, demand: Demand, ruleset: Ruleset, expected: list[Change]
) -> None:
    assert list(what_would_have_to_change(seen, demand, ruleset, "B")) == expected


NOTHING = replace(STOCK, free={("A", "mug"): 9}, places=(A, replace(B, active=False)))


@pytest.mark.parametrize(
    ("_case", "seen", "demand", "ruleset", "expected"),
    [
        ("stock and money", replace(STOCK, free={("A", "mug"): 9}), MUG, rules(search="cheapest"),
         [Change("stock", 2, "mug"), Change("cost", 2_500_001)]),
        ("stock, day and a switch", NOTHING, MUG, rules(criteria=["ships_on"]),
         [Change("stock", 2, "mug"), Change("ships_on", 4), Change("activate", 1)]),
        ("moved, and not first anyway", STOCK, MOVED, rules(criteria=["ships_on"]),
         [Change("ships_on", 4), Change("unpin", 1)]),
        ("nothing helps", STOCK, MUG, rules(filters={"places": ["A"]}), []),
    ],
)  # fmt: skip
def test_changes_that_are_enough_together_are_named(
    _case: str, seen: Snapshot, demand: Demand, ruleset: Ruleset, expected: list[Change]
) -> None:
    assert what_would_have_to_change(seen, demand, ruleset, "B") == ()
    assert list(changes_together(seen, demand, ruleset, "B")) == expected


@pytest.mark.parametrize("start", (0, 30))
def test_together_they_are_enough_and_without_any_one_they_are_not(start: int) -> None:
    sizes = set()
    for seed in range(start, start + 30):
        snapshot, demands, rules = world(seed)
        decisions = plan(snapshot, demands, rules)
        for demand, seen in list(zip(demands, as_seen(snapshot, demands, decisions), strict=True))[:2]:
            for place in seen.places:
                if _wins(seen, demand, rules, place.code) or what_would_have_to_change(seen, demand, rules, place.code):
                    continue
                changes = changes_together(seen, demand, rules, place.code)
                sizes.add(len(changes))
                if not changes:
                    continue
                assert (seed, _wins(seen, demand, rules, place.code, *changes)) == (seed, True)
                for without in changes:
                    rest = [change for change in changes if change != without]
                    assert (seed, without, _wins(seen, demand, rules, place.code, *rest)) == (seed, without, False)
                    less = replace(without, amount=without.amount + (1 if without.kind == "priority" else -1))
                    if less.amount > 0 and not (without.kind == "priority" and less.amount >= place.priority):
                        smaller = (*rest, less)
                        assert (seed, less, _wins(seen, demand, rules, place.code, *smaller)) == (seed, less, False)
    assert 2 in sizes and 1 not in sizes


def test_a_place_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(NotFound, match="no warehouse 'C' in what the plan saw"):
        what_would_have_to_change(STOCK, MUG, rules(), "C")


def test_a_change_is_told_with_its_unit() -> None:
    assert Change("cost", 2_500_001).to_dict() == {"kind": "cost", "amount": "2.500001", "sku": None}
    assert Change("stock", 3, "mug").to_dict() == {"kind": "stock", "amount": 3, "sku": "mug"}


@pytest.mark.parametrize("start", range(0, 120, 60))
def test_with_the_change_the_place_wins_and_with_one_less_it_does_not(start: int) -> None:
    kinds = set()
    for seed in range(start, start + 60):
        snapshot, demands, rules = world(seed)
        decisions = plan(snapshot, demands, rules)
        for demand, seen in list(zip(demands, as_seen(snapshot, demands, decisions), strict=True))[:2]:
            for place in seen.places:
                for change in what_would_have_to_change(seen, demand, rules, place.code):
                    kinds.add(change.kind)
                    assert (seed, _wins(seen, demand, rules, place.code, change)) == (seed, True)
                    less = replace(change, amount=change.amount + (1 if change.kind == "priority" else -1))
                    enough_anyway = change.kind == "priority" and less.amount >= place.priority
                    if less.amount > 0 and not enough_anyway:
                        assert (seed, change, _wins(seen, demand, rules, place.code, less)) == (seed, change, False)
    assert {"stock", "cost"} <= kinds


def _wins(seen: Snapshot, demand: Demand, rules: Ruleset, warehouse: str, *changes: Change) -> bool:
    snapshot, asked = seen, demand
    for change in changes:
        snapshot, asked = applied(snapshot, asked, warehouse, change)
    return any(take.warehouse == warehouse for take in plan(snapshot, [asked], rules)[0].takes)


def test_every_ready_made_ruleset_can_say_what_would_have_to_change() -> None:
    for name in ("default", "cheapest", "fewest_parcels", "priority_list", "magento_priority", "bid_price"):
        assert what_would_have_to_change(STOCK, MUG, named(name), "B") != ()
