"""Says why pieces are missing: there are not enough, or there are, where the order may not have them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hub.canonical.told import told
from hub.rules.routing import Decision, Demand, Shortage, Snapshot

EXCLUDED = {
    "inactive": told("it is switched off"),
    "excluded": told("it sent its share of this order back"),
    "does_not_ship_to": told("it does not ship to this address"),
    "no_capacity": told("it takes no more orders on that day"),
    "wrong_tag": told("it lacks a tag that the rules ask for"),
    "wrong_kind": told("it is not of the kind that the rules ask for"),
    "wrong_place": told("it is not among the warehouses of the rules"),
    "too_far": told("it is farther away than the rules allow"),
    "ships_too_late": told("it ships later than the rules allow"),
    "arrives_too_late": told("its parcel would arrive too late"),
    "no_rate": told("no carrier's rate is known from there to this address"),
}
"""Why a warehouse may not serve an order at all, in words."""


@dataclass(frozen=True, slots=True)
class _Lying:
    """Pieces that nobody has, and that this order may not have: `usable` of them all; places as (code, pieces)."""

    barred: Sequence[tuple[str, int]] = ()
    open: Sequence[tuple[str, int]] = ()
    usable: int = 0


def tell_shortage(seen: Snapshot, demand: Demand, decision: Decision, s: Shortage, others: Sequence[str]) -> str:
    """What a hold says of one shortage, as sentences that "; " joins.

    Args: seen:   the stock that was decided on.
          others: what exclusive pools keep of it for other connections, in words.
    """
    lying = _lying(seen, demand, decision, s.sku)
    why = (
        f"{s.missing} of {s.wanted} missing, though there are more of {s.sku}: change the warehouses or the rules, or "
        "receive stock elsewhere, and the orders that wait for it run again"
        if lying.usable >= s.missing
        else f"{s.missing} of {s.wanted} missing: receive stock of {s.sku}, and the orders that wait for it run again"
    )
    if others:
        why = f"{why} (kept in exclusive pools: {', '.join(others)})"
    reasons = dict(decision.excluded)
    places = [(code, pieces, EXCLUDED.get(reasons[code], reasons[code])) for code, pieces in lying.barred]
    places += [(code, pieces, _unasked(decision)) for code, pieces in lying.open]
    return "; ".join([why, *(told(f"free in {code}: {pieces}, but {words}") for code, pieces, words in sorted(places))])


def _unasked(decision: Decision) -> str:
    """Why warehouses that may serve the order do not give it what they have."""
    if not decision.strategy:
        return told("no strategy of the rules is meant for this order")
    return told("the rules do not let this order have all it needs from there")


def _lying(seen: Snapshot, demand: Demand, decision: Decision, sku: str) -> _Lying:
    """Where pieces of the SKU are left; of open places that keep it by lot nothing is told: lots may be too old."""
    if sku in seen.presale:
        return _Lying()
    taken = Counter[str]()
    for take in decision.takes:
        taken[take.warehouse] += take.quantity * (take.sku == sku)
    left = {place.code: seen.free.get((place.code, sku), 0) - taken[place.code] for place in seen.places}
    reasons = dict(decision.excluded)
    barred = [(code, pieces) for code, pieces in left.items() if pieces > 0 and code in reasons]
    may = [(code, n) for code, n in left.items() if n > 0 and code not in reasons and (code, sku) not in seen.lots]
    missing = sum(row.missing for row in decision.shortages if row.sku == sku)
    given = sum(piece.quantity for piece in demand.pieces if piece.sku == sku) - missing - taken.total()
    more = sum(pieces for _, pieces in may) - given
    return _Lying(barred, may if more > 0 else (), sum(pieces for _, pieces in barred) + max(0, more))
