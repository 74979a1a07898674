"""Looks after a connection's webhooks: channels delete or switch off those that failed too often."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from hub.canonical.errors import Misconfigured, NotAllowed
from hub.store.audit import record
from hub.store.tables import connections
from hub.usecases.context import Context
from hub.usecases.streams import refusable, running

CALLBACK = "callback_url"
"""The setting that a successful check with an address leaves: where the channel's webhooks go."""
STREAM = "webhook_check"
_c = connections.c


def callback_of(ctx: Context, connection_id: int) -> str:
    """Where the webhooks of a connection go; empty before the first check with an address."""
    with ctx.db.read() as db:
        return str(_settings(db, connection_id).get(CALLBACK) or "")


def remember_callback(db: Connection, connection_id: int, callback_url: str, *, first: bool = False) -> None:
    """Keep where the webhooks go, so that they are looked after from now on; `first`: only where none is kept yet."""
    settings = _settings(db, connection_id, lock=True)
    known = settings.get(CALLBACK)
    if known != callback_url and not (first and known):
        statement = connections.update().where(_c.id == connection_id)
        db.execute(statement.values(settings={**settings, CALLBACK: callback_url}))


def check_webhooks(ctx: Context, connection_id: int) -> int:
    """Register again what is missing; returns how many were made or repaired (none where no address is known).

    They go where they went before, at first below the hub's public address, which is kept once the channel took it.

    Raises: Busy; Misconfigured with every finding that stops the connection, and what the channel raises, after it was
            noted. NotAllowed: the channel did not take them for a first time; the connection is no less well for that,
            and the channel is asked again as planned.
    """
    with refusable(ctx, connection_id, STREAM), running(ctx, connection_id, STREAM) as stream:
        known = callback_of(ctx, connection_id)
        url = known or ctx.callback_url(stream.name)
        if not url:
            return 0
        try:
            return _look_after(ctx, connection_id, url)
        except Misconfigured as error:
            if known:
                raise
            raise NotAllowed(str(error)) from None


def _look_after(ctx: Context, connection_id: int, url: str) -> int:
    findings = ctx.channel(connection_id).check(url)
    repaired = [finding.what for finding in findings if finding.repaired]
    wrong = [f"{finding.what}: {finding.mend}" for finding in findings if finding.stops]
    with ctx.db.write() as db:
        if repaired:
            record(db, ctx.clock(), "hub", "webhooks.repaired", f"connection:{connection_id}", what=repaired)
        if not wrong:
            remember_callback(db, connection_id, url, first=True)
    if wrong:
        raise Misconfigured("; ".join(wrong))
    return len(repaired)


def _settings(db: Connection, connection_id: int, *, lock: bool = False) -> dict[str, Any]:
    query = select(_c.settings).where(_c.id == connection_id)
    return db.scalar(query.with_for_update() if lock else query) or {}
