"""How the orders of a connection come in, as the rule of catching up sees it."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from hub.rules.catch_up import OrdersIn
from hub.store.columns import Utc
from hub.store.tables import inbox, orders, streams

_s, _i, _o = streams.c, inbox.c, orders.c


def read_orders_in(db: Connection, connection_id: int) -> OrdersIn | None:
    """None where the channel's orders are not pulled."""
    which = (_s.connection_id == connection_id, _s.stream == "orders")
    row = db.execute(select(_s.ok_at, _s.every_s, _s.behind, _s.paused).where(*which)).one_or_none()
    if row is None:
        return None
    unread = select(func.min(func.coalesce(_i.source_updated_at, _i.received_at, type_=Utc))).where(
        _i.connection_id == connection_id, _i.state == "new", _i.kind.not_in(("refetch", "refund"))
    )
    unplaced = select(func.min(func.coalesce(_o.source_updated_at, _o.place_at, type_=Utc))).where(
        _o.connection_id == connection_id, _o.state == "waiting"
    )
    oldest = min((at for at in (db.scalar(unread), db.scalar(unplaced)) if at is not None), default=None)
    return OrdersIn(row.ok_at, row.every_s, row.behind, row.paused, oldest)
