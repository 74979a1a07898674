"""Turns stored messages into canonical orders: in batches, every record on its own, nothing dropped."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import OperationalError

from hub.canonical.errors import BadRecord, NeedsPerson
from hub.canonical.order import Order
from hub.ports.channel import RawRecord
from hub.ports.failpoints import reach
from hub.store import inbox as messages
from hub.store.tables import inbox
from hub.usecases.context import Context
from hub.usecases.order_rows import NewHold, insert_holds
from hub.usecases.order_rows import header as order_header
from hub.usecases.resolve_lines import Problem
from hub.usecases.upsert_orders import Version, upsert_orders

log = logging.getLogger(__name__)
TRIES = 5
"""How often a message that crashes our code is tried before it is put aside."""


@dataclass(frozen=True, slots=True)
class Translated:
    """One message and what it says: orders, or a problem, or the crash of our own code."""

    row: Row[Any]
    orders: tuple[Order, ...] = ()
    problem: BadRecord | None = None
    crash: str = ""


def ingest_inbox(ctx: Context, limit: int = 200) -> int:
    """Take up to `limit` waiting messages and store what they say; returns how many were handled.

    Raises: OperationalError: the database is out of reach (nothing changed).
    """
    try:
        return _ingest(ctx, limit)
    except OperationalError:
        raise
    except Exception:
        log.exception("a batch of messages failed; trying its messages one by one")
    return _one_by_one(ctx, limit)


def _ingest(ctx: Context, limit: int, only: int | None = None) -> int:
    with ctx.db.write() as db:
        rows = messages.claim(db, ("order", "file"), limit)
        rows = [row for row in rows if only in (None, row.id)]
        if not rows:
            return 0
        reach("after_claim")
        to_place = _settle(ctx, db, [translate(ctx, row) for row in rows], ctx.clock())
        reach("before_commit")
    reach("after_commit")
    if to_place:
        ctx.doorbell.ring("orders.place")
    return len(rows)


def _one_by_one(ctx: Context, limit: int) -> int:
    """Each message in a transaction of its own; one that fails again is counted, and put aside after `TRIES`."""
    with ctx.db.read() as db:
        query = select(inbox.c.id).where(inbox.c.state == "new", inbox.c.kind.in_(("order", "file")))
        ids = db.scalars(query.order_by(inbox.c.id).limit(limit)).all()
    for message_id in ids:
        try:
            _ingest(ctx, limit, only=message_id)
        except OperationalError:
            raise
        except Exception as error:
            log.exception("message %s failed", message_id)
            _note_crash(ctx, message_id, type(error).__name__)
    return len(ids)


def _note_crash(ctx: Context, message_id: int, name: str) -> None:
    with ctx.db.write() as db:
        row = db.execute(select(inbox).where(inbox.c.id == message_id).with_for_update()).one()
        if row.state == "new":
            _settle(ctx, db, [Translated(row, crash=name)], ctx.clock())


def translate(ctx: Context, row: Row[Any]) -> Translated:
    """Pure apart from building the channel; never raises."""
    if row.error and row.attempts == 0:
        return Translated(row, problem=BadRecord(*row.error.split("\x1f", 2)))
    record = RawRecord(row.ref, row.raw, row.source_updated_at, None, row.kind, row.content_type)
    try:
        found = ctx.channel(row.connection_id).to_orders(record)
        for order in found:
            _check(order)
        return Translated(row, found)
    except BadRecord as problem:
        return Translated(row, problem=problem)
    except NeedsPerson as problem:
        return Translated(row, problem=BadRecord("connection", row.connection_id, str(problem)))
    except Exception as error:
        log.exception("translating message %s failed", row.id)
        return Translated(row, crash=type(error).__name__)


def _check(order: Order) -> None:
    """What the tables rely on. Raises BadRecord."""
    _check_text("", order.to_dict())
    order_header(order)
    seen: set[str] = set()
    for at, line in enumerate(order.lines):
        if line.channel_ref in seen:
            raise BadRecord(f"lines[{at}].channel_ref", line.channel_ref, "stands on two lines of one order")
        seen.add(line.channel_ref)


def _check_text(path: str, value: Any) -> None:
    """No text may hold what a database cannot keep. Raises BadRecord with the field's path."""
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise BadRecord(path, ascii(value), "holds a character that is no text (NUL, or half of a pair)")
    elif isinstance(value, dict):
        for name, part in value.items():
            _check_text(f"{path}.{name}".lstrip("."), part)
    elif isinstance(value, list):
        for at, part in enumerate(value):
            _check_text(f"{path}[{at}]", part)


def _settle(ctx: Context, db: Connection, translated: Sequence[Translated], now: datetime) -> bool:
    versions = [Version(t.row.id, t.row.connection_id, order) for t in translated for order in t.orders]
    done = upsert_orders(db, versions, now) if versions else None
    order_ids = done.order_ids if done else {}
    results = [_result(t) | {"order_id": order_ids.get(t.row.id)} for t in translated]
    problems = [(t.row, _hold_of(t)) for t in translated]
    insert_holds(db, [NewHold(row.connection_id, p, inbox_id=row.id) for row, p in problems if p], now)
    messages.settle(db, results, now)
    return bool(done and done.to_place)


def _result(t: Translated) -> dict[str, Any]:
    attempts = t.row.attempts + (1 if t.crash else 0)
    if t.crash:
        state, error = ("dead" if attempts >= TRIES else "new"), f"our code failed on it: {t.crash}"
    elif t.problem is not None:
        state, error = "held", str(t.problem)
    else:
        state, error = "done", ""
    return {"id": t.row.id, "state": state, "error": error, "attempts": attempts}


def _hold_of(t: Translated) -> Problem | None:
    """The hold of a message: one fingerprint per connection, field and value (list indexes left out)."""
    if t.problem is not None:
        kind, field, value, why = "bad_record", t.problem.field, t.problem.value, t.problem.why
    elif t.crash and t.row.attempts + 1 >= TRIES:
        kind, field, value, why = (
            "crashed",
            "message",
            t.crash,
            "our code failed on it: tell the developers, then replay",
        )
    else:
        return None
    place = "".join(char for char in field if not char.isdigit())
    return Problem(kind, f"{kind}:{t.row.connection_id}:{place}:{value}"[:300], field, value, why)
