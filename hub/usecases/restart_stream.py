"""Has a stream forget how far it has read: one whose place no connector can read any more would fail for ever."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from hub.canonical.errors import Conflict, NotFound
from hub.canonical.times import iso
from hub.store.audit import record
from hub.store.tables import connections, streams
from hub.usecases.backfill_orders import check_range, must_read_again
from hub.usecases.context import Context
from hub.usecases.streams import TASKS

PLACED = ("orders", "refunds")
"""Streams that read on from a place; listings, for one, are read whole each time."""
_c, _s = connections.c, streams.c


def restart_stream(
    ctx: Context, connection_id: int, stream: str, *, actor: str, since: datetime | None = None
) -> None:  # fmt: skip
    """Forget a stream's place: its next pull begins where a first one would, or at `since`. Nothing is doubled.

    A run that is under way ends with its page, and gives way, as to a backfill.

    Raises: NotFound; BadInput: `since` is none; Conflict: a run stands at that very place, and could not tell that it
            was set back; or the channel knows no dates.
    """
    now = ctx.clock()
    if since is not None:
        check_range(since, None, now)
    which = (_s.connection_id == connection_id, _s.stream == stream)
    with ctx.db.write() as db:
        query = select(_s.cursor, _s.leased_until, _c.name).join(connections, _c.id == _s.connection_id).where(*which)
        row = db.execute(query.with_for_update(of=streams)).one_or_none()
        if row is None or stream not in PLACED:
            raise NotFound(
                f"this connection has no stream {stream!r} that reads on from a place; most channels tell refunds with "
                "their orders: begin these anew"
            )
        if since is not None:
            must_read_again(ctx, connection_id, row.name)
        place = iso(since) if since else None
        if row.leased_until is not None and row.leased_until > now and row.cursor == place:
            raise Conflict(f"{row.name} is being read from there just now: stop the stream first, then try again")
        anew = {"cursor": place, "newest_at": None, "behind": False, "failures": 0, "error": "", "due_at": now}
        db.execute(streams.update().where(*which).values(anew))
        record(db, now, actor, "stream.restarted", f"connection:{connection_id}", stream=stream,
               before=(row.cursor or "")[:200], since=place)  # fmt: skip
    ctx.doorbell.ring(TASKS[stream], connection_id)
