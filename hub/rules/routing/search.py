"""Which places together: the best combination by exhaustive search while it is cheap, else greedy cover and swaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from operator import le
from typing import NamedTuple

CHECKS = 5_000
"""At most so many combinations are looked at for one order; beyond it the greedy way decides."""

LOST_BY = {
    "full_coverage": "more_parcels",
    "fewest_parcels": "more_parcels",
    "priority": "lower_priority",
    "distance": "farther",
}

Places = tuple[int, ...]
"""Indices of places, ascending; places are sorted by code, so comparing indices compares codes."""


Rank = tuple[tuple[int, ...], int, Places]
"""The criteria's measures, then the number of parcels, then the places: a total order, less is better."""


class Costs:
    """What the criteria compare, for one address: priority and hectometers by place index."""

    def __init__(self, criteria: tuple[str, ...], priority: Sequence[int], hm: Sequence[int]) -> None:
        self.criteria, self.priority, self.hm = criteria, priority, hm
        self._ranks: dict[Places, Rank] = {}

    def measure(self, criterion: str, chosen: Places) -> int:
        """One criterion of a set of places; less is better."""
        if criterion == "full_coverage":
            return 1 if len(chosen) > 1 else 0
        if criterion == "fewest_parcels":
            return len(chosen)
        per_place = self.priority if criterion == "priority" else self.hm
        return sum([per_place[place] for place in chosen])

    def rank(self, chosen: Places) -> Rank:
        """Where a set of places stands among sets that cover the same."""
        found = self._ranks.get(chosen)
        if found is None:
            found = (tuple([self.measure(name, chosen) for name in self.criteria]), len(chosen), chosen)
            if len(chosen) == 1:
                self._ranks[chosen] = found
        return found

    def lost_by(self, loser: Places, winner: Places) -> str:
        """Why `loser` ranks behind `winner` when both cover the same."""
        (mine, my_size, _), (best, best_size, _) = self.rank(loser), self.rank(winner)
        for name, one, other in zip(self.criteria, mine, best, strict=True):
            if one != other:
                return LOST_BY[name]
        return "more_parcels" if my_size != best_size else "tie_by_code"

    def singles_first(self) -> bool:
        """True when one place that gives everything always beats any combination."""
        return self._parcels_before_places(("full_coverage", "fewest_parcels"))

    def fewest_first(self) -> bool:
        """True when fewer parcels always beat more."""
        return self._parcels_before_places(("fewest_parcels",))

    def _parcels_before_places(self, parcels: tuple[str, ...]) -> bool:
        for name in self.criteria:
            if name in parcels:
                return True
            if name in ("priority", "distance"):
                return False
        return True

    def per_place(self, place: int) -> tuple[int, ...]:
        """The costs of one place that add up over a set."""
        sums = [name for name in self.criteria if name in ("priority", "distance")]
        return tuple(self.measure(name, (place,)) for name in sums)


class Found(NamedTuple):
    """The best set of places, what it covers, and the next best that needs each of its places."""

    best: Places
    covers: int
    runner_up: Places | None


@dataclass(frozen=True, slots=True)
class Cover:
    """The question: which places give the most of `needs`, at most `limit` of them, best by `costs`?

    gives: place index -> pieces per SKU, each at most the need; only places that give something.
    needs: pieces per SKU, each at most what all places give together.
    """

    gives: Mapping[int, tuple[int, ...]]
    needs: tuple[int, ...]
    limit: int
    costs: Costs

    def covers(self, chosen: Places) -> int:
        """Pieces that these places give together."""
        if len(chosen) == 1:
            return sum(self.gives[chosen[0]])
        rows = zip(*[self.gives[place] for place in chosen], strict=True)
        return sum([min(need, sum(row)) for need, row in zip(self.needs, rows, strict=True)])

    def search(self) -> Found:
        """The best set. Exact while at most `CHECKS` sets have to be looked at."""
        best: list[tuple[int, Rank]] = []
        for covers, chosen in self._sets():
            if len(best) == 2 and -covers > best[1][0]:
                continue
            score = (-covers, self.costs.rank(chosen))
            if len(best) < 2 or (score < best[1] and self._needs_each(chosen)):
                best = sorted([*best, score])[:2]
        top = best[0]
        return Found(top[1][2], -top[0], self._runner_up(best))

    def _runner_up(self, best: Sequence[tuple[int, Rank]]) -> Places | None:
        if len(best) < 2 or best[1][0] != best[0][0]:
            return None
        second = best[1][1][2]
        return second if len(second) > 1 and self._needs_each(second) else None

    def _needs_each(self, chosen: Places) -> bool:
        """True when leaving out any place would cover less."""
        whole = self.covers(chosen)
        rest = (chosen[:at] + chosen[at + 1 :] for at in range(len(chosen)))
        return len(chosen) == 1 or all(self.covers(fewer) < whole for fewer in rest)

    def _sets(self) -> Iterator[tuple[int, Places]]:
        """What a set covers, and the set, small ones first; where fewer parcels win, up to the first full cover."""
        target, left, fewest = sum(self.needs), CHECKS, self.costs.fewest_first()
        must, first = self._must_and_least()
        better = self._dominators() if self.limit > 1 else {}
        for size in range(first, self.limit + 1):
            free = [at for at in sorted(self.gives) if at not in must and (size == 1 or better[at] <= size)]
            left -= comb(len(free), size - len(must))
            if left < 0:
                found = self._greedy()
                yield self.covers(found), found
                return
            reached = False
            for extra in combinations(free, size - len(must)):
                chosen = tuple(sorted((*must, *extra)))
                covers = self.covers(chosen)
                reached = reached or covers == target
                yield covers, chosen
            if reached and fewest:
                return

    def _must_and_least(self) -> tuple[Places, int]:
        """Places no full cover can do without, and its least size; (), 1 where the limit may forbid a full cover."""
        if self.limit < len(self.gives):
            return (), 1
        totals = [sum(column) for column in zip(*self.gives.values(), strict=True)]
        must = tuple(
            place
            for place, row in self.gives.items()
            if any(total - gift < need for total, gift, need in zip(totals, row, self.needs, strict=True))
        )
        return must, max(len(must), *map(self._least_size, range(len(self.needs))))

    def _least_size(self, sku: int) -> int:
        """At least so many places are needed for this SKU alone."""
        missing, size = self.needs[sku], 0
        for gift in sorted((row[sku] for row in self.gives.values()), reverse=True):
            if missing <= 0:
                break
            missing, size = missing - gift, size + 1
        return size

    def _dominators(self) -> dict[int, int]:
        """Place -> how many others give at least as much of every SKU and rank before it in every set.

        A set that holds a place but not one that dominates it is beaten by the swap; with more dominators than the set
        has places, two such swaps are always possible: the place is in none of the two best sets of that size.
        """
        rows = [(at, (*(-gift for gift in gifts), *self.costs.per_place(at))) for at, gifts in self.gives.items()]
        costs = {at: self.costs.per_place(at) for at in self.gives}
        return {
            at: sum(
                all(map(le, theirs, mine)) and (costs[other] != costs[at] or other < at)
                for other, theirs in rows
                if other != at
            )
            for at, mine in rows
        }

    def _greedy(self) -> Places:
        """Take the place that adds most until nothing is added, drop what is not needed, then swap while it helps."""
        chosen: Places = ()
        while len(chosen) < self.limit:
            grown = [tuple(sorted((*chosen, place))) for place in self.gives if place not in chosen]
            if not grown:
                break
            best = min(grown, key=self._score)
            if chosen and self.covers(best) == self.covers(chosen):
                break
            chosen = best
        return self._improved(chosen)

    def _improved(self, chosen: Places) -> Places:
        while True:
            best = min(self._neighbors(chosen), key=self._score)
            if self._score(best) >= self._score(chosen):
                return chosen
            chosen = best

    def _neighbors(self, chosen: Places) -> Iterator[Places]:
        """The set itself, without one of its places, and with one of them swapped."""
        yield chosen
        for at in range(len(chosen)):
            rest = chosen[:at] + chosen[at + 1 :]
            if rest:
                yield rest
            yield from (tuple(sorted((*rest, other))) for other in self.gives if other not in chosen)

    def _score(self, chosen: Places) -> tuple[int, Rank]:
        return -self.covers(chosen), self.costs.rank(chosen)
