"""Strategies by example: each filter, criterion, split policy and named strategy once, with exact answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import combinations
from typing import Any

import pytest
from msgspec import structs

from hub.rules.routing import (
    Demand,
    Piece,
    Place,
    Point,
    Rate,
    Ruleset,
    Shortage,
    Snapshot,
    Take,
    named,
    plan,
)
from tests.rules.routing_cases import dense, table, wanted, winner

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NORTH, SOUTH = Point(10.0, 0.0), Point(0.0, 0.0)
A = Place("A", 1, point=NORTH, kind="store", tags=frozenset({"cold"}), ships_on=date(2026, 3, 4))
B = Place("B", 2, point=SOUTH, ships_on=date(2026, 3, 2))
STOCK = Snapshot((A, B), {("A", "mug"): 5, ("B", "mug"): 5}, as_of=NOW)
MUG = Demand("1", (Piece("1", "mug", 2),), "DE", SOUTH)


def rules(**strategy: Any) -> Ruleset:
    return Ruleset.from_dict({"strategies": [strategy]})


def reasons(stock: Snapshot, demand: Demand, ruleset: Ruleset) -> dict[str, str]:
    return {"+".join(row.warehouses): row.reason for row in table(stock, demand, ruleset)}


@pytest.mark.parametrize(
    ("filters", "code", "reason"),
    [
        ({"tags": ["cold"]}, "B", "wrong_tag"),
        ({"not_tags": ["cold"]}, "A", "wrong_tag"),
        ({"kinds": ["warehouse"]}, "A", "wrong_kind"),
        ({"places": ["B"]}, "A", "wrong_place"),
        ({"not_places": ["B"]}, "B", "wrong_place"),
        ({"max_km": 1000}, "A", "too_far"),
        ({"within_days": 1}, "A", "ships_too_late"),
    ],
)
def test_a_place_that_does_not_pass_a_filter_is_listed_with_the_reason(
    filters: dict[str, Any], code: str, reason: str
) -> None:
    found = reasons(STOCK, MUG, rules(filters=filters))
    assert found == {"A": "chosen", "B": "chosen"} | {code: reason}
    assert plan(STOCK, [MUG], rules(filters=filters))[0].excluded == ((code, reason),)


def test_a_parcel_that_would_arrive_too_late_is_not_sent() -> None:
    rates = (
        Rate("A", "z", ((10**6, 1, 0),), 1),
        Rate("A", "z", ((10**6, 1, 0),), 3),
        Rate("B", "z", ((10**6, 1, 0),), 4),
    )
    stock = replace(STOCK, rates=rates)
    for day, found in ((4, {"A", "B"}), (5, {"B"}), (6, set())):
        demand = structs.replace(MUG, zones=(("", "z"),), deliver_by=date(2026, 3, day))
        told = reasons(stock, demand, rules(filters={"in_time": True}))
        barred = {code for code, reason in told.items() if reason == "arrives_too_late"}
        assert barred == found


def test_only_places_with_everything_where_the_strategy_asks_no_others() -> None:
    stock = replace(STOCK, free={("A", "mug"): 1, ("B", "mug"): 1})
    assert reasons(stock, MUG, rules(filters={"all_available": True})) == {
        "A": "not_all_available",
        "B": "not_all_available",
    }
    assert winner(plan(stock, [MUG], rules())[0]) == ("A", "B")


def test_stock_that_is_not_believed_is_not_promised() -> None:
    stock = replace(STOCK, confidence={("A", "mug"): 399})
    assert winner(plan(stock, [MUG], rules())[0]) == ("B",)
    assert winner(plan(replace(stock, confidence={("A", "mug"): 400}), [MUG], rules())[0]) == ("A",)
    assert winner(
        plan(replace(stock, confidence={("A", "mug"): 400}), [MUG], rules(filters={"min_confidence": 401}))[0]
    ) == ("B",)


def test_so_many_pieces_stay_behind() -> None:
    assert winner(
        plan(STOCK, [structs.replace(MUG, pieces=(Piece("1", "mug", 3),))], rules(filters={"min_left": 2}))[0]
    ) == ("A",)
    four = structs.replace(MUG, pieces=(Piece("1", "mug", 4),))
    assert winner(plan(STOCK, [four], rules(filters={"min_left": 2}))[0]) == ("A", "B")


def test_a_pinned_order_comes_from_its_place_or_not_at_all() -> None:
    pinned = structs.replace(MUG, pinned="B")
    assert reasons(STOCK, pinned, rules()) == {"A": "not_pinned", "B": "chosen"}
    assert plan(replace(STOCK, free={("A", "mug"): 9}), [pinned], rules())[0].outcome == "short"


def test_capacity_is_taken_within_the_batch_and_never_passed() -> None:
    stock = replace(STOCK, free={("A", "mug"): 99, ("B", "mug"): 99}, capacity={"A": (2, 2)})
    decisions = plan(stock, [structs.replace(MUG, order_ref=str(n)) for n in range(4)], rules())
    assert [winner(decision) for decision in decisions] == [("A",), ("A",), ("B",), ("B",)]
    assert decisions[2].excluded == (("A", "no_capacity"),)


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        (["ships_on", "priority"], ("B",)),
        ([{"by": "ships_on", "band": 7}, "priority"], ("A",)),
        ([{"by": "distance", "band": 5000}, "priority"], ("A",)),
        ([{"by": "distance", "band": 1000}, "priority"], ("B",)),
        (["weeks_of_supply"], ("B",)),
        (["stock_balance"], ("B",)),
        (["capacity_left"], ("A",)),
        (["cost"], ("B",)),
        ([{"by": "cost", "band": "10.00"}, "priority"], ("A",)),
    ],
)  # fmt: skip
def test_each_criterion_prefers_what_its_name_says(criteria: list[Any], expected: tuple[str, ...]) -> None:
    stock = replace(
        STOCK,
        free={("A", "mug"): 5, ("B", "mug"): 6},
        velocity={("A", "mug"): 2000, ("B", "mug"): 2000},
        capacity={"B": (9, 9)},
    )
    costs = {"estimate": {"base": "1.00", "per_km": "0.005"}}
    assert winner(plan(stock, [MUG], rules(criteria=criteria, objective=costs))[0]) == expected


def test_bands_of_distance_compare_like_the_distances_divided_by_the_band() -> None:
    """The law of bands: banded is lexicographic on whole bands. Written anew over all sets of places."""
    differs = 0
    for seed in range(400):
        snapshot, demand, _ = dense(seed)
        banded = rules(
            criteria=["fewest_parcels", {"by": "distance", "band": 3000}, "priority"], leftover={"partial": True}
        )
        exact = rules(criteria=["fewest_parcels", "distance", "priority"], leftover={"partial": True})
        found = winner(plan(snapshot, [demand], banded)[0])
        assert (seed, found) == (seed, _best_banded(snapshot, demand))
        differs += found != winner(plan(snapshot, [demand], exact)[0])
    assert differs >= 5


def _best_banded(snapshot: Snapshot, demand: Demand) -> tuple[str, ...]:
    far = {row.warehouses[0]: row.distance_km for row in table(snapshot, demand, Ruleset()) if row.parcels == 1}
    places = sorted(snapshot.places, key=lambda place: place.code)

    def rank(chosen: tuple[Place, ...]) -> tuple[Any, ...]:
        free = snapshot.free
        covers = sum(
            min(need, sum(max(0, free.get((place.code, sku), 0)) for place in chosen))
            for sku, need in wanted(demand).items()
        )
        bands = [10**6 if (km := far[place.code]) is None else int(km // 3000) for place in chosen]
        unknown = [band == 10**6 for band in bands]
        return (
            -covers,
            len(chosen),
            sum(unknown),
            sum(bands),
            sum(p.priority for p in chosen),
            tuple(p.code for p in chosen),
        )

    sets = [chosen for size in range(len(places) + 1) for chosen in combinations(places, size)]
    return tuple(place.code for place in min(sets, key=rank))


def test_each_parcel_of_a_split_order_is_worth_something() -> None:
    stock = replace(STOCK, free={("A", "mug"): 1, ("B", "tee"): 1, ("B", "mug"): 0})
    demand = Demand("1", (Piece("1", "mug", 1, value=9_000_000), Piece("2", "tee", 1, value=40_000_000)), "DE")
    assert winner(plan(stock, [demand], rules(split={"min_part_value": "9.00"}))[0]) == ("A", "B")
    decision = plan(stock, [demand], rules(split={"min_part_value": "9.01"}, leftover={"partial": True}))[0]
    assert (decision.outcome, decision.takes) == ("short", ())
    dear = structs.replace(demand, pieces=(structs.replace(demand.pieces[0], value=10_000_000), demand.pieces[1]))
    assert winner(plan(stock, [dear], rules(split={"min_part_value": "9.01"}))[0]) == ("A", "B")


KIT = Demand("1", (Piece("1", "mug", 1, group="kit"), Piece("2", "tee", 1, group="kit"), Piece("3", "cap", 1)), "DE")


def test_a_kit_is_packed_in_one_place() -> None:
    stock = replace(STOCK, free={("A", "mug"): 1, ("A", "cap"): 1, ("B", "mug"): 1, ("B", "tee"): 1})
    decision = plan(stock, [KIT], rules())[0]
    assert decision.takes == (Take("1", "mug", "B", 1), Take("2", "tee", "B", 1), Take("3", "cap", "A", 1))
    apart = replace(stock, free={("A", "mug"): 1, ("A", "cap"): 1, ("B", "tee"): 1})
    short = plan(apart, [KIT], rules(leftover={"partial": True}))[0]
    assert short.takes == (Take("3", "cap", "A", 1),)
    assert short.shortages == (Shortage("1", "mug", 1, 1), Shortage("2", "tee", 1, 1))
    assert plan(apart, [KIT], rules(split={"keep_together": False}))[0].outcome == "routed"


def test_the_lot_that_expires_first_goes_first_but_only_if_it_lasts_long_enough() -> None:
    lots = (("young", "2026-09-01", 5), ("old", "2026-04-01", 1), ("endless", None, 5))
    stock = replace(STOCK, free={("A", "mug"): 11}, lots={("A", "mug"): lots})
    assert plan(stock, [MUG], rules())[0].takes == (Take("1", "mug", "A", 1, "old"), Take("1", "mug", "A", 1, "young"))
    fresh = structs.replace(MUG, pieces=(Piece("1", "mug", 2, min_life_until=date(2026, 5, 1)), Piece("2", "mug", 1)))
    assert plan(stock, [fresh], rules())[0].takes == (
        Take("1", "mug", "A", 2, "young"),
        Take("2", "mug", "A", 1, "old"),
    )
    bound = structs.replace(MUG, pieces=(Piece("1", "mug", 2, lots=("old",)),))
    assert plan(stock, [bound], rules())[0].shortages == (Shortage("1", "mug", 2, 1),)


def test_ageing_stock_is_sold_first_where_that_is_worth_money() -> None:
    lots = {("A", "mug"): (("new", "2027-01-01", 9),), ("B", "mug"): (("old", "2026-03-12", 9),)}
    stock = replace(STOCK, lots=lots)
    costs = {"estimate": {"base": "1.00", "per_km": "0.001"}}
    far = structs.replace(MUG, point=NORTH)
    assert winner(plan(stock, [far], rules(search="cheapest", objective=costs))[0]) == ("A",)
    costs["ageing"] = "1.20"  # type: ignore[assignment]
    (decision,) = plan(stock, [far], rules(search="cheapest", objective=costs))
    assert decision.takes == (Take("1", "mug", "B", 2, "old"),)
    parts = next(row.parts for row in table(stock, far, rules(search="cheapest", objective=costs)) if row.chosen)
    assert parts == (("shipping", 2_112_000), ("ageing", -1_600_000))


def source(code: str, priority: int, point: Point | None = None, active: bool = True) -> Place:
    return Place(code, priority, active, point)


def test_the_priority_algorithm_of_magento_gives_its_answers() -> None:
    """Sources by priority; of each SKU min(what is there, what is still wanted); what is missing stays open."""
    places = (source("default", 3), source("us", 1), source("eu", 2), source("off", 1, active=False))
    free = {("us", "SKU-1"): 5, ("eu", "SKU-1"): 10, ("default", "SKU-1"): 100, ("off", "SKU-1"): 100,
            ("us", "SKU-2"): -3, ("eu", "SKU-2"): 4, ("default", "SKU-2"): 0}  # fmt: skip
    demand = Demand("1", (Piece("a", "SKU-1", 12), Piece("b", "SKU-2", 6), Piece("c", "SKU-1", 4)))
    decision = plan(Snapshot(places, free), [demand], named("magento_priority"))[0]
    assert sorted(decision.takes) == [
        Take("a", "SKU-1", "eu", 7), Take("a", "SKU-1", "us", 5), Take("b", "SKU-2", "eu", 4),
        Take("c", "SKU-1", "default", 1), Take("c", "SKU-1", "eu", 3),
    ]  # fmt: skip
    assert (decision.outcome, decision.shortages) == ("short", (Shortage("b", "SKU-2", 6, 2),))


def test_the_distance_algorithm_of_magento_gives_its_answers() -> None:
    """Nearest source first; sources whose distance is unknown come last, by priority."""
    places = (
        source("austin", 4, Point(30.2672, -97.7431)), source("boston", 3, Point(42.3601, -71.0589)),
        source("unknown", 1), source("unknown too", 2),
    )  # fmt: skip
    free = {(place.code, "SKU-1"): 2 for place in places}
    demand = Demand("1", (Piece("a", "SKU-1", 7),), "US", Point(40.7128, -74.0060))
    decision = plan(Snapshot(places, free), [demand], named("magento_distance"))[0]
    assert decision.takes == (
        Take("a", "SKU-1", "boston", 2), Take("a", "SKU-1", "austin", 2), Take("a", "SKU-1", "unknown", 2),
        Take("a", "SKU-1", "unknown too", 1),
    )  # fmt: skip
    assert decision.outcome == "routed"


def test_magento_takes_from_the_first_source_even_where_another_has_everything() -> None:
    places = (source("first", 1), source("second", 2))
    stock = Snapshot(places, {("first", "SKU-1"): 1, ("second", "SKU-1"): 9})
    demand = Demand("1", (Piece("a", "SKU-1", 3),))
    assert winner(plan(stock, [demand], named("magento_priority"))[0]) == ("first", "second")
    assert winner(plan(stock, [demand], named("default"))[0]) == ("second",)


def test_the_named_strategies_differ_as_their_names_say() -> None:
    places = (
        Place("far", 1, point=Point(20.0, 0.0)), Place("near", 3, point=Point(0.1, 0.0), per_order=30_000_000),
        Place("middle", 2, point=Point(5.0, 0.0)),
    )  # fmt: skip
    stock = Snapshot(
        places, {(code, "mug"): 3 for code in ("far", "near", "middle")}, prices={("middle", "mug"): 9_000_000}
    )
    demand = Demand("1", (Piece("1", "mug", 2),), "DE", SOUTH)
    found = {
        name: winner(plan(stock, [demand], named(name))[0])[0]
        for name in ("default", "cheapest", "nearest", "bid_price")
    }
    assert found == {"default": "far", "cheapest": "middle", "nearest": "near", "bid_price": "far"}
