"""The plan: which warehouse gives which pieces of which order, in the order the orders are served, with all reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from hub.canonical.errors import InvariantBroken
from hub.canonical.geo import Point
from hub.rules.distance import distance_hm, hm_to_km
from hub.rules.routing.decision import Candidate, Decision
from hub.rules.routing.ruleset import Ruleset
from hub.rules.routing.search import Costs, Cover, Places
from hub.rules.routing.snapshot import Snapshot
from hub.rules.routing.words import Demand, Piece, Shortage, Take


def plan(snapshot: Snapshot, demands: Sequence[Demand], ruleset: Ruleset) -> tuple[Decision, ...]:
    """Route a batch of orders, one after the other; later ones see what earlier ones took.

    Args:    snapshot: places and free pieces; the order of the places does not matter.
             demands:  orders in the order they are served.
    Returns: one decision per demand, same order. Per (warehouse, SKU) all takes together never pass the free pieces;
             per piece of a routed order the takes add up to its quantity; a short order takes nothing unless
             `ruleset.allow_partial`. Same input, same output.
    Raises:  InvariantBroken: two places with one code.
    """
    batch = _Batch(snapshot, ruleset)
    return tuple(batch.decide(demand) for demand in demands)


class _Batch:
    """What the orders of one batch share: the stock still left, distances, and who may serve whom."""

    def __init__(self, snapshot: Snapshot, ruleset: Ruleset) -> None:
        self.places = sorted(snapshot.places, key=lambda place: place.code)
        self.codes = [place.code for place in self.places]
        if len(set(self.codes)) < len(self.codes):
            raise InvariantBroken("a snapshot names one warehouse twice")
        self._index = {code: at for at, code in enumerate(self.codes)}
        self.rules, self.way = ruleset, ruleset.strategies[0]
        self._names = tuple(criterion.by for criterion in self.way.criteria)
        self._free = snapshot.free
        self._priority = [place.priority for place in self.places]
        self._left: dict[str, list[int]] = {}
        self._costs: dict[Point | None, Costs] = {}
        self._barred: dict[tuple[str | None, frozenset[str]], dict[int, str]] = {}

    def left(self, sku: str) -> list[int]:
        """Pieces of a SKU still free, by place index, never negative."""
        row = self._left.get(sku)
        if row is None:
            row = self._left[sku] = [max(0, self._free.get((code, sku), 0)) for code in self.codes]
        return row

    def give(self, takes: Sequence[Take]) -> None:
        """Lower the stock that the next orders see."""
        for take in takes:
            self._left[take.sku][self._index[take.warehouse]] -= take.quantity

    def costs(self, point: Point | None) -> Costs:
        found = self._costs.get(point)
        if found is None:
            hm = [distance_hm(place.point, point) for place in self.places]
            found = self._costs[point] = Costs(self._names, self._priority, hm)
        return found

    def barred(self, demand: Demand) -> dict[int, str]:
        """Places that may not serve the order, by index, with the reason."""
        key = (demand.country, demand.excluded)
        found = self._barred.get(key)
        if found is None:
            reasons = ((at, self._bar(at, demand)) for at in range(len(self.places)))
            found = self._barred[key] = {at: reason for at, reason in reasons if reason}
        return found

    def _bar(self, at: int, demand: Demand) -> str | None:
        place = self.places[at]
        if not place.active:
            return "inactive"
        if place.code in demand.excluded:
            return "excluded"
        if place.ships_to and demand.country is not None and demand.country not in place.ships_to:
            return "does_not_ship_to"
        return None

    def limit(self, demand: Demand) -> int:
        """At most so many parcels for this order."""
        if demand.together:
            return 1
        return self.way.split.most or len(self.places)

    def decide(self, demand: Demand) -> Decision:
        return _Order(self, demand).decide()


class _Order:
    """One order on its way to a decision."""

    def __init__(self, batch: _Batch, demand: Demand) -> None:
        self.batch, self.demand = batch, demand
        needs: dict[str, int] = {}
        for piece in demand.pieces:
            if piece.quantity > 0:
                needs[piece.sku] = needs.get(piece.sku, 0) + piece.quantity
        self.needs = needs
        self.wanted = sum(needs.values())
        self.costs = batch.costs(demand.point)
        self.barred = batch.barred(demand)
        self.gives = self._gives()

    def _gives(self) -> dict[int, tuple[int, ...]]:
        """Place index -> pieces per demanded SKU, at most the need; only places that may serve and have something."""
        rows = [(self.batch.left(sku), need) for sku, need in self.needs.items()]
        found = {}
        for at in range(len(self.batch.places)):
            if at not in self.barred:
                gifts = tuple([need if row[at] > need else row[at] for row, need in rows])
                if any(gifts):
                    found[at] = gifts
        return found

    def decide(self) -> Decision:
        best, runner_up = self._choose() if self.gives else ((), None)
        covers = self._covers(best)
        return self._decision(best, covers, runner_up)

    def _choose(self) -> tuple[Places, Places | None]:
        """The best set of places and the best combination beside it; all places where even all are not enough."""
        full = [at for at, gifts in self.gives.items() if sum(gifts) == self.wanted]
        if full and self.costs.singles_first():
            return min(((at,) for at in full), key=self.costs.rank), None
        limit = min(self.batch.limit(self.demand), len(self.gives))
        totals = [sum(column) for column in zip(*self.gives.values(), strict=True)]
        needs = tuple(min(need, total) for need, total in zip(self.needs.values(), totals, strict=True))
        if sum(needs) < self.wanted and limit == len(self.gives) and not self.batch.way.leftover.partial:
            return tuple(self.gives), None
        found = Cover(self.gives, needs, limit, self.costs).search()
        return found.best, found.runner_up

    def _covers(self, chosen: Places) -> int:
        if len(chosen) < 2:
            return sum(self.gives[chosen[0]]) if chosen else 0
        columns = zip(*(self.gives[at] for at in chosen), strict=True)
        return sum(min(need, sum(column)) for need, column in zip(self.needs.values(), columns, strict=True))

    def _decision(self, best: Places, covers: int, runner_up: Places | None) -> Decision:
        routed = covers == self.wanted
        takes, shortages = self._from_one(best[0]) if routed and len(best) == 1 else self._share(self._split(best))
        if not routed and not self.batch.way.leftover.partial:
            takes = ()
        self.batch.give(takes)
        candidates = self._candidates(best, covers, runner_up, chosen=bool(takes))
        outcome: Literal["routed", "short"] = "routed" if routed else "short"
        version = self.batch.rules.version
        return Decision(self.demand.order_ref, outcome, takes, shortages, candidates, version)

    def _from_one(self, at: int) -> tuple[tuple[Take, ...], tuple[Shortage, ...]]:
        """All pieces from one place that has them all."""
        code, pieces = self.batch.codes[at], self.demand.pieces
        return tuple([Take(p.ref, p.sku, code, p.quantity) for p in pieces if p.quantity > 0]), ()

    def _split(self, chosen: Places) -> Mapping[str, list[list[int]]]:
        """SKU -> [place index, pieces it has], best first; only one place where one has the whole need."""
        ranked = sorted(chosen, key=lambda at: self.costs.rank((at,)))
        parts: dict[str, list[list[int]]] = {}
        for column, (sku, need) in enumerate(self.needs.items()):
            whole = [at for at in ranked if self.gives[at][column] == need]
            parts[sku] = [[at, self.gives[at][column]] for at in whole[:1] or ranked]
        return parts

    def _share(self, parts: Mapping[str, list[list[int]]]) -> tuple[tuple[Take, ...], tuple[Shortage, ...]]:
        """Deal the parts to the pieces in their order; what is left wanting at the end is the shortage."""
        takes: list[Take] = []
        shortages: list[Shortage] = []
        for piece in self.demand.pieces:
            if piece.quantity > 0:
                missing = self._serve(piece, parts[piece.sku], takes)
                if missing:
                    shortages.append(Shortage(piece.ref, piece.sku, piece.quantity, missing))
        return tuple(takes), tuple(shortages)

    def _serve(self, piece: Piece, parts: list[list[int]], takes: list[Take]) -> int:
        missing = piece.quantity
        for part in parts:
            quantity = min(missing, part[1])
            if quantity:
                part[1] -= quantity
                missing -= quantity
                takes.append(Take(piece.ref, piece.sku, self.batch.codes[part[0]], quantity))
        return missing

    def _candidates(self, best: Places, covers: int, runner_up: Places | None, chosen: bool) -> tuple[Candidate, ...]:
        """The winner, all single places and the runner-up combination, best first, then who may not serve."""
        sets: set[Places] = {(at,) for at in self.gives}
        sets.update(found for found in (runner_up, best if chosen else ()) if found)
        order = sorted((found != best, -self._covers(found), self.costs.rank(found)) for found in sets)
        listed = [self._candidate(rank[2], -less, best if chosen else (), covers) for _, less, rank in order]
        idle = (at for at in range(len(self.batch.places)) if at not in self.gives)
        return (*listed, *(self._bystander(at) for at in idle))

    def _candidate(self, found: Places, mine: int, winner: Places, covers: int) -> Candidate:
        if found == winner:
            return self._row(found, mine, True, "chosen")
        lost = self.costs.lost_by(found, winner) if winner and mine == covers else "covers_less"
        return self._row(found, mine, False, lost)

    def _bystander(self, at: int) -> Candidate:
        return self._row((at,), 0, False, self.barred.get(at, "no_stock"))

    def _row(self, found: Places, covers: int, chosen: bool, reason: str) -> Candidate:
        codes = tuple([self.batch.codes[at] for at in found])
        km = hm_to_km(self.costs.measure("distance", found))
        priority = self.costs.measure("priority", found)
        return Candidate(codes, covers, self.wanted, len(found), km, priority, chosen, reason)
