"""The full reasons of a decision, made again from what it saw: every strategy tried, every place and why it lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hub.rules.routing.decide import Desk, candidate, deciding, kept, loser_of, winner_of
from hub.rules.routing.decision import Candidate, Decision
from hub.rules.routing.ranking import Places
from hub.rules.routing.ruleset import Ruleset
from hub.rules.routing.snapshot import Snapshot
from hub.rules.routing.solve import Solved
from hub.rules.routing.stock import Stock
from hub.rules.routing.words import Demand


@dataclass(frozen=True, slots=True)
class Tried:
    """One strategy that was tried. `candidates`: the winner first, best to worst, then who may not serve, by code.

    gave: pieces that were taken from it. action: its leftover action where it did not give everything, else "".
    """

    strategy: str
    candidates: tuple[Candidate, ...]
    gave: int
    action: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision with everything that was weighed. candidates: of the strategy that decided.

    same: the plan made now from what it saw is the one that was stored.
    """

    decision: Decision
    candidates: tuple[Candidate, ...]
    tried: tuple[Tried, ...]
    same: bool

    def to_dict(self) -> dict[str, Any]:
        return {
            "candidates": [row.to_dict() for row in self.candidates],
            "tried": [
                {"strategy": row.strategy, "gave": row.gave, "action": row.action,
                 "candidates": [found.to_dict() for found in row.candidates]}
                for row in self.tried
            ],
            "same": self.same,
        }  # fmt: skip


def explain(seen: Snapshot, demand: Demand, ruleset: Ruleset, decision: Decision | None = None) -> Explanation:
    """The full table behind a decision.

    Args:    seen: what `as_seen` gave for the order. decision: as stored; None = not decided yet.
    Returns: what planning lists when it is asked to list everything. Costs come with the parts that they are made of.
             A decision stored with all its candidates by an earlier version explains itself where it cannot be
             repeated.
    """
    desk = Desk(Stock(seen), ruleset)
    tries = desk.tries(demand)
    told = deciding(tries)
    table = listed(told, told in kept(tries)) if told else ()
    tried = tuple(_tried(solved, solved in kept(tries)) for solved in tries)
    now = desk.decide(demand)
    if decision is None:
        return Explanation(now, table, tried, True)
    same = _answer(now) == _answer(decision)
    return Explanation(decision, table if same else decision.candidates, tried, same)


def _answer(decision: Decision) -> tuple[Any, ...]:
    return decision.outcome, decision.takes, decision.shortages


def _tried(solved: Solved, given: bool) -> Tried:
    leftover = solved.case.way.strategy.leftover
    action = "" if solved.complete else leftover.action
    name = solved.case.way.strategy.name
    return Tried(name, listed(solved, given), solved.covers if given else 0, action)


def listed(solved: Solved, given: bool) -> tuple[Candidate, ...]:
    """Winner, all single places and the runner-up, best first, then who may not serve."""
    case = solved.case
    sets: set[Places] = {(at,) for at in case.gives}
    sets.update(found for found in (solved.runner_up, solved.best if given else ()) if found)
    first = case.way.priced
    order = sorted(
        sets, key=lambda found: (found != solved.best, 0 if first else -case.covers(found), case.ranking.rank(found))
    )
    rows = [_with_parts(solved, _row(solved, found, given)) for found in order]
    idle = [at for at in range(len(case.way.stock.places)) if at not in case.gives]
    return (*rows, *(candidate(case, (at,), 0, _idle(solved, at)) for at in idle))


def _row(solved: Solved, found: Places, given: bool) -> Candidate:
    return winner_of(solved) if given and found == solved.best else loser_of(solved, found, given)


def _with_parts(solved: Solved, row: Candidate) -> Candidate:
    if row.cost is None:
        return row
    index = solved.case.way.stock.index
    return row._replace(parts=solved.case.parts(tuple(index[code] for code in row.warehouses)))


def _idle(solved: Solved, at: int) -> str:
    """Why a place gives nothing at all."""
    case = solved.case
    reason = case.view.address.barred.get(at)
    if reason:
        return reason
    if _keeps(solved, at):
        return "kept_for_presale"
    return "not_all_available" if case.way.strategy.filters.all_available and _has(solved, at) else "no_stock"


def _has(solved: Solved, at: int) -> bool:
    return any(row[at] for row in solved.case.rows)


def _keeps(solved: Solved, at: int) -> bool:
    """Whether it has pieces of it that may not leave yet."""
    stock = solved.case.way.stock
    seen, code = stock.snapshot, stock.codes[at]
    return any(sku in seen.presale and seen.free.get((code, sku), 0) > 0 for sku in solved.case.wants)
