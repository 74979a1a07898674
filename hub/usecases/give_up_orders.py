"""Calls off orders that waited for stock as long as the rules let them."""

from __future__ import annotations

from sqlalchemy import exists, select

from hub.canonical.errors import Conflict
from hub.store.tables import holds, orders
from hub.usecases.cancel_order import ask_cancel
from hub.usecases.context import Context

_o, _h = orders.c, holds.c


def give_up_orders(ctx: Context, limit: int = 100) -> int:
    """Cancel orders whose day has come and that are still held for want of stock; returns how many.

    Safe to run at any time, anywhere: an order that is over by then, or was asked about, is left alone.
    """
    today = ctx.clock().date()
    lacking = exists().where(_h.order_id == _o.id, _h.state == "open", _h.kind == "short")
    query = select(_o.id).where(_o.give_up_on <= today, _o.state == "held", lacking).order_by(_o.id).limit(limit)
    with ctx.db.read() as db:
        ids = db.scalars(query).all()
    return sum(_give_up(ctx, order_id) for order_id in ids)


def _give_up(ctx: Context, order_id: int) -> int:
    try:
        return int(ask_cancel(ctx, order_id, "no stock came in time", "hub") == "cancelled")
    except Conflict:
        return 0
