"""What each order of a batch saw, so that its decision can be stored, checked by hash and made again alone."""

from __future__ import annotations

from collections.abc import Sequence

from hub.rules.routing.decision import Decision
from hub.rules.routing.snapshot import Left, Snapshot
from hub.rules.routing.words import Demand


def as_seen(snapshot: Snapshot, demands: Sequence[Demand], decisions: Sequence[Decision]) -> tuple[Snapshot, ...]:
    """Per order the stock of its own SKUs as it stood when its turn came.

    Returns: same length as `demands`; `plan(seen, [demand], ruleset)` gives that order's decision again.
    """
    left, seen = Left(snapshot), dict[int, Snapshot]()
    for number in sorted(range(len(decisions)), key=lambda number: decisions[number].turn):
        seen[number] = left.seen_by(demands[number])
        left.lower(decisions[number].takes)
    return tuple([seen[number] for number in range(len(demands))])
