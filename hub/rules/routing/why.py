"""The winner in one short code with its numbers, for pages to say in any language."""

from __future__ import annotations

from typing import Any

from hub.rules.routing.decision import Candidate, Decision
from hub.rules.routing.reading import money_text

_BETTER = {
    "lower_priority": "first_priority",
    "farther": "nearest",
    "tie_by_code": "tie",
    "dearer": "cheapest",
    "ships_later": "soonest",
    "covers_smaller_share": "ranked",
    "shorter_supply": "ranked",
    "less_stock": "ranked",
    "less_capacity": "ranked",
}
"""What the loser lacks -> what the winner is."""


def why(decision: Decision) -> tuple[str, dict[str, Any]]:
    """Why this decision came out as it did.

    Returns: (code, numbers). Codes of a routed order:
             nothing_wanted {};
             only_full, nearest_full, first_priority_full, tie_full, cheapest_full, soonest_full, ranked_full
             {warehouse, km, priority, rival, rival_km, rival_priority} (rival* None for only_full);
             fewest_parcels, nearest_split, first_priority_split, tie_split, cheapest_split, soonest_split, ranked_split
             {warehouses, parcels, km, best_single, best_single_covers, wanted}.
             Of a short one: partial, or kept where what there is is kept, {warehouses, wanted, missing, skus},
             short {wanted, missing, skus, best_single, best_single_covers};
             kept_for_presale, kept_for_presale_partly (the rest is sent), kept_for_presale_whole (the rest is kept):
             the same, and {until}, an ISO day or None where it is not set yet: nothing lacks but what may not leave
             before that day.
             `km` is whole kilometers or None. Where the cost was counted also {cost, rival_cost}, money as text.
    """
    if not decision.candidates or not decision.candidates[0].wanted:
        return ("nothing_wanted", {}) if decision.outcome == "routed" else _short(decision)
    if decision.outcome == "short":
        return _short(decision)
    winner = decision.candidates[0]
    return _single(decision, winner) if winner.parcels == 1 else _several(decision, winner)


def _single(decision: Decision, winner: Candidate) -> tuple[str, dict[str, Any]]:
    rival = _rival(decision)
    better = _BETTER.get(rival.reason, "only") if rival else "only"
    code = f"{better}_full"
    return code, {
        "warehouse": winner.warehouses[0],
        "km": _km(winner),
        "priority": winner.priority,
        "rival": rival.warehouses[0] if rival and rival.parcels == 1 else None,
        "rival_km": _km(rival) if rival else None,
        "rival_priority": rival.priority if rival else None,
        **_costs(winner, rival),
    }


def _several(decision: Decision, winner: Candidate) -> tuple[str, dict[str, Any]]:
    rival = _rival(decision)
    better = _BETTER.get(rival.reason, "") if rival else ""
    code = f"{better}_split" if better else "fewest_parcels"
    numbers = {"warehouses": winner.warehouses, "parcels": winner.parcels, "km": _km(winner), "wanted": winner.wanted}
    return code, {**numbers, **_costs(winner, rival), **_best_single(decision)}


def _costs(winner: Candidate, rival: Candidate | None) -> dict[str, Any]:
    """Money as text, where there is any."""
    if winner.cost is None:
        return {}
    return {
        "cost": money_text(winner.cost),
        "rival_cost": money_text(rival.cost) if rival and rival.cost is not None else None,
    }


def _short(decision: Decision) -> tuple[str, dict[str, Any]]:
    missing = sum(row.missing for row in decision.shortages)
    skus = tuple(sorted({row.sku for row in decision.shortages}))
    wanted = decision.candidates[0].wanted if decision.candidates else sum(row.wanted for row in decision.shortages)
    numbers = {"wanted": wanted, "missing": missing, "skus": skus, **_presale(decision, skus)}
    if decision.takes:
        codes = ("kept", "kept_for_presale_whole") if decision.keeps else ("partial", "kept_for_presale_partly")
        code = codes["until" in numbers]
        return code, {"warehouses": decision.candidates[0].warehouses, **numbers}
    return "kept_for_presale" if "until" in numbers else "short", {**numbers, **_best_single(decision)}


def _presale(decision: Decision, missing: tuple[str, ...]) -> dict[str, Any]:
    """Until when it waits, where all that is missing waits for a day: the last of them."""
    days = dict(decision.presale)
    if not missing or not days.keys() >= set(missing):
        return {}
    known = [day for day in days.values() if day]
    return {"until": max(known) if len(known) == len(days) else None}


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
