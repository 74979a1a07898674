"""The linear program of bid prices: how often each way of serving a basket is used (HiGHS, warm from call to call)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hub.rules.bid_baskets import Baskets, Floats, Ints, Ways
from hub.rules.bid_solver import INFINITE, Rows, quiet_solver, run


@dataclass(frozen=True, slots=True)
class Duals:
    """The optimum over the ways known so far, in money.

    stock: by stock row, what one piece more saves. baskets: by basket, what one order more costs.
    """

    cost: float
    stock: Floats
    baskets: Floats


class Master:
    """min sum(cost x uses) over ways; per stock row uses take at most the stock; per basket uses reach its orders.

    Only the right-hand sides change between calls, so that the basis of the last optimum stays dual feasible.
    """

    def __init__(self, stock_rows: int, baskets: int) -> None:
        self._stock_rows, self._rows = stock_rows, stock_rows + baskets
        self._solver = quiet_solver(solver="simplex")
        nothing, empty = np.zeros(0), np.zeros(0, dtype=np.int32)
        bounds = np.zeros(self._rows)
        self._solver.addRows(self._rows, bounds, bounds, 0, np.zeros(self._rows, dtype=np.int32), empty, nothing)

    def add(self, baskets: Baskets, ways: Ways, wanted: NDArray[np.bool_]) -> int:
        """Add these ways for the baskets that are `wanted`; returns how many were."""
        givers, cost = ways.givers[:, wanted], ways.cost[wanted]
        if not cost.size:
            return 0
        rows, values = self._entries(baskets, givers, wanted)
        kept = rows < self._rows
        starts = np.concatenate([[0], kept.sum(axis=1).cumsum()])
        zeros = np.zeros(cost.size)
        self._solver.addCols(
            cost.size, cost, zeros, np.full(cost.size, INFINITE), int(starts[-1]),
            starts[:-1].astype(np.int32), rows[kept].astype(np.int32), values[kept],
        )  # fmt: skip
        return int(cost.size)

    def _entries(self, baskets: Baskets, givers: Ints, wanted: NDArray[np.bool_]) -> tuple[Ints, Floats]:
        """[way, entry] rows and values: the basket's own row, then its stock rows; beyond the last row = none."""
        own = self._stock_rows + baskets.rows[wanted]
        pairs = np.concatenate([baskets.pairs[:, :, wanted], np.full((1, *givers.shape), self._stock_rows)])
        taken = np.take_along_axis(pairs, givers[None, :, :], axis=0)[0]
        taken[taken == self._stock_rows] = self._rows
        pieces = baskets.pieces[:, wanted]
        return np.concatenate([own[None, :], taken]).T, np.concatenate([np.ones((1, own.size)), pieces]).T

    def solve(self, stock: Floats, orders: Floats) -> Duals:
        """Raises InvariantBroken where HiGHS finds no optimum: leaving everything out is always possible."""
        lower = np.concatenate([np.full(self._stock_rows, -INFINITE), orders])
        upper = np.concatenate([stock, np.full(orders.size, INFINITE)])
        found = run(self._solver, Rows(np.arange(self._rows), lower, upper))
        stock_duals = np.maximum(-found.duals[: self._stock_rows], 0.0)
        return Duals(found.cost, stock_duals, found.duals[self._stock_rows :])
