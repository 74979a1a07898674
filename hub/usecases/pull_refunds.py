"""Pulls the refunds that a channel tells apart from its orders."""

from __future__ import annotations

from hub.canonical.errors import NotAllowed
from hub.store.audit import record
from hub.store.tables import streams
from hub.usecases.context import Context
from hub.usecases.pull_orders import pull_pages

STREAM = "refunds"


def pull_refunds(ctx: Context, connection_id: int) -> int:
    """Store what was told since the cursor, a step of it; returns how many records were new to us.

    Each run also rings for refunds whose order came only now, or while they were kept.

    Raises: Busy, and what the channel raises, after it was written down at the stream. NotAllowed: the account may not
            read refunds; this stream alone stands still then, with the reason, until a person starts it.
    """
    ctx.doorbell.ring("refunds.join")
    try:
        return pull_pages(ctx, connection_id, STREAM, lambda channel, cursor: channel.pull_refunds(cursor))
    except NotAllowed as error:
        _stop(ctx, connection_id, str(error))
        raise


def _stop(ctx: Context, connection_id: int, why: str) -> None:
    """Asking again would change nothing, and an error that stays hides the next one."""
    which = (streams.c.connection_id == connection_id, streams.c.stream == STREAM)
    with ctx.db.write() as db:
        db.execute(streams.update().where(*which).values(paused=True, failures=0))
        record(db, ctx.clock(), "hub", "stream.paused", f"connection:{connection_id}", stream=STREAM, why=why[:500])
