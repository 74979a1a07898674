"""Reads orders again that a thin webhook only named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, select

from hub.canonical.errors import BadRecord, Rejected
from hub.ports.channel import Channel, RawRecord
from hub.store.inbox import pulled, settle, store_arrivals
from hub.store.tables import inbox
from hub.usecases.context import Context
from hub.usecases.order_rows import NewHold, insert_holds
from hub.usecases.resolve_lines import Problem
from hub.usecases.streams import running


def refetch_orders(ctx: Context, connection_id: int, limit: int = 50) -> int:
    """Fetch up to `limit` named orders, once each however often they were named; returns how many were named."""
    with running(ctx, connection_id, "refetch", every=False):
        rows = _waiting(ctx, connection_id, limit)
        channel = ctx.channel(connection_id)
        for ref in sorted({row.ref for row in rows}):
            named = [row for row in rows if row.ref == ref]
            _refetch(ctx, connection_id, channel, ref, named)
    if rows:
        ctx.doorbell.ring("inbox.ingest")
    return len(rows)


def _refetch(ctx: Context, connection_id: int, channel: Channel, ref: str, named: Sequence[Row[Any]]) -> None:
    """One order; where it cannot be had it is held, and the next one has its turn."""
    try:
        record = channel.fetch_order(ref)
    except (BadRecord, Rejected) as error:
        _hold(ctx, connection_id, ref, error, named)
        return
    _store(ctx, connection_id, record, named)


def _hold(ctx: Context, connection_id: int, ref: str, error: BadRecord | Rejected, named: Sequence[Row[Any]]) -> None:
    field, value = (error.field, error.value) if isinstance(error, BadRecord) else ("order", ref)
    why = error.why if isinstance(error, BadRecord) else str(error)
    now = ctx.clock()
    problem = Problem("bad_record", f"bad_record:{connection_id}:{field}:{value}"[:300], field, value, why)
    with ctx.db.write() as db:
        insert_holds(db, [NewHold(connection_id, problem, inbox_id=named[0].id)], now)
        settle(db, [_result(row, "held" if row is named[0] else "ignored", str(error)) for row in named], now)


def _waiting(ctx: Context, connection_id: int, limit: int) -> Sequence[Row[Any]]:
    with ctx.db.read() as db:
        query = select(inbox).where(
            inbox.c.connection_id == connection_id, inbox.c.state == "new", inbox.c.kind == "refetch"
        )
        return db.execute(query.order_by(inbox.c.id).limit(limit)).all()


def _store(ctx: Context, connection_id: int, record: RawRecord | None, named: Sequence[Row[Any]]) -> None:
    """The order's words go through the inbox even where the same were read before: older ones may lie over them."""
    now = ctx.clock()
    state, error = ("done", "") if record else ("ignored", "the channel knows no such order")
    with ctx.db.write() as db:
        if record is not None:
            arrival = pulled(record, "refetch")
            store_arrivals(db, connection_id, [replace(arrival, key=f"{arrival.key}:{named[-1].id}")], now)
        settle(db, [_result(row, state, error) for row in named], now)


def _result(row: Row[Any], state: str, error: str) -> dict[str, Any]:
    return {"id": row.id, "state": state, "error": error, "attempts": row.attempts, "order_id": None}
