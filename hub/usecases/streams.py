"""Streams: which traffic of which connection is due, who is on it, and how it went."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, exists, literal, or_, select

from hub.canonical.errors import (
    Conflict,
    HeldBack,
    InvariantBroken,
    NeedsPerson,
    NotAllowed,
    NotFound,
    Retryable,
    StocklineError,
)
from hub.canonical.urgency import Urgency
from hub.ports.caller import caller, calling
from hub.rules.backoff import retry_delay_s
from hub.store.audit import record
from hub.store.columns import Utc
from hub.store.levels import held_until
from hub.store.pushes import to_push
from hub.store.tables import connections, inbox, orders, outbox, stock_pushes, streams
from hub.store.waiting import nothing_holds
from hub.usecases.context import Context

_s, _c = streams.c, connections.c
Work = tuple[str, int | None]
"""(task name, connection id)"""

TASKS = {
    "orders": "orders.pull",
    "refunds": "refunds.pull",
    "listings": "listings.pull",
    "reconcile_orders": "orders.reconcile",
    "reconcile_stock": "stock.reconcile",
    "webhook_check": "webhooks.check",
    "backfill": "orders.backfill",
}
"""Streams that run by the clock, and the task that runs each."""

URGENCIES: Mapping[str, Urgency] = {
    "orders": Urgency.ORDERS, "outbox": Urgency.ORDERS, "refetch": Urgency.ORDERS, "webhook_check": Urgency.PERSON,
}  # fmt: skip
"""The lane of a stream's calls; what is not named is bulk."""


PATIENCE_S = 10.0
"""So long a person may wait for a channel's limit; what takes longer is done by the workers."""


class Busy(StocklineError):
    """Another worker has this stream: not a failure."""


def due_work(ctx: Context) -> list[Work]:
    """Everything that waits right now, as doorbells to ring; cheap enough for once a second."""
    now = ctx.clock()
    with ctx.db.read() as db:
        work: list[Work] = []
        if db.scalar(select(inbox.c.id).where(inbox.c.state == "new", inbox.c.kind != "refetch").limit(1)):
            work.append(("inbox.ingest", None))
        waiting = (orders.c.state == "waiting") & (orders.c.place_at <= now)
        if db.scalar(select(orders.c.id).where(waiting).limit(1)) or db.scalar(
            select(orders.c.id).where(nothing_holds()).limit(1)
        ):
            work.append(("orders.place", None))
        return work + _per_connection(db, now)


def _per_connection(db: Connection, now: datetime) -> list[Work]:
    active = select(_c.id).where(_c.state == "active").scalar_subquery()
    free = or_(_s.leased_until.is_(None), _s.leased_until < now)
    ready = and_(_s.connection_id.in_(active), _s.paused.is_(False), free, _s.due_at <= now)
    rows = db.execute(select(_s.connection_id, _s.stream).where(ready).order_by(_s.due_at)).all()
    work: list[Work] = [(TASKS[row.stream], row.connection_id) for row in rows if row.stream in TASKS]
    due = {(row.connection_id, row.stream) for row in rows}
    waiting = select(_c.id).where(_c.state == "active").order_by(_c.id)
    message, push = outbox.c, stock_pushes.c
    sends = exists().where(message.connection_id == _c.id, message.state == "new", message.due_at <= now)
    stock = exists().where(push.connection_id == _c.id, to_push(), push.due_at <= now)
    refetch = exists().where(inbox.c.connection_id == _c.id, inbox.c.state == "new", inbox.c.kind == "refetch")
    work += [("outbox.send", c) for c in db.scalars(waiting.where(sends)) if (c, "outbox") in due]
    work += [("stock.push", c) for c in db.scalars(waiting.where(stock)) if (c, "stock") in due]
    work += [("orders.refetch", c) for c in db.scalars(waiting.where(refetch)) if (c, "refetch") in due]
    return work


@contextmanager
def running(
    ctx: Context, connection_id: int, stream: str, *, every: bool = True, refused: timedelta | None = None
) -> Iterator[Row[Any]]:  # fmt: skip
    """Hold a stream while its channel is called; write down how it went.

    Yields:  the stream's row. `every`: plan the next run after `every_s` seconds (else it stays due).
             `refused`: the channel may refuse this run (NotAllowed): that is no failure, its reason stays at the
             stream, and the channel is asked again after so long, or when somebody asked for another run meanwhile.
    Raises:  Busy: somebody else is on it, it is paused, or the doorbell for it is an old one. HeldBack: the channel
             told us to stay away; the next run is put off until then. What the block raises goes up after it was noted:
             Retryable puts the next run off, NeedsPerson pauses the connection.
    """
    row = _take(ctx, connection_id, stream)
    try:
        with calling(urgency=URGENCIES.get(stream, Urgency.BULK)):
            yield row
    except HeldBack as error:
        _put_off(ctx, connection_id, stream, ctx.clock() + timedelta(seconds=error.retry_after or 1.0))
        raise
    except StocklineError as error:
        _note_failure(ctx, row, error, refused)
        raise
    except Exception as error:
        _note_failure(ctx, row, InvariantBroken(f"our code failed: {type(error).__name__}"))
        raise
    now = ctx.clock()
    later = now + timedelta(seconds=row.every_s) if every else now
    with ctx.db.write() as db:
        db.execute(
            streams.update().where(_s.connection_id == connection_id, _s.stream == stream).values(
                leased_until=None, leased_by=None, ok_at=now, failures=0,
                error=case((_s.paused, _s.error), else_=""),  # whoever paused it meanwhile said why
                due_at=case(
                    (_s.behind, literal(now, Utc)),  # it left a rest
                    else_=_planned(row, later),
                ),
            )
        )  # fmt: skip


@contextmanager
def beside(ctx: Context, connection_id: int, stream: str) -> Iterator[None]:
    """Call a channel at once for somebody who waits, beside whoever runs the stream; rows keep them apart.

    Raises: Conflict: the channel has no such stream, or it is stopped. HeldBack: the channel told us to stay away, or
            our own limit would keep the person waiting. What the block raises goes up; NeedsPerson pauses the
            connection.
    """
    _must_go(ctx, connection_id, stream)
    try:
        with calling(urgency=Urgency.PERSON, sleep=_not_long):
            yield
    except NeedsPerson as error:
        with ctx.db.write() as db:
            pause_for_person(db, connection_id, str(error), ctx.clock())
        raise


def _must_go(ctx: Context, connection_id: int, stream: str) -> None:
    now = ctx.clock()
    with ctx.db.read() as db:
        query = select(_c.name, _c.state, _s.paused, _s.error).select_from(connections).outerjoin(
            streams, and_(_s.connection_id == _c.id, _s.stream == stream)
        ).where(_c.id == connection_id)  # fmt: skip
        row = db.execute(query).one_or_none()
        held = held_until(db, connection_id)
    if row is None:
        raise NotFound(f"there is no connection {connection_id}")
    if row.paused is None:
        raise Conflict(f"{row.name} is never asked for that: its channel cannot do it")
    if row.state != "active":
        raise Conflict(f"{row.name} is paused: resume it first")
    if row.paused:
        raise Conflict(f"{row.name} is stopped in this: start it first")
    if held is not None and held > now:
        _not_long((held - now).total_seconds())


def _not_long(seconds: float) -> None:
    """Wait for a limit, as long as somebody may be kept waiting. Raises HeldBack."""
    if seconds > PATIENCE_S:
        raise HeldBack(
            f"the channel's limit keeps this back for {seconds:.0f} s: a worker does it then", retry_after=seconds
        )
    time.sleep(seconds)


def _take(ctx: Context, connection_id: int, stream: str) -> Row[Any]:
    now = ctx.clock()
    which = and_(_s.connection_id == connection_id, _s.stream == stream)
    with ctx.db.write() as db:
        query = select(streams, _c.state, _c.name).join(connections, _c.id == _s.connection_id).where(which)
        row = db.execute(query.with_for_update(of=streams)).one_or_none()
        if row is None:
            raise Busy(f"connection {connection_id} has no stream {stream}, or is not there")
        if row.state != "active" or row.paused:
            raise Busy(_why_not(row))
        if row.leased_until is not None and row.leased_until > now:
            raise Busy(f"{stream} of connection {connection_id} is being run by {row.leased_by}")
        if caller().rung and stream in TASKS and row.due_at > now:
            raise Busy(f"{stream} of connection {connection_id} ran meanwhile: the doorbell is an old one")
        held = held_until(db, connection_id)
        if held is None or held <= now:
            until = now + timedelta(seconds=ctx.lease_s)
            db.execute(streams.update().where(which).values(leased_until=until, leased_by=ctx.worker))
            return row
    _put_off(ctx, connection_id, stream, held)
    wait = (held - now).total_seconds()
    raise HeldBack(f"the channel allows no calls for {wait:.0f} s more", retry_after=wait)


def _why_not(row: Row[Any]) -> str:
    """Why a stream does not run: its connection does not, or it is stopped itself."""
    if row.state != "active":
        return f"{row.name} is paused: resume it first"
    return f"{row.stream} of {row.name} is stopped{'' if row.error else ' by hand'}: start it first"


def _put_off(ctx: Context, connection_id: int, stream: str, until: datetime) -> None:
    """Run this stream again at that time; nothing failed, so its last word stands."""
    which = and_(_s.connection_id == connection_id, _s.stream == stream)
    with ctx.db.write() as db:
        db.execute(streams.update().where(which).values(leased_until=None, leased_by=None, due_at=until))


def extend(db: Connection, ctx: Context, connection_id: int, stream: str, **values: Any) -> None:
    """Renew the lease inside a page's own transaction, and write what the page brought (cursor, newest_at).

    Raises: InvariantBroken: a cursor that is no text; stored, it would fail the stream for ever.
    """
    place = values.get("cursor")
    if not isinstance(place, str | None):
        raise InvariantBroken(f"the connector gave a cursor of the type {type(place).__name__} where text is wanted")
    until = ctx.clock() + timedelta(seconds=ctx.lease_s)
    which = and_(_s.connection_id == connection_id, _s.stream == stream)
    db.execute(streams.update().where(which).values(leased_until=until, **values))


def stands_at(db: Connection, connection_id: int, stream: str, place: str | None) -> bool:
    """Whether a stream stands where its run left it, until this transaction ends.

    Somebody may have set its place back meanwhile (a backfill): theirs holds, and the run moves it no more.
    """
    query = select(_s.cursor).where(_s.connection_id == connection_id, _s.stream == stream)
    row = db.execute(query.with_for_update()).one_or_none()
    return row is not None and row.cursor == place


def _planned(row: Row[Any], later: datetime) -> ColumnElement[datetime]:
    """When a stream runs next: `later`, or when somebody asked for another run while this one was under way."""
    return case((_s.due_at == row.due_at, literal(later, Utc)), else_=_s.due_at)


def _note_failure(ctx: Context, row: Row[Any], error: StocklineError, refused: timedelta | None = None) -> None:
    """Free the stream, with what its run raised, in one commit."""
    now = ctx.clock()
    which = and_(_s.connection_id == row.connection_id, _s.stream == row.stream)
    with ctx.db.write() as db:
        if refused is not None and isinstance(error, NotAllowed):
            plan: dict[str, Any] = {"failures": 0, "due_at": _planned(row, now + refused)}
        else:
            plan = _retry(db.scalar(select(_s.failures).where(which)) or 0, error, now)
        ended = {"leased_until": None, "leased_by": None, "failed_at": now, "error": str(error)[:500]}
        db.execute(streams.update().where(which).values(ended | plan))
        if isinstance(error, NeedsPerson):
            pause_for_person(db, row.connection_id, str(error), now)


def _retry(failures: int, error: StocklineError, now: datetime) -> dict[str, Any]:
    """What a stream that failed `failures` times before is planned for."""
    asked = error.retry_after if isinstance(error, Retryable) else None
    delay = retry_delay_s(min(failures + 1, 8), asked, 0.5) or 300.0
    return {"failures": failures + 1, "due_at": now + timedelta(seconds=delay)}


def pause_for_person(db: Connection, connection_id: int, why: str, now: datetime) -> None:
    """Stop all traffic of one connection until a person has mended it; told once."""
    paused = db.execute(
        connections.update().where(_c.id == connection_id, _c.state == "active").values(
            state="auth_failed", state_reason=why[:500], updated_at=now
        )
    )  # fmt: skip
    if paused.rowcount:
        record(db, now, "hub", "connection.paused", f"connection:{connection_id}", why=why[:500])


def make_due(db: Connection, connection_id: int, names: Sequence[str], now: datetime) -> None:
    """Run these streams as soon as a worker is free."""
    db.execute(streams.update().where(_s.connection_id == connection_id, _s.stream.in_(names)).values(due_at=now))
