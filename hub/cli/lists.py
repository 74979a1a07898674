"""`stockline orders` and `stockline stock`."""

from __future__ import annotations

from datetime import date, datetime

import click

from hub.cli.expected import arrive, give_up, incoming
from hub.cli.one_order import ORDER_COLUMNS, show_order
from hub.cli.shared import (
    ACTOR,
    ListingGroup,
    SignedCommand,
    connection_id,
    json_option,
    once_key,
    print_json,
    show,
    with_hub,
)
from hub.cli.stock_import import import_file
from hub.reports.arithmetic import explain_sku
from hub.reports.lists import order_list, stock_list
from hub.rules.lots import NO_LOT
from hub.rules.reasons import BY_CODE
from hub.usecases.change_state import STATES as STATES_OF_STOCK
from hub.usecases.change_state import change_state
from hub.usecases.change_stock import adjust_stock, count_stock, set_safety
from hub.wiring import Hub

STATES = ("waiting", "unpaid", "held", "routed", "partial", "shipped", "cancelled", "refused", "closed")
LOT = click.option("--lot", default="", help="Of this lot; left out, or -: pieces without a lot.")
YES = click.option("--yes", is_flag=True, help="A number far above what was there, or an expired lot, is meant.")
EXPIRES = click.option("--expires-on", type=click.DateTime(["%Y-%m-%d"]), help="The lot's last good day.")
STOCK_COLUMNS = (
    "sku", "warehouse", "lot", "expires_on", "on_hand", "reserved", "damaged", "quality_hold", "safety", "incoming",
    "in_transit", "ats",
)  # fmt: skip


@click.command()
@click.argument("number", default="")
@click.option("--state", type=click.Choice(STATES), help="Only orders in this state.")
@click.option("--connection", default="", help="Only orders of this connection.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@json_option
@with_hub
def orders(hub: Hub, number: str, state: str | None, connection: str, limit: int, as_json: bool) -> None:
    """List orders, newest first; NUMBER (or the channel's id, or CONNECTION/NUMBER) finds one, with what holds it.

    One whose message could not be read is told with what is wrong with it.
    """
    if connection:
        connection_id(hub, connection)
    if number:
        show_order(hub, number, state=state or "", connection=connection, limit=limit, as_json=as_json)
    else:
        show(order_list(hub.db, state=state or "", connection=connection, limit=limit), ORDER_COLUMNS, as_json,
             "No orders.")  # fmt: skip


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
    show(stock_list(hub.db, hub.context().clock().date(), sku=sku, warehouse=warehouse), STOCK_COLUMNS, as_json,
         "No stock yet. Count a shelf: stockline stock set SKU WAREHOUSE PIECES")  # fmt: skip


@stock.command("set", cls=SignedCommand)
@click.argument("sku")
@click.argument("warehouse")
@click.argument("pieces", type=int)
@click.option("--safety", type=int, help="Also keep so many pieces unsold.")
@click.option("--reason", default="counted", show_default=True)
@LOT
@EXPIRES
@YES
@with_hub
def set_stock(
    hub: Hub, sku: str, warehouse: str, pieces: int, safety: int | None, reason: str, lot: str,
    expires_on: datetime | None, yes: bool,
) -> None:  # fmt: skip
    """Write down a count: PIECES of SKU are on hand in WAREHOUSE. Where lots lie there, count each by its --lot."""
    difference = count_stock(hub.context(), sku, warehouse, pieces, reason=reason, actor=ACTOR, key=once_key(), lot=lot,
                             expires_on=_day(expires_on), sure=yes)  # fmt: skip
    if safety is not None:
        set_safety(hub.context(), sku, warehouse, safety, actor=ACTOR)
    click.echo(f"{_shelf(sku, warehouse, lot)}: {pieces} on hand ({difference:+d}).")


@stock.command("add", cls=SignedCommand)
@click.argument("sku")
@click.argument("warehouse")
@click.argument("pieces", type=int)
@click.option(
    "--reason",
    default="",
    help=f"Words of your own, or a code: {', '.join(BY_CODE)}; [default: received, or correction]",
)
@LOT
@EXPIRES
@YES
@with_hub
def add_stock(
    hub: Hub, sku: str, warehouse: str, pieces: int, reason: str, lot: str, expires_on: datetime | None, yes: bool
) -> None:  # fmt: skip
    """Add PIECES (a negative number takes away) of SKU in WAREHOUSE."""
    why = reason or ("received" if pieces >= 0 else "correction")
    on_hand = adjust_stock(hub.context(), sku, warehouse, pieces, reason=why, actor=ACTOR, key=once_key(), lot=lot,
                           expires_on=_day(expires_on), sure=yes)  # fmt: skip
    click.echo(f"{_shelf(sku, warehouse, lot)}: {on_hand} on hand ({pieces:+d}).")


def _shelf(sku: str, warehouse: str, lot: str) -> str:
    return f"{sku} in {warehouse}, lot {lot}" if lot not in ("", NO_LOT) else f"{sku} in {warehouse}"


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


@stock.command("mark")
@click.argument("sku")
@click.argument("warehouse")
@click.argument("pieces", type=int)
@click.option("--from", "source", default="free", show_default=True, type=click.Choice(STATES_OF_STOCK[:-1]))
@click.option("--to", "target", required=True, type=click.Choice(STATES_OF_STOCK))
@click.option("--reason", required=True, help="Why, in your words.")
@LOT
@with_hub
def mark_stock(
    hub: Hub, sku: str, warehouse: str, pieces: int, source: str, target: str, reason: str, lot: str
) -> None:  # fmt: skip
    """PIECES of SKU in WAREHOUSE are damaged, on quality hold, free again, or scrapped (gone)."""
    change_state(hub.context(), sku, warehouse, pieces, source=source, target=target, reason=reason, actor=ACTOR,
                 key=once_key(), lot=lot)  # fmt: skip
    click.echo(f"{_shelf(sku, warehouse, lot)}: {pieces} pieces from {source} to {target}.")


@stock.command("explain")
@click.argument("sku")
@click.option("--connection", default="", help="Only the listings of this connection.")
@json_option
@with_hub
def explain_stock(hub: Hub, sku: str, connection: str, as_json: bool) -> None:
    """Show how each listing of SKU comes to its number, from the shelves to what its channel may show."""
    from hub.cli.arithmetic import tell

    if connection:
        connection_id(hub, connection)
    found = explain_sku(hub.db, sku, hub.context().clock(), connection)
    if as_json:
        print_json([one.to_dict() for one in found])
    elif not found:
        click.echo(f"No channel sells {sku}: link a listing (stockline listing link).")
    for one in () if as_json else found:
        click.echo(tell(one))


for command in (import_file, incoming, arrive, give_up):
    stock.add_command(command)
