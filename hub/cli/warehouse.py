"""`stockline warehouse`: the places that keep stock, where they are, when they work and how much they can take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from hub.canonical.errors import BadInput
from hub.cli.shared import ACTOR, ListingGroup, json_option, micros, show, with_hub, with_new_hub
from hub.reports.catalog import read_warehouse
from hub.reports.lists import warehouse_list
from hub.rules.calendars import DAYS
from hub.rules.warehouses import ASKS_FROM, KINDS
from hub.usecases.manage_catalog import save_warehouse
from hub.wiring import Hub

COLUMNS = ("code", "title", "priority", "active", "country", "city", "postal_code", "ships_to", "zone", "cutoff",
           "daily_orders", "accept_minutes", "asks_from")  # fmt: skip


@click.group(cls=ListingGroup)
def warehouse() -> None:
    """List, add and set up warehouses."""


@warehouse.command("list")
@json_option
@with_hub
def list_warehouses(hub: Hub, as_json: bool) -> None:
    """List warehouses in the order in which they are asked."""
    show(warehouse_list(hub.db), COLUMNS, as_json, "No warehouse yet: stockline warehouse add --help")


@warehouse.command("add")
@click.argument("code")
@click.option("--title")
@click.option("--priority", type=int, help="1 is asked first.")
@click.option("--country", help="Two letters, such as DE.")
@click.option("--region")
@click.option("--city")
@click.option("--postal-code")
@click.option("--lat", type=float)
@click.option("--lon", type=float)
@click.option("--ships-to", multiple=True, metavar="COUNTRY", help="Only there; several times. None: everywhere.")
@click.option("--active/--inactive", default=None)
@with_new_hub
def add_warehouse(hub: Hub, code: str, ships_to: Sequence[str], **given: Any) -> None:
    """Add the warehouse CODE, or change what is given of it."""
    values = {name: value for name, value in given.items() if value is not None}
    values |= {"country": values["country"].upper()} if "country" in values else {}
    values |= {"ships_to": [country.upper() for country in ships_to]} if ships_to else {}
    save_warehouse(hub.context(), code, actor=ACTOR, **values)
    click.echo(f"Saved warehouse {code}.")


@warehouse.command("set")
@click.argument("code")
@click.option("--kind", type=click.Choice(KINDS))
@click.option("--tag", "tags", multiple=True, help="For rules; several times, they replace the tags there are.")
@click.option("--zone", help="IANA name such as Europe/Berlin; hours, cut-off and holidays are told in it.")
@click.option("--hours", multiple=True, metavar="DAYS=SPANS",
              help="Such as mon-fri=08:00-12:00,13:00-17:00; several times; `always` for day and night.")  # fmt: skip
@click.option("--cutoff", metavar="HH:MM", help="What comes later leaves the next working day; `none`: closing time.")
@click.option("--holiday", "holidays", multiple=True, metavar="DATE", help="Several times; they replace what there is.")
@click.option("--daily-orders", metavar="N", help="Orders that can leave on one day; `none` for any number.")
@click.option("--accept-minutes", metavar="N", help="Working minutes to accept a pick list in; `none`: at once.")
@click.option("--asks-from", type=click.Choice(ASKS_FROM), help="From when on it must agree to a cancellation.")
@click.option("--answer-minutes", type=int, help="Working minutes for that answer; silence agrees.")
@click.option("--handling", metavar="MONEY", help="What one parcel costs there.")
@click.option("--handling-unit", metavar="MONEY", help="What each piece in it costs there.")
@with_hub
def set_up(hub: Hub, code: str, **given: Any) -> None:
    """Say when the warehouse CODE works, what it can take, and what its work costs."""
    read_warehouse(hub.db, code)
    values = {name: value for name, value in given.items() if value not in (None, ())}
    values |= {name: list(values[name]) for name in ("tags", "holidays") if name in values}
    values |= {name: _number(name, values[name]) for name in ("daily_orders", "accept_minutes") if name in values}
    values |= {name: micros(name, values[name]) for name in ("handling", "handling_unit") if name in values}
    if "hours" in values:
        values["hours"] = _hours(values["hours"])
    if values.get("cutoff") == "none":
        values["cutoff"] = None
    if not values:
        raise BadInput("say what to set: stockline warehouse set --help")
    save_warehouse(hub.context(), code, actor=ACTOR, **values)
    click.echo(f"Saved {', '.join(sorted(values))} of warehouse {code}.")


def _number(name: str, text: str) -> int | None:
    if text == "none":
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadInput(f"--{name.replace('_', '-')} {text!r}: use a whole number, or none")
    return int(text)


def _hours(texts: Sequence[str]) -> dict[str, list[list[str]]]:
    """["mon-fri=08:00-17:00"] as the table keeps it; ["always"] is {}."""
    if list(texts) == ["always"]:
        return {}
    found: dict[str, list[list[str]]] = {}
    for text in texts:
        days, equals, spans = text.partition("=")
        if not equals:
            raise BadInput(f"--hours {text!r}: write days=spans, such as mon-fri=08:00-17:00, or always")
        rows = [span.split("-") for span in spans.split(",") if span]
        found |= {day: rows for day in _days(days, text)}
    return found


def _days(days: str, text: str) -> Sequence[str]:
    first, _, last = days.partition("-")
    if first not in DAYS or (last or first) not in DAYS:
        raise BadInput(f"--hours {text!r}: days are {', '.join(DAYS)}, or a stretch such as mon-fri")
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return DAYS[begin : end + 1] if begin <= end else DAYS[begin:] + DAYS[: end + 1]
