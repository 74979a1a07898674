"""Two rulesets over the same orders: differences order by order, and what each comes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from msgspec import structs

from hub.rules.routing import (
    Demand,
    Estimate,
    Objective,
    Piece,
    Place,
    Rate,
    Ruleset,
    Snapshot,
    as_seen,
    named,
    plan,
    simulate,
    simulate_recorded,
)
from tests.rules.world_cases import world

MONDAY = date(2026, 3, 2)
RATES = (Rate("A", "z", ((10**6, 5_000_000, 0),), 1), Rate("B", "z", ((10**6, 3_000_000, 0),), 4))
STOCK = Snapshot(
    (Place("A", 1, ships_on=MONDAY, per_unit=100_000), Place("B", 2, ships_on=MONDAY)),
    {("A", "mug"): 2, ("B", "mug"): 9},
    rates=RATES,
    as_of=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
)
FIRST = Demand("first", (Piece("1", "mug", 2),), zones=(("", "z"),), deliver_by=date(2026, 3, 4))
ORDERS = (
    FIRST,
    structs.replace(FIRST, order_ref="second", deliver_by=None),
    structs.replace(FIRST, order_ref="third", pieces=(Piece("1", "mug", 9),)),
)


def test_a_scenario_is_played_under_both_rulesets_and_told_order_by_order() -> None:
    told = simulate(STOCK, ORDERS, named("default"), named("cheapest")).to_dict()
    assert told["base"] == {
        "orders": 3, "served": 2, "complete": 2, "wanted": 13, "given": 4, "fill_permille": 307, "parcels": 2,
        "parcels_per_1000_orders": 1000, "cost": "8.20", "cost_per_order": "4.10", "priced": 2, "no_rate": [],
        "late": 0, "late_permille": 0, "emptied": 1, "mix": {"A": 1, "B": 1},
    }  # fmt: skip
    assert told["trial"] == {
        "orders": 3, "served": 2, "complete": 2, "wanted": 13, "given": 4, "fill_permille": 307, "parcels": 2,
        "parcels_per_1000_orders": 1000, "cost": "6.00", "cost_per_order": "3.00", "priced": 2, "no_rate": [],
        "late": 1, "late_permille": 1000, "emptied": 0, "mix": {"B": 2},
    }  # fmt: skip
    assert told["differences"] == [
        {
            "order_ref": "first",
            "base": {"warehouses": ["A"], "missing": 0, "cost": "5.20"},
            "trial": {"warehouses": ["B"], "missing": 0, "cost": "3.00"},
        }
    ]


def test_recorded_orders_are_played_each_on_the_stock_that_it_saw() -> None:
    seen = as_seen(STOCK, ORDERS, plan(STOCK, ORDERS, named("default")))
    told = simulate_recorded(list(zip(seen, ORDERS, strict=True)), named("default"), named("cheapest"))
    assert (
        told.base
        == simulate(STOCK, ORDERS, named("default"), named("default"), named("cheapest").strategies[0].objective).base
    )
    assert [row.order_ref for row in told.differences] == ["first"]


def test_a_ruleset_differs_in_nothing_from_itself_and_is_measured_alike() -> None:
    for seed in range(60):
        snapshot, demands, rules = world(seed)
        told = simulate(snapshot, demands, rules, rules)
        assert (seed, told.differences) == (seed, ())
        assert told.base == told.trial
        assert told.base.given == sum(take.quantity for d in plan(snapshot, demands, rules) for take in d.takes)


def test_the_yardstick_counts_only_what_is_paid() -> None:
    stock = replace(STOCK, prices={("B", "mug"): 50_000_000})
    asks = Ruleset.from_dict({"strategies": [{"search": "cheapest", "objective": {"late": "9.00", "split": "2.00"}}]})
    told = simulate(stock, ORDERS[:1], named("default"), asks, Objective())
    assert (told.base.cost, told.trial.cost, told.differences) == (5_200_000, 5_200_000, ())


def test_without_orders_there_is_nothing_to_divide() -> None:
    told = simulate(STOCK, (), named("default"), named("cheapest")).to_dict()
    assert [told["base"][name] for name in ("fill_permille", "cost_per_order", "parcels_per_1000_orders")] == [None] * 3


def test_an_unknown_cost_is_none_and_names_its_lane_not_zero() -> None:
    told = simulate(replace(STOCK, rates=RATES[1:]), ORDERS[:2], named("default"), named("cheapest")).to_dict()
    assert told["differences"] == [
        {
            "order_ref": "first",
            "base": {"warehouses": ["A"], "missing": 0, "cost": None, "no_rate": [["A", "z"]]},
            "trial": {"warehouses": ["B"], "missing": 0, "cost": "3.00"},
        }
    ]
    assert [told["base"][name] for name in ("served", "priced", "cost_per_order", "no_rate")] == [
        2, 1, "3.00", [["A", "z"]],
    ]  # fmt: skip
    assert [told["trial"][name] for name in ("served", "priced", "cost_per_order", "no_rate")] == [2, 1, "3.00", []]


def test_without_any_rate_no_order_has_a_cost_unless_the_rules_estimate_it() -> None:
    stock = replace(STOCK, rates=())
    told = simulate(stock, ORDERS[:1], named("default"), named("default"), Objective()).to_dict()
    assert [told["base"][name] for name in ("cost", "cost_per_order", "priced", "no_rate")] == [
        None, None, 0, [["A", "z"]],
    ]  # fmt: skip
    rough = Objective(estimate=Estimate(base=2_000_000))
    assert simulate(stock, ORDERS[:1], named("default"), named("default"), rough).base.cost == 2_200_000


def test_an_address_in_no_zone_is_told_as_such() -> None:
    nowhere = (structs.replace(FIRST, zones=()),)
    assert simulate(STOCK, nowhere, named("default"), named("default")).base.no_rate == (("A", None),)
