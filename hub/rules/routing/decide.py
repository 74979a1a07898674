"""One order through the strategies of a ruleset to its decision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Literal

from hub.rules.distance import hm_to_km
from hub.rules.routing.case import Case
from hub.rules.routing.decision import Candidate, Decision
from hub.rules.routing.fill import Row
from hub.rules.routing.ranking import Places
from hub.rules.routing.ruleset import Ruleset
from hub.rules.routing.solve import Solved, less, solve
from hub.rules.routing.stock import Stock
from hub.rules.routing.way import Way
from hub.rules.routing.words import Demand, Piece, Shortage, Take, day_text


class Desk:
    """The stock of one batch and the strategies that look at it."""

    def __init__(self, stock: Stock, ruleset: Ruleset) -> None:
        self.stock, self.ruleset = stock, ruleset
        self.ways = [Way(strategy, stock) for strategy in ruleset.strategies]

    def decide(self, demand: Demand, turn: int = 0) -> Decision:
        """The decision for the order; its takes are taken out of the stock."""
        tries = self.tries(demand)
        return self._commit(demand, tries, turn)

    def _commit(self, demand: Demand, tries: Sequence[Solved], turn: int) -> Decision:
        decision = _decision(self, demand, tries, turn)
        if decision.takes:
            booked = self.stock.give(decision.takes)
            for way in self.ways:
                way.given(demand.skus(), booked)
        return decision

    def serve(self, demand: Demand, turn: int) -> tuple[Decision, Worth]:
        """`decide`, and what the decision is worth to a batch."""
        tries = self.tries(demand)
        worth = worth_of(self, demand, tries)
        return self._commit(demand, tries, turn), worth

    def reset(self) -> None:
        """Back to the snapshot; what does not depend on the stock is kept."""
        self.stock.reset()
        for way in self.ways:
            way.reset()

    def tries(self, demand: Demand) -> list[Solved]:
        """What each strategy gave whose turn came; the stock is the same afterwards."""
        lent: list[Take] = []
        tries = list(self._tries(demand, lent))
        if lent:
            self._lend(demand, lent, back=True)
        return tries

    def _lend(self, demand: Demand, takes: Sequence[Take], back: bool = False) -> None:
        self.stock.lend(takes, back)
        for way in self.ways:
            way.given(demand.skus(), False)

    def _tries(self, demand: Demand, lent: list[Take]) -> Iterator[Solved]:
        """The next strategy sees what the ones before it left."""
        pieces: Sequence[Piece] = demand.pieces
        for way in self.ways:
            if not way.strategy.when.holds(demand, self.stock.snapshot.as_of):
                continue
            solved = solve(way, demand, pieces)
            yield solved
            if solved.complete or way.strategy.leftover.action != "next":
                return
            if way.strategy.leftover.partial and solved.rows:
                pieces = less(pieces, solved.rows)
                takes = _takes(self, demand, solved.rows)
                self._lend(demand, takes)
                lent += takes


Worth = tuple[int, int, tuple[int, ...]]
"""Pieces missing, number of the strategy that decided, its criteria's measures; less is better."""


def worth_of(desk: Desk, demand: Demand, tries: Sequence[Solved]) -> Worth:
    wanted = sum(max(0, piece.quantity) for piece in demand.pieces)
    given = kept(tries)
    if not given:
        return wanted, len(desk.ways), ()
    told = given[-1]
    missing = wanted - sum(solved.covers for solved in given)
    return missing, desk.ways.index(told.case.way), told.case.ranking.rank(told.best)[0]


def kept(tries: Sequence[Solved]) -> list[Solved]:
    """The tries whose pieces are taken: those that give parts, and the one that gave everything."""
    return [
        solved for solved in tries if solved.rows and (solved.complete or solved.case.way.strategy.leftover.takes_parts)
    ]


def deciding(tries: Sequence[Solved]) -> Solved | None:
    """The try that the decision tells of: the last that gave something, else the one that misses least."""
    given = kept(tries)
    return given[-1] if given else min(tries, key=lambda solved: solved.case.wanted - solved.covers, default=None)


def _decision(desk: Desk, demand: Demand, tries: Sequence[Solved], turn: int) -> Decision:
    told = deciding(tries)
    if told is None:
        return _nobody(desk, demand, turn)
    given = kept(tries)
    takes = tuple([take for solved in given for take in _takes(desk, demand, solved.rows)])
    routed = tries[-1].complete
    missing = () if routed else _shortages(demand, _best_rows(given, told))
    outcome: Literal["routed", "short"] = "routed" if routed else "short"
    return Decision(
        demand.order_ref, outcome, takes, missing, _candidates(desk, told, given), desk.ruleset.version,
        told.case.view.address.excluded, told.case.way.strategy.name,
        "" if routed else _action(tries), None if routed else _until(desk, tries), turn, _presale(desk, missing),
        bool(takes) and not routed and tries[-1].case.way.strategy.leftover.keep,
    )  # fmt: skip


def _nobody(desk: Desk, demand: Demand, turn: int) -> Decision:
    """No strategy is meant for this order."""
    missing = _shortages(demand, ())
    outcome: Literal["routed", "short"] = "short" if missing else "routed"
    leftover = "queue" if missing else ""
    return Decision(
        demand.order_ref, outcome, (), missing, (), desk.ruleset.version, (), "", leftover, None, turn,
        _presale(desk, missing),
    )  # fmt: skip


def _presale(desk: Desk, missing: Sequence[Shortage]) -> tuple[tuple[str, str | None], ...]:
    """Which of the missing pieces wait for a day."""
    days = desk.stock.snapshot.presale
    return tuple((sku, day_text(days[sku])) for sku in sorted({row.sku for row in missing}) if sku in days)


def _best_rows(given: Sequence[Solved], told: Solved) -> list[Row]:
    """What is given; where nothing is, what the best plan would give."""
    return [row for solved in given or [told] for row in solved.rows]


def _takes(desk: Desk, demand: Demand, rows: Sequence[Row]) -> list[Take]:
    codes, pieces = desk.stock.codes, demand.pieces
    return [Take(pieces[number].ref, pieces[number].sku, codes[at], n, lot) for number, at, n, lot in rows]


def _shortages(demand: Demand, rows: Sequence[Row]) -> tuple[Shortage, ...]:
    missing = less(demand.pieces, rows)
    return tuple(
        Shortage(piece.ref, piece.sku, piece.quantity, left.quantity)
        for piece, left in zip(demand.pieces, missing, strict=True)
        if left.quantity > 0
    )


def _action(tries: Sequence[Solved]) -> str:
    """What becomes of the rest; where nobody is left to hand it on to, a person looks at it."""
    action = tries[-1].case.way.strategy.leftover.action
    return "queue" if action == "next" else action


def _until(desk: Desk, tries: Sequence[Solved]) -> str | None:
    leftover, as_of = tries[-1].case.way.strategy.leftover, desk.stock.snapshot.as_of
    if not leftover.days or as_of is None:
        return None
    return (as_of.date() + timedelta(days=leftover.days)).isoformat()


def _candidates(desk: Desk, told: Solved, given: Sequence[Solved]) -> tuple[Candidate, ...]:
    """The winner, the runner-up, and the best single place where no single one was enough."""
    if not told.case.wanted:
        return ()
    rows: list[Candidate] = []
    if told in given:
        rows.append(winner_of(told) if len(given) == 1 else _joint(given))
    if told.runner_up and len(given) == 1 and told in given:
        rows.append(loser_of(told, told.runner_up))
    if not rows or rows[0].parcels > 1:
        rows.extend(_best_single(told, given))
    return tuple(rows)


def _best_single(told: Solved, given: Sequence[Solved]) -> list[Candidate]:
    case = told.case
    winner = told.best if told in given else ()
    order = sorted((-sum(gifts), case.ranking.rank((at,))) for at, gifts in case.gives.items() if (at,) != winner)
    return [loser_of(told, order[0][1][2], bool(winner))] if order else []


def winner_of(solved: Solved) -> Candidate:
    return candidate(solved.case, solved.best, solved.covers, "chosen")


def loser_of(solved: Solved, found: Places, has_winner: bool = True) -> Candidate:
    """Another set of places, with the reason why it lost."""
    known = found == solved.runner_up and not solved.case.way.priced
    covers = solved.covers if known else solved.case.covers(found)
    same = has_winner and (covers == solved.covers or solved.case.way.priced)
    reason = solved.case.ranking.lost_by(found, solved.best) if same and solved.best else "covers_less"
    too_small = solved.case.way.strategy.split.min_part_value and not solved.case.worth_it(found)
    return candidate(solved.case, found, covers, "part_too_small" if too_small else reason)


def candidate(case: Case, found: Places, covers: int, reason: str) -> Candidate:
    address, codes, places = case.view.address, case.way.stock.codes, case.way.stock.places
    return Candidate(
        tuple([codes[at] for at in found]), covers, case.wanted, len(found),
        hm_to_km(sum([address.hm[at] for at in found])), sum([places[at].priority for at in found]),
        reason == "chosen", reason, case.cost(found) if case.way.by_cost and covers else None,
    )  # fmt: skip


def _joint(given: Sequence[Solved]) -> Candidate:
    """Several strategies that each gave a part, as one winner."""
    parts = [winner_of(solved) for solved in given]
    codes = tuple(sorted({code for part in parts for code in part.warehouses}))
    costs = [part.cost for part in parts]
    return parts[0]._replace(
        warehouses=codes,
        covers=sum(part.covers for part in parts),
        wanted=parts[0].wanted,
        parcels=len(codes),
        distance_km=None if None in [part.distance_km for part in parts] else sum(p.distance_km or 0 for p in parts),
        priority=sum(part.priority for part in parts),
        cost=None if None in costs else sum(cost or 0 for cost in costs),
    )
