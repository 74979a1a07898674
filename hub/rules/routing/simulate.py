"""Two rulesets over the same orders: what differs order by order, and what each would have come to in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.rules.routing.address import Address
from hub.rules.routing.decision import Decision
from hub.rules.routing.free import Key
from hub.rules.routing.plan import plan
from hub.rules.routing.policies import NO_FILTERS, Objective
from hub.rules.routing.reading import money_text
from hub.rules.routing.replay import as_seen
from hub.rules.routing.ruleset import Ruleset
from hub.rules.routing.snapshot import Snapshot
from hub.rules.routing.spent import Lane, Spent, spent, yardstick
from hub.rules.routing.stock import Stock
from hub.rules.routing.tariff import by_lane
from hub.rules.routing.words import Demand

Case = tuple[Snapshot, Demand, Decision]
"""What one order saw, what it asked, what was decided."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a ruleset comes to.

    served: orders that got anything. complete: orders that got everything.
    cost: micros of shipping and handling of what was given, by the yardstick that both rulesets are measured with, of
    the `priced` served orders: those whose cost is known under both. no_rate: the lanes of the others, (warehouse,
    zone), of which no rate is known.
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
    priced: int = 0
    late: int = 0
    dated: int = 0
    emptied: int = 0
    mix: Mapping[str, int] = field(default_factory=dict)
    no_rate: tuple[Lane, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Shares are permille, None where there is nothing to divide by; money is None where no order's is known."""
        served, priced = self.served, self.priced
        return {
            "orders": self.orders,
            "served": self.served,
            "complete": self.complete,
            "wanted": self.wanted,
            "given": self.given,
            "fill_permille": _permille(self.given, self.wanted),
            "parcels": self.parcels,
            "parcels_per_1000_orders": 1000 * self.parcels // served if served else None,
            "cost": money_text(self.cost) if priced or not served else None,
            "cost_per_order": money_text(self.cost // priced) if priced else None,
            "priced": priced,
            "no_rate": [list(lane) for lane in self.no_rate],
            "late": self.late,
            "late_permille": _permille(self.late, self.dated),
            "emptied": self.emptied,
            "mix": dict(sorted(self.mix.items())),
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """One order that the two rulesets treat differently. Warehouses ascending."""

    order_ref: str
    base: tuple[str, ...]
    trial: tuple[str, ...]
    base_missing: int
    trial_missing: int
    base_spent: Spent
    trial_spent: Spent

    def to_dict(self) -> dict[str, Any]:
        """`no_rate` stands only beside a cost that is not known."""
        return {
            "order_ref": self.order_ref,
            "base": {"warehouses": list(self.base), "missing": self.base_missing, **_money(self.base_spent)},
            "trial": {"warehouses": list(self.trial), "missing": self.trial_missing, **_money(self.trial_spent)},
        }


def _money(found: Spent) -> dict[str, Any]:
    if found.cost is None:
        return {"cost": None, "no_rate": [list(lane) for lane in found.unknown]}
    return {"cost": money_text(found.cost)}


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
    first, second = (_prices(run, costs) for run in (base, trial))
    known = [one.cost is not None and other.cost is not None for one, other in zip(first, second, strict=True)]
    rows = zip(base, trial, first, second, strict=True)
    differences = (_difference(one, other, price, price_now) for one, other, price, price_now in rows)
    return Simulation(
        _outcome(base, first, known), _outcome(trial, second, known),
        tuple(row for row in differences if row is not None),
    )  # fmt: skip


def _prices(cases: Sequence[Case], costs: Objective) -> list[Spent]:
    by = yardstick(costs)
    return [spent(seen, demand, decision.takes, by) for seen, demand, decision in cases]


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


def _difference(base: Case, trial: Case, base_spent: Spent, trial_spent: Spent) -> Difference | None:
    decisions = base[2], trial[2]
    if {(t.piece_ref, t.warehouse, t.quantity, t.lot) for t in decisions[0].takes} == {
        (t.piece_ref, t.warehouse, t.quantity, t.lot) for t in decisions[1].takes
    }:
        return None
    before, after = (tuple(sorted({take.warehouse for take in decision.takes})) for decision in decisions)
    lacked, lacks = (_wanted(case[1]) - _given(case[2]) for case in (base, trial))
    return Difference(base[1].order_ref, before, after, lacked, lacks, base_spent, trial_spent)


def _outcome(cases: Sequence[Case], prices: Sequence[Spent], known: Sequence[bool]) -> Outcome:
    mix = Counter(place for _, _, decision in cases for place in {take.warehouse for take in decision.takes})
    dated = [late for case in cases for late in _lateness(case)]
    return Outcome(
        orders=len(cases),
        served=sum(bool(decision.takes) for _, _, decision in cases),
        complete=sum(decision.outcome == "routed" for _, _, decision in cases),
        wanted=sum(_wanted(demand) for _, demand, _ in cases),
        given=sum(_given(decision) for _, _, decision in cases),
        parcels=mix.total(),
        cost=sum(price.cost or 0 for price, counts in zip(prices, known, strict=True) if counts),
        priced=sum(bool(decision.takes) and counts for (_, _, decision), counts in zip(cases, known, strict=True)),
        late=sum(dated),
        dated=len(dated),
        emptied=_emptied(cases),
        mix=dict(mix),
        no_rate=tuple(sorted({lane for price in prices for lane in price.unknown}, key=str)),
    )


def _wanted(demand: Demand) -> int:
    return sum(max(0, piece.quantity) for piece in demand.pieces)


def _given(decision: Decision) -> int:
    return sum(take.quantity for take in decision.takes)


def _permille(part: int, whole: int) -> int | None:
    return 1000 * part // whole if whole else None
