"""The words of explanations and simulations in the API's answers."""

from __future__ import annotations

from datetime import date
from typing import Any

from hub.api.parts import Id, Money, Out, Time
from hub.canonical.amounts import from_micros
from hub.reports.routing import Explained, Wish
from hub.rules.routing import Candidate, ShipDay


class CandidateOut(Out):
    """A warehouse, or several together. `covers` pieces of `wanted`; `cost` only where the rules count in money.

    ships_on: when its last parcel leaves; moved_from: when it would, were no day of its warehouses full.
    parts: of what the cost is made. reason: "chosen", why it lost, or why it may not serve the order.
    """

    warehouses: list[str]
    chosen: bool
    covers: int
    wanted: int
    parcels: int
    distance_km: float | None
    priority: int
    cost: Money | None
    parts: dict[str, Money]
    reason: str
    ships_on: date | None
    moved_from: date | None

    @classmethod
    def of(cls, row: Candidate, day: ShipDay) -> CandidateOut:
        names = ("chosen", "covers", "wanted", "parcels", "distance_km", "priority", "reason")
        cost = None if row.cost is None else from_micros(row.cost)
        parts = {name: from_micros(micros) for name, micros in row.parts}
        plain = {name: getattr(row, name) for name in names}
        plain |= {name: getattr(day, name) for name in ("ships_on", "moved_from")}
        return cls(**plain, warehouses=list(row.warehouses), cost=cost, parts=parts)


class ChangeOut(Out):
    """One change that would be enough: so many more pieces of `sku`, orders, days, or money (as text)."""

    kind: str
    amount: int | str
    sku: str | None


class DiffersOut(Out):
    """By which number the runner-up lost: a field of candidates (covers, parcels, distance_km, priority, cost)."""

    by: str
    winner: float
    runner_up: float


class LaneOut(Out):
    """From a warehouse into a zone; zone null: the address is in none that it sees."""

    warehouse: str
    zone: str | None


class RoutingOut(Out):
    """The newest decision. `difference`: what the runner-up costs more, in shipping and handling where the rules do not
    count in money; null where that is not known: `cost_unknown` then names the lanes without a rate (zone null: the
    address is in none). `differs`: the first criterion that differs, null where it is no number; `repeatable`: the same
    comes out again. `what_if`: the changes of which each alone would let the warehouse win; where there is none,
    `what_if_together`: those that would only together, [] where nothing would or it gives pieces already.
    """

    order_id: Id
    number: str
    outcome: str
    why: str
    numbers: dict[str, Any]
    ruleset_version: int
    strategy: str
    winner: CandidateOut | None
    runner_up: CandidateOut | None
    difference: str | None
    cost_unknown: list[LaneOut]
    differs: DiffersOut | None
    candidates: list[CandidateOut]
    excluded: dict[str, str]
    repeatable: bool
    snapshot_hash: str
    decided_at: Time
    what_if: list[ChangeOut] | None
    what_if_together: list[ChangeOut] | None

    @classmethod
    def of(cls, found: Explained, wish: Wish | None) -> RoutingOut:
        decision, differs = found.decision, found.differs

        def out(row: Candidate) -> CandidateOut:
            return CandidateOut.of(row, found.day(row))

        return cls(
            order_id=str(found.order_id), number=found.number, outcome=decision.outcome, why=found.why,
            numbers=dict(found.numbers), ruleset_version=decision.ruleset_version, strategy=decision.strategy,
            winner=found.winner and out(found.winner), runner_up=found.runner_up and out(found.runner_up),
            difference=found.difference,
            cost_unknown=[LaneOut(warehouse=code, zone=zone) for code, zone in found.money.unknown],
            differs=differs and DiffersOut(by=differs[0], winner=differs[1], runner_up=differs[2]),
            candidates=[out(row) for row in found.explanation.candidates], excluded=dict(found.excluded),
            repeatable=found.explanation.same, snapshot_hash=found.snapshot_hash, decided_at=found.decided_at,
            what_if=None if wish is None else [ChangeOut(**change.to_dict()) for change in wish.single],
            what_if_together=None if wish is None else [ChangeOut(**change.to_dict()) for change in wish.together],
        )  # fmt: skip


class SimulationOut(Out):
    """A simulation in a list. `state`: new, running, done, failed."""

    id: Id
    title: str
    base: dict[str, Any]
    trial: dict[str, Any]
    state: str
    error: str
    created_by: str
    created_at: Time
    done_at: Time | None


class SimulationFull(SimulationOut):
    """With its result: totals of both rulesets, and the orders that would go differently (the first 500)."""

    result: dict[str, Any]


class SimulationsOut(Out):
    data: list[SimulationOut]
