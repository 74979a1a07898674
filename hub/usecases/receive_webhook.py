"""Stores a webhook: verify on the raw bytes, commit, ring; nothing else happens before the channel has its 200."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from hub.canonical.errors import BadRecord, NotFound
from hub.ports.channel import Can, Channel, Notice, RawRecord
from hub.ports.failpoints import reach
from hub.store.database import insert_new
from hub.store.inbox import Arrival, digest_of, store_arrivals
from hub.store.tables import connections, forget_requests, inbox, streams
from hub.usecases.context import Context


def receive_webhook(ctx: Context, connection_name: str, headers: Mapping[str, str], raw: bytes) -> str:
    """Keep one webhook of the named connection.

    Args:    headers: any case. raw: the body, untouched.
    Returns: the JSON text that the platform wants to hear then.
    Raises:  NotFound: no such connection, or it takes no webhooks. AuthFailed: the signature does not fit.
    """
    connection_id, channel = channel_named(ctx, connection_name)
    if Can.WEBHOOKS not in channel.spec.can:
        raise NotFound(f"connection {connection_name!r} takes no webhooks")
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        notice = channel.read_webhook(lower, raw)
    except BadRecord as problem:
        notice = Notice(f"unread:{digest_of(raw)}", "unread", (RawRecord("unread", raw, problem=problem),))
    reach("after_hmac")
    now = ctx.clock()
    with ctx.db.write() as db:
        store_arrivals(db, connection_id, _arrivals(db, connection_id, notice), now)
        asked = [{"connection_id": connection_id, "name": name, "asked_at": now} for name in sorted(set(notice.forget))]
        insert_new(db, forget_requests, asked, ("connection_id", "name"))
        _note_arrival(db, connection_id, notice, now)
    reach("after_inbox_commit")
    if notice.records:
        ctx.doorbell.ring("inbox.ingest")
    if notice.refetch:
        ctx.doorbell.ring("orders.refetch", connection_id)
    return channel.spec.webhook_answer


def channel_named(ctx: Context, name: str) -> tuple[int, Channel]:
    """The connection of this name, and its channel. Raises NotFound."""
    with ctx.db.read() as db:
        connection_id = db.scalar(select(connections.c.id).where(connections.c.name == name))
    if connection_id is None:
        raise NotFound(f"there is no connection named {name!r}")
    return connection_id, ctx.channel(connection_id)


def _arrivals(db: Connection, connection_id: int, notice: Notice) -> list[Arrival]:
    """One arrival per record; a body altered under a known event id is kept beside the first, not instead of it."""
    found = []
    for at, record in enumerate(notice.records):
        key = f"event:{notice.event_id}:{at}"
        if _altered(db, connection_id, key, record):
            key = f"{key}:altered:{digest_of(record.raw)}"
            problem = BadRecord("event_id", notice.event_id, "came a second time with a different body; not applied")
            record = replace(record, problem=problem)
        found.append(Arrival(key, record, "webhook", notice.topic))
    for ref in notice.refetch:
        record = RawRecord(ref, b"", notice.triggered_at, kind="refetch")
        found.append(Arrival(f"event:{notice.event_id}:refetch:{ref}", record, "webhook", notice.topic))
    return found


def _altered(db: Connection, connection_id: int, key: str, record: RawRecord) -> bool:
    query = select(inbox.c.digest).where(inbox.c.connection_id == connection_id, inbox.c.dedupe_key == key)
    known = db.scalar(query)
    return known is not None and known != digest_of(record.raw)


def _note_arrival(db: Connection, connection_id: int, notice: Notice, now: datetime) -> None:
    db.execute(
        streams.update()
        .where(streams.c.connection_id == connection_id, streams.c.stream == "webhooks")
        .values(ok_at=now, newest_at=notice.triggered_at or now, total=streams.c.total + 1)
    )
