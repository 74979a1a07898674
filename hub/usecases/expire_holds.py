"""Gives back the stock of orders that were not paid in time; and what timelines say of such holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, select

from hub.canonical.order_json import order_from_dict
from hub.store.events import add_events
from hub.store.tables import fulfillment_orders, order_documents, orders
from hub.store.waiting import wake_short
from hub.usecases.amend_orders import settle_states
from hub.usecases.context import Context
from hub.usecases.order_rows import in_key_order
from hub.usecases.release_excess import release_lists

_o, _f = orders.c, fulfillment_orders.c


def expire_holds(ctx: Context, limit: int = 200) -> int:
    """End soft holds whose time is over; returns how many orders. An order paid meanwhile keeps its stock."""
    now = ctx.clock()
    with ctx.db.write() as db:
        rows = _over(db, now, limit)
        if not rows:
            return 0
        lists = db.execute(
            select(fulfillment_orders).where(_f.order_id.in_([row.id for row in rows]), _f.status == "soft")
            .order_by(_f.id)
        ).all()  # fmt: skip
        skus = release_lists(db, lists, {work.id: f"soft:{work.id}" for work in lists}, now, reason="not paid in time")
        add_events(db, [(row.id, "soft_expired", {}) for row in rows], now)
        settle_states(db, _documents(db, [row.id for row in rows]), now)
        waiting = wake_short(db, skus, now)
    if waiting:
        ctx.doorbell.ring("orders.place")
    return len(rows)


def _over(db: Connection, now: datetime, limit: int) -> Sequence[Row[Any]]:
    kept = exists().where(_f.order_id == _o.id, _f.status == "soft")
    query = select(orders).where(_o.soft_until <= now, kept).order_by(*in_key_order(db)).limit(limit)
    return db.execute(query.with_for_update(skip_locked=True)).all()


def _documents(db: Connection, order_ids: Sequence[int]) -> dict[int, Any]:
    table = order_documents.c
    rows = db.execute(select(table.order_id, table.current).where(table.order_id.in_(order_ids)))
    return {row.order_id: order_from_dict(row.current) for row in rows}
