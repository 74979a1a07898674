"""Plans waiting orders under the terms of selling: remaining life of lots, pools of channels, presales."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from hub.rules.kept_plan import Kept, Plan, plan_kept
from hub.rules.lots import good_until
from hub.rules.routing import Demand, Piece, Ruleset, Snapshot
from hub.rules.selling import policy_of
from hub.store.selling import Terms


def plan_offered(
    snapshot: Snapshot,
    demands: Sequence[Demand],
    owners: Sequence[int],
    terms: Terms,
    ruleset: Ruleset,
    now: datetime,
) -> tuple[list[Demand], Plan]:
    """Plan the demands of these connections (`owners`, one each); returns them as they were planned, and the plan."""
    asked = [
        _living(demand, owner, terms, now) if snapshot.lots and terms.lives else demand
        for demand, owner in zip(demands, owners, strict=True)
    ]
    presale = {
        (sku, owner): policy.available_on
        for demand, owner in (zip(demands, owners, strict=True) if terms.policies else ())
        for sku in demand.skus()
        if (policy := policy_of(terms.policies, sku, owner)).is_presale(now.date())
    }
    return asked, plan_kept(snapshot, asked, owners, Kept(terms.exclusive, presale), ruleset)


def _living(demand: Demand, owner: int, terms: Terms, now: datetime) -> Demand:
    return replace(demand, pieces=tuple([_piece(piece, owner, terms, now) for piece in demand.pieces]))


def _piece(piece: Piece, owner: int, terms: Terms, now: datetime) -> Piece:
    days = terms.min_days(owner, piece.sku)
    return replace(piece, min_life_until=good_until(now.date(), days)) if days else piece
