"""The expected orders: each past horizon is one possible next one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hub.canonical.geo import Point
from hub.rules.bid_forecast import HORIZON, Sold, forecast, regions_of
from hub.rules.bid_market import Basket, Region
from hub.rules.distance import distances_hm
from hub.rules.routing import Demand, Place, Rate, Ruleset, Snapshot

NOW = datetime(2026, 11, 28, tzinfo=UTC)
CUP, POT = (("cup", 1),), (("pot", 2),)
BERLIN, MUNICH = Point(52.52, 13.4), Point(48.14, 11.58)


def test_nothing_sold_means_nothing_expected() -> None:
    assert forecast((), NOW).baskets == ()
    assert forecast((), NOW).futures == ()


def test_each_whole_past_horizon_is_one_future() -> None:
    sold = [
        Sold(0, NOW - timedelta(days=1), CUP),
        Sold(0, NOW - timedelta(days=2), CUP),
        Sold(0, NOW - HORIZON, CUP, orders=3),
        Sold(1, NOW - 2 * HORIZON, POT),
    ]
    found = forecast(sold, NOW)
    assert found.futures == ((2.0,), (3.0,))
    assert found.baskets == (Basket(0, CUP, 2.5),)


def test_a_first_horizon_that_is_not_over_counts_in_proportion() -> None:
    sold = [Sold(0, NOW - timedelta(days=7), CUP), Sold(0, NOW - timedelta(hours=1), CUP)]
    assert forecast(sold, NOW).futures == ((4.0,),)
    assert forecast(sold[1:], NOW).futures == ((14.0,),)


def test_only_the_latest_four_horizons_are_looked_at() -> None:
    sold = [Sold(0, NOW - turn * HORIZON - timedelta(hours=1), CUP, orders=turn + 1) for turn in range(7)]
    found = forecast(sold, NOW)
    assert found.futures == ((1.0,), (2.0,), (3.0,), (4.0,))
    assert found.baskets == (Basket(0, CUP, 2.5),)


def test_the_same_basket_of_two_regions_is_two_baskets() -> None:
    sold = [Sold(0, NOW - HORIZON, CUP), Sold(1, NOW - HORIZON, CUP)]
    assert [basket.region for basket in forecast([*sold, Sold(1, NOW, CUP)], NOW).baskets] == [1]
    assert forecast([Sold(0, NOW - 2 * HORIZON, CUP), *sold], NOW).futures == ((0.0, 0.0), (1.0, 1.0))


def _strategy(body: dict[str, object]) -> Ruleset:
    return Ruleset.from_dict({"version": 1, "strategies": [{"search": "cheapest", **body}]})


def test_a_region_costs_what_the_planner_would_count() -> None:
    rules = _strategy({"objective": {"estimate": {"base": "5", "per_unit_km": "0.01"}, "split": "2"}})
    places = (
        Place("B", 2, point=MUNICH, per_order=100, per_unit=7),
        Place("A", 1, point=BERLIN, ships_to=frozenset("F")),
    )
    address = Demand("", (), country="DE", point=BERLIN)
    far = 10_000 * distances_hm([MUNICH], BERLIN)[0] // 10
    assert regions_of(rules.strategies[0], Snapshot(places), [address]) == (
        Region((None, 7_000_100), (0, far + 7), 0, 2 * (7_000_100 + far + 7)),
    )


def test_rates_and_prices_of_missing_pieces_are_those_of_the_rules() -> None:
    rules = _strategy({"leftover": {"partial": True, "unfilled_piece": "30", "unfilled_order": "4"}})
    rate = Rate("A", "near", ((1_000, 4_000_000, 250_000),))
    snapshot = Snapshot((Place("A", 1),), rates=(rate,), capacity={"A": (0, 10)})
    found = regions_of(rules.strategies[0], snapshot, [Demand("", (), zones=(("", "near"),))])
    assert found == (Region((4_000_000,), (250_000,), 4_000_000, 30_000_000),)
