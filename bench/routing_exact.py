"""The router against the exact optimum of each order: a mixed-integer program (HiGHS) over the same costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

import highspy
import numpy as np
from highspy._core import _Highs

from bench.at_once import at_once
from bench.routing_play import ANY_WEIGHT
from hub.canonical.errors import InvariantBroken
from hub.rules.bid_solver import INFINITE, quiet_solver
from hub.rules.routing import Demand, Piece, Place, Rate, Ruleset, Snapshot, plan

ZONE = "zone"
MISSING = 40_000_000
"""Micros that a piece costs which is left out."""

RULES = Ruleset.from_dict(
    {
        "version": 1,
        "strategies": [
            {
                "name": "exact",
                "search": "cheapest",
                "objective": {"split": "0.75"},
                "leftover": {"partial": True, "unfilled_piece": "40", "unfilled_order": "3"},
            }
        ],
    }
)
SPLIT, MISSING_ORDER = 750_000, 3_000_000
CHUNK = 10
"""Orders that go to a process together."""


@dataclass(frozen=True, slots=True)
class Case:
    """One order with the stock, rates and bid prices of its SKUs."""

    snapshot: Snapshot
    demand: Demand


def draw(random: Random, places: int) -> Case:
    """1 to 6 SKUs of 1 to 4 pieces; each place has some of some; every number differs."""
    codes = [f"P{at:02}" for at in range(places)]
    pieces = tuple(Piece(f"l{at}", f"s{at}", random.randint(1, 4)) for at in range(random.randint(1, 6)))
    keys = [(code, piece.sku) for code in codes for piece in pieces if random.random() < 0.6]
    free = {key: random.randint(1, 6) for key in keys}
    prices = {key: random.randint(0, 9_000_000) for key in keys if random.random() < 0.5}
    rates = tuple(
        Rate(code, ZONE, ((ANY_WEIGHT, random.randint(2_000_000, 12_000_000), random.randint(100_000, 3_000_000)),))
        for code in codes
    )
    where = tuple(
        Place(code, at + 1, per_order=random.randint(0, 900_000), per_unit=random.randint(0, 300_000))
        for at, code in enumerate(codes)
    )
    return Case(Snapshot(where, free, rates=rates, prices=prices), Demand("order", pieces, zones=(("", ZONE),)))


def planned_cost(case: Case) -> int:
    """What the router's plan costs, in micros, counted from its takes."""
    (decision,) = plan(case.snapshot, (case.demand,), RULES)
    seen = case.snapshot
    places, rates = {place.code: place for place in seen.places}, {rate.warehouse: rate for rate in seen.rates}
    used = {take.warehouse for take in decision.takes}
    given = sum(take.quantity for take in decision.takes)
    cost = SPLIT * max(0, len(used) - 1) + sum(rates[code].steps[0][1] + places[code].per_order for code in used)
    for take in decision.takes:
        place, key = places[take.warehouse], (take.warehouse, take.sku)
        each = rates[place.code].steps[0][2] + place.per_unit + seen.prices.get(key, 0)
        cost += take.quantity * each
    missing = sum(piece.quantity for piece in case.demand.pieces) - given
    return cost + missing * MISSING + (MISSING_ORDER if missing else 0)


def least_cost(case: Case) -> int:
    """The exact optimum in micros. Raises InvariantBroken where HiGHS finds none."""
    solver = quiet_solver(mip_rel_gap=0.0, mip_abs_gap=0.0)
    wanted = {piece.sku: _row(solver, piece.quantity, piece.quantity) for piece in case.demand.pieces}
    total = sum(piece.quantity for piece in case.demand.pieces)
    short = _row(solver, 0, INFINITE)  # total x (an order is short) >= pieces left out
    any_parcel = _row(solver, -INFINITE, 1)  # parcels - later parcels <= 1
    _column(solver, MISSING_ORDER, 1, {short: total})
    _column(solver, SPLIT, len(case.snapshot.places), {any_parcel: -1})
    for row in wanted.values():
        _column(solver, MISSING, total, {row: 1, short: -1})
    rates = {rate.warehouse: rate.steps[0] for rate in case.snapshot.rates}
    for place in case.snapshot.places:
        _, parcel, each = rates[place.code]
        _place(solver, case, place, (parcel, each), wanted, any_parcel)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise InvariantBroken(f"the exact program of an order ended as {solver.getModelStatus().name}")
    return round(solver.getInfo().objective_function_value * 1_000_000)


def _place(
    solver: _Highs, case: Case, place: Place, rate: tuple[int, int], wanted: dict[str, int], any_parcel: int
) -> None:
    """The parcel of one place, and what it may give; each SKU alone opens the parcel."""
    free = {piece.sku: case.snapshot.free.get((place.code, piece.sku), 0) for piece in case.demand.pieces}
    opens = {sku: _row(solver, 0, INFINITE) for sku, pieces in free.items() if pieces}
    _column(solver, rate[0] + place.per_order, 1, {any_parcel: 1} | {row: free[sku] for sku, row in opens.items()})
    for sku, row in opens.items():
        price = rate[1] + place.per_unit + case.snapshot.prices.get((place.code, sku), 0)
        _column(solver, price, free[sku], {wanted[sku]: 1, row: -1})


def _row(solver: _Highs, lower: float, upper: float) -> int:
    solver.addRow(lower, upper, 0, np.zeros(0, dtype=np.int32), np.zeros(0))
    return int(solver.getNumRow()) - 1


def _column(solver: _Highs, micros: int, upper: float, entries: Mapping[int, float]) -> None:
    rows = np.array(list(entries), dtype=np.int32)
    solver.addCol(micros / 1_000_000, 0, upper, len(rows), rows, np.array(list(entries.values()), dtype=np.float64))
    solver.changeColIntegrality(int(solver.getNumCol()) - 1, highspy.HighsVarType.kInteger)


def gaps(seed: int, orders: int, places: tuple[int, int]) -> list[float]:
    """For each of some random orders by how much of the optimum the router's plan is dearer."""
    random = Random(seed)
    return at_once(_gap, [draw(random, random.randint(*places)) for _ in range(orders)], CHUNK)


def _gap(case: Case) -> float:
    best = least_cost(case)
    return (planned_cost(case) - best) / best
