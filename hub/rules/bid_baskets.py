"""The cheapest way to serve each of many baskets at given bid prices, for all of them at once (numpy)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from hub.rules.bid_market import Basket, Market, Pair

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_SETS = 2_100
"""So many sets of places are compared for a basket; beyond it the best of the smaller ones grow place by place."""

MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class Ways:
    """One way to serve each of some baskets. `givers`: [piece, basket] -> place index, the number of places = nobody.

    cost, value: [basket], money: of parcels and pieces alone, and with the prices of the stock that is taken.
    """

    givers: Ints
    cost: Floats
    value: Floats


class Baskets:
    """The baskets of a market that have the same number of SKUs, as arrays with one column a basket.

    Places come in the order of the market; one more stands for nobody, who leaves the pieces out.
    rows:     which baskets of the market these are. pairs: [place, piece, basket] -> row of the stock, or the
              number of rows where the place does not keep the SKU or does not ship there. pieces: [piece, basket].
    """

    def __init__(self, market: Market, rows: Sequence[int], stock_rows: Mapping[Pair, int]) -> None:
        baskets = [market.baskets[row] for row in rows]
        self.rows = np.array(rows, dtype=np.int64)
        self.pieces = np.array([[n for _, n in basket.pieces] for basket in baskets], dtype=np.float64).T
        self._nobody = len(market.places)
        self._rows_of_stock = len(stock_rows)
        self.pairs = self._find_pairs(market, baskets, stock_rows)
        self._parcel, self._unit = _costs(market, baskets)
        self._base = self._unit[:, None, :] * self.pieces[None, :, :]
        self._base[: self._nobody][self.pairs == self._rows_of_stock] = np.inf
        self._sets = _sets(self._nobody + 1, len(self.pieces))
        self._members = np.zeros((len(self._sets), self._nobody + 1), dtype=bool)
        for at, chosen in enumerate(self._sets):
            self._members[at, list(chosen)] = True

    def _find_pairs(self, market: Market, baskets: Sequence[Basket], stock_rows: Mapping[Pair, int]) -> Ints:
        none = len(stock_rows)
        found = [
            [[stock_rows.get((place, sku), none) for sku, _ in basket.pieces] for basket in baskets]
            for place in market.places
        ]
        closed = [[market.regions[basket.region].parcel[at] is None for basket in baskets] for at in range(len(found))]
        pairs = np.array(found, dtype=np.int64).transpose(0, 2, 1).copy()
        pairs[np.broadcast_to(np.array(closed)[:, None, :], pairs.shape)] = none
        return pairs

    def cheapest(self, prices: Floats) -> Ways:
        """The way that costs least for each basket; exact while `MOST_SETS` suffice.

        Args: prices: money by stock row; one more at the end, 0, for "no such row".
        """
        cost = self._base.copy()
        cost[: self._nobody] += prices[self.pairs] * self.pieces
        value, chosen = self._best_set(cost)
        open_ = self._members[chosen].T.copy()
        if len(self._sets[-1]) < len(self.pieces) and self._nobody >= len(self._sets[-1]):
            value = self._grow(cost, open_, value)
        return self._ways(np.where(open_[:, None, :], cost, np.inf).argmin(axis=0), value)

    def left_out(self) -> Ways:
        """The way that serves nobody."""
        givers = np.full(self.pieces.shape, self._nobody, dtype=np.int64)
        return self._ways(givers, np.zeros(len(self.rows)))

    def _best_set(self, cost: Floats) -> tuple[Floats, Ints]:
        best = np.full(len(self.rows), np.inf)
        chosen = np.zeros(len(self.rows), dtype=np.int64)
        stack: list[tuple[Floats, Floats]] = [(np.full(self.pieces.shape, np.inf), np.zeros(len(self.rows)))]
        for at, places in enumerate(self._sets):
            del stack[len(places) :]
            low, fixed = stack[-1]
            stack.append((np.minimum(low, cost[places[-1]]), fixed + self._parcel[places[-1]]))
            total = stack[-1][0].sum(axis=0) + stack[-1][1]
            better = total < best
            best[better], chosen[better] = total[better], at
        return best, chosen

    def _grow(self, cost: Floats, open_: NDArray[np.bool_], value: Floats) -> Floats:
        """Add the place that saves most, for each basket, as long as one saves."""
        every = np.arange(len(self.rows))
        while True:
            low = np.where(open_[:, None, :], cost, np.inf).min(axis=0)
            fixed = np.where(open_, self._parcel, 0.0).sum(axis=0)
            totals = np.array(
                [np.minimum(low, row).sum(axis=0) + fixed + own for row, own in zip(cost, self._parcel, strict=True)]
            )
            place = np.where(open_, np.inf, totals).argmin(axis=0)
            better = totals[place, every] < value
            if not better.any():
                return value
            open_[place[better], every[better]] = True
            value = np.where(better, totals[place, every], value)

    def _ways(self, givers: Ints, value: Floats) -> Ways:
        used = np.array([(givers == place).any(axis=0) for place in range(self._nobody + 1)])
        units = np.take_along_axis(self._unit, givers, axis=0) * self.pieces
        return Ways(givers, np.where(used, self._parcel, 0.0).sum(axis=0) + units.sum(axis=0), value)


def group(market: Market, stock_rows: Mapping[Pair, int]) -> tuple[Baskets, ...]:
    """The baskets of a market by their number of SKUs; empty ones cost nothing and are left out."""
    by_size: dict[int, list[int]] = {}
    for row, basket in enumerate(market.baskets):
        if basket.pieces:
            by_size.setdefault(len(basket.pieces), []).append(row)
    return tuple(Baskets(market, rows, stock_rows) for _, rows in sorted(by_size.items()))


def _costs(market: Market, baskets: Sequence[Basket]) -> tuple[Floats, Floats]:
    """[place, basket] money of a parcel and of a piece, "nobody" last; what is closed costs infinitely much."""
    parcel = [[*(np.inf if p is None else p for p in region.parcel), region.missing_order] for region in market.regions]
    unit = [[*region.unit, region.missing_unit] for region in market.regions]
    at = [basket.region for basket in baskets]
    return np.array(parcel, dtype=np.float64)[at].T / MICROS, np.array(unit, dtype=np.float64)[at].T / MICROS


def _sets(places: int, pieces: int) -> tuple[tuple[int, ...], ...]:
    """Sets of places as ascending tuples, each after its own beginning; at most as many places as SKUs."""
    size, total = 0, 0
    while size < min(places, pieces) and (size < 2 or total + comb(places, size + 1) <= MOST_SETS):
        size += 1
        total += comb(places, size)
    return tuple(sorted(chosen for n in range(1, size + 1) for chosen in combinations(range(places), n)))
