"""Looks after a connection's webhooks: channels delete or switch off those that failed too often."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from hub.canonical.errors import Misconfigured, NotAllowed
from hub.rules.callbacks import CALLBACK, FOLLOWS, registers_at
from hub.store.audit import record
from hub.store.tables import connections, streams
from hub.usecases.context import Context
from hub.usecases.streams import running

STREAM = "webhook_check"
REFUSED = timedelta(hours=6)
_c, _s = connections.c, streams.c


def callback_of(ctx: Context, connection_id: int) -> str:
    """Where the webhooks of a connection go; empty before the first check with an address."""
    with ctx.db.read() as db:
        return str(_settings(db, connection_id).get(CALLBACK) or "")


def remember_callback(ctx: Context, db: Connection, connection_id: int, callback_url: str) -> None:
    """Keep where a person's check has the webhooks go, so that they are looked after from now on.

    Below the public address they follow it.
    """
    name = str(db.scalar(select(_c.name).where(_c.id == connection_id)))
    _keep(db, connection_id, callback_url, follows=callback_url == ctx.callback_url(name))


def forget_refusal(db: Connection, connection_id: int, now: datetime) -> None:
    """A person's check went well: what the channel said before holds no more, and it is looked after at once."""
    mine = (_s.connection_id == connection_id, _s.stream == STREAM, _s.paused.is_(False))
    db.execute(streams.update().where(*mine).values(failures=0, error="", due_at=now))


def check_webhooks(ctx: Context, connection_id: int) -> int:
    """Register again what is missing; returns how many were made or repaired (none where no address is known).

    They go where a person sent them, else below the hub's public address, which is kept once the channel took it.

    Raises: Busy, and what the channel raises, after it was noted. NotAllowed: every finding that stops a connection, or
            that it cannot be asked as it is set up; it goes on by the clock (its credentials the orders meet too), and
            the channel is asked again after `REFUSED`, a changed setting, or a person's check.
    """
    with running(ctx, connection_id, STREAM, refused=REFUSED) as stream:
        with ctx.db.read() as db:
            url = registers_at(_settings(db, connection_id), ctx.callback_url(stream.name))
        if not url:
            return 0
        try:
            return _look_after(ctx, connection_id, url, follows=url == ctx.callback_url(stream.name))
        except Misconfigured as error:
            raise NotAllowed(str(error)) from None


def _look_after(ctx: Context, connection_id: int, url: str, *, follows: bool) -> int:
    findings = ctx.channel(connection_id).check(url)
    repaired = [finding.what for finding in findings if finding.repaired]
    wrong = [f"{finding.what}: {finding.mend}" for finding in findings if finding.stops]
    with ctx.db.write() as db:
        if repaired:
            record(db, ctx.clock(), "hub", "webhooks.repaired", f"connection:{connection_id}", what=repaired)
        if follows and not wrong:
            _keep(db, connection_id, url, follows=True, over_named=False)
    if wrong:
        raise NotAllowed("; ".join(wrong))
    return len(repaired)


def _keep(db: Connection, connection_id: int, url: str, *, follows: bool, over_named: bool = True) -> None:
    """`over_named`: also where a person named another address meanwhile."""
    settings = _settings(db, connection_id, lock=True)
    named = settings.get(CALLBACK) not in (None, "", url) and not settings.get(FOLLOWS)
    kept = {name: text for name, text in settings.items() if name != FOLLOWS}
    kept |= {CALLBACK: url} | ({FOLLOWS: "yes"} if follows else {})
    if kept != settings and (over_named or not named):
        db.execute(connections.update().where(_c.id == connection_id).values(settings=kept))


def _settings(db: Connection, connection_id: int, *, lock: bool = False) -> dict[str, Any]:
    query = select(_c.settings).where(_c.id == connection_id)
    return db.scalar(query.with_for_update() if lock else query) or {}
