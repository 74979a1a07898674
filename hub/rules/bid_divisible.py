"""The linear program over divisible orders: how much of each SKU each place gives, and how many parcels it sends.

Per basket, a place sends at least as many parcels as it gives orders' worth of any one SKU. It is weaker (never dearer)
than the program over whole ways to serve an order, but it can be written down at once, however large the market is.

Source: Jasin and Sinha, Operations Research 63(6), 2015; it is what the published policies are scored against.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import highspy
import numpy as np
from highspy._core import _Highs

from hub.rules.bid_baskets import MICROS, Floats
from hub.rules.bid_market import Basket, Market, Pair, Priced
from hub.rules.bid_solver import INFINITE, Rows, quiet_solver, run

SIMPLEX_COLUMNS = 50_000
"""Up to here the simplex is used, which goes on from the last optimum; beyond it a first-order method (PDLP)."""


class Divisible:
    """The program of one market. Only its right-hand sides change between calls.

    tolerance: where the market is large, cost and bound may be wrong by about this share.
    """

    def __init__(self, market: Market, tolerance: float = 1e-4) -> None:
        self._market = market
        self._pairs = {pair: row for row, pair in enumerate(sorted(market.carried))}
        self._stocked = self._rows_by_sku()
        self._rows = len(self._pairs)
        self._cost: list[float] = []
        self._at: list[int] = []
        self._values: list[float] = []
        self._asked: list[tuple[int, int]] = []
        for at, basket in enumerate(market.baskets):
            self._add(at, basket)
        self._solver = self._load(tolerance)

    def _add(self, at: int, basket: Basket) -> None:
        region, nobody = self._market.regions[basket.region], len(self._market.places)
        parcels, units = (*region.parcel, region.missing_order), (*region.unit, region.missing_unit)
        gives = [self._givers(region.parcel, sku) for sku, _ in basket.pieces]
        sent = {place: self._column((parcels[place] or 0) / MICROS) for place in sorted({nobody}.union(*gives))}
        for (_, pieces), givers in zip(basket.pieces, gives, strict=True):
            asked = self._row()
            self._asked.append((asked, at))
            for place, stock in (givers | {nobody: None}).items():
                given, within = self._column(units[place] * pieces / MICROS), self._row()
                self._at += (given, asked, sent[place], within, given, within)
                self._values += (1.0, 1.0, -1.0)
                if stock is not None:
                    self._at += (given, stock)
                    self._values.append(float(pieces))

    def _givers(self, parcel: Sequence[int | None], sku: str) -> dict[int, int | None]:
        """Place -> stock row, of the places that carry the SKU and ship there."""
        return {place: row for place, row in self._stocked.get(sku, ()) if parcel[place] is not None}

    def _rows_by_sku(self) -> dict[str, list[tuple[int, int]]]:
        """SKU -> (place, stock row) of the places that carry it, in the order of the market's places."""
        found = defaultdict[str, list[tuple[int, int]]](list)
        index = {code: place for place, code in enumerate(self._market.places)}
        for (code, sku), row in self._pairs.items():
            if code in index:
                found[sku].append((index[code], row))
        return {sku: sorted(rows) for sku, rows in found.items()}

    def _column(self, cost: float) -> int:
        self._cost.append(cost)
        return len(self._cost) - 1

    def _row(self) -> int:
        self._rows += 1
        return self._rows - 1

    def _load(self, tolerance: float) -> _Highs:
        columns, rows = np.array(self._at, dtype=np.int32).reshape(-1, 2).T
        order = np.argsort(columns.astype(np.int64) * self._rows + rows, kind="stable")
        count = len(self._cost)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = count, self._rows
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.array(self._cost), np.zeros(count), np.full(count, INFINITE)
        lp.row_lower_, lp.row_upper_ = np.zeros(self._rows), np.full(self._rows, INFINITE)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = np.append(0, np.bincount(columns, minlength=count).cumsum()).astype(np.int32)
        lp.a_matrix_.index_, lp.a_matrix_.value_ = rows[order], np.array(self._values)[order]
        is_large = count > SIMPLEX_COLUMNS
        solver = quiet_solver(solver="pdlp", kkt_tolerance=tolerance) if is_large else quiet_solver(solver="simplex")
        solver.passModel(lp)
        return solver

    def solve(self, stock: Mapping[Pair, int], orders: Sequence[float] | None = None) -> Priced:
        """Price the stock, as `PriceModel.solve` does; cost and bound are one number.

        Raises: InvariantBroken: HiGHS found no optimum.
        """
        expected = [basket.orders for basket in self._market.baskets] if orders is None else orders
        pieces = np.array([max(0, stock.get(pair, 0)) for pair in self._pairs], dtype=np.float64)
        wanted = np.array([expected[at] for _, at in self._asked], dtype=np.float64)
        found = run(self._solver, self._bounds(pieces, wanted))
        micros = np.rint(np.maximum(-found.duals[: len(pieces)], 0.0) * MICROS).astype(np.int64).tolist()
        prices = {pair: price for pair, price in zip(self._pairs, micros, strict=True) if price}
        return Priced(prices, found.cost * MICROS, found.cost * MICROS, 1)

    def _bounds(self, stock: Floats, wanted: Floats) -> Rows:
        rows = np.concatenate([np.arange(len(stock)), np.array([row for row, _ in self._asked], dtype=np.int64)])
        lower = np.concatenate([np.full(len(stock), -INFINITE), wanted])
        return Rows(rows, lower, np.concatenate([stock, np.full(len(wanted), INFINITE)]))
