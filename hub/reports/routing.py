"""Why an order goes where it goes, what would have to change, and whether stored decisions can be made again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from hub.canonical.amounts import from_micros, plain
from hub.canonical.errors import BadInput, NotFound
from hub.reports.money import Money, money_of
from hub.rules.routing import (
    Candidate,
    Change,
    Decision,
    Demand,
    Explanation,
    ShipDay,
    Snapshot,
    changes_together,
    explain,
    plan,
    ship_day,
    snapshot_hash,
    what_would_have_to_change,
    why,
)
from hub.store.database import Database
from hub.store.routing_records import Record, read_newest, read_random
from hub.store.tables import orders, simulations

MOST_REPLAYED = 100_000


@dataclass(frozen=True, slots=True)
class Explained:
    """The newest decision of an order.

    why, numbers: code of `hub.rules.routing.why` with its numbers.
    runner_up:    the best real alternative, None where there was none; differs: by which number it lost, whatever the
                  rules count in (field of a candidate, the winner's, the runner-up's), None where it is none.
    money:        what both cost, also where the rules do not count in it.
    excluded:     warehouse -> why it may not serve the order at all.
    """

    order_id: int
    number: str
    decision: Decision
    explanation: Explanation
    why: str
    numbers: Mapping[str, Any]
    winner: Candidate | None
    runner_up: Candidate | None
    money: Money
    differs: tuple[str, float, float] | None
    excluded: Mapping[str, str]
    seen: Snapshot
    demand: Demand
    snapshot_hash: str
    decided_at: datetime

    @property
    def difference(self) -> str | None:
        """What the runner-up costs more, as decimal text; None where that is not known."""
        return None if self.money.difference is None else plain(from_micros(self.money.difference))

    def day(self, candidate: Candidate) -> ShipDay:
        """When it sends, or would have sent."""
        return ship_day(self.seen, candidate.warehouses)


def was_routed(db: Database, order_id: int) -> bool:
    """Whether a decision was ever made about it."""
    with db.read() as connection:
        return bool(read_newest(connection, order_id))


def explain_order(db: Database, order_id: int) -> Explained:
    """Why it goes there. Raises NotFound: no such order, or it was never routed."""
    record, number, money = _latest(db, order_id)
    found = explain(record.seen, record.demand, record.ruleset, record.decision)
    code, numbers = why(record.decision)
    excluded = {row.warehouses[0]: row.reason for row in found.candidates if not row.covers and not row.chosen}
    return Explained(
        order_id=order_id, number=number, decision=record.decision, explanation=found, why=code, numbers=numbers,
        winner=next((row for row in found.candidates if row.chosen), None), runner_up=record.decision.runner_up,
        money=money, differs=record.decision.differs,
        excluded=dict(sorted((excluded | dict(record.decision.excluded)).items())),
        seen=record.seen, demand=record.demand, snapshot_hash=record.snapshot_hash, decided_at=record.created_at,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """What would let a warehouse win an order.

    given:    it gives pieces of it already.
    single:   the changes of which each alone is enough, as small as possible.
    together: where there is none, those that are enough only together; () where even all that can be changed is not.
    """

    place: str
    given: bool
    single: tuple[Change, ...] = ()
    together: tuple[Change, ...] = ()


def read_wish(db: Database, order_id: int, warehouse: str) -> Wish:
    """Raises NotFound: no such order, it was never routed, or the plan saw no such warehouse."""
    record, *_ = _latest(db, order_id)
    if any(take.warehouse == warehouse for take in record.decision.takes):
        return Wish(warehouse, True)
    case = (record.seen, record.demand, record.ruleset, warehouse)
    single = what_would_have_to_change(*case)
    return Wish(warehouse, False, single, () if single else changes_together(*case))


def _latest(db: Database, order_id: int) -> tuple[Record, str, Money]:
    with db.read() as connection:
        number = connection.scalar(select(orders.c.number).where(orders.c.id == order_id))
        records = read_newest(connection, order_id)
        money = money_of(connection, records)
    if number is None:
        raise NotFound(f"there is no order {order_id}")
    if not records:
        raise NotFound(
            f"order {number!r} was never routed: it waits, is held, or needed nothing; see: stockline orders {number}"
        )
    return records[0], str(number), money[0]


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many stored decisions were made again from what they saw, and the ids of those that came out otherwise."""

    asked: int
    replayed: int
    identical: int
    different: tuple[int, ...]


def replay_decisions(db: Database, count: int) -> Replayed:
    """Make `count` decisions, chosen by chance, again: each from its stored snapshot, demand and rules.

    A decision is identical when the snapshot still has its hash, and outcome, takes and shortages are equal.
    Raises: BadInput: a count below 1 or above 100,000.
    """
    if not 1 <= count <= MOST_REPLAYED:
        raise BadInput(f"count = {count}: use 1 to {MOST_REPLAYED}")
    total, different = 0, []
    with db.read() as connection:
        for record in read_random(connection, count):
            total += 1
            if not _is_same(record):
                different.append(record.id)
    return Replayed(count, total, total - len(different), tuple(sorted(different)))


def _is_same(record: Record) -> bool:
    (again,) = plan(record.seen, [record.demand], record.ruleset)
    then = record.decision
    same = (again.outcome, again.takes, again.shortages) == (then.outcome, then.takes, then.shortages)
    return same and snapshot_hash(record.seen) == record.snapshot_hash


@dataclass(frozen=True, slots=True)
class SimulationFact:
    """One simulation. base, trial: {"version": n} or {"body": …}; scope: {"days": n} or {"file": name}.

    state: new, running, done, failed (then `error` says why).
    """

    id: int
    title: str
    base: Mapping[str, Any]
    trial: Mapping[str, Any]
    scope: Mapping[str, Any]
    state: str
    error: str
    result: Mapping[str, Any]
    created_by: str
    created_at: datetime
    done_at: datetime | None


_s = simulations.c
_NAMES = tuple(SimulationFact.__dataclass_fields__)


def find_simulations(db: Database, limit: int = 50) -> list[SimulationFact]:
    """The newest simulations, newest first."""
    query = select(*(_s[name] for name in _NAMES)).order_by(_s.id.desc()).limit(limit)
    with db.read() as connection:
        return [SimulationFact(**row) for row in connection.execute(query).mappings()]


def read_simulation(db: Database, simulation_id: int) -> SimulationFact:
    """One simulation. Raises NotFound."""
    with db.read() as connection:
        row = connection.execute(select(*(_s[name] for name in _NAMES)).where(_s.id == simulation_id)).mappings()
        found = row.one_or_none()
    if found is None:
        raise NotFound(f"there is no simulation {simulation_id}")
    return SimulationFact(**found)


def last_try(db: Database, version: int) -> SimulationFact | None:
    """The newest simulation that tried this version, among the newest 50; None where there is none."""
    query = select(_s.id, _s.trial).order_by(_s.id.desc()).limit(50)
    with db.read() as connection:
        found = next((row.id for row in connection.execute(query) if row.trial.get("version") == version), None)
    return None if found is None else read_simulation(db, found)
