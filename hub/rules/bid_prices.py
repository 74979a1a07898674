"""Bid prices: what a piece of stock in a place is worth for the orders that are still expected, by a linear program.

The program chooses how often each basket is served in which way (which place gives which SKU), within the stock, at
least cost. There are too many ways to list: they are made on demand. Each round the program over the ways known so far
gives prices, and each basket is offered the way that is cheapest at these prices (the same question that the router
answers for one order); it ends when no offer improves the plan, or the proven gap is small.

Source: bid prices for fulfillment: Acimovic and Graves, M&SOM 17(1), 2015; the program over ways and its making of
columns: Gilmore and Gomory 1961, and "method based" in Amil, Makhdoumi and Wei, Management Science 2025.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from hub.rules.bid_baskets import MICROS, Floats, Ways, group
from hub.rules.bid_divisible import Divisible
from hub.rules.bid_market import Market, Pair, Priced
from hub.rules.bid_master import Duals, Master

TINY = 1e-7
"""An offer that saves less money than this is none."""

WAYS_ROWS = 2_000
"""Up to so many (warehouse, sku) and baskets together, whole ways to serve an order are priced; beyond it they are so
many that orders are taken as divisible, which is solved in one go."""

DIVISIBLE_TOLERANCE = 3e-3


def price_stock(market: Market, stock: Mapping[Pair, int], futures: Sequence[Sequence[float]]) -> dict[Pair, int]:
    """Price the stock of a market of any size.

    Args:    futures: see `PriceModel.mean_prices`; a large market is priced once, for their mean.
    Raises:  InvariantBroken: the solver failed.
    """
    if len(market.carried) + len(market.baskets) <= WAYS_ROWS:
        return PriceModel(market).mean_prices(stock, futures)
    expected = np.mean(np.array(futures, dtype=np.float64), axis=0).tolist()
    return dict(Divisible(market, DIVISIBLE_TOLERANCE).solve(stock, expected).prices)


class PriceModel:
    """A market, priced again and again while stock and expected orders change; each time from where it was before."""

    def __init__(self, market: Market) -> None:
        """A basket may ask for a SKU that nobody carries: it is left out."""
        self._market = market
        self._pairs = tuple(sorted(market.carried))
        self._groups = group(market, {pair: row for row, pair in enumerate(self._pairs)})
        self._asks = np.array([bool(basket.pieces) for basket in market.baskets])
        self._master = Master(len(self._pairs), len(market.baskets))
        for baskets in self._groups:
            every = np.ones(len(baskets.rows), dtype=bool)
            self._master.add(baskets, baskets.left_out(), every)
            self._master.add(baskets, baskets.cheapest(np.zeros(len(self._pairs) + 1)), every)

    def solve(
        self,
        stock: Mapping[Pair, int],
        orders: Sequence[float] | None = None,
        *,
        gap: float = 1e-4,
        rounds: int = 60,
    ) -> Priced:
        """Price the stock.

        Args:    stock:  pieces by (warehouse, sku), of carried pairs; missing and negative count as 0.
                 orders: expected orders by basket, in the order of the market; None = as the market says.
                 gap:    end once (cost - bound) <= gap x cost. rounds: end after so many rounds at the latest.
        Returns: prices (of the round with the best bound), cost and bound. Exact in the limit of gap 0 while the
                 baskets' offers are exact; else `bound` may be above the true one.
        Raises:  InvariantBroken: the solver failed.
        """
        pieces = np.array([max(0, stock.get(pair, 0)) for pair in self._pairs], dtype=np.float64)
        asked = [basket.orders for basket in self._market.baskets] if orders is None else orders
        expected = np.where(self._asks, np.array(asked, dtype=np.float64), 0.0)
        best, bound, turn = np.zeros(len(self._pairs)), -np.inf, 0
        while True:
            turn += 1
            found = self._master.solve(pieces, expected)
            offers = self._offers(found.stock)
            mine = self._bound(found, offers, pieces, expected)
            if mine > bound:
                best, bound = found.stock, mine
            is_close = found.cost - bound <= gap * abs(found.cost)
            if is_close or turn == rounds or not self._take(offers, found, expected):
                return Priced(self._named(best), found.cost * MICROS, bound * MICROS, turn)

    def mean_prices(self, stock: Mapping[Pair, int], futures: Sequence[Sequence[float]]) -> dict[Pair, int]:
        """Micros by (warehouse, sku), averaged over possible futures; only those above 0.

        A piece that turns out scarce in some of the futures only is worth that share of what it is worth there; the
        prices of the mean future alone would be all or nothing.
        Source: the randomized linear program of Talluri and van Ryzin, Transportation Science 33(2), 1999.

        Args: futures: one or more; of each the orders by basket, in the order of the market.
        """
        total = Counter[Pair]()
        for orders in futures:
            total.update(self.solve(stock, orders).prices)
        means = {pair: round(price / len(futures)) for pair, price in total.items()}
        return {pair: price for pair, price in means.items() if price}

    def _offers(self, prices: Floats) -> tuple[Ways, ...]:
        padded = np.append(prices, 0.0)
        return tuple(baskets.cheapest(padded) for baskets in self._groups)

    def _bound(self, found: Duals, offers: Sequence[Ways], stock: Floats, orders: Floats) -> float:
        """Lagrange: every basket served in its cheapest way, less the worth of all stock, at any prices >= 0."""
        served = sum(float(orders[g.rows] @ way.value) for g, way in zip(self._groups, offers, strict=True))
        return served - float(found.stock @ stock)

    def _take(self, offers: Sequence[Ways], found: Duals, orders: Floats) -> int:
        """Add the offers that beat what an order costs so far; returns how many."""
        taken = 0
        for baskets, ways in zip(self._groups, offers, strict=True):
            better = (ways.value < found.baskets[baskets.rows] - TINY) & (orders[baskets.rows] > 0)
            taken += self._master.add(baskets, ways, better)
        return taken

    def _named(self, prices: Floats) -> dict[Pair, int]:
        micros = np.rint(prices * MICROS).astype(np.int64)
        return {self._pairs[row]: int(micros[row]) for row in np.flatnonzero(micros)}
