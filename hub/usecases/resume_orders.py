"""Sets held orders going again once nothing holds them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from hub.canonical.order_json import order_from_dict
from hub.store.tables import order_documents, orders
from hub.store.waiting import nothing_holds
from hub.usecases.amend_orders import settle_states


def resume_orders(db: Connection, limit: int, now: datetime) -> int:
    """Give up to `limit` held orders without an open hold the state that follows; returns how many."""
    query = select(orders.c.id).where(nothing_holds()).order_by(orders.c.id).limit(limit)
    ids = list(db.scalars(query.with_for_update(skip_locked=True)))
    if ids:
        document = order_documents.c
        stored = db.execute(select(document.order_id, document.current).where(document.order_id.in_(ids)))
        settle_states(db, {row.order_id: order_from_dict(row.current) for row in stored}, now, tell_end=True)
        first_come = orders.update().where(orders.c.id.in_(ids), orders.c.state == "waiting")
        db.execute(first_come.values(place_at=orders.c.created_at))  # who waited longest is served first
    return len(ids)
