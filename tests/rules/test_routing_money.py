"""The weighted objective: the cheapest deal of all, exact to the millionth, with every part of it named."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from hub.rules.routing import Decision, Demand, Piece, Place, Point, Rate, Ruleset, Snapshot, explain, plan, why
from tests.rules.money_cases import ZONES, cheapest, cost, deals, priced


def dealt(decision: Decision) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for take in decision.takes:
        found[take.warehouse, take.sku] += take.quantity
    return found


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_the_chosen_deal_is_the_cheapest_of_all_that_give_the_most(start: int) -> None:
    split = 0
    for seed in range(start, start + 100):
        snapshot, demand = priced(seed)
        decision = plan(snapshot, [demand], cheapest(partial=True))[0]
        most = max(sum(deal.values()) for deal in deals(snapshot, demand))
        least = min(cost(snapshot, demand, deal) for deal in deals(snapshot, demand) if sum(deal.values()) == most)
        found = dealt(decision)
        assert (seed, sum(found.values()), cost(snapshot, demand, found)) == (seed, most, least)
        if found:
            assert decision.candidates[0].cost == least
        split += len({code for code, _ in found}) > 1
    assert split > 20


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_pieces_are_left_out_exactly_where_leaving_them_out_is_cheaper(start: int) -> None:
    left_out = 0
    for seed in range(start, start + 100):
        snapshot, demand = priced(seed)
        once, each = (4_000_000, 1_500_000) if seed % 2 else (0, 1_200_000)
        rules = cheapest(partial=True, unfilled_order=f"{once // 10**6}", unfilled_piece=f"{each / 10**6}")
        decision = plan(snapshot, [demand], rules)[0]
        wanted = sum(piece.quantity for piece in demand.pieces)

        rows = [*deals(snapshot, demand), dealt(decision)]
        missing = [wanted - sum(deal.values()) for deal in rows]
        costs = [
            cost(snapshot, demand, deal) + (once + each * n if n else 0) for deal, n in zip(rows, missing, strict=True)
        ]
        assert (seed, costs[-1]) == (seed, min(costs))
        left_out += sum(row.missing for row in decision.shortages) > 0
    assert left_out > 20


def test_where_weights_matter_the_deal_is_never_dearer_than_the_best_single_parcel_and_seldom_than_the_best() -> None:
    worse = 0
    for seed in range(200):
        snapshot, demand = priced(seed, most=4, weights=True)
        decision = plan(snapshot, [demand], cheapest(partial=True))[0]
        found = dealt(decision)
        most = sum(found.values())
        costs = [(cost(snapshot, demand, deal), deal) for deal in deals(snapshot, demand) if sum(deal.values()) == most]
        if not found:
            continue
        assert decision.candidates[0].cost == cost(snapshot, demand, found)
        singles = [price for price, deal in costs if len({code for code, _ in deal}) == 1]
        assert cost(snapshot, demand, found) <= min(singles, default=10**12)
        worse += cost(snapshot, demand, found) > min(price for price, _ in costs)
    assert worse <= 4


@pytest.mark.parametrize("weights", [False, True])
def test_the_parts_of_every_candidate_add_up_to_its_cost(weights: bool) -> None:
    for seed in range(150):
        snapshot, demand = priced(seed, weights=weights)
        for row in explain(snapshot, demand, cheapest(partial=True)).candidates:
            assert (seed, row.cost is None) == (seed, row.covers == 0)
            assert (seed, sum(part for _, part in row.parts)) == (seed, row.cost or 0)


def test_a_decision_tells_what_it_saves_against_the_runner_up() -> None:
    places = (
        Place("A", 1, per_order=2_000_000),
        Place("B", 1, per_order=3_500_000),
        Place("C", 1, per_order=9_000_000),
    )
    stock = Snapshot(places, {(code, "mug"): 5 for code in "ABC"})
    decision = plan(stock, [Demand("1", (Piece("1", "mug", 2),))], cheapest())[0]
    assert [(row.warehouses, row.cost, row.reason) for row in decision.candidates] == [
        (("A",), 2_000_000, "chosen"),
        (("B",), 3_500_000, "dearer"),
    ]
    assert decision.saved == 1_500_000
    assert why(decision) == (
        "cheapest_full",
        {"warehouse": "A", "km": None, "priority": 1, "rival": "B", "rival_km": None, "rival_priority": 1,
         "cost": "2.00", "rival_cost": "3.50"},
    )  # fmt: skip


def objective(**settings: object) -> Ruleset:
    return Ruleset.from_dict({"strategies": [{"search": "cheapest", "objective": settings}]})


MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_each_day_of_lateness_costs_what_the_ruleset_says() -> None:
    rates = (Rate("A", "near", ((10**6, 1_000_000, 0),), 5), Rate("B", "near", ((10**6, 2_500_000, 0),), 1))
    places = (Place("A", 1, ships_on=date(2026, 3, 2)), Place("B", 1, ships_on=date(2026, 3, 2)))
    stock = Snapshot(places, {("A", "mug"): 1, ("B", "mug"): 1}, rates=rates, as_of=MONDAY)
    demand = Demand("1", (Piece("1", "mug", 1),), zones=ZONES, deliver_by=date(2026, 3, 4))
    rows = explain(stock, demand, objective(late="1.00")).candidates
    assert [(row.warehouses, row.cost, row.parts) for row in rows] == [
        (("B",), 2_500_000, (("shipping", 2_500_000),)),
        (("A",), 4_000_000, (("shipping", 1_000_000), ("lateness", 3_000_000))),
    ]
    assert plan(stock, [demand], objective())[0].takes[0].warehouse == "A"


def test_a_quick_service_is_used_where_the_slow_one_would_be_late() -> None:
    rates = (
        Rate("A", "near", ((10**6, 1_000_000, 0),), 5, "post"),
        Rate("A", "near", ((10**6, 3_000_000, 0),), 1, "air"),
    )
    stock = Snapshot((Place("A", 1, ships_on=date(2026, 3, 2)),), {("A", "mug"): 1}, rates=rates, as_of=MONDAY)
    late, early = (
        Demand("1", (Piece("1", "mug", 1),), zones=ZONES, deliver_by=day)
        for day in (date(2026, 3, 3), date(2026, 3, 9))
    )
    assert explain(stock, late, objective(late="1.00")).candidates[0].parts == (("shipping", 3_000_000),)
    assert explain(stock, early, objective(late="1.00")).candidates[0].parts == (("shipping", 1_000_000),)


def test_bid_prices_spare_the_place_that_others_will_need() -> None:
    places = (Place("A", 1), Place("B", 1, per_order=1_000_000))
    free = {("A", "mug"): 1, ("B", "mug"): 1}
    stock = Snapshot(places, free, prices={("A", "mug"): 1_500_000})
    demand = Demand("1", (Piece("1", "mug", 1),))
    assert plan(stock, [demand], objective())[0].takes[0].warehouse == "B"
    assert plan(stock, [demand], objective(weights={"scarcity": 0}))[0].takes[0].warehouse == "A"
    assert plan(stock, [demand], objective(weights={"scarcity": 500}))[0].takes[0].warehouse == "A"


def test_the_last_pieces_of_what_sells_well_cost_more() -> None:
    places = (Place("A", 1), Place("B", 1, per_order=1_000_000))
    stock = Snapshot(places, {("A", "mug"): 7, ("B", "mug"): 90}, velocity={("A", "mug"): 2000, ("B", "mug"): 2000})
    rows = explain(stock, Demand("1", (Piece("1", "mug", 1),)), objective(stockout="4.00", stockout_days=7)).candidates
    assert [(row.warehouses, row.parts) for row in rows] == [
        (("B",), (("handling", 1_000_000),)),
        (("A",), (("stockout", 2_000_000),)),
    ]


def test_a_place_that_fills_up_gets_dearer() -> None:
    places = (Place("A", 1), Place("B", 1, per_order=1_000_000))
    stock = Snapshot(places, {("A", "mug"): 9, ("B", "mug"): 9}, capacity={"A": (3, 4), "B": (4, 4)})
    orders = [Demand(str(n), (Piece("1", "mug", 1),)) for n in range(3)]
    found = [decision.takes[0].warehouse for decision in plan(stock, orders, objective(capacity="3.00"))]
    assert found == ["A", "B", "A"]


def test_parcels_heavier_than_the_last_step_count_as_several() -> None:
    stock = Snapshot(
        (Place("A", 1),), {("A", "safe"): 9}, rates=(Rate("A", "near", ((1000, 1_000_000, 0), (5000, 2_000_000, 0))),)
    )
    costs = [
        plan(stock, [Demand("1", (Piece("1", "safe", 1, grams),), zones=ZONES)], objective())[0].candidates[0].cost
        for grams in (1000, 1001, 5000, 5001, 12_000)
    ]
    assert costs == [1_000_000, 2_000_000, 2_000_000, 4_000_000, 6_000_000]


def test_a_place_without_a_rate_does_not_send_for_nothing() -> None:
    stock = Snapshot(
        (Place("A", 1), Place("B", 1)),
        {("A", "mug"): 1, ("B", "mug"): 1},
        rates=(Rate("A", "near", ((10**6, 9_000_000, 0),)), Rate("B", "far", ((10**6, 1_000_000, 0),))),
    )
    demand = Demand("1", (Piece("1", "mug", 1),), zones=ZONES)
    decision = plan(stock, [demand], objective())[0]
    assert (decision.takes[0].warehouse, decision.excluded) == ("A", (("B", "no_rate"),))
    assert plan(stock, [demand], objective(estimate={"base": "2.00"}))[0].takes[0].warehouse == "B"
    assert plan(stock, [demand], objective(weights={"shipping": 0}))[0].excluded == ()


def test_without_rates_the_cost_is_estimated_from_distance_pieces_and_weight() -> None:
    stock = Snapshot((Place("A", 1, point=Point(0.0, 0.0)),), {("A", "mug"): 9})
    demand = Demand("1", (Piece("1", "mug", 2, 500),), point=Point(1.0, 0.0))
    prices = {"base": "5.00", "per_unit": "0.50", "per_km": "0.01", "per_unit_km": "0.001", "per_kg": "2.00"}
    decision = plan(stock, [demand], objective(estimate=prices))[0]
    assert decision.candidates[0].distance_km == 111.2
    assert decision.candidates[0].cost == 5_000_000 + 1_112_000 + 2 * (500_000 + 111_200) + 2 * 1_000_000
