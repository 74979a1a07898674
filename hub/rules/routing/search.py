"""Which places together: the best set by exhaustive search while it is cheap, else greedy cover and swaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import comb
from typing import NamedTuple, Protocol

from hub.rules.routing.fill import Gives
from hub.rules.routing.ranking import Places, Rank

CHECKS = 5_000
"""At most so many combinations are looked at for one order; beyond it the greedy way decides."""

Score = tuple[int, Rank]
"""Pieces given, negative; then the rank. Less is better."""


class Question(Protocol):
    """What the search asks about one order.

    limit:   places at most. target: pieces that all its places can give.
    fewest:  fewer places always win. exact_cover: nothing but the sum of what the places have limits what they give.
    """

    @property
    def gives(self) -> Gives: ...

    @property
    def needs(self) -> tuple[int, ...]: ...

    @property
    def limit(self) -> int: ...

    @property
    def target(self) -> int: ...

    @property
    def fewest(self) -> bool: ...

    @property
    def exact_cover(self) -> bool: ...

    def covers(self, chosen: Places) -> int:
        """Pieces that these places give together."""

    def counted(self, chosen: Places) -> int:
        """The pieces that its score will say."""

    def score(self, chosen: Places) -> Score | None:
        """None where the set may not be chosen."""

    def counts(self, chosen: Places) -> bool:
        """False for a set that is another one with places that only tag along."""

    def proven(self, best: Score, size: int) -> bool:
        """True when no set of `size` or more places can be better."""

    def dominators(self) -> dict[int, int]:
        """Place -> how many others are better in every set; {} where that cannot be said."""


class Found(NamedTuple):
    """The best set of places, what it covers, and the next best that was looked at and covers as much."""

    best: Places
    covers: int
    runner_up: Places | None


def search(question: Question) -> Found:
    """The best set. Exact while at most `CHECKS` sets have to be looked at."""
    best: list[Score] = []
    for chosen in _sets(question, best):
        if len(best) > 1 and -question.counted(chosen) > best[1][0]:
            continue
        score = question.score(chosen)
        if score is not None and (len(best) < 2 or score < best[1]) and question.counts(chosen):
            best[:] = sorted([*best, score])[:2]
    if not best:
        return Found((), 0, None)
    second = best[1][1][2] if len(best) > 1 and best[1][0] == best[0][0] else None
    return Found(best[0][1][2], question.covers(best[0][1][2]), second)


def _sets(question: Question, best: Sequence[Score]) -> Iterator[Places]:
    """Sets to look at, small ones first, until no larger one can be better."""
    left = CHECKS
    must, first = _must_and_least(question)
    better: dict[int, int] = {}
    for size in range(first, question.limit + 1):
        if best and question.proven(best[0], size):
            return
        if size > 1 and not better:
            better = question.dominators()
        free = [at for at in question.gives if at not in must and (size == 1 or better.get(at, 0) <= size)]
        left -= comb(len(free), size - len(must))
        if left < 0:
            found = _greedy(question)
            if found:
                yield found
            return
        for extra in combinations(free, size - len(must)):
            yield tuple(sorted((*must, *extra)))
        if question.fewest and best and -best[0][0] == question.target:
            return


def _must_and_least(question: Question) -> tuple[Places, int]:
    """Places no full cover can do without, and its least size; (), 1 where a full cover may not be what wins."""
    if not question.exact_cover or question.limit < len(question.gives):
        return (), 1
    totals = [sum(column) for column in zip(*question.gives.values(), strict=True)]
    must = tuple(
        place
        for place, row in question.gives.items()
        if any(total - gift < need for total, gift, need in zip(totals, row, question.needs, strict=True))
    )
    return must, max(len(must), *(_least_size(question, column) for column in range(len(question.needs))))


def _least_size(question: Question, column: int) -> int:
    """At least so many places are needed for this SKU alone."""
    missing, size = question.needs[column], 0
    for gift in sorted((row[column] for row in question.gives.values()), reverse=True):
        if missing <= 0:
            break
        missing, size = missing - gift, size + 1
    return size


def _greedy(question: Question) -> Places:
    """Take the place that helps most until none helps, then drop or swap places while that helps."""
    chosen: Places = ()
    while len(chosen) < question.limit:
        grown = [tuple(sorted((*chosen, place))) for place in question.gives if place not in chosen]
        better = _least(question, grown, chosen)
        if better == chosen:
            break
        chosen = better
    while True:
        better = _least(question, _neighbors(question, chosen), chosen)
        if better == chosen:
            return chosen
        chosen = better


def _least(question: Question, sets: Sequence[Places], chosen: Places) -> Places:
    """The best of the sets, if it is better than what is chosen."""
    scored = [(score, found) for found in sets if (score := question.score(found)) is not None]
    now = question.score(chosen) if chosen else None
    best = min(scored, default=None)
    return best[1] if best and (now is None or best[0] < now) else chosen


def _neighbors(question: Question, chosen: Places) -> list[Places]:
    """The set without one of its places, and with one of them swapped."""
    found: list[Places] = []
    for at in range(len(chosen)):
        rest = chosen[:at] + chosen[at + 1 :]
        if rest:
            found.append(rest)
        found += [tuple(sorted((*rest, other))) for other in question.gives if other not in chosen]
    return found
