"""Opens the pick lists of pieces that were kept until the rest of their order is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from hub.store import capacity
from hub.store.capacity import Booking
from hub.store.events import Event
from hub.store.routing_snapshot import Terms
from hub.store.tables import fulfillment_orders

_f = fulfillment_orders.c


def open_kept(db: Connection, order_ids: Sequence[int], terms: Mapping[str, Terms], now: datetime) -> list[Event]:
    """Let pickers see what was kept for these (locked) orders: nothing of them lacks any more.

    The lists leave on the day of their warehouses' other lists of this plan, and take a place on it.

    Args:    terms: what each warehouse's pick lists are told.
    Returns: what timelines say of it.
    Raises:  Conflict: a day is full; nothing of the transaction may be kept.
    """
    query = select(fulfillment_orders).where(_f.order_id.in_(sorted(order_ids)), _f.status == "kept")
    lists = db.execute(query.order_by(_f.id)).all() if order_ids else []
    booked = [
        (row.order_id, row.warehouse, terms[row.warehouse].ships_on) for row in lists if terms[row.warehouse].booked
    ]
    leaving = capacity.book(db, [Booking(order, code, day) for order, code, day in booked if day is not None], now)
    for row in lists:
        own = terms[row.warehouse]
        told = {
            "status": "open", "ships_on": leaving.get((row.order_id, row.warehouse), own.ships_on),
            "accept_by": own.accept_by, "request_status": "submitted" if own.accept_by else "accepted",
        }  # fmt: skip
        db.execute(fulfillment_orders.update().where(_f.id == row.id).values(updated_at=now, **told))
    found = sorted({(row.order_id, row.warehouse) for row in lists})
    return [(order, "kept_opened", {"warehouse": code}) for order, code in found]
