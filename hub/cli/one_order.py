"""`stockline orders NUMBER`: one order with what holds it, also where the message itself could not be read."""

from __future__ import annotations

from collections.abc import Sequence

from hub.canonical.errors import NotFound
from hub.cli.held import hold_data, tell_order, tell_unread, terminal_voice
from hub.cli.shared import Row, print_json, show
from hub.reports.holds import order_holds
from hub.reports.lists import order_list
from hub.reports.order import orders_called
from hub.reports.unread import Unread, unread_called, unread_of
from hub.wiring import Hub

ORDER_COLUMNS = ("id", "connection", "number", "state", "payment", "total", "currency", "country", "placed_at")


def show_order(hub: Hub, number: str, *, state: str, connection: str, limit: int, as_json: bool) -> None:
    """Raises NotFound: no such order, and no held message of one; or the options leave it out."""
    try:
        ids = orders_called(hub.db, number)
    except NotFound:
        unread = [one for one in unread_called(hub.db, number) if connection in ("", one.connection)]
        if not unread or state not in ("", "held"):
            raise
        return _show_unread(unread, number, as_json)
    rows = order_list(hub.db, state=state, connection=connection, ids=ids, limit=limit)
    if not rows:
        raise NotFound(f"order {number} is not among these: leave --state and --connection out")
    unread = unread_of(hub.db, {(row["connection"], row["channel_ref"]) for row in rows})
    if as_json:
        return print_json([dict(row) | {"holds": _holds(hub, row, unread)} for row in rows])
    show(rows, ORDER_COLUMNS, False, "")
    return tell_held(hub, rows, unread)


def tell_held(hub: Hub, rows: Sequence[Row], unread: Sequence[Unread]) -> None:
    """What holds these orders, and their messages that could not be read."""
    say = terminal_voice()
    for row in rows:
        for hold in order_holds(hub.db, row["id"]):
            tell_order(say, row["number"], hold)
    for message in unread:
        tell_unread(say, message)


def _holds(hub: Hub, row: Row, unread: Sequence[Unread]) -> list[Row]:
    mine = [one.hold for one in unread if (one.connection, one.ref) == (row["connection"], row["channel_ref"])]
    return [hold_data(hold) for hold in (*order_holds(hub.db, row["id"]), *mine)]


def _show_unread(unread: Sequence[Unread], number: str, as_json: bool) -> None:
    """Nothing of such an order is known but that it waits."""
    if as_json:
        unknown = dict.fromkeys((*ORDER_COLUMNS, "channel_ref"))
        return print_json([
            unknown
            | {"connection": one.connection, "channel_ref": one.ref, "state": "held", "holds": [hold_data(one.hold)]}
            for one in unread
        ])  # fmt: skip
    for message in unread:
        tell_unread(terminal_voice(), message, number)
    return None
