"""Looks back: reads the last two days of a channel's orders again and stores what we never saw."""

from __future__ import annotations

from datetime import timedelta

from hub.canonical.times import iso
from hub.store.audit import record
from hub.usecases.context import Context
from hub.usecases.pull_orders import store_page
from hub.usecases.streams import extend, running

LOOK_BACK = timedelta(days=2)
MOST_PAGES = 200


def reconcile_orders(ctx: Context, connection_id: int) -> int:
    """Store records of the last two days that are new to us; returns how many. The pull's own cursor is not moved.

    Raises: Busy, and what the channel raises, after it was noted.
    """
    found = 0
    with running(ctx, connection_id, "reconcile_orders"):
        channel = ctx.channel(connection_id)
        since = iso(ctx.clock() - LOOK_BACK)
        for at, page in enumerate(channel.pull_orders(since)):
            found += store_page(ctx, connection_id, page)
            with ctx.db.write() as db:
                extend(db, ctx, connection_id, "reconcile_orders")
            if at + 1 >= MOST_PAGES:
                break
        if found:
            with ctx.db.write() as db:
                record(db, ctx.clock(), "hub", "orders.recovered", f"connection:{connection_id}", count=found)
    return found
