"""The linear program that the published policies are scored against: expected (or actual) orders, divisible.

Per kind of order and city: how many pieces of each SKU each place gives, and how many parcels it sends, at least as
many as pieces of any one SKU. It is weaker (never dearer) than the program of the bid prices, whose ways are whole
assignments of an order; so a score against it is the severer one.

Source: Jasin and Sinha, Operations Research 63(6), 2015.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import highspy
import numpy as np
from highspy._core import _Highs  # the wrapper around it prints a banner and watches for Ctrl-C

from hub.canonical.errors import InvariantBroken
from hub.rules.bid_market import Basket, Market, Pair

INFINITE = highspy.kHighsInf
LARGE_COLUMNS = 50_000
"""From here on an interior point is faster than the simplex; it starts anew for each call."""


class Dlp:
    """The program of one market. Only its right-hand sides change between calls."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._pairs = {pair: row for row, pair in enumerate(sorted(market.carried))}
        self._rows = len(self._pairs)
        self._cost: list[float] = []
        self._entries: list[tuple[int, int, float]] = []
        self._asked: list[tuple[int, int]] = []
        for at, basket in enumerate(market.baskets):
            self._add(at, basket)
        self._solver = self._load()

    def _add(self, at: int, basket: Basket) -> None:
        market, region = self._market, self._market.regions[basket.region]
        parcels = [*(cost for cost in region.parcel if cost is not None), region.missing_order]
        units = [*region.unit, region.missing_unit]
        gives = [[self._pairs.get((place, sku)) for place in market.places] for sku, _ in basket.pieces]
        some = [k for k in range(len(market.places)) if any(row[k] is not None for row in gives)]
        sent = {place: self._column(parcels[place] / 1e6) for place in (*some, len(market.places))}
        for row in gives:
            asked = self._row()
            self._asked.append((asked, at))
            for place, parcel in sent.items():
                stock = row[place] if place < len(row) else None
                if stock is not None or place == len(row):
                    self._give(asked, stock, parcel, units[place] / 1e6)

    def _give(self, asked: int, stock: int | None, parcel: int, unit: float) -> None:
        given = self._column(unit)
        within = self._row()
        self._entries += [(given, asked, 1.0), (parcel, within, 1.0), (given, within, -1.0)]
        if stock is not None:
            self._entries.append((given, stock, 1.0))

    def _column(self, cost: float) -> int:
        self._cost.append(cost)
        return len(self._cost) - 1

    def _row(self) -> int:
        self._rows += 1
        return self._rows - 1

    def _load(self) -> _Highs:
        columns, rows, values = (np.array(part) for part in zip(*sorted(self._entries), strict=True))
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self._cost), self._rows
        lp.col_cost_, lp.col_lower_ = np.array(self._cost), np.zeros(len(self._cost))
        lp.col_upper_ = np.full(len(self._cost), INFINITE)
        lp.row_lower_, lp.row_upper_ = np.zeros(self._rows), np.full(self._rows, INFINITE)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = np.searchsorted(columns, np.arange(len(self._cost) + 1)).astype(np.int32)
        lp.a_matrix_.index_, lp.a_matrix_.value_ = rows.astype(np.int32), values.astype(np.float64)
        solver = _Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        if len(self._cost) > LARGE_COLUMNS:
            solver.setOptionValue("solver", "hipo")
            solver.setOptionValue("run_crossover", "off")
        solver.passModel(lp)
        return solver

    def solve(self, stock: Mapping[Pair, int], orders: Sequence[float] | None = None) -> float:
        """The least cost in micros for these orders by basket (None = as the market expects).

        Raises: InvariantBroken: HiGHS found no optimum.
        """
        expected = [basket.orders for basket in self._market.baskets] if orders is None else orders
        pieces = np.array([stock.get(pair, 0) for pair in self._pairs], dtype=np.float64)
        rows = np.concatenate([np.arange(len(pieces)), [row for row, _ in self._asked]]).astype(np.int32)
        wanted = np.array([expected[at] for _, at in self._asked])
        lower = np.concatenate([np.full(len(pieces), -INFINITE), wanted])
        upper = np.concatenate([pieces, np.full(len(wanted), INFINITE)])
        self._solver.changeRowsBounds(len(rows), rows, lower, upper)  # type: ignore[attr-defined] # not in its stubs
        self._solver.run()
        status = self._solver.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            raise InvariantBroken(f"the linear program to score against ended as {status.name}")
        return float(self._solver.getInfo().objective_function_value) * 1e6
