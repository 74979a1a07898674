"""Says in words why an order goes where it goes, what the next best would cost, and what would have to change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from hub.canonical.amounts import from_micros
from hub.pages.formats import UNKNOWN, Formats
from hub.pages.i18n import N_, Speaker
from hub.pages.labels import LABELS, label
from hub.reports.money import Money
from hub.reports.routing import Wish
from hub.rules.routing import MICROS, Candidate, Change, Lane, ShipDay

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


def why_text(say: Speaker, code: str, words: Mapping[str, Any]) -> str:
    """Why a decision came out as it did, in a sentence or two. Codes: `hub.rules.routing.why`."""
    values = {name: _word(say, value) for name, value in words.items()}
    if code.endswith("_full") and code != "only_full" and words.get("rival") is None:
        return say.gettext(N_("%(warehouse)s has everything in one parcel and comes first."), **values)
    text = say.gettext(WHY[code], **values) if code in WHY else code
    if words.get("best_single"):
        text += " " + say.gettext(BEST_SINGLE, **values)
    return text


def _word(say: Speaker, value: object) -> str:
    if isinstance(value, int) or value is None:
        return Formats(say.language).number(value)
    return ", ".join(str(part) for part in value) if isinstance(value, (tuple, list)) else str(value)


def lost_text(say: Speaker, candidate: Candidate, winner: Candidate, country: str | None) -> str:
    """Why a candidate was not chosen, with the numbers that decided."""
    return say.gettext(
        LOST.get(candidate.reason, candidate.reason),
        covers=candidate.covers, wanted=candidate.wanted, parcels=candidate.parcels, best_parcels=winner.parcels,
        priority=candidate.priority, best_priority=winner.priority, km=_km(say, candidate), best_km=_km(say, winner),
        country=country or UNKNOWN, cost=_cost(say, candidate), best_cost=_cost(say, winner),
    )  # fmt: skip


def moved_text(say: Speaker, day: ShipDay) -> str:
    """That a full day moved the work of the chosen places."""
    return say.gettext(
        "It leaves on %(day)s instead of %(first)s: moved because the day is full at %(places)s.",
        day=day.ships_on, first=day.moved_from, places=", ".join(day.full),
    )  # fmt: skip


def later_text(say: Speaker, place: str, day: ShipDay) -> str:
    """That a full day makes a warehouse send later."""
    text = N_("%(place)s sends on %(day)s instead of %(first)s: moved because the day is full.")
    return say.gettext(text, place=place, day=day.ships_on, first=day.moved_from)


def _cost(say: Speaker, candidate: Candidate) -> str:
    """In the house currency."""
    cost = None if candidate.cost is None else Decimal(candidate.cost) / MICROS
    return _formats(say).amount(cost) if say.house_currency else _formats(say).number(cost)


def _formats(say: Speaker) -> Formats:
    return Formats(say.language, say.house_currency)


def _km(say: Speaker, candidate: Candidate) -> str:
    return Formats(say.language).number(None if candidate.distance_km is None else round(candidate.distance_km))


def second_text(say: Speaker, second: Candidate, winner: Candidate, money: Money, country: str | None) -> str:
    """The next best, why it lost, and what it would cost more, in whole sentences."""
    why = lost_text(say, second, winner, country)
    text = say.gettext("Second best: %(place)s. %(why)s.", place=" + ".join(second.warehouses), why=why)
    more = money_text(say, money)
    return f"{text} {more}" if more else text


def money_text(say: Speaker, money: Money) -> str:
    """What the next best would cost more, or which rates nobody knows; empty where there is no next best."""
    if money.unknown:
        return say.gettext("Cost unknown: %(why)s.", why=lanes_text(say, money.unknown))
    if money.difference is None:
        return ""
    words = _MORE if money.by_rules else _SHIPPING_MORE
    text = words[(money.difference > 0) - (money.difference < 0)]
    return say.gettext(text, price=_formats(say).amount(from_micros(abs(money.difference))))


_MORE = {
    1: N_("It would cost %(price)s more (house currency)."), 0: N_("It would cost the same."),
    -1: N_("It would cost %(price)s less (house currency)."),
}  # fmt: skip
_SHIPPING_MORE = {
    1: N_("Its shipping and handling would cost %(price)s more (house currency)."),
    0: N_("Its shipping and handling would cost the same."),
    -1: N_("Its shipping and handling would cost %(price)s less (house currency)."),
}


def lanes_text(say: Speaker, lanes: Sequence[Lane]) -> str:
    """Which rates are not known; warehouses that see the address in one zone are told together."""
    places: dict[str | None, list[str]] = {}
    for code, zone in lanes:
        places.setdefault(zone, []).append(code)
    return ", ".join(
        say.gettext("no shipping zone for the address, seen from %(places)s", places=" + ".join(codes)) if zone is None
        else say.gettext("no rate for zone %(zone)s from %(places)s", zone=zone, places=" + ".join(codes))
        for zone, codes in places.items()
    )  # fmt: skip


def changes_text(say: Speaker, changes: Sequence[Change]) -> list[str]:
    """What would have to change for a warehouse to win, each in words."""
    return [_change(say, one) for one in changes]


def unrouted_text(say: Speaker, number: str) -> str:
    """That nothing was decided about an order, because something holds it."""
    return say.gettext("%(number)s was not routed yet: it is held.", number=number)


NOBODY = N_("No warehouse could be considered.")


def wish_text(say: Speaker, wish: Wish) -> tuple[str, list[str]]:
    """What would let a warehouse win: a sentence, and the changes that it announces, each in words."""
    return say.gettext(_wish(wish), place=wish.place), changes_text(say, wish.single or wish.together)


def _wish(wish: Wish) -> str:
    if wish.given:
        return N_("%(place)s gives pieces of it already.")
    if wish.single:
        return N_("For %(place)s to win, one of these would be enough:")
    if wish.together:
        return N_("No single change is enough for %(place)s to win; it takes all of these together:")
    return N_("Nothing that could be changed at %(place)s would let it win, not even all of it together.")


def _change(say: Speaker, one: Change) -> str:
    formats, single = _formats(say), f"{one.kind}_one"
    amount = formats.amount(from_micros(one.amount)) if one.kind == "cost" else formats.number(one.amount)
    kind = single if one.amount == 1 and single in LABELS["change_needed"] else one.kind
    return say.gettext(label("change_needed", kind), sku=one.sku, amount=amount)
