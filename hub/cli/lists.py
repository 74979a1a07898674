"""`stockline orders` and `stockline stock`."""

from __future__ import annotations

import uuid

import click

from hub.cli.shared import ACTOR, ListingGroup, connection_id, json_option, show, with_hub
from hub.reports.lists import order_list, stock_list
from hub.rules.reasons import BY_CODE
from hub.usecases.change_stock import adjust_stock, count_stock, set_safety
from hub.wiring import Hub

STATES = ("waiting", "unpaid", "held", "routed", "partial", "shipped", "cancelled", "refused", "closed")
ORDER_COLUMNS = ("id", "connection", "number", "state", "payment", "total", "currency", "country", "placed_at")
STOCK_COLUMNS = ("sku", "warehouse", "on_hand", "reserved", "safety", "incoming", "ats")


@click.command()
@click.argument("number", default="")
@click.option("--state", type=click.Choice(STATES), help="Only orders in this state.")
@click.option("--connection", default="", help="Only orders of this connection.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@json_option
@with_hub
def orders(hub: Hub, number: str, state: str | None, connection: str, limit: int, as_json: bool) -> None:
    """List orders, newest first; NUMBER (or the channel's id) finds one."""
    if connection:
        connection_id(hub, connection)
    rows = order_list(hub.db, state=state or "", connection=connection, text=number, limit=limit)
    show(rows, ORDER_COLUMNS, as_json, "No orders.")


@click.group(cls=ListingGroup)
def stock() -> None:
    """List stock; count and receive it."""


@stock.command("list")
@click.option("--sku", default="", help="Only this SKU.")
@click.option("--warehouse", default="", help="Only this warehouse.")
@json_option
@with_hub
def list_stock(hub: Hub, sku: str, warehouse: str, as_json: bool) -> None:
    """List stock by SKU and warehouse; `ats` is what may still be promised."""
    show(stock_list(hub.db, sku=sku, warehouse=warehouse), STOCK_COLUMNS, as_json,
         "No stock yet. Count a shelf: stockline stock set SKU WAREHOUSE PIECES")  # fmt: skip


@stock.command("set")
@click.argument("sku")
@click.argument("warehouse")
@click.argument("pieces", type=int)
@click.option("--safety", type=int, help="Also keep so many pieces unsold.")
@click.option("--reason", default="counted", show_default=True)
@with_hub
def set_stock(hub: Hub, sku: str, warehouse: str, pieces: int, safety: int | None, reason: str) -> None:
    """Write down a count: PIECES of SKU are on hand in WAREHOUSE."""
    key = f"cli:{uuid.uuid4().hex}"
    difference = count_stock(hub.context(), sku, warehouse, pieces, reason=reason, actor=ACTOR, key=key)
    if safety is not None:
        set_safety(hub.context(), sku, warehouse, safety, actor=ACTOR)
    click.echo(f"{sku} in {warehouse}: {pieces} on hand ({difference:+d}).")


@stock.command("add")
@click.argument("sku")
@click.argument("warehouse")
@click.argument("pieces", type=int)
@click.option(
    "--reason",
    default="",
    help=f"Words of your own, or a code: {', '.join(BY_CODE)}; [default: received, or correction]",
)
@with_hub
def add_stock(hub: Hub, sku: str, warehouse: str, pieces: int, reason: str) -> None:
    """Add PIECES (after `--`, a negative number takes away) of SKU in WAREHOUSE."""
    key = f"cli:{uuid.uuid4().hex}"
    why = reason or ("received" if pieces >= 0 else "correction")
    on_hand = adjust_stock(hub.context(), sku, warehouse, pieces, reason=why, actor=ACTOR, key=key)
    click.echo(f"{sku} in {warehouse}: {on_hand} on hand ({pieces:+d}).")
