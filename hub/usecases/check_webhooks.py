"""Looks after a connection's webhooks: channels delete or switch off those that failed too often."""

from __future__ import annotations

from sqlalchemy import select

from hub.canonical.errors import Misconfigured
from hub.store.audit import record
from hub.store.tables import connections
from hub.usecases.context import Context
from hub.usecases.streams import running

CALLBACK = "callback_url"
"""The setting that a successful check with an address leaves: where the channel's webhooks go."""


def callback_of(ctx: Context, connection_id: int) -> str:
    """Where the webhooks of a connection go; empty before the first check with an address."""
    with ctx.db.read() as db:
        settings = db.scalar(select(connections.c.settings).where(connections.c.id == connection_id)) or {}
    return str(settings.get(CALLBACK) or "")


def check_webhooks(ctx: Context, connection_id: int) -> int:
    """Register again what is missing; returns how many were repaired (none before the first check with an address).

    Raises: Busy, Misconfigured with every finding that is not fine, and what the channel raises, after it was noted.
    """
    with running(ctx, connection_id, "webhook_check"):
        url = callback_of(ctx, connection_id)
        if not url:
            return 0
        findings = ctx.channel(connection_id).check(url)
        repaired = [finding.what for finding in findings if finding.repaired]
        wrong = [f"{finding.what}: {finding.mend}" for finding in findings if not finding.ok]
        if repaired:
            with ctx.db.write() as db:
                record(db, ctx.clock(), "hub", "webhooks.repaired", f"connection:{connection_id}", what=repaired)
        if wrong:
            raise Misconfigured("; ".join(wrong))
    return len(repaired)
