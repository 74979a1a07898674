"""Plans orders on the stock that each may touch: exclusive pools of others and presales before their day stay out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from hub.rules.pools import Pool, kept_for_others, limited
from hub.rules.routing import Decision, Demand, Ruleset, Snapshot, as_seen, plan


@dataclass(frozen=True, slots=True)
class Kept:
    """What is not for everybody.

    pools:   SKU -> its exclusive pools.
    presale: (SKU, connection_id) of which nothing may leave yet -> the day from which it may, None: not known.
    """

    pools: Mapping[str, Sequence[Pool]]
    presale: Mapping[tuple[str, int], date | None] = field(default_factory=dict)

    def concerns(self, demand: Demand, owner: int) -> bool:
        return any(sku in self.pools or (sku, owner) in self.presale for sku in demand.skus())


Plan = tuple[tuple[Decision, ...], tuple[Snapshot, ...]]
"""Decisions, and what each order saw; both in the order of the demands."""


def plan_kept(
    snapshot: Snapshot, demands: Sequence[Demand], owners: Sequence[int], kept: Kept, ruleset: Ruleset
) -> Plan:
    """`plan`, but no order takes what is kept for another connection, nor a presale before its day.

    Args:    owners: the connection of each demand.
    Returns: what `plan` and `as_seen` give; each order's decision follows from what it saw alone. Orders that nothing
             is kept from are planned together, the others one by one, in the order given. Turns count through.
    """
    decisions: list[Decision] = []
    seen: list[Snapshot] = []
    for start, end in _runs(demands, owners, kept):
        batch = demands[start:end]
        stock = snapshot if end - start > 1 else stock_for(snapshot, batch[0], owners[start], kept)
        made = plan(stock, batch, ruleset)
        decisions += [replace(decision, turn=start + decision.turn) for decision in made] if start else made
        seen += as_seen(stock, batch, made)
        if end < len(demands):
            for decision in made:
                snapshot = snapshot.after(decision.takes)
    return tuple(decisions), tuple(seen)


def _runs(demands: Sequence[Demand], owners: Sequence[int], kept: Kept) -> list[tuple[int, int]]:
    """Slices that are planned at once: each order that something is kept from alone, the others as long as they go."""
    alone = [kept.concerns(demand, owner) for demand, owner in zip(demands, owners, strict=True)]
    cuts = [at for at in range(1, len(demands)) if alone[at] or alone[at - 1]]
    return list(zip([0, *cuts], [*cuts, len(demands)], strict=True)) if demands else []


def stock_for(snapshot: Snapshot, demand: Demand, owner: int, kept: Kept) -> Snapshot:
    """The stock as this order may use it; where it asks for more than that, the places asked last give up first."""
    needs = Counter[str]()
    for piece in demand.pieces:
        needs[piece.sku] += max(0, piece.quantity)
    last = [p.code for p in sorted(snapshot.places, key=lambda place: (-place.priority, place.code))]
    free = snapshot.free
    for sku, need in sorted(needs.items()):
        most = None if (sku, owner) in kept.presale else _most(snapshot, sku, owner, kept)
        if most is not None and need > most:
            free = limited(free, sku, most, last)
    presale = {sku: kept.presale[sku, owner] for sku in needs if (sku, owner) in kept.presale}
    return replace(snapshot, free=free, presale=presale) if presale or free is not snapshot.free else snapshot


def _most(snapshot: Snapshot, sku: str, owner: int, kept: Kept) -> int | None:
    if sku not in kept.pools:
        return None
    free = sum(max(0, snapshot.free.get((place.code, sku), 0)) for place in snapshot.places if place.active)
    return free - kept_for_others(free, kept.pools[sku], owner)
