"""Bid prices: worked examples by hand, and laws against brute force."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import highspy
import numpy as np
import pytest
from highspy._core import _Highs
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.rules import bid_baskets, bid_divisible, bid_prices
from hub.rules.bid_baskets import group
from hub.rules.bid_divisible import Divisible
from hub.rules.bid_market import Basket, Market, Region
from hub.rules.bid_prices import PriceModel

MICROS = 1_000_000


def _money(*amounts: float) -> tuple[int, ...]:
    return tuple(round(amount * MICROS) for amount in amounts)


def _region(parcel: tuple[float, ...], unit: tuple[float, ...], missing: tuple[float, float]) -> Region:
    return Region(_money(*parcel), _money(*unit), *_money(*missing))


EAST = _region((5, 5), (1, 3), (0, 100))
WEST = _region((5, 5), (4, 1), (0, 100))
CARRIED = frozenset({("E", "cup"), ("W", "cup")})


def test_stock_that_is_not_scarce_has_no_price() -> None:
    market = Market(("E", "W"), (EAST,), (Basket(0, (("cup", 1),), 10),), CARRIED)
    found = PriceModel(market).solve({("E", "cup"): 11, ("W", "cup"): 11}, gap=0)
    assert found.prices == {}
    assert (found.cost, found.bound) == (60 * MICROS, 60 * MICROS)


def test_a_scarce_piece_is_worth_the_way_to_the_next_place() -> None:
    """10 orders of the east, 6 pieces there: each piece more saves 3 - 1; in the west nothing is scarce."""
    market = Market(("E", "W"), (EAST,), (Basket(0, (("cup", 1),), 10),), CARRIED)
    found = PriceModel(market).solve({("E", "cup"): 6, ("W", "cup"): 11}, gap=0)
    assert found.prices == {("E", "cup"): 2 * MICROS}
    assert found.cost == 6 * 6 * MICROS + 4 * 8 * MICROS


def test_a_piece_that_keeps_an_order_in_one_parcel_is_worth_the_parcel() -> None:
    """Cup and pot of the east: the pot lies only in the west. The cup there saves the second parcel, less 4 - 1."""
    region = _region((5, 5), (1, 3), (0, 100))
    carried = CARRIED | {("W", "pot")}
    market = Market(("E", "W"), (region,), (Basket(0, (("cup", 1), ("pot", 1)), 10),), carried)
    found = PriceModel(market).solve({("E", "cup"): 100, ("W", "cup"): 4, ("W", "pot"): 10 + 1}, gap=0)
    assert found.prices == {("W", "cup"): (5 + 1 - 3) * MICROS}
    assert found.cost == 4 * (5 + 3 + 3) * MICROS + 6 * (5 + 1 + 5 + 3) * MICROS


def test_where_stock_does_not_suffice_a_piece_is_worth_the_order_that_it_fills() -> None:
    """Orders of two share the parcel: a piece for them saves 100 - 5 / 2 - 1 from the east, - 3 from the west."""
    market = Market(("E", "W"), (EAST, WEST), (Basket(0, (("cup", 2),), 3), Basket(1, (("cup", 1),), 4)), CARRIED)
    found = PriceModel(market).solve({("E", "cup"): 1, ("W", "cup"): 2}, gap=0)
    assert found.prices == {("E", "cup"): 96_500_000, ("W", "cup"): 94_500_000}


def test_a_place_that_does_not_ship_to_a_region_gives_it_nothing() -> None:
    closed = Region((None, 5 * MICROS), _money(1, 3), 0, 100 * MICROS)
    market = Market(("E", "W"), (closed,), (Basket(0, (("cup", 1),), 10),), CARRIED)
    found = PriceModel(market).solve({("E", "cup"): 50, ("W", "cup"): 4}, gap=0)
    assert found.cost == (4 * 8 + 6 * 100) * MICROS
    assert found.prices == {("W", "cup"): 92 * MICROS}


def test_what_nobody_carries_and_what_asks_for_nothing_has_no_price() -> None:
    baskets = (Basket(0, (("jug", 1),), 5), Basket(0, (), 5))
    found = PriceModel(Market(("E", "W"), (EAST,), baskets, CARRIED)).solve({("E", "cup"): 1}, gap=0)
    assert (found.prices, found.cost) == ({}, 500 * MICROS)


REGIONS = st.builds(
    lambda parcel, unit, order, piece: Region(tuple(parcel), tuple(unit), order, piece),
    st.lists(st.none() | st.integers(0, 12_000_000), min_size=3, max_size=3),
    st.lists(st.integers(0, 4_000_000), min_size=3, max_size=3),
    st.integers(0, 20_000_000),
    st.integers(0, 20_000_000),
)
PIECES = st.dictionaries(st.sampled_from("abc"), st.integers(1, 3), min_size=1).map(lambda row: tuple(row.items()))
PLACES = ("P0", "P1", "P2")
PAIRS = tuple(product(PLACES, "abc"))


@st.composite
def markets(draw: st.DrawFn) -> Market:
    regions = draw(st.lists(REGIONS, min_size=1, max_size=2))
    baskets = st.builds(Basket, st.integers(0, len(regions) - 1), PIECES, st.integers(0, 30).map(float))
    carried = draw(st.frozensets(st.sampled_from(PAIRS)))
    return Market(PLACES, tuple(regions), tuple(draw(st.lists(baskets, min_size=1, max_size=5))), carried)


STOCK = st.fixed_dictionaries({pair: st.integers(0, 40) for pair in PAIRS})


def _ways(market: Market, basket: Basket, prices: dict[tuple[str, str], int]) -> dict[tuple[int, ...], float]:
    """Every assignment of the basket's pieces to places (3 = nobody) -> its cost in micros at these prices."""
    region, found = market.regions[basket.region], {}
    parcels, units = (*region.parcel, region.missing_order), (*region.unit, region.missing_unit)
    for chosen in product(range(4), repeat=len(basket.pieces)):
        taken = [(PLACES[p], sku, n) for p, (sku, n) in zip(chosen, basket.pieces, strict=True) if p < 3]
        if any((p, s) not in market.carried for p, s, _ in taken) or any(parcels[p] is None for p in chosen):
            continue
        cost = sum(parcels[p] or 0 for p in set(chosen))
        cost += sum(units[p] * n for p, (_, n) in zip(chosen, basket.pieces, strict=True))
        found[chosen] = float(cost + sum(prices.get((p, s), 0) * n for p, s, n in taken))
    return found


@given(markets(), STOCK)
@settings(max_examples=60, deadline=None)
def test_the_cheapest_way_of_a_basket_is_that_of_brute_force(
    market: Market, prices: dict[tuple[str, str], int]
) -> None:
    pairs = sorted(market.carried)
    money = {pair: prices[pair] * 100_000 for pair in pairs}
    for baskets in group(market, {pair: row for row, pair in enumerate(pairs)}):
        ways = baskets.cheapest(np.array([*(money[pair] / MICROS for pair in pairs), 0.0]))
        for column, row in enumerate(baskets.rows):
            every = _ways(market, market.baskets[row], money)
            chosen = tuple(ways.givers[:, column].tolist())
            assert ways.value[column] * MICROS == pytest.approx(min(every.values()), abs=0.01)
            assert every[chosen] == pytest.approx(min(every.values()), abs=0.01)
            assert ways.cost[column] * MICROS == pytest.approx(_ways(market, market.baskets[row], {})[chosen], abs=0.01)


def _whole_program(market: Market, stock: dict[tuple[str, str], int]) -> float:
    """The optimum of the same program with every way listed."""
    pairs = sorted(market.carried)
    solver = _Highs()
    solver.setOptionValue("output_flag", False)
    none, empty = np.zeros(0, dtype=np.int32), np.zeros(0)
    for pair in pairs:
        solver.addRow(0, stock[pair], 0, none, empty)
    for basket in market.baskets:
        solver.addRow(basket.orders, basket.orders, 0, none, empty)
    for at, basket in enumerate(market.baskets):
        for chosen, cost in _ways(market, basket, {}).items():
            rows = {len(pairs) + at: 1.0}
            for place, (sku, n) in zip(chosen, basket.pieces, strict=True):
                if place < 3:
                    rows[pairs.index((PLACES[place], sku))] = float(n)
            solver.addCol(cost, 0, highspy.kHighsInf, len(rows), np.array(list(rows), dtype=np.int32), [*rows.values()])
    solver.run()
    return float(solver.getInfo().objective_function_value)


@given(markets(), STOCK, STOCK)
@settings(max_examples=60, deadline=None)
def test_ways_made_on_demand_reach_the_optimum_of_all_ways(
    market: Market, first: dict[tuple[str, str], int], then: dict[tuple[str, str], int]
) -> None:
    model = PriceModel(market)
    for stock in (first, then):
        found = model.solve(stock, gap=0)
        assert found.cost == pytest.approx(_whole_program(market, stock), rel=1e-6, abs=10)
        assert found.bound == pytest.approx(found.cost, rel=1e-6, abs=10)
        assert all(price > 0 for price in found.prices.values())


@given(markets(), STOCK, st.sampled_from(PAIRS))
@settings(max_examples=60, deadline=None)
def test_a_piece_more_never_saves_more_than_its_price(
    market: Market, stock: dict[tuple[str, str], int], pair: tuple[str, str]
) -> None:
    model = PriceModel(market)
    before = model.solve(stock, gap=0)
    after = model.solve(stock | {pair: stock[pair] + 1}, gap=0)
    assert before.cost - after.cost <= before.prices.get(pair, 0) + 10


def test_with_more_sets_than_are_compared_the_best_small_set_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three SKUs, each cheap in a place of its own: sets of two are compared, the third place is added."""
    monkeypatch.setattr(bid_baskets, "MOST_SETS", 1)
    region = Region(_money(1, 1, 1), _money(1, 1, 1), 0, 50 * MICROS)
    carried = frozenset({("P0", "a"), ("P1", "b"), ("P2", "c")})
    basket = Basket(0, (("a", 1), ("b", 1), ("c", 1)), 1)
    (only,) = group(Market(PLACES, (region,), (basket,), carried), {pair: n for n, pair in enumerate(sorted(carried))})
    ways = only.cheapest(np.zeros(4))
    assert ways.givers[:, 0].tolist() == [0, 1, 2]
    assert (ways.cost[0], ways.value[0]) == (6.0, 6.0)


@given(markets(), STOCK)
@settings(max_examples=60, deadline=None)
def test_divisible_orders_never_cost_more_than_whole_ways(market: Market, stock: dict[tuple[str, str], int]) -> None:
    ways, divisible = PriceModel(market).solve(stock, gap=0), Divisible(market).solve(stock)
    assert divisible.cost <= ways.cost + 10


@given(markets(), STOCK)
@settings(max_examples=60, deadline=None)
def test_divisible_orders_of_one_sku_each_are_priced_alike(market: Market, stock: dict[tuple[str, str], int]) -> None:
    singles = replace(market, baskets=tuple(replace(basket, pieces=basket.pieces[:1]) for basket in market.baskets))
    ways, divisible = PriceModel(singles).solve(stock, gap=0), Divisible(singles).solve(stock)
    assert divisible.cost == pytest.approx(ways.cost, rel=1e-6, abs=10)


def test_divisible_orders_give_the_prices_that_were_worked_out_by_hand() -> None:
    market = Market(("E", "W"), (EAST,), (Basket(0, (("cup", 1),), 10),), CARRIED)
    found = Divisible(market).solve({("E", "cup"): 6, ("W", "cup"): 11})
    assert (found.prices, found.cost) == ({("E", "cup"): 2 * MICROS}, (6 * 6 + 4 * 8) * MICROS)


def test_a_large_market_is_priced_by_the_first_order_method_to_its_tolerance(monkeypatch: pytest.MonkeyPatch) -> None:
    baskets = tuple(Basket(0, (("cup", 1 + n % 3), ("pot", 1)), 5 + n) for n in range(9))
    market = Market(("E", "W"), (EAST,), baskets, CARRIED | {("W", "pot"), ("E", "pot")})
    stock = {("E", "cup"): 50, ("W", "cup"): 60, ("E", "pot"): 20, ("W", "pot"): 90}
    exact = Divisible(market).solve(stock)
    monkeypatch.setattr(bid_divisible, "SIMPLEX_COLUMNS", 0)
    close = Divisible(market, tolerance=1e-6).solve(stock)
    assert close.cost == pytest.approx(exact.cost, rel=1e-4)
    monkeypatch.setattr(bid_prices, "WAYS_ROWS", 0)
    future = [basket.orders for basket in baskets]
    prices = bid_prices.price_stock(market, stock, [[0.0] * 9, [2 * orders for orders in future]])
    assert prices == Divisible(market, bid_prices.DIVISIBLE_TOLERANCE).solve(stock).prices


def test_a_small_market_is_priced_by_whole_ways_averaged_over_its_futures() -> None:
    """In one future 10 orders come and a piece of the east saves 2, in three only 5 come and it saves nothing."""
    market = Market(("E", "W"), (EAST,), (Basket(0, (("cup", 1),), 10),), CARRIED)
    stock = {("E", "cup"): 6, ("W", "cup"): 11}
    assert bid_prices.price_stock(market, stock, [[10.0], [5.0], [5.0], [5.0]]) == {("E", "cup"): MICROS // 2}
    assert bid_prices.price_stock(market, stock, [[5.0]]) == {}
