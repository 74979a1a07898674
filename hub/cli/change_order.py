"""`stockline move` and `stockline cancel`: what a person decides about one order."""

from __future__ import annotations

import click

from hub.canonical.errors import BadInput
from hub.cli.shared import ACTOR, with_hub
from hub.reports.order import order_id_of
from hub.usecases.cancel_order import answer_cancel, ask_cancel
from hub.usecases.move_order import move_order
from hub.wiring import Hub


@click.command()
@click.argument("number")
@click.argument("warehouse")
@click.option("--list", "only", type=int, metavar="ID", help="Only this pick list of the order.")
@click.option("--note", default="", help="Why; it stands on the order's timeline.")
@with_hub
def move(hub: Hub, number: str, warehouse: str, only: int | None, note: str) -> None:
    """Give the work of an order to WAREHOUSE: all of it at once, or nothing changes."""
    order_id = order_id_of(hub.db, number)
    made = move_order(hub.context(), order_id, warehouse, actor=ACTOR, only=only, note=note)
    click.echo(f"{number} goes to {warehouse}: pick list {', '.join(map(str, made))}.")


@click.command()
@click.argument("number")
@click.option("--reason", default="", help="Why; the channel is told.")
@click.option("--accept", is_flag=True, help="Answer a request that waits: it may be cancelled.")
@click.option("--refuse", is_flag=True, help="Answer a request that waits: it goes on.")
@with_hub
def cancel(hub: Hub, number: str, reason: str, accept: bool, refuse: bool) -> None:
    """Cancel an order, or ask the warehouse that has it in hand; with --accept or --refuse, give its answer."""
    if accept and refuse:
        raise click.UsageError("--accept and --refuse answer the same request: say one of them.")
    ctx, order_id = hub.context(), order_id_of(hub.db, number)
    if accept or refuse:
        answer_cancel(ctx, order_id, accept, ACTOR, reason)
        click.echo(f"{number}: accepted." if accept else f"{number}: refused, it goes on.")
        return
    if not reason:
        raise BadInput("--reason: say why, the channel and the timeline are told")
    done = ask_cancel(ctx, order_id, reason, ACTOR)
    click.echo(f"{number}: cancelled." if done == "cancelled" else f"{number}: the warehouse is asked.")
