"""Reads the orders of a range of time again, beside the running pull and step by step; a crash loses no page."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.canonical.times import iso
from hub.ports.channel import Can, Channel, Page, RawRecord
from hub.rules.backfill import in_range
from hub.store.audit import record
from hub.store.database import by_code_points, insert_new
from hub.store.tables import backfills, connections, orders, streams
from hub.usecases.context import Context
from hub.usecases.pull_orders import STEP_PAGES, keep_page, ring
from hub.usecases.streams import extend, running, stands_at

log = logging.getLogger(__name__)
STREAM = "backfill"
LONGEST = timedelta(days=3660)
_b, _s, _o = backfills.c, streams.c, orders.c


def end_of(until: datetime) -> datetime:
    """A day as typed (midnight) means the whole day."""
    return until + timedelta(days=1) if (until.hour, until.minute, until.second) == (0, 0, 0) else until


def ask_backfill(ctx: Context, connection_id: int, since: datetime, until: datetime | None, *, actor: str) -> int:
    """Have the orders of [since, until) read again; returns the backfill's id.

    Raises: NotFound; Conflict: the channel cannot, or one is under way; BadInput: a range that is none.
    """
    now = ctx.clock()
    check_range(since, until, now)
    with ctx.db.write() as db:
        which = connections.c.id == connection_id
        name = db.scalar(select(connections.c.name).where(which).with_for_update())
        if name is None:
            raise NotFound(f"there is no connection {connection_id}")
        must_read_again(ctx, connection_id, name)
        if _under_way(db, connection_id) is not None:
            raise Conflict(f"a backfill of {name} is under way already: wait for it, or cancel it first")
        row = {"connection_id": connection_id, "since": since, "until": until, "state": "running", "new": 0,
               "known": 0, "asked_by": actor, "created_at": now}  # fmt: skip
        found = db.execute(backfills.insert().returning(_b.id), row).scalar_one()
        _begin(db, connection_id, since, now)
        record(db, now, actor, "backfill.asked", f"connection:{connection_id}", since=iso(since),
               until=iso(until) if until else None)  # fmt: skip
    ctx.doorbell.ring("orders.backfill", connection_id)
    return int(found)


def must_read_again(ctx: Context, connection_id: int, name: str) -> None:
    """Raises Conflict: the channel of this connection gives nothing by its date."""
    if Can.BACKFILL not in ctx.channel(connection_id).spec.can:
        raise Conflict(f"{name} cannot be read again: its channel gives each order once, whatever its date")


def check_range(since: datetime, until: datetime | None, now: datetime) -> None:
    """Raises BadInput: what is wrong with a range, and what to write instead. Until may be the end of today."""
    begin, clock, first = iso(since), f"{now:%Y-%m-%d %H:%M} UTC", f"{now - LONGEST:%Y-%m-%d}"
    if since >= now:
        raise BadInput(f"since = {begin} is not past yet (it is {clock}): name an earlier since")
    if since < now - LONGEST:
        raise BadInput(f"since = {begin} is more than ten years ago: name a since from {first} on")
    if until is not None and since >= until:
        raise BadInput(f"since = {begin} is not before until: name an earlier since or a later until")
    if until is not None and until > now + timedelta(days=1):
        raise BadInput(f"until is not past yet (it is {clock}): leave it out to read up to now")


def _begin(db: Connection, connection_id: int, since: datetime, now: datetime) -> None:
    """Refunds that are told apart from the orders of the range are read again by their own pull, which never skips."""
    row = {"connection_id": connection_id, "stream": STREAM, "cursor": iso(since), "due_at": now, "every_s": 60,
           "error": "", "failures": 0, "behind": True, "paused": False, "total": 0}  # fmt: skip
    insert_new(db, streams, [row], ("connection_id", "stream"))
    later = or_(_s.cursor.is_(None), by_code_points(db, _s.cursor) > iso(since))
    refunds = (_s.connection_id == connection_id, _s.stream == "refunds", later)
    db.execute(streams.update().where(*refunds).values(cursor=iso(since), due_at=now))


def cancel_backfill(ctx: Context, connection_id: int, *, actor: str) -> None:
    """Stop the one under way; what was read stays. Raises NotFound: there is none."""
    with ctx.db.write() as db:
        asked = _under_way(db, connection_id)
        if asked is None:
            raise NotFound("no backfill is under way here")
        _end(db, asked, "cancelled", ctx.clock(), actor)


def backfill_orders(ctx: Context, connection_id: int) -> int:
    """Read the next step of the range; returns how many of its orders were not here.

    Platforms tell changes only, and an order of the range may have changed since: so it is read up to now, and what
    belongs to the range is kept. The stream's own cursor goes on where a step or a crash ended it; one that was
    cancelled ends with the page, whether or not another was asked for meanwhile.

    Raises: Busy, and what the channel raises, after it was written down at the stream.
    """
    new, behind = 0, False
    with running(ctx, connection_id, STREAM, every=False) as stream:
        channel, place = ctx.channel(connection_id), stream.cursor
        for number, page in enumerate(channel.pull_orders(stream.cursor), start=1):
            found = _store(ctx, channel, stream, page, place)
            if found is None:
                return new
            new, place = new + found, page.cursor or place
            behind = number >= STEP_PAGES and page.cursor not in (None, stream.cursor)
            if behind:
                break
        if not behind:
            _finish(ctx, connection_id, place)
    if behind:
        ctx.doorbell.ring("orders.backfill", connection_id)
    return new


def _store(ctx: Context, channel: Channel, stream: Row[Any], page: Page, place: str | None) -> int | None:
    """What of a page belongs to the range, the counts and the cursor in one commit; None: it was cancelled."""
    with ctx.db.write() as db:
        asked = _lock(db, stream.connection_id, place)
        if asked is None:
            return None
        kept = page if page.receipts else _of_range(channel, page, asked)  # what is confirmed to the channel is kept
        new, known = _count(db, stream, kept.records)
        stored = keep_page(ctx, db, stream.connection_id, kept, source=STREAM)
        counts: dict[str, Any] = {"new": _b.new + new, "known": _b.known + known}
        reached = page.newest_at or asked.reached_at
        db.execute(backfills.update().where(_b.id == asked.id).values(**counts, reached_at=reached))
        extend(db, ctx, stream.connection_id, STREAM, cursor=page.cursor or place, newest_at=reached)
    ring(ctx, stream.connection_id, kept, stored)
    return new


def _of_range(channel: Channel, page: Page, asked: Row[Any]) -> Page:
    wanted = [one for one in page.records if _is_wanted(channel, one, asked)]
    return Page(tuple(wanted), page.cursor, (), page.newest_at)


def _is_wanted(channel: Channel, one: RawRecord, asked: Row[Any]) -> bool:
    """Whether it belongs to the range, or cannot be understood: who reads the inbox says what is wrong with it."""
    if one.problem is not None:
        return True
    try:
        return in_range(one.updated_at, asked.since, asked.until, lambda: _placed(channel, one))
    except Exception:  # noqa: BLE001 - a mapping may fail in any way; the inbox reads it again, and tells
        log.info("%s of connection %s cannot be read; it is kept all the same", one.ref, asked.connection_id)
        return True


def _placed(channel: Channel, one: RawRecord) -> list[datetime]:
    return [order.placed_at for order in channel.to_orders(one) if order.placed_at]


def _count(db: Connection, stream: Row[Any], records: Sequence[RawRecord]) -> tuple[int, int]:
    """How many orders are not here yet, and how many are; a step begins where the last ended, and repeats a little."""
    begun = stream.newest_at
    refs = {one.ref for one in records if not (begun and one.updated_at and one.updated_at <= begun)}
    query = select(_o.channel_ref).where(_o.connection_id == stream.connection_id, _o.channel_ref.in_(sorted(refs)))
    known = len(db.scalars(query).all())
    return len(refs) - known, known


def _finish(ctx: Context, connection_id: int, place: str | None) -> None:
    with ctx.db.write() as db:
        asked = _lock(db, connection_id, place)
        if asked is not None:
            _end(db, asked, "done", ctx.clock(), "hub")


def _lock(db: Connection, connection_id: int, place: str | None) -> Row[Any] | None:
    """The backfill under way, where its stream stands at `place`: else it is not the one that a run began with."""
    asked = _under_way(db, connection_id)
    return asked if asked is not None and stands_at(db, connection_id, STREAM, place) else None


def _under_way(db: Connection, connection_id: int) -> Row[Any] | None:
    """The backfill under way, locked."""
    query = select(backfills).where(_b.connection_id == connection_id, _b.state == "running")
    return db.execute(query.with_for_update()).one_or_none()


def _end(db: Connection, asked: Row[Any], state: str, now: datetime, actor: str) -> None:
    db.execute(backfills.update().where(_b.id == asked.id).values(state=state, ended_at=now))
    db.execute(streams.delete().where(_s.connection_id == asked.connection_id, _s.stream == STREAM))
    word = "backfill.done" if state == "done" else "backfill.cancelled"
    record(db, now, actor, word, f"connection:{asked.connection_id}", new=asked.new, known=asked.known)
