"""Removes what nobody needs any more: old keys, sessions and links, settled messages after a while."""

from __future__ import annotations

from datetime import timedelta

from hub.store.tables import hot_skus, idempotency_keys, inbox, login_links, outbox, refunds, user_sessions
from hub.usecases.context import Context

KEEP_KEYS = timedelta(days=7)
KEEP_RAW = timedelta(days=90)
KEEP_HEAT = timedelta(days=1)
KEEP_LONELY = timedelta(days=730)
"""So long a refund waits for an order that never came."""


def clean(ctx: Context) -> int:
    """Delete what is past its time; returns how many rows went. Orders, stock, ledger and holds are never touched."""
    now = ctx.clock()
    past = (
        idempotency_keys.delete().where(idempotency_keys.c.created_at < now - KEEP_KEYS),
        user_sessions.delete().where(user_sessions.c.expires_at < now),
        login_links.delete().where(login_links.c.expires_at < now),
        inbox.delete().where(inbox.c.state.in_(("done", "ignored")), inbox.c.done_at < now - KEEP_RAW),
        hot_skus.delete().where(hot_skus.c.until < now - KEEP_HEAT),
        refunds.delete().where(refunds.c.waits, refunds.c.told_at < now - KEEP_LONELY),
        outbox.delete().where(outbox.c.state == "sent", outbox.c.sent_at < now - KEEP_RAW),
    )
    with ctx.db.write() as db:
        return sum(db.execute(statement).rowcount for statement in past)
