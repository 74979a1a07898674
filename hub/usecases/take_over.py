"""A picker takes over a pick list that another one began: from then on it is the new one's, and the old one is told."""

from __future__ import annotations

from hub.canonical.errors import Conflict
from hub.store.audit import record
from hub.store.events import add_events
from hub.store.tables import fulfillment_orders
from hub.usecases.context import Context
from hub.usecases.pick_orders import lock_work

TAKEN_OVER = "picking_taken_over"
"""Kind of the event; its data: `list`, `warehouse`, and `picker`, who had it before."""


def take_over(ctx: Context, fulfillment_order_id: int, picker: str) -> None:
    """Make a list that is being picked, or packed, one's own with all that is counted; one's own again is fine.

    Raises: NotFound; Conflict: nobody has begun it, or it is done, revoked or held.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        row = lock_work(db, fulfillment_order_id)
        if row.status not in ("picking", "packed"):
            raise Conflict(f"pick list {fulfillment_order_id} is {row.status}: there is nothing to take over")
        if row.picker == picker:
            return
        mine = fulfillment_orders.update().where(fulfillment_orders.c.id == row.id)
        db.execute(mine.values(picker=picker, updated_at=now))
        facts = {"list": row.id, "warehouse": row.warehouse, "picker": row.picker}
        add_events(db, [(row.order_id, TAKEN_OVER, facts)], now, picker)
        record(db, now, picker, "pick.taken_over", f"pick:{row.id}", picker=row.picker, warehouse=row.warehouse)
