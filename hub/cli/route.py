"""`stockline route`: why this warehouse and not the others, what would have to change, and how to redo it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from hub.canonical.amounts import from_micros, plain
from hub.canonical.errors import BadInput
from hub.cli.held import hold_data, tell_order
from hub.cli.shared import in_house, json_option, print_json, show, with_hub
from hub.pages.i18n import LANGUAGES, N_, Voice, language_of_terminal
from hub.pages.route_words import (
    NOBODY,
    later_text,
    lost_text,
    money_text,
    second_text,
    unrouted_text,
    why_text,
    wish_text,
)
from hub.ports.clock import utc_now
from hub.reports.bid_prices import find_bid_prices
from hub.reports.holds import OrderHold, order_holds
from hub.reports.order import order_id_of
from hub.reports.routing import Explained, Wish, explain_order, read_wish, replay_decisions, was_routed
from hub.rules.routing import Candidate, ShipDay
from hub.wiring import Hub

COLUMNS = {
    "warehouses": N_("Warehouse"), "covers": N_("Can give"), "parcels": N_("Parcels"), "distance_km": N_("Distance"),
    "priority": N_("Priority"), "cost": N_("Cost"), "ships_on": N_("Leaves on"), "reason": N_("Outcome"),
}  # fmt: skip
PRICES = ("sku", "warehouse", "price", "computed_at", "used")


@click.command()
@click.option("--explain", "number", metavar="ORDER",
              help="The order's number, or the channel's id; CONNECTION/NUMBER where several have it.")  # fmt: skip
@click.option("--what-if", "place", metavar="WAREHOUSE", help="With --explain: what would let this warehouse win.")
@click.option("--replay", type=int, metavar="N", help="Make N stored decisions, chosen by chance, again.")
@click.option("--prices", "priced", is_flag=False, flag_value="", metavar="[SKU]",
              help="What a piece is worth for the orders still to come, by warehouse.")  # fmt: skip
@click.option("--language", type=click.Choice(list(LANGUAGES)), help="Of an explanation; else that of the terminal.")
@json_option
@with_hub
def route(
    hub: Hub, number: str | None, place: str | None, replay: int | None, priced: str | None, language: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Explain the latest routing decision of an order: every candidate, and the reason each one lost."""
    asked = sum(option is not None for option in (number, replay, priced))
    if asked != 1 or (place is not None and number is None):
        raise BadInput("use --explain ORDER (and --what-if WAREHOUSE with it), --replay N, or --prices [SKU]")
    if priced is not None:
        _prices(hub, priced or None, as_json)
    elif replay is not None:
        _replay(hub, replay, as_json)
    else:
        spoken = language or language_of_terminal(os.environ)
        _explain(hub, number or "", place, None if as_json else Voice(spoken, hub.settings.house_currency))


def _prices(hub: Hub, sku: str | None, as_json: bool) -> None:
    rows = [
        {"sku": fact.sku, "warehouse": fact.warehouse, "price": plain(from_micros(fact.price)),
         "computed_at": fact.computed_at, "used": fact.used}
        for fact in find_bid_prices(hub.db, utc_now(), sku)
    ]  # fmt: skip
    show(
        rows, PRICES, as_json, "No piece is worth more than what sending it costs, or the rules ask for no bid prices.",
        in_house(hub, "price"),
    )  # fmt: skip


def _explain(hub: Hub, number: str, place: str | None, say: Voice | None) -> None:
    """`say`: None prints JSON."""
    order_id = order_id_of(hub.db, number)
    held = order_holds(hub.db, order_id)
    if held and place is None and not was_routed(hub.db, order_id):
        _not_routed(number, held, say)
        return
    found = explain_order(hub.db, order_id)
    wish = None if place is None else read_wish(hub.db, order_id, place)
    if say is None:
        print_json({**_body(found, wish), "holds": [hold_data(hold) for hold in held]})
        return
    click.echo(f"{number}: {why_text(say, found.why, found.numbers)}")
    for text in _next_best(say, found):
        click.echo(text)
    _candidates(say, found)
    for text in _moved(say, found):
        click.echo(text)
    if wish is not None:
        title, changes = wish_text(say, wish)
        click.echo("\n- ".join([title, *changes]))
    for hold in held:
        tell_order(say, number, hold)


def _not_routed(number: str, held: Sequence[OrderHold], say: Voice | None) -> None:
    """What keeps an order from being routed at all."""
    if say is None:
        print_json({"order": number, "outcome": None, "holds": [hold_data(hold) for hold in held]})
        return
    click.echo(unrouted_text(say, number))
    for hold in held:
        tell_order(say, number, hold)


def _next_best(say: Voice, found: Explained) -> list[str]:
    """The next best and by how much it lost; else which rates nobody knows."""
    if found.runner_up is not None and found.winner is not None:
        return [second_text(say, found.runner_up, found.winner, found.money, found.demand.country)]
    unknown = money_text(say, found.money)
    return [unknown] if unknown else []


def _candidates(say: Voice, found: Explained) -> None:
    """All candidates as a table, its headings and reasons in words; without a column of costs where none is known."""
    rows = [_said(say, found, row) for row in found.explanation.candidates]
    names = [name for name in COLUMNS if name != "cost" or any(row["cost"] is not None for row in rows)]
    heads = {name: say.gettext(COLUMNS[name]) for name in names}
    if say.house_currency and "cost" in heads:
        heads["cost"] += f" ({say.house_currency})"
    show(rows, names, False, say.gettext(NOBODY), heads)


def _said(say: Voice, found: Explained, row: Candidate) -> dict[str, Any]:
    """Where the rules count in no money, the winner and the next best have the costs that they are compared by."""
    plain_row = _row(row, found.day(row))
    compared = {row.warehouses: cost for row, cost in (
        (found.runner_up, found.money.rival), (found.winner, found.money.winner),
    ) if row is not None and cost is not None}  # fmt: skip
    if found.money.unknown:
        plain_row["cost"] = None
    elif row.cost is None and row.warehouses in compared:
        plain_row["cost"] = plain(from_micros(compared[row.warehouses]))
    return plain_row | {"reason": lost_text(say, row, found.winner or row, found.demand.country)}


def _body(found: Explained, wish: Wish | None) -> Mapping[str, Any]:
    def row_of(row: Candidate | None) -> dict[str, Any] | None:
        return row and _row(row, found.day(row))

    body = {
        "order": found.number, "outcome": found.decision.outcome, "why": found.why, "numbers": found.numbers,
        "ruleset_version": found.decision.ruleset_version, "strategy": found.decision.strategy,
        "snapshot_hash": found.snapshot_hash, "decided_at": found.decided_at, "repeatable": found.explanation.same,
        "winner": row_of(found.winner), "runner_up": row_of(found.runner_up),
        "difference": found.difference, "differs": _differs(found), "excluded": found.excluded,
        "cost_unknown": [{"warehouse": code, "zone": zone} for code, zone in found.money.unknown],
        "candidates": [row_of(row) for row in found.explanation.candidates],
        "seen": found.seen.to_dict(), "demand": found.demand.to_dict(),
    }  # fmt: skip
    if wish is None:
        return body
    return body | {
        "what_if": {wish.place: [change.to_dict() for change in wish.single]},
        "what_if_together": {wish.place: [change.to_dict() for change in wish.together]},
    }


def _differs(found: Explained) -> dict[str, Any] | None:
    return dict(zip(("by", "winner", "runner_up"), found.differs, strict=True)) if found.differs else None


def _name(candidate: Candidate) -> str:
    return " + ".join(candidate.warehouses)


def _moved(say: Voice, found: Explained) -> list[str]:
    """Which single places send later because their day is full."""
    singles = [(row, found.day(row)) for row in found.explanation.candidates if row.parcels == 1]
    return [later_text(say, _name(row), day) for row, day in singles if day.moved_from]


def _row(candidate: Candidate, day: ShipDay) -> dict[str, Any]:
    far = None if candidate.distance_km is None else round(candidate.distance_km)
    cost = None if candidate.cost is None else plain(from_micros(candidate.cost))
    return {
        "warehouses": _name(candidate), "chosen": candidate.chosen, "covers": candidate.covers,
        "parcels": candidate.parcels, "distance_km": far, "priority": candidate.priority, "cost": cost,
        "ships_on": day.ships_on, "moved_from": day.moved_from, "reason": candidate.reason,
    }  # fmt: skip


def _replay(hub: Hub, count: int, as_json: bool) -> None:
    done = replay_decisions(hub.db, count)
    body = {"asked": done.asked, "replayed": done.replayed, "identical": done.identical, "different": done.different}
    if as_json:
        print_json(body)
    else:
        click.echo(f"{done.identical} of {done.replayed} decisions came out the same again.")
    if done.different:
        if not as_json:
            click.echo(f"Not the same: {', '.join(map(str, done.different[:20]))}")
        sys.exit(1)
