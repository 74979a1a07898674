"""Reads orders again that a thin webhook only named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from hub.ports.channel import RawRecord
from hub.store.inbox import pulled, settle, store_arrivals
from hub.store.tables import inbox
from hub.usecases.context import Context
from hub.usecases.streams import running


def refetch_orders(ctx: Context, connection_id: int, limit: int = 50) -> int:
    """Fetch up to `limit` named orders, once each however often they were named; returns how many were named."""
    with running(ctx, connection_id, "refetch", every=False):
        rows = _waiting(ctx, connection_id, limit)
        channel = ctx.channel(connection_id)
        for ref in sorted({row.ref for row in rows}):
            named = [row for row in rows if row.ref == ref]
            _store(ctx, connection_id, channel.fetch_order(ref), named)
    if rows:
        ctx.doorbell.ring("inbox.ingest")
    return len(rows)


def _waiting(ctx: Context, connection_id: int, limit: int) -> Sequence[Row[Any]]:
    with ctx.db.read() as db:
        query = select(inbox).where(
            inbox.c.connection_id == connection_id, inbox.c.state == "new", inbox.c.kind == "refetch"
        )
        return db.execute(query.order_by(inbox.c.id).limit(limit)).all()


def _store(ctx: Context, connection_id: int, record: RawRecord | None, named: Sequence[Row[Any]]) -> None:
    now = ctx.clock()
    state, error = ("done", "") if record else ("ignored", "the channel knows no such order")
    with ctx.db.write() as db:
        if record is not None:
            store_arrivals(db, connection_id, [pulled(record, "refetch")], now)
        settle(
            db,
            [
                {
                    "b_id": row.id,
                    "state": state,
                    "error": error,
                    "attempts": row.attempts,
                    "done_at": now,
                    "order_id": None,
                }
                for row in named
            ],
        )
