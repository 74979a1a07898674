"""What each order of a batch saw, so that its decision can be stored, checked by hash and made again alone."""

from __future__ import annotations

from collections.abc import Sequence

from hub.rules.routing.decision import Decision
from hub.rules.routing.snapshot import Snapshot
from hub.rules.routing.words import Demand


def as_seen(snapshot: Snapshot, demands: Sequence[Demand], decisions: Sequence[Decision]) -> tuple[Snapshot, ...]:
    """Per order the stock of its own SKUs as it stood when its turn came.

    Returns: same length as `demands`; `plan(seen, [demand], ruleset)` gives that order's decision again.
    """
    left = dict(snapshot.free)
    seen = []
    for demand, decision in zip(demands, decisions, strict=True):
        seen.append(Snapshot(snapshot.places, left).only(demand.skus()))
        for take in decision.takes:
            left[take.warehouse, take.sku] -= take.quantity
    return tuple(seen)
