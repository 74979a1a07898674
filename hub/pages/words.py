"""Says in words what the hub decided and did: routing reasons, events of a timeline, and what a decision weighed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from hub.pages.formats import UNKNOWN, Formats
from hub.pages.i18n import N_
from hub.pages.labels import label
from hub.pages.shell import Page
from hub.rules.routing import MICROS, Candidate, ShipDay

WHY = {
    "nothing_wanted": N_("Nothing of it is wanted any more."),
    "only_full": N_("Only %(warehouse)s has everything."),
    "nearest_full": N_("%(warehouse)s has everything and is nearest: %(km)s km; %(rival)s is %(rival_km)s km away."),
    "first_priority_full": N_(
        "%(warehouse)s has everything and is asked first (priority %(priority)s; %(rival)s has %(rival_priority)s)."
    ),
    "tie_full": N_("%(warehouse)s and %(rival)s are equally good; the first code in the alphabet wins."),
    "cheapest_full": N_("%(warehouse)s has everything and is cheapest: %(cost)s; %(rival)s would cost %(rival_cost)s."),
    "soonest_full": N_("%(warehouse)s has everything and ships first; %(rival)s ships later."),
    "ranked_full": N_("%(warehouse)s has everything and ranks before %(rival)s under the ruleset."),
    "fewest_parcels": N_("No single warehouse has everything; %(warehouses)s need the fewest parcels: %(parcels)s."),
    "nearest_split": N_("No single warehouse has everything; %(warehouses)s together are nearest: %(km)s km in all."),
    "first_priority_split": N_("No single warehouse has everything; %(warehouses)s are asked first by priority."),
    "tie_split": N_("No single warehouse has everything; %(warehouses)s tie with others; the alphabet decides."),
    "cheapest_split": N_("%(warehouses)s together are cheapest: %(cost)s."),
    "soonest_split": N_("No single warehouse has everything; %(warehouses)s together ship first."),
    "ranked_split": N_("No single warehouse has everything; %(warehouses)s rank first under the ruleset."),
    "partial": N_("%(warehouses)s send what there is; %(missing)s of %(wanted)s pieces are missing: %(skus)s."),
    "kept": N_("%(warehouses)s keep what there is; %(missing)s of %(wanted)s pieces are missing: %(skus)s."),
    "kept_for_presale_whole": N_(
        "%(warehouses)s keep the rest; kept for presale until %(until)s: %(missing)s of %(wanted)s pieces, %(skus)s."
    ),
    "kept_for_presale": N_("Kept for presale until %(until)s: %(missing)s of %(wanted)s pieces wait for it: %(skus)s."),
    "kept_for_presale_partly": N_(
        "%(warehouses)s send the rest; kept for presale until %(until)s: %(missing)s of %(wanted)s pieces, %(skus)s."
    ),
    "short": N_("Not enough stock anywhere: %(missing)s of %(wanted)s pieces are missing: %(skus)s."),
}  # fmt: skip
BEST_SINGLE = N_("Alone, %(best_single)s could give %(best_single_covers)s of %(wanted)s pieces.")

LOST = {
    "chosen": N_("Chosen"),
    "covers_less": N_("Has only %(covers)s of %(wanted)s pieces"),
    "more_parcels": N_("Needs %(parcels)s parcels instead of %(best_parcels)s"),
    "lower_priority": N_("Comes later: priority %(priority)s instead of %(best_priority)s"),
    "farther": N_("Farther away: %(km)s km instead of %(best_km)s km"),
    "dearer": N_("Costs more: %(cost)s instead of %(best_cost)s"),
    "ships_later": N_("Ships later"),
    "covers_smaller_share": N_("Can give a smaller share"),
    "shorter_supply": N_("Its stock lasts less long"),
    "less_stock": N_("Has less stock of these items"),
    "less_capacity": N_("Can take fewer orders today"),
    "part_too_small": N_("One of its parcels would be worth too little"),
    "tie_by_code": N_("Equally good, but its code comes later in the alphabet"),
    "inactive": N_("Switched off"),
    "excluded": N_("Sent its share of this order back"),
    "does_not_ship_to": N_("Does not ship to %(country)s"),
    "not_pinned": N_("The order was moved to another warehouse by hand"),
    "no_capacity": N_("Can take no more orders on that day"),
    "wrong_tag": N_("Does not have the tags that the strategy asks for"),
    "wrong_kind": N_("Is not of the kind that the strategy asks for"),
    "wrong_place": N_("Is not among the warehouses of the strategy"),
    "too_far": N_("Is farther away than the strategy allows"),
    "ships_too_late": N_("Ships later than the strategy allows"),
    "arrives_too_late": N_("Its parcel would arrive too late"),
    "no_rate": N_("No carrier's rate is known from there to this address"),
    "not_all_available": N_("Has only some of the pieces, and the strategy wants all from one place"),
    "no_stock": N_("Has none of these pieces free"),
    "kept_for_presale": N_("Has pieces, but they are kept for presale"),
}


def why_text(page: Page, code: str, words: Mapping[str, Any]) -> str:
    """Why a decision came out as it did, in a sentence or two. Codes: `hub.rules.routing.why`."""
    values = {name: _word(page, value) for name, value in words.items()}
    if code.endswith("_full") and code != "only_full" and words.get("rival") is None:
        return page.gettext(N_("%(warehouse)s has everything in one parcel and comes first."), **values)
    text = page.gettext(WHY[code], **values) if code in WHY else code
    if words.get("best_single"):
        text += " " + page.gettext(BEST_SINGLE, **values)
    return text


def _word(page: Page, value: object) -> str:
    if isinstance(value, int) or value is None:
        return Formats(page.language).number(value)
    return ", ".join(str(part) for part in value) if isinstance(value, (tuple, list)) else str(value)


def lost_text(page: Page, candidate: Candidate, winner: Candidate, country: str | None) -> str:
    """Why a candidate was not chosen, with the numbers that decided."""
    return page.gettext(
        LOST.get(candidate.reason, candidate.reason),
        covers=candidate.covers, wanted=candidate.wanted, parcels=candidate.parcels, best_parcels=winner.parcels,
        priority=candidate.priority, best_priority=winner.priority, km=_km(page, candidate), best_km=_km(page, winner),
        country=country or UNKNOWN, cost=_cost(page, candidate), best_cost=_cost(page, winner),
    )  # fmt: skip


def moved_text(page: Page, day: ShipDay) -> str:
    """That a full day moved the work of the chosen places."""
    return page.gettext(
        "It leaves on %(day)s instead of %(first)s: moved because the day is full at %(places)s.",
        day=day.ships_on, first=day.moved_from, places=", ".join(day.full),
    )  # fmt: skip


def _cost(page: Page, candidate: Candidate) -> str:
    """In the house currency."""
    return UNKNOWN if candidate.cost is None else Formats(page.language).number(Decimal(candidate.cost) / MICROS)


def _km(page: Page, candidate: Candidate) -> str:
    return Formats(page.language).number(None if candidate.distance_km is None else round(candidate.distance_km))


def event_detail(page: Page, kind: str, data: Mapping[str, Any]) -> str:
    """The facts of one event of a timeline, in one line; empty where its name says it all."""
    if kind in _DETAILS:
        return _DETAILS[kind](page, data)
    if kind in _PLAIN:
        return _dotted(data.get(name) for name in _PLAIN[kind])
    return page.gettext(label("order", str(data["state"]))) if "state" in data else ""


def _dotted(parts: Iterable[object]) -> str:
    return " · ".join(str(part) for part in parts if part not in (None, ""))


def _routed(page: Page, data: Mapping[str, Any]) -> str:
    return why_text(page, str(data.get("why", "")), data.get("words") or {})


def _short(page: Page, data: Mapping[str, Any]) -> str:
    parts = [f"{row['sku']}: {row['missing']} / {row['wanted']}" for row in data.get("missing", ())]
    return page.gettext("Missing: %(what)s", what=", ".join(parts))


def _kept(page: Page, data: Mapping[str, Any]) -> str:
    return ", ".join(f"{row['warehouse']}: {row['quantity']} × {row['sku']}" for row in data.get("takes", ()))


def _ahead(page: Page, data: Mapping[str, Any]) -> str:
    """What was sold ahead of the stock, and for which day."""
    found = []
    for row in data.get("missing", ()):
        day = row.get("available_on") if row.get("mode") == "presale" else None
        until = page.gettext("kept for presale until %(day)s", day=day) if day else ""
        found.append(_dotted((f"{row['sku']}: {row['missing']}", until)))
    return ", ".join(found)


def _told(page: Page, data: Mapping[str, Any]) -> str:
    return _dotted((page.gettext(label("topic", data.get("topic", ""))), page.said(data.get("error") or "")))


def _refusal(page: Page, data: Mapping[str, Any]) -> str:
    untold = page.gettext("the channel is not told: it has no word for this") if data.get("told") is False else ""
    return _dotted((data.get("note"), untold))


def _held(page: Page, data: Mapping[str, Any]) -> str:
    why = page.said(data.get("why") or "")
    return _dotted((page.gettext(label("hold", str(data.get("kind", "")))), data.get("value"), why))


def _amended(page: Page, data: Mapping[str, Any]) -> str:
    changes = data.get("changes", ())
    return ", ".join(f"{row['sku'] or row['line']}: {row['before']} → {row['after']}" for row in changes)


def _withdrawn(page: Page, data: Mapping[str, Any]) -> str:
    """Lots that may no longer leave, and what leaves instead."""
    return "; ".join(_one_withdrawn(page, row) for row in data.get("lots", ()))


def _one_withdrawn(page: Page, row: Mapping[str, Any]) -> str:
    told = {"n": row["quantity"], "sku": row["sku"], "lot": row["lot"], "day": row["good_until"]}
    others = ", ".join(f"{other['lot'] or '-'} ({other['quantity']})" for other in row["instead"])
    if others:
        return page.gettext(
            "%(n)s × %(sku)s of lot %(lot)s, good until %(day)s; instead: %(others)s", **told, others=others
        )
    return page.gettext("%(n)s × %(sku)s of lot %(lot)s, good until %(day)s; planned again", **told)


def _taken_over(page: Page, data: Mapping[str, Any]) -> str:
    before = page.gettext("%(name)s had it", name=data.get("picker") or "–")
    return _dotted((data.get("warehouse"), before))


_DETAILS: Mapping[str, Callable[[Page, Mapping[str, Any]], str]] = {
    "order_routed": _routed,
    "pieces_kept": _kept,
    "order_short": _short,
    "lots_withdrawn": _withdrawn,
    "order_backordered": _ahead,
    "channel_told": _told,
    "channel_refused_message": _told,
    "cancel_refused": _refusal,
    "edit_refused": _refusal,
    "order_held": _held,
    "order_amended": _amended,
    "picking_taken_over": _taken_over,
}

_PLAIN = {
    "parcel_shipped": ("warehouse", "carrier", "tracking_no"),
    "missing_on_shelf": ("sku", "quantity"),
    "picking_started": ("warehouse",),
    "kept_opened": ("warehouse",),
    "packed": ("warehouse",),
    "too_late_to_take_back": ("pieces",),
    "order_moved": ("to", "note"),
    "order_called_off": ("reason",),
    "work_accepted": ("warehouse",),
    "work_rejected": ("warehouse", "note"),
    "acceptance_expired": ("warehouse",),
    "cancel_asked": ("reason",),
    "cancel_agreed": ("note",),
    "edit_agreed": ("note",),
    "hold_released": ("fingerprint",),
}  # fmt: skip
"""Kind of event -> the data that is shown as it is."""
