"""The winner in one short code with its numbers, for pages to say in any language."""

from __future__ import annotations

from typing import Any

from hub.rules.routing.decision import Candidate, Decision

_FULL = {"lower_priority": "first_priority_full", "farther": "nearest_full", "tie_by_code": "tie_full"}
_SPLIT = {"lower_priority": "first_priority_split", "farther": "nearest_split", "tie_by_code": "tie_split"}


def why(decision: Decision) -> tuple[str, dict[str, Any]]:
    """Why this decision came out as it did.

    Returns: (code, numbers). Codes of a routed order:
             nothing_wanted {};
             only_full, nearest_full, first_priority_full, tie_full {warehouse, km, priority, rival, rival_km,
             rival_priority} (rival* None for only_full);
             fewest_parcels, nearest_split, first_priority_split, tie_split {warehouses, parcels, km, best_single,
             best_single_covers, wanted}.
             Of a short one: partial {warehouses, wanted, missing, skus},
             short {wanted, missing, skus, best_single, best_single_covers}.
             `km` is whole kilometers or None.
    """
    if not decision.candidates or not decision.candidates[0].wanted:
        return ("nothing_wanted", {}) if decision.outcome == "routed" else _short(decision)
    if decision.outcome == "short":
        return _short(decision)
    winner = decision.candidates[0]
    return _single(decision, winner) if winner.parcels == 1 else _several(decision, winner)


def _single(decision: Decision, winner: Candidate) -> tuple[str, dict[str, Any]]:
    rival = _rival(decision)
    code = "only_full" if rival is None else _FULL.get(rival.reason, "only_full")
    return code, {
        "warehouse": winner.warehouses[0],
        "km": _km(winner),
        "priority": winner.priority,
        "rival": rival.warehouses[0] if rival and rival.parcels == 1 else None,
        "rival_km": _km(rival) if rival else None,
        "rival_priority": rival.priority if rival else None,
    }


def _several(decision: Decision, winner: Candidate) -> tuple[str, dict[str, Any]]:
    rival = _rival(decision)
    code = "fewest_parcels" if rival is None else _SPLIT.get(rival.reason, "fewest_parcels")
    numbers = {"warehouses": winner.warehouses, "parcels": winner.parcels, "km": _km(winner), "wanted": winner.wanted}
    return code, {**numbers, **_best_single(decision)}


def _short(decision: Decision) -> tuple[str, dict[str, Any]]:
    missing = sum(row.missing for row in decision.shortages)
    skus = tuple(sorted({row.sku for row in decision.shortages}))
    wanted = decision.candidates[0].wanted if decision.candidates else sum(row.wanted for row in decision.shortages)
    if decision.takes:
        warehouses = decision.candidates[0].warehouses
        return "partial", {"warehouses": warehouses, "wanted": wanted, "missing": missing, "skus": skus}
    return "short", {"wanted": wanted, "missing": missing, "skus": skus, **_best_single(decision)}


def _best_single(decision: Decision) -> dict[str, Any]:
    singles = [row for row in decision.candidates if row.parcels == 1 and row.covers]
    best = max(singles, key=lambda row: row.covers, default=None)
    return {
        "best_single": best.warehouses[0] if best else None,
        "best_single_covers": best.covers if best else 0,
    }


def _rival(decision: Decision) -> Candidate | None:
    """The best loser that was a real alternative to the winner."""
    return decision.runner_up


def _km(row: Candidate) -> int | None:
    return None if row.distance_km is None else round(row.distance_km)
