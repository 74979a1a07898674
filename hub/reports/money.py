"""What winner and runner-up of stored decisions cost, whatever the rules counted in, or which rates nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.rules.routing import Decision, Demand, Lane, Ruleset, Snapshot, Spent, spent, spent_on, yardstick
from hub.rules.routing_needs import Need
from hub.store.routing_records import Record, completed


@dataclass(frozen=True, slots=True)
class Money:
    """Micros; None where they are not known, or there is no runner-up.

    difference: what the runner-up costs more; below 0: less. unknown: the lanes without a rate, by warehouse.
    by_rules:   the rules counted in money, and these are their numbers; else it is shipping and handling.
    """

    winner: int | None = None
    rival: int | None = None
    difference: int | None = None
    unknown: tuple[Lane, ...] = ()
    by_rules: bool = False


def money_of(db: Connection, records: Sequence[Record]) -> list[Money]:
    """Of each decision, by the rates that it saw; where it saw none, by those of today."""
    if not records:
        return []
    any_time = records[0].created_at  # rates and weights have no time
    cases = completed(db, records, (Need.RATES, Need.WEIGHTS), any_time)
    return [
        _money(seen, demand, record.decision, record.ruleset)
        for record, (seen, demand) in zip(records, cases, strict=True)
    ]


def _money(seen: Snapshot, demand: Demand, decision: Decision, ruleset: Ruleset) -> Money:
    chooser = next((one for one in ruleset.strategies if one.name == decision.strategy), ruleset.strategies[0])
    second = decision.runner_up
    first = spent(seen, demand, decision.takes, yardstick(chooser.objective)) if decision.takes else Spent(None)
    other = spent_on(seen, demand, second.warehouses, chooser, yardstick(chooser.objective)) if second else Spent(None)
    unknown = tuple(sorted({*first.unknown, *other.unknown}, key=str))
    if second and decision.saved is not None and not unknown:
        return Money(decision.candidates[0].cost, second.cost, decision.saved, (), True)
    known = first.cost is not None and other.cost is not None
    return Money(first.cost, other.cost, (other.cost or 0) - (first.cost or 0) if known else None, unknown)
