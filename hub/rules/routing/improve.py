"""Finds a better order of serving where orders of a batch want the same stock; never a worse one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from hub.rules.routing.decide import Desk, Worth
from hub.rules.routing.decision import Decision
from hub.rules.routing.free import Key
from hub.rules.routing.ruleset import Ruleset
from hub.rules.routing.snapshot import Snapshot
from hub.rules.routing.stock import Stock
from hub.rules.routing.words import Demand

Served = tuple[int, Decision]
"""(number of the order, its decision)."""

Total = tuple[int, int, tuple[tuple[int, ...], ...]]
"""Pieces missing, strategies handed on, then per strategy the sums of its criteria; less is better."""


def improved(snapshot: Snapshot, demands: Sequence[Demand], ruleset: Ruleset, served: Sequence[Served]) -> list[Served]:
    """The batch served in an order that is at least as good, within `ruleset.improve` plans of an order.

    Every decision is still `plan` of its order on what the ones before it left, so that it can be made again alone.
    Orders that share no SKU (and no place of limited capacity) do not disturb each other: each such group is improved
    by itself, by moving single orders forward as long as the group gets better.
    """
    decisions = dict(served)
    scarce = _scarce(snapshot, demands, decisions, ruleset)
    if not scarce:
        return list(served)
    crew = _Crew(snapshot, demands, ruleset)
    for group in _groups(demands, [number for number, _ in served], bool(snapshot.capacity)):
        wanted = set[str]().union(*(demands[number].skus() for number in group))
        if len(group) > 1 and crew.steps > 0 and not scarce.isdisjoint(wanted):
            decisions.update(crew.best(group, sorted(decisions[number].turn for number in group)))
    return list(decisions.items())


def _scarce(
    snapshot: Snapshot, demands: Sequence[Demand], decisions: Mapping[int, Decision], ruleset: Ruleset
) -> set[str]:
    """SKUs of which some place ran so low that an order may have found less than it would have found first.

    All of them where a strategy compares how much is left, or where a place has no capacity left.
    """
    most, taken = Counter[str](), Counter[Key]()
    for demand in demands:
        for sku, need in needs_of(demand).items():
            most[sku] = max(most[sku], need)
    for decision in decisions.values():
        for take in decision.takes:
            taken[take.warehouse, take.sku] += take.quantity
    if _compares_stock(ruleset) or _runs_full(snapshot, decisions):
        return {sku for _, sku in taken}
    reserve = max(strategy.filters.min_left for strategy in ruleset.strategies)
    return {
        sku
        for (code, sku), pieces in taken.items()
        if (code, sku) in snapshot.lots
        or (snapshot.free[code, sku] - pieces) * snapshot.confidence.get((code, sku), 1000) // 1000
        < most[sku] + reserve
    }


def _compares_stock(ruleset: Ruleset) -> bool:
    """True when what is left matters even where there is enough: lots age, stock runs out, parcels fill a day."""
    names = {criterion.by for strategy in ruleset.strategies for criterion in strategy.criteria}
    costs = any(row.objective.stockout or row.objective.ageing or row.objective.capacity for row in ruleset.strategies)
    return costs or not names.isdisjoint({"stock_balance", "weeks_of_supply", "capacity_left", "availability"})


def _runs_full(snapshot: Snapshot, decisions: Mapping[int, Decision]) -> bool:
    booked = Counter(code for row in decisions.values() for code in {take.warehouse for take in row.takes})
    return any(booked[code] >= left for code, (left, _) in snapshot.capacity.items())


def needs_of(demand: Demand) -> Counter[str]:
    needs = Counter[str]()
    for piece in demand.pieces:
        needs[piece.sku] += max(0, piece.quantity)
    return needs


class _Crew:
    """One desk that serves groups of orders again and again, and the steps it has left."""

    def __init__(self, snapshot: Snapshot, demands: Sequence[Demand], ruleset: Ruleset) -> None:
        self.desk, self.demands, self.steps = Desk(Stock(snapshot), ruleset), demands, ruleset.improve

    def best(self, group: Sequence[int], turns: Sequence[int]) -> dict[int, Decision]:
        """The decisions of the best order of serving that was found."""
        order, (now, decisions) = list(group), self._serve(group, turns)
        if now <= self._alone(group):
            return decisions
        moves = _moves(len(order))
        for late, early in moves:
            if self.steps <= 0:
                break
            trial = [*order[:early], order[late], *order[early:late], *order[late + 1 :]]
            total, found = self._serve(trial, turns)
            if total < now:
                order, now, decisions = trial, total, found
        return decisions

    def _serve(self, order: Sequence[int], turns: Sequence[int]) -> tuple[Total, dict[int, Decision]]:
        self.desk.reset()
        served = [self.desk.serve(self.demands[number], turn) for number, turn in zip(order, turns, strict=True)]
        self.steps -= len(order)
        decisions = {number: decision for number, (decision, _) in zip(order, served, strict=True)}
        return _total(self.desk, [worth for _, worth in served]), decisions

    def _alone(self, group: Sequence[int]) -> Total:
        """What each would get if it were the first: the group cannot be better."""
        worths = []
        for number in group:
            self.desk.reset()
            worths.append(self.desk.serve(self.demands[number], 0)[1])
        self.steps -= len(group)
        return _total(self.desk, worths)


def _total(desk: Desk, worths: Sequence[Worth]) -> Total:
    sums = []
    for number, way in enumerate(desk.ways):
        rows = [measures for _, strategy, measures in worths if strategy == number]
        sums.append(tuple(sum(column) for column in zip(*rows, strict=True)) or (0,) * len(way.names))
    return sum(worth[0] for worth in worths), sum(worth[1] for worth in worths), tuple(sums)


def _moves(count: int) -> Iterator[tuple[int, int]]:
    """(from, to) of one order moved forward: neighbors first, twice, so that a move can follow on another."""
    for _ in range(2):
        for far in range(1, count):
            for early in range(count - far):
                yield early + far, early


def _groups(demands: Sequence[Demand], order: Sequence[int], all_together: bool) -> list[list[int]]:
    """Orders that may disturb each other, each group in the order of serving."""
    if all_together:
        return [list(order)]
    leader: dict[str, str] = {}

    def find(sku: str) -> str:
        while leader.setdefault(sku, sku) != sku:
            leader[sku] = leader[leader[sku]]
            sku = leader[sku]
        return sku

    for demand in demands:
        skus = sorted(demand.skus())
        for sku in skus[1:]:
            leader[find(sku)] = find(skus[0])
    groups: dict[str, list[int]] = {}
    for number in order:
        skus = sorted(demands[number].skus())
        if skus:
            groups.setdefault(find(skus[0]), []).append(number)
    return list(groups.values())
