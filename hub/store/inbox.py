"""Messages as they came: stored once, claimed in batches, settled with what became of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Column, Connection, select

from hub.ports.channel import RawRecord, RecordKind
from hub.store import bulk
from hub.store.database import BINARY, insert_new
from hub.store.tables import inbox

PUT_ASIDE = ("file", "refund")
"""Kinds of messages that a person may put aside where nobody can read them: no order waits for what they say."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message about to be stored. `key` names it among the messages of its connection."""

    key: str
    record: RawRecord
    source: str
    topic: str = ""


def digest_of(raw: bytes) -> str:
    """Hex SHA-256 of the untouched bytes."""
    return hashlib.sha256(raw).hexdigest()


def pulled(record: RawRecord, source: str = "pull") -> Arrival:
    """A pulled record: the same id with the same bytes is the same message, however often it is read."""
    return Arrival(f"{record.kind}:{record.ref}:{digest_of(record.raw)}", record, source)


def store_arrivals(db: Connection, connection_id: int, arrivals: Iterable[Arrival], now: datetime) -> int:
    """Store what is not there yet; returns how many were new.

    By `ref`, so that nobody waits in a circle; what comes of one order keeps its order, which is told by the row's id.
    """
    rows: dict[str, dict[str, Any]] = {}
    for arrival in arrivals:
        rows.setdefault(arrival.key, _row(connection_id, arrival, now))
    by_ref = sorted(rows.values(), key=lambda row: str(row["ref"]))
    return insert_new(db, inbox, by_ref, ("connection_id", "dedupe_key"))


def _row(connection_id: int, arrival: Arrival, now: datetime) -> dict[str, Any]:
    record = arrival.record
    return {
        "connection_id": connection_id, "source": arrival.source, "kind": record.kind, "ref": record.ref,
        "dedupe_key": arrival.key, "topic": arrival.topic, "content_type": record.content_type, "raw": record.raw,
        "digest": digest_of(record.raw), "source_updated_at": record.updated_at, "received_at": now, "state": "new",
        "attempts": 0, "error": "" if record.problem is None else _problem_text(record),
    }  # fmt: skip


def _problem_text(record: RawRecord) -> str:
    problem = record.problem
    return "" if problem is None else "\x1f".join((problem.field, problem.value, problem.why))


class Message(Struct, frozen=True):
    """What whoever handles a stored message needs of it."""

    id: int
    connection_id: int
    kind: RecordKind
    ref: str
    content_type: str
    raw: bytes
    source_updated_at: datetime | None
    received_at: datetime
    attempts: int
    error: str


CLAIMED: tuple[Column[Any], ...] = tuple(inbox.c[name] for name in Message.__struct_fields__)
"""The columns of a `Message`."""


def claim(
    db: Connection, kinds: Sequence[str], limit: int, connection_id: int | None = None,
    ids: Sequence[int] | None = None, after: int = 0,
) -> Sequence[Message]:  # fmt: skip
    """Lock up to `limit` waiting messages, oldest first; other workers skip them until this transaction ends.

    Args: after: none up to this id.
    """
    query = select(*CLAIMED).where(inbox.c.state == "new", inbox.c.kind.in_(kinds))
    if connection_id is not None:
        query = query.where(inbox.c.connection_id == connection_id)
    if ids is not None:
        query = query.where(inbox.c.id.in_(ids))
    if after:
        query = query.where(inbox.c.id > after)
    query = query.order_by(inbox.c.id).limit(limit).with_for_update(skip_locked=True)
    return [Message(*row) for row in db.execute(query, execution_options=BINARY)]


def lock_new(db: Connection, message_id: int) -> Message | None:
    """Lock one message; None where it does not wait any more."""
    row = db.execute(
        select(*CLAIMED).where(inbox.c.id == message_id, inbox.c.state == "new").with_for_update()
    ).one_or_none()
    return None if row is None else Message(*row)


def settle(db: Connection, results: Sequence[dict[str, Any]], now: datetime) -> None:
    """Write what became of messages: rows of {id, state, error, attempts, order_id}."""
    columns = bulk.columns_of(sorted(results, key=lambda row: row["id"]))
    bulk.update(db, inbox, {"id": columns.pop("id", [])}, columns, {"done_at": now})
