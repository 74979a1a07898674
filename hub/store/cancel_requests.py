"""Requests to cancel or cut an order: every step that brings goods nearer to the door reads them in its transaction."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.canonical.errors import Conflict
from hub.canonical.told import told
from hub.store.tables import cancel_requests

_c = cancel_requests.c


def open_requests(db: Connection, order_ids: Collection[int]) -> dict[int, Row[Any]]:
    """order_id -> its request that waits for an answer; the orders are locked by the caller."""
    query = select(cancel_requests).where(_c.order_id.in_(sorted(order_ids)), _c.state == "asked")
    return {row.order_id: row for row in db.execute(query)}


def last_refused(db: Connection, order_ids: Collection[int]) -> dict[int, Row[Any]]:
    """order_id -> its newest refused request."""
    query = select(cancel_requests).where(_c.order_id.in_(sorted(order_ids)), _c.state == "refused")
    return {row.order_id: row for row in db.execute(query.order_by(_c.id))}


def refuse_gated(db: Connection, order_id: int) -> None:
    """Raises Conflict where a (locked) order's cancellation, or a cut of it, waits for an answer."""
    found = open_requests(db, [order_id]).get(order_id)
    if found is not None:
        why = found.reason or told("no reason given")
        raise Conflict(
            f"somebody asked to cancel this order ({why}): accept or refuse that first"
            if found.kind == "cancel"
            else f"somebody asked to change this order ({why}): accept or refuse that first"
        )
