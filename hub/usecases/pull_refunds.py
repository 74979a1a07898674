"""Pulls the refunds that a channel tells apart from its orders."""

from __future__ import annotations

from datetime import timedelta

from hub.usecases.context import Context
from hub.usecases.pull_orders import pull_pages

STREAM = "refunds"
REFUSED = timedelta(days=1)


def pull_refunds(ctx: Context, connection_id: int) -> int:
    """Store what was told since the cursor, a step of it; returns how many records were new to us.

    Each run also rings for refunds whose order came only now, or while they were kept.

    Raises: Busy, and what the channel raises, after it was written down at the stream. NotAllowed: the account may not
            read refunds; the channel is no less well for that, and is asked again in a day, or after a check without
            complaint.
    """
    ctx.doorbell.ring("refunds.join")
    return pull_pages(ctx, connection_id, STREAM, lambda channel, cursor: channel.pull_refunds(cursor), REFUSED)
