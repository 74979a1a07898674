"""The routing instances are the published ones, and equal seeds give equal instances."""

from __future__ import annotations

import numpy as np
import pytest

from bench.routing_play import BASELINES, CHEAPEST, NEAREST, NOBODY, OURS, Outcome, play, snapshot_of
from bench.routing_runs import Run
from bench.routing_sites import CITIES, WAREHOUSES, all_cities
from bench.routing_world import Size, World, arrivals, draw, js_large, js_small, js_small_b
from hub.rules.bid_divisible import Divisible
from hub.rules.distance import haversine_km


def tiny(seed: int) -> World:
    """Small enough to be played in a test."""
    return draw(seed, Size(items=6, most_in_order=3, sets=2, arrivals=400, carry=0.75), WAREHOUSES, CITIES)


def test_the_small_network_has_the_published_parameters() -> None:
    world = js_small(1)
    assert [*world.places] == ["OAK4", "IND1", "AVP3", "CAE1", "DFW7"]
    assert [city.name for city in world.cities][:3] == ["New York", "Los Angeles", "Chicago"]
    assert sorted(len(kind) for kind in world.kinds) == [1] * 5 + [2] * 5 + [3] * 5 + [4] * 5 + [5] * 5
    assert len({sku for kind in world.kinds for sku in kind}) <= 20
    assert (world.chances.shape, world.arrivals) == ((25, 10), 10_000)
    assert 0 < world.chances.sum() < 1
    people = [city.people for city in world.cities]
    assert world.chances.sum(axis=0) / world.chances.sum() == pytest.approx(np.array(people) / sum(people))


def test_an_order_costs_what_is_published() -> None:
    world = js_small(1)
    region = world.regions[2]  # Chicago
    miles = [haversine_km(world.cities[2].point, place) / 1.61 for place in world.places.values()]
    assert region.parcel == (8_759_000,) * 5
    assert region.unit == tuple(round(423_000 + 541 * far) for far in miles)
    assert region.missing_order == 2 * 8_759_000
    assert region.missing_unit == 2 * max(region.unit)


def test_stock_is_the_demand_of_the_cities_that_a_place_is_nearest_to_and_some_safety() -> None:
    world = js_small(3)
    sku = world.kinds[0][0]
    having = [code for code in world.places if (code, sku) in world.stock]
    demand = dict.fromkeys(having, 0.0)
    for at, city in enumerate(world.cities):
        nearest = min(having, key=lambda code: haversine_km(city.point, world.places[code]))
        demand[nearest] += sum(world.chances[row, at] for row, kind in enumerate(world.kinds) if sku in kind)
    for code, share in demand.items():
        assert world.stock[code, sku] == round(10_000 * share + 0.5 * (10_000 * share * (1 - share)) ** 0.5)


def test_the_other_instances_differ_where_they_should() -> None:
    dear, large = js_small_b(1), js_large(1, 0.25)
    assert {(region.missing_order, region.missing_unit) for region in dear.regions} == {(0, 100_000_000)}
    assert dear.stock == js_small(1).stock
    assert (len(large.places), len(large.cities), len(large.kinds), large.arrivals) == (10, 99, 100, 100_000)
    assert len({city.name for city in all_cities()}) == 99
    assert 0.2 < len(large.stock) / 1000 < 0.3


def test_equal_seeds_give_equal_instances_and_sequences() -> None:
    one, other = tiny(7), tiny(7)
    assert (one.kinds, one.stock) == (other.kinds, other.stock)
    assert arrivals(one, 3) == arrivals(other, 3)
    assert arrivals(one, 3) != arrivals(one, 4)
    times = [arrived for arrived, _, _ in arrivals(one, 3)]
    assert times == sorted(set(times))
    assert times[-1] < 400


def test_a_coarse_market_expects_as_many_orders_of_each_kind() -> None:
    world = js_large(1, 0.25, arrivals=1_000)
    fine, coarse = world.market(), world.coarse_market(10)
    assert len(coarse.baskets) * 99 == len(fine.baskets) * 10
    assert sum(basket.orders for basket in coarse.baskets) == pytest.approx(sum(row.orders for row in fine.baskets))


@pytest.mark.parametrize("policy", [*BASELINES, OURS], ids=lambda policy: policy.name)
def test_no_policy_beats_perfect_foresight_or_gives_what_is_not_there(policy: object) -> None:
    world = tiny(2)
    orders, market = arrivals(world, 1), world.market()
    came = [
        float(sum((kind, city) == (row // 10, row % 10) for _, kind, city in orders))
        for row in range(len(market.baskets))
    ]
    outcome = play(world, orders, policy, market)  # type: ignore[arg-type]
    assert outcome.cost >= Divisible(market).solve(world.stock, came).cost - 10
    assert (outcome.orders, outcome.pieces) == (len(orders), sum(len(world.kinds[kind]) for _, kind, _ in orders))
    assert 0 <= outcome.missing < outcome.pieces
    assert outcome.parcels >= 1


def test_bid_prices_cost_less_than_the_cheapest_way_order_by_order() -> None:
    world = tiny(2)
    orders, market = arrivals(world, 1), world.market()
    costs = {policy.name: play(world, orders, policy, market).cost for policy in (OURS, CHEAPEST, NEAREST)}
    assert costs["bid_price"] < costs["cheapest"] < costs["nearest"]


def test_nobody_has_everything_at_the_price_of_leaving_it_out() -> None:
    world = js_small_b(1)
    snapshot = snapshot_of(world)
    rates = [rate for rate in snapshot.rates if rate.warehouse == NOBODY]
    assert {rate.steps[0][1:] for rate in rates} == {(0, 100_000_000)}
    assert {sku for place, sku in snapshot.free if place == NOBODY} == {sku for kind in world.kinds for sku in kind}


def test_ratio_and_captured_gap_are_counted_from_the_outcomes() -> None:
    ours, cheapest = (Outcome(cost, 1, 1, 0, 1, 0.0, 0.0) for cost in (103, 110))
    run = Run(0, expected=100.0, hindsight=100.0, outcomes={"bid_price": ours, "cheapest": cheapest})
    assert run.ratio() == 1.03
    assert run.ratio(CHEAPEST) == 1.1
    assert run.gap_captured() == 0.7
