"""Takes one scan back: the piece returns to its shelf."""

from __future__ import annotations

from hub.canonical.errors import BadInput, Conflict
from hub.store.tables import fulfillment_lines, fulfillment_orders
from hub.usecases.context import Context
from hub.usecases.pick_orders import lines_of, lock_own

_f = fulfillment_lines.c


def undo_scan(ctx: Context, fulfillment_order_id: int, line_id: int, picker: str) -> str:
    """Count one picked piece of a line less; returns its SKU. A packed list is in picking again.

    Raises: NotFound. Conflict: the list was revoked, is not in picking, or is somebody else's.
            BadInput: nothing of this line is in hand.
    """
    with ctx.db.write() as db:
        row = lock_own(db, fulfillment_order_id, picker)
        if row.status not in ("picking", "packed"):
            raise Conflict(f"pick list {fulfillment_order_id} is {row.status}")
        line = next((found for found in lines_of(db, row.id) if found.id == line_id), None)
        if line is None or line.picked <= line.shipped:
            raise BadInput(f"line {line_id}: nothing of it was picked that has not left")
        db.execute(fulfillment_lines.update().where(_f.id == line_id).values(picked=_f.picked - 1))
        which = fulfillment_orders.c.id == row.id
        db.execute(fulfillment_orders.update().where(which).values(status="picking", updated_at=ctx.clock()))
        return str(line.sku)
