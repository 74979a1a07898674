"""Turns stored messages into canonical orders: in batches, every record on its own, nothing dropped."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError

from hub.canonical.errors import BadRecord, Conflict, ConnectorFault, NeedsPerson
from hub.canonical.order import Order
from hub.canonical.refund import Refund, Telling
from hub.ports.channel import RawRecord
from hub.ports.failpoints import reach
from hub.ports.mapping import ToOrders
from hub.rules.refunds import told_again
from hub.store import inbox as messages
from hub.store.inbox import Message
from hub.store.refunds import Key, keep_refunds
from hub.store.tables import inbox
from hub.store.waiting import wanted_before
from hub.usecases.context import Context
from hub.usecases.crashes import crash_problem, crash_reason
from hub.usecases.note_heat import note_conflict, note_lines
from hub.usecases.order_rows import NewHold, check_total, insert_holds
from hub.usecases.place_on_arrival import place_on_arrival
from hub.usecases.resolve_lines import Problem
from hub.usecases.upsert_orders import Upserted, Version, upsert_orders

log = logging.getLogger(__name__)
ORDERS = ("order", "file")
KINDS = (*ORDERS, "refund")
TRIES = 5
"""How often a message that crashes our code is tried before it is put aside."""


class Translated(Struct, frozen=True):
    """One message and what it says: orders or refunds, or a problem, or what code failed with: ours, or a package's."""

    row: Message
    orders: tuple[Order, ...] = ()
    refunds: tuple[Refund, ...] = ()
    problem: BadRecord | None = None
    crash: Exception | None = None


def ingest_inbox(ctx: Context, limit: int = 500) -> int:
    """Take up to `limit` waiting messages and store what they say; returns how many were handled.

    New orders that stock is there for are placed in the same transaction; all others wait for `place_orders`.
    Raises: OperationalError: the database is out of reach (nothing changed).
    """
    for way in (_at_once, _ingest):
        try:
            return way(ctx, limit)
        except OperationalError:
            raise
        except Conflict as told:
            note_conflict(ctx, told)
            log.info("a batch of messages goes the long way: %s", told)
        except Exception:
            log.exception("a batch of messages failed; trying it more simply")
    return _one_by_one(ctx, limit)


def _at_once(ctx: Context, limit: int) -> int:
    """Place what can be placed on arrival; the rest of the batch is stored in a transaction of its own."""
    now = ctx.clock()
    with ctx.db.write() as db:
        turn = ctx.heat.turn(db, now)
        if turn.single and _others_first(ctx, db, now):
            return _let_others(ctx)
        rows = messages.claim(db, KINDS, limit, after=turn.after)
        if not rows:
            return 0
        reach("after_claim")
        translated = [translate(ctx, row) for row in rows]
        placed = place_on_arrival(ctx, db, _versions(translated), turn.others, now)
        rest = [t for t in translated if t.row.id not in placed.order_ids and t.row.id not in placed.left]
        done = [t for t in translated if t.row.id in placed.order_ids]
        messages.settle(db, [_result(t) | {"order_id": placed.order_ids[t.row.id]} for t in done], now)
        told = placed if done or placed.left else _settle(ctx, db, rest, now)
        reach("before_commit")
    reach("after_commit")
    _ring(ctx, told)
    if placed.left:
        ctx.heat.pass_over(rows[-1].id)
        ctx.doorbell.ring("inbox.ingest")
    if told is placed and rest:
        _ingest(ctx, limit, {t.row.id: t for t in rest})
    return len(rows) - len(placed.left)


def _others_first(ctx: Context, db: Connection, now: datetime) -> bool:
    """Whether orders wait that came before and want what goes in single file."""
    before = wanted_before(db, now)
    return before is None or not before.isdisjoint(ctx.heat.single(db, now))


def _let_others(ctx: Context) -> int:
    """In single file nobody adds to the orders that wait: they are placed first, and then all goes the short way."""
    ctx.doorbell.ring("orders.place")
    ctx.doorbell.ring("inbox.ingest")
    return 0


def _ring(ctx: Context, done: Upserted) -> None:
    note_lines(ctx, done.skus)
    if done.to_place:
        ctx.doorbell.ring("orders.place")
    for connection_id in sorted(done.asked):
        ctx.doorbell.ring("outbox.send", connection_id)
    if done.refunded:
        ctx.doorbell.ring("refunds.join")


def _ingest(ctx: Context, limit: int, only: Mapping[int, Translated | None] | None = None) -> int:
    """Store what messages say, in one transaction; `only` these, where given, with what is known of them already."""
    known = only or {}
    with ctx.db.write() as db:
        rows = messages.claim(db, KINDS, limit, ids=None if only is None else sorted(only))
        if not rows:
            return 0
        reach("after_claim")
        done = _settle(ctx, db, [known.get(row.id) or translate(ctx, row) for row in rows], ctx.clock())
        reach("before_commit")
    reach("after_commit")
    _ring(ctx, done)
    return len(rows)


def _one_by_one(ctx: Context, limit: int) -> int:
    """Each message in a transaction of its own; one that fails again is counted, and put aside after `TRIES`."""
    with ctx.db.read() as db:
        query = select(inbox.c.id).where(inbox.c.state == "new", inbox.c.kind.in_(KINDS))
        ids = db.scalars(query.order_by(inbox.c.id).limit(limit)).all()
    for message_id in ids:
        try:
            _ingest(ctx, limit, {message_id: None})
        except OperationalError:
            raise
        except Exception as error:
            log.exception("message %s failed", message_id)
            _note_crash(ctx, message_id, error)
    return len(ids)


def _note_crash(ctx: Context, message_id: int, error: Exception) -> None:
    with ctx.db.write() as db:
        row = messages.lock_new(db, message_id)
        if row is not None:
            _settle(ctx, db, [Translated(row, crash=error)], ctx.clock())


def translate(ctx: Context, row: Message) -> Translated:
    """Pure apart from building the channel; never raises. What is tried again is read as the connection is now."""
    if row.error and row.attempts == 0:
        return Translated(row, problem=BadRecord(*row.error.split("\x1f", 2)))
    if row.attempts:
        ctx.look_again(row.connection_id)
    if row.kind == "refund":
        return _guarded(row, lambda: _refunds(row, ctx.channel(row.connection_id).to_refunds))
    return read_message(row, lambda record: ctx.channel(row.connection_id).to_orders(record))


def read_message(row: Message, to_orders: ToOrders) -> Translated:
    """What a stored message of an order says; never raises."""
    return _guarded(row, lambda: _orders(row, to_orders))


def _record(row: Message) -> RawRecord:
    return RawRecord(row.ref, row.raw, row.source_updated_at, None, row.kind, row.content_type)


def _orders(row: Message, to_orders: ToOrders) -> Translated:
    found = to_orders(_record(row))
    for order in found:
        _check(order)
    return Translated(row, found)


def _refunds(row: Message, to_refunds: Callable[[RawRecord], tuple[Refund, ...]]) -> Translated:
    found = to_refunds(_record(row))
    for refund in found:
        _check_text("", refund.to_dict())
    return Translated(row, refunds=found)


def _guarded(row: Message, read: Callable[[], Translated]) -> Translated:
    """What is read, or why it cannot be."""
    try:
        return read()
    except BadRecord as problem:
        return Translated(row, problem=problem)
    except NeedsPerson as problem:
        return Translated(row, problem=BadRecord("connection", row.connection_id, str(problem)))
    except ConnectorFault as fault:
        return Translated(row, crash=fault)
    except Exception as error:
        log.exception("translating message %s failed", row.id)
        return Translated(row, crash=error)


def _check(order: Order) -> None:
    """What the tables rely on. Raises BadRecord."""
    _check_document(order)
    check_total(order)
    seen: set[str] = set()
    for at, line in enumerate(order.lines):
        if line.channel_ref in seen:
            raise BadRecord(f"lines[{at}].channel_ref", line.channel_ref, "stands on two lines of one order")
        seen.add(line.channel_ref)


def _check_document(order: Order) -> None:
    """The order can be kept as JSON: looked at as a whole, and part by part only where something may be wrong."""
    try:
        if "\\u0000" not in order.to_json():
            return
    except TypeError as why:
        _check_text("", order.to_dict())
        raise BadRecord("(document)", "…", f"cannot be kept as JSON: {why}") from None
    _check_text("", order.to_dict())


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


def _versions(translated: Sequence[Translated]) -> list[Version]:
    return [Version(t.row.id, t.row.connection_id, order) for t in translated for order in t.orders]


def _settle(ctx: Context, db: Connection, translated: Sequence[Translated], now: datetime) -> Upserted:
    told = _tellings(translated)
    if told:
        keep_refunds(db, told, told_again, now)
    versions = _versions(translated)
    done = upsert_orders(db, versions, now) if versions else Upserted()
    done.refunded = bool(told)
    problems = [(t.row, _hold_of(t)) for t in translated]
    insert_holds(db, [NewHold(row.connection_id, p, inbox_id=row.id) for row, p in problems if p], now)
    messages.settle(db, [_result(t) | {"order_id": done.order_ids.get(t.row.id)} for t in translated], now)
    return done


def _tellings(translated: Sequence[Translated]) -> dict[Key, Telling]:
    """Each refund that was told, once."""
    told: dict[Key, Telling] = {}
    for t in translated:
        for refund in t.refunds:
            key, row = (t.row.connection_id, refund.channel_ref), t.row
            new = Telling(
                refund=refund, said_at=row.source_updated_at, received_at=row.received_at, message_id=row.id,
                messages=(row.id,),
            )  # fmt: skip
            told[key] = told_again(told[key], new) if key in told else new
    return told


def _result(t: Translated) -> dict[str, Any]:
    attempts = t.row.attempts + (1 if t.crash else 0)
    if t.crash:
        state, error = ("dead" if attempts >= TRIES else "new"), crash_reason(t.crash)
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
        why = "our code failed on it: tell the developers, then replay"
        return crash_problem(t.crash, f"{t.row.connection_id}:message", "message", why)
    else:
        return None
    place = "".join(char for char in field if not char.isdigit())
    return Problem(kind, f"{kind}:{t.row.connection_id}:{place}:{value}"[:300], field, value, why)
