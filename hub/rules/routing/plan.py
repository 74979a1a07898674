"""The plan: which warehouse gives which pieces of which order, with all reasons."""

from __future__ import annotations

from collections.abc import Sequence

from hub.rules.routing.decide import Desk
from hub.rules.routing.decision import Decision
from hub.rules.routing.improve import improved
from hub.rules.routing.ruleset import Ruleset
from hub.rules.routing.serving import serving_order
from hub.rules.routing.snapshot import Snapshot
from hub.rules.routing.stock import Stock
from hub.rules.routing.words import Demand


def plan(snapshot: Snapshot, demands: Sequence[Demand], ruleset: Ruleset) -> tuple[Decision, ...]:
    """Route a batch of orders, one after the other; later ones see what earlier ones took.

    Args:    snapshot: places and free pieces; the order of the places does not matter.
             demands:  orders; served in this order unless the ruleset's batches say otherwise.
    Returns: one decision per demand, same order; `turn` says when it was served. Per (warehouse, SKU) all takes
             together never pass the free pieces, per place all orders never pass its capacity; per piece of a routed
             order the takes add up to its quantity; a short order takes nothing unless its strategy gives parts.
             Same input, same output. With `ruleset.improve` the batch as a whole is never worse than without.
    Raises:  InvariantBroken: two places with one code.
    """
    order = serving_order(demands, ruleset, snapshot.as_of)
    desk = Desk(Stock(snapshot), ruleset)
    served = [(number, desk.decide(demands[number], turn)) for turn, number in enumerate(order)]
    decisions = dict(improved(snapshot, demands, ruleset, served) if ruleset.improve else served)
    return tuple([decisions[number] for number in range(len(demands))])
