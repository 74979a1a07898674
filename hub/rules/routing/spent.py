"""What is really paid for the parcels of an answer: shipping and handling, or which of their rates nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hub.rules.distance import UNKNOWN_HM
from hub.rules.routing.case import Case
from hub.rules.routing.fill import Row
from hub.rules.routing.policies import COSTS, Estimate, Objective
from hub.rules.routing.ruleset import Strategy
from hub.rules.routing.snapshot import Snapshot
from hub.rules.routing.stock import Stock
from hub.rules.routing.way import Way
from hub.rules.routing.words import Demand, Take

Lane = tuple[str, str | None]
"""(warehouse, the zone that it sees the address in; None: in no zone)"""


@dataclass(frozen=True, slots=True)
class Spent:
    """cost: micros, None where the price of a parcel is not known. unknown: the lanes of such parcels, by warehouse."""

    cost: int | None
    unknown: tuple[Lane, ...] = ()


def yardstick(costs: Objective) -> Strategy:
    """Measures with the estimates of `costs`; only what is really paid counts, and all of it."""
    return Strategy(name="yardstick", search="cheapest", objective=replace(costs, weights=_MONEY_SPENT))


_MONEY_SPENT = tuple((part, 0) for part in COSTS if part not in ("shipping", "handling"))


def spent(seen: Snapshot, demand: Demand, takes: Sequence[Take], by: Strategy) -> Spent:
    """What the parcels of these takes cost, whoever chose them.

    Args: seen: with the rates of the zones of the demand. by: a `yardstick`.
    """
    if not takes:
        return Spent(0)
    order = Case(Way(by, Stock(seen)), demand, demand.pieces)
    index = order.way.stock.index
    numbers = {piece.ref: number for number, piece in enumerate(demand.pieces)}
    return _spent(order, [Row(numbers[t.piece_ref], index[t.warehouse], t.quantity, t.lot) for t in takes])


def spent_on(seen: Snapshot, demand: Demand, warehouses: Sequence[str], chooser: Strategy, by: Strategy) -> Spent:
    """`spent`, had the strategy `chooser` dealt the pieces to just these warehouses."""
    stock = Stock(seen)
    places = tuple(sorted(stock.index[code] for code in warehouses))
    asked = Case(Way(chooser, stock), demand, demand.pieces)
    rows = asked.fill.rows(asked.deal(places))
    return _spent(Case(Way(by, stock), demand, demand.pieces), rows)


def _spent(order: Case, rows: Sequence[Row]) -> Spent:
    places = tuple(sorted({row.at for row in rows}))
    address, zones = order.view.address, dict(order.demand.zones)
    estimate, codes = order.way.strategy.objective.estimate, order.way.stock.codes
    lacking = [codes[at] for at in places if not address.rates_of(at) and not _guesses(estimate, address.hm[at])]
    if lacking:
        return Spent(None, tuple((code, zones.get(code, zones.get(""))) for code in lacking))
    order.settle(places, rows)
    return Spent(order.deal(places).cost)


def _guesses(estimate: Estimate, hm: int) -> bool:
    """Whether an estimate stands in for rates; one by distance does not where none is known."""
    by_distance = estimate.per_km or estimate.per_unit_km
    return estimate != Estimate() and not (by_distance and hm >= UNKNOWN_HM)
