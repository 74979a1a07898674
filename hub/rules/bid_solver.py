"""HiGHS as the linear programs of bid prices use it: silent, one thread, new right-hand sides from call to call."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from highspy._core import _Highs  # the wrapper around it prints a banner and watches for Ctrl-C

from hub.canonical.errors import InvariantBroken
from hub.rules.bid_baskets import Floats, Ints

INFINITE = highspy.kHighsInf


@dataclass(frozen=True, slots=True)
class Rows:
    """New bounds of some rows."""

    rows: Ints
    lower: Floats
    upper: Floats


@dataclass(frozen=True, slots=True)
class Optimum:
    """The least cost, and by row how much it rises with the row's bound."""

    cost: float
    duals: Floats


def quiet_solver(**options: str | float) -> _Highs:
    """An empty program."""
    solver = _Highs()
    for name, value in ({"output_flag": False, "threads": 1} | options).items():
        solver.setOptionValue(name, value)
    return solver


def run(solver: _Highs, bounds: Rows) -> Optimum:
    """Solve with these bounds, from the last optimum where the method can.

    Raises: InvariantBroken: there is no optimum; the programs always allow to leave everything out.
    """
    rows = bounds.rows.astype(np.int32)
    solver.changeRowsBounds(len(rows), rows, bounds.lower, bounds.upper)  # type: ignore[attr-defined] # not in its stubs
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise InvariantBroken(f"the linear program of bid prices ended as {status.name}")
    return Optimum(float(solver.getInfo().objective_function_value), np.array(solver.getSolution().row_dual))
