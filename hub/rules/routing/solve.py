"""The answer of one strategy to one order: the places, what they give, and the best alternative beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from hub.rules.routing.case import Case
from hub.rules.routing.fill import Row
from hub.rules.routing.ranking import Places
from hub.rules.routing.search import search
from hub.rules.routing.way import Way
from hub.rules.routing.words import Demand, Piece


@dataclass(frozen=True, slots=True)
class Solved:
    """`best` () where no place gives anything. `covers`: pieces that it gives. `rows`: which of them gives what."""

    case: Case
    best: Places
    covers: int
    runner_up: Places | None
    rows: tuple[Row, ...]

    @property
    def complete(self) -> bool:
        return self.covers == self.case.wanted


def solve(way: Way, demand: Demand, pieces: Sequence[Piece]) -> Solved:
    """What this strategy would give, whether or not it keeps a part of an order."""
    case = Case(way, demand, pieces)
    if way.strategy.search == "walk":
        return _walk(case)
    return _straight(case) or _searched(case)


def _searched(case: Case) -> Solved:
    if not case.gives:
        return Solved(case, (), 0, None, ())
    if case.exact_cover and case.target < case.wanted and _takes_nothing(case):
        return _solved(case, tuple(case.gives), None)
    found = search(case)
    if case.way.priced and found.best and case.left_out(case.wanted) < case.deal(found.best).cost:
        return Solved(case, (), 0, found.best, ())
    return _solved(case, found.best, found.runner_up)


def _takes_nothing(case: Case) -> bool:
    """True when all places together are not enough, may all be used, and parts are not given."""
    return case.limit == len(case.gives) and not case.way.strategy.leftover.takes_parts


def _solved(case: Case, best: Places, runner_up: Places | None) -> Solved:
    if not best:
        return Solved(case, (), 0, runner_up, ())
    rows = case.fill.rows(case.deal(best))
    return Solved(case, best, sum([row.quantity for row in rows]), runner_up, rows)


def _straight(case: Case) -> Solved | None:
    """The usual order: one place has everything and no combination can beat it."""
    if case.tangled or case.way.strategy.split.min_part_value or not case.wanted:
        return None
    if case.way.fixed and case.way.singles_first:
        full = _full(case)
        first = next(full, None)
        return None if first is None else _single(case, first, next(full, None))
    return _straight_cheapest(case) if case.way.names == ("cost",) else None


def _full(case: Case) -> Iterator[int]:
    """Places that have everything, best first."""
    rows = list(zip(case.rows, case.wants.values(), strict=True))
    for at in case.view.order:
        for row, need in rows:
            if row[at] < need:
                break
        else:
            yield at


def _straight_cheapest(case: Case) -> Solved | None:
    """The cheapest full place, where two parcels cannot cost less."""
    ranked = case.full_costs()[:2]
    if not ranked or ranked[-1][0] > case.least_otherwise():
        return None
    return _single(case, ranked[0][1], ranked[1][1] if len(ranked) > 1 else None)


def _single(case: Case, at: int, second: int | None) -> Solved:
    """All pieces from one place that has them all."""
    rows = [Row(number, at, piece.quantity) for number, piece in enumerate(case.pieces) if piece.quantity > 0]
    return Solved(case, (at,), case.wanted, None if second is None else (second,), tuple(rows))


def _walk(case: Case) -> Solved:
    """Place by place: the best one gives what it can, then the criteria are measured anew on what is still wanted."""
    rows: list[Row] = []
    chosen: list[int] = []
    now = case
    most = case.limit if case.gives else 0
    while now.wanted and len(chosen) < most:
        able = [at for at in now.gives if at not in chosen and (_worth(now, at) or _whole(now, at, chosen))]
        if not able:
            break
        at = min(able, key=lambda place: now.ranking.rank((place,)))
        given = now.fill.rows(now.deal((at,)))
        chosen.append(at)
        rows += given
        now = Case(case.way, case.demand, less(now.pieces, given))
    best, covers = tuple(sorted(chosen)), sum(row.quantity for row in rows)
    if best:
        case.settle(best, rows)
    return Solved(case, best, covers, _next_full(case, chosen), tuple(rows))


def _worth(case: Case, at: int) -> bool:
    """True when the part that the place would give has the value a part must have."""
    least = case.way.strategy.split.min_part_value
    if not least:
        return True
    rows = case.fill.rows(case.deal((at,)))
    return sum(row.quantity * case.pieces[row.piece].value for row in rows) >= least


def _whole(case: Case, at: int, chosen: Sequence[int]) -> bool:
    return not chosen and sum(case.gives[at]) == case.wanted


def _next_full(case: Case, chosen: Sequence[int]) -> Places | None:
    """The best other place that has everything, where one place was enough."""
    others = [at for at, gifts in case.gives.items() if at not in chosen and sum(gifts) == case.wanted]
    best = min(others, key=lambda at: case.ranking.rank((at,)), default=None)
    return None if best is None or len(chosen) != 1 else (best,)


def less(pieces: Sequence[Piece], rows: Sequence[Row]) -> tuple[Piece, ...]:
    """The pieces with what the rows give taken off; their numbers stay."""
    left = list(pieces)
    for row in rows:
        left[row.piece] = replace(left[row.piece], quantity=left[row.piece].quantity - row.quantity)
    return tuple(left)
