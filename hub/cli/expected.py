"""`stockline stock incoming | arrive | give-up`: what suppliers are to bring, and what came of it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import click

from hub.canonical.errors import BadInput
from hub.cli.shared import ACTOR, json_option, once_key, print_json, show, with_hub
from hub.reports.expected import Delivery, find_deliveries, read_delivery
from hub.usecases.expect_stock import Expected, close_expected, expect_stock, receive_expected
from hub.usecases.move_transfer import Arrived
from hub.wiring import Hub

COLUMNS = ("id", "sku", "warehouse", "ref", "due_on", "quantity", "received", "damaged", "missing", "open", "state")
DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("sku", default="")
@click.argument("pieces", type=int, required=False)
@click.option("--at", "warehouse", default="", help="The warehouse that it comes to.")
@click.option("--due", type=DAY, help="The day on which it is due, such as 2026-12-24.")
@click.option("--ref", default="", help="What you call the purchase.")
@click.option("--key", default="", help="Your own name for it; the same again is the same delivery.")
@click.option("--all", "everything", is_flag=True, help="List those that are done as well.")
@json_option
@with_hub
def incoming(
    hub: Hub, sku: str, pieces: int | None, warehouse: str, due: datetime | None, ref: str, key: str, everything: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Write down that a supplier brings PIECES of SKU; without PIECES, list what is expected."""
    if pieces is None:
        state = "" if everything else "open"
        found, _ = find_deliveries(hub.db, hub.context().clock().date(), state=state, sku=sku, limit=500)
        nothing = "Nothing is expected. Write it down: stockline stock incoming SKU PIECES --at WAREHOUSE --due DATE"
        show([asdict(one) for one in found], COLUMNS, as_json, nothing)
        return
    if not warehouse:
        raise BadInput("say where it comes to: --at WAREHOUSE")
    wanted = Expected(once_key(key), sku, warehouse, pieces, due.date() if due else None, ref)
    _print(hub, expect_stock(hub.context(), wanted, actor=ACTOR), as_json)


@click.command()
@click.argument("delivery_id", type=int)
@click.argument("pieces", type=int, required=False)
@click.option("--damaged", type=int, default=0, help="So many more arrived damaged; say why with --reason.")
@click.option("--reason", default="")
@click.option("--lot", default="", help="The lot of these pieces.")
@click.option("--expires-on", type=DAY, help="The lot's last good day.")
@click.option("--yes", is_flag=True, help="An expired lot is meant.")
@click.option("--key", default="", help="Your own name for this arrival; the same again has no second effect.")
@json_option
@with_hub
def arrive(
    hub: Hub, delivery_id: int, pieces: int | None, damaged: int, reason: str, lot: str, expires_on: datetime | None,
    yes: bool, key: str, as_json: bool,
) -> None:  # fmt: skip
    """PIECES of an expected delivery are here, whole; without PIECES, all that is still expected."""
    ctx = hub.context()
    rest = read_delivery(hub.db, delivery_id, ctx.clock().date()).open - damaged
    arrived = Arrived(max(0, rest) if pieces is None else pieces, damaged)
    receive_expected(
        ctx, delivery_id, arrived, actor=ACTOR, key=once_key(key), reason=reason, lot=lot,
        expires_on=expires_on.date() if expires_on else None, sure=yes,
    )  # fmt: skip
    _print(hub, delivery_id, as_json)


@click.command("give-up")
@click.argument("delivery_id", type=int)
@click.option("--reason", required=True, help="What became of the rest.")
@json_option
@with_hub
def give_up(hub: Hub, delivery_id: int, reason: str, as_json: bool) -> None:
    """Nothing more of an expected delivery will come."""
    close_expected(hub.context(), delivery_id, actor=ACTOR, reason=reason)
    _print(hub, delivery_id, as_json)


def _print(hub: Hub, delivery_id: int, as_json: bool) -> None:
    found = read_delivery(hub.db, delivery_id, hub.context().clock().date())
    if as_json:
        print_json(asdict(found))
    else:
        click.echo(_line(found))


def _line(found: Delivery) -> str:
    name = f"Delivery {found.id}{f' ({found.ref})' if found.ref else ''}: {found.sku} in {found.warehouse}"
    if found.state == "open":
        due = f", due {found.due_on}" if found.due_on else ""
        return f"{name}: {found.received} of {found.quantity} received, {found.open} still expected{due}."
    return f"{name}: done, {found.received} of {found.quantity} received ({found.difference:+d})."
