"""Two rulesets over the same orders: what differs order by order, and what each would have come to in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hub.rules.routing.address import Address
from hub.rules.routing.case import Case as Order
from hub.rules.routing.decision import Decision
from hub.rules.routing.fill import Row
from hub.rules.routing.plan import plan
from hub.rules.routing.policies import COSTS, NO_FILTERS, Objective
from hub.rules.routing.reading import money_text
from hub.rules.routing.replay import as_seen
from hub.rules.routing.ruleset import Ruleset, Strategy
from hub.rules.routing.snapshot import Key, Snapshot
from hub.rules.routing.stock import Stock
from hub.rules.routing.tariff import by_lane
from hub.rules.routing.way import Way
from hub.rules.routing.words import Demand

Case = tuple[Snapshot, Demand, Decision]
"""What one order saw, what it asked, what was decided."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a ruleset comes to.

    served: orders that got anything. complete: orders that got everything.
    cost: micros of shipping and handling of what was given, by the yardstick that both rulesets are measured with.
    late: parcels that arrive after the order's deadline even with the quickest service. dated: parcels of orders with
          a deadline.
    emptied: (warehouse, SKU) that had stock and have none left. mix: parcels by warehouse.
    """

    orders: int = 0
    served: int = 0
    complete: int = 0
    wanted: int = 0
    given: int = 0
    parcels: int = 0
    cost: int = 0
    late: int = 0
    dated: int = 0
    emptied: int = 0
    mix: Mapping[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Shares are permille, None where there is nothing to divide by."""
        served = self.served
        return {
            "orders": self.orders,
            "served": self.served,
            "complete": self.complete,
            "wanted": self.wanted,
            "given": self.given,
            "fill_permille": _permille(self.given, self.wanted),
            "parcels": self.parcels,
            "parcels_per_1000_orders": 1000 * self.parcels // served if served else None,
            "cost": money_text(self.cost),
            "cost_per_order": money_text(self.cost // served) if served else None,
            "late": self.late,
            "late_permille": _permille(self.late, self.dated),
            "emptied": self.emptied,
            "mix": dict(sorted(self.mix.items())),
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """One order that the two rulesets treat differently. Warehouses ascending; costs in micros."""

    order_ref: str
    base: tuple[str, ...]
    trial: tuple[str, ...]
    base_missing: int
    trial_missing: int
    base_cost: int
    trial_cost: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "order_ref": self.order_ref,
            "base": {"warehouses": list(self.base), "missing": self.base_missing, "cost": money_text(self.base_cost)},
            "trial": {
                "warehouses": list(self.trial),
                "missing": self.trial_missing,
                "cost": money_text(self.trial_cost),
            },
        }


@dataclass(frozen=True, slots=True)
class Simulation:
    base: Outcome
    trial: Outcome
    differences: tuple[Difference, ...]

    def to_dict(self) -> dict[str, Any]:
        return {
            "base": self.base.to_dict(),
            "trial": self.trial.to_dict(),
            "differences": [row.to_dict() for row in self.differences],
        }


def simulate(
    snapshot: Snapshot, demands: Sequence[Demand], base: Ruleset, trial: Ruleset, costs: Objective | None = None
) -> Simulation:
    """A scenario: the orders in their turn on one stock, once under each ruleset, as live planning would.

    Args: costs: the yardstick for money; None = the objective of the trial's first strategy.
    """
    first, second = (_played(snapshot, demands, ruleset) for ruleset in (base, trial))
    return _compared(first, second, costs or trial.strategies[0].objective)


def _played(snapshot: Snapshot, demands: Sequence[Demand], ruleset: Ruleset) -> list[Case]:
    decisions = plan(snapshot, demands, ruleset)
    return list(zip(as_seen(snapshot, demands, decisions), demands, decisions, strict=True))


def simulate_recorded(
    recorded: Sequence[tuple[Snapshot, Demand]], base: Ruleset, trial: Ruleset, costs: Objective | None = None
) -> Simulation:
    """Orders as they were planned at the time, each on the stock that it saw."""
    first, second = (
        [(seen, demand, plan(seen, [demand], ruleset)[0]) for seen, demand in recorded] for ruleset in (base, trial)
    )
    return _compared(first, second, costs or trial.strategies[0].objective)


def _compared(base: Sequence[Case], trial: Sequence[Case], costs: Objective) -> Simulation:
    yardstick = Strategy(name="yardstick", search="cheapest", objective=replace(costs, weights=_MONEY_SPENT))
    prices = [[_cost(case, yardstick) for case in run] for run in (base, trial)]
    rows = zip(base, trial, *prices, strict=True)
    differences = (_difference(one, other, price, price_now) for one, other, price, price_now in rows)
    return Simulation(
        _outcome(base, prices[0]), _outcome(trial, prices[1]), tuple(row for row in differences if row is not None)
    )


_MONEY_SPENT = tuple((part, 0) for part in COSTS if part not in ("shipping", "handling"))
"""Only what is really paid counts."""


def _cost(case: Case, yardstick: Strategy) -> int:
    """What the parcels of a decision cost under the yardstick, whoever chose them."""
    seen, demand, decision = case
    if not decision.takes:
        return 0
    order = Order(Way(yardstick, Stock(seen)), demand, demand.pieces)
    index = order.way.stock.index
    numbers = {piece.ref: number for number, piece in enumerate(demand.pieces)}
    rows = [Row(numbers[take.piece_ref], index[take.warehouse], take.quantity, take.lot) for take in decision.takes]
    places = tuple(sorted({row.at for row in rows}))
    order.settle(places, rows)
    return order.deal(places).cost


def _lateness(case: Case) -> list[bool]:
    """Per parcel of an order with a deadline: would it be late even with the quickest service?"""
    seen, demand, decision = case
    if demand.deliver_by is None:
        return []
    stock = Stock(seen)
    address = Address(stock, NO_FILTERS, by_lane(seen.rates), demand)
    places = sorted({stock.index[take.warehouse] for take in decision.takes})
    return [address.days_late(stock.places[at], address.transit(at)) > 0 for at in places]


def _emptied(cases: Sequence[Case]) -> int:
    keys: set[Key] = set()
    for seen, _, decision in cases:
        taken = Counter[Key]()
        for take in decision.takes:
            taken[take.warehouse, take.sku] += take.quantity
        keys.update(key for key, quantity in taken.items() if seen.free[key] <= quantity)
    return len(keys)


def _difference(base: Case, trial: Case, base_cost: int, trial_cost: int) -> Difference | None:
    decisions = base[2], trial[2]
    if {(t.piece_ref, t.warehouse, t.quantity, t.lot) for t in decisions[0].takes} == {
        (t.piece_ref, t.warehouse, t.quantity, t.lot) for t in decisions[1].takes
    }:
        return None
    before, after = (tuple(sorted({take.warehouse for take in decision.takes})) for decision in decisions)
    lacked, lacks = (_wanted(case[1]) - _given(case[2]) for case in (base, trial))
    return Difference(base[1].order_ref, before, after, lacked, lacks, base_cost, trial_cost)


def _outcome(cases: Sequence[Case], prices: Sequence[int]) -> Outcome:
    mix = Counter(place for _, _, decision in cases for place in {take.warehouse for take in decision.takes})
    dated = [late for case in cases for late in _lateness(case)]
    return Outcome(
        orders=len(cases),
        served=sum(bool(decision.takes) for _, _, decision in cases),
        complete=sum(decision.outcome == "routed" for _, _, decision in cases),
        wanted=sum(_wanted(demand) for _, demand, _ in cases),
        given=sum(_given(decision) for _, _, decision in cases),
        parcels=mix.total(),
        cost=sum(prices),
        late=sum(dated),
        dated=len(dated),
        emptied=_emptied(cases),
        mix=dict(mix),
    )


def _wanted(demand: Demand) -> int:
    return sum(max(0, piece.quantity) for piece in demand.pieces)


def _given(decision: Decision) -> int:
    return sum(take.quantity for take in decision.takes)


def _permille(part: int, whole: int) -> int | None:
    return 1000 * part // whole if whole else None
