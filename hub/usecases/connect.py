"""Connections: add one with its secrets sealed, check it, pause it, set it going again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection as Transaction
from sqlalchemy import select

from hub.canonical.errors import BadInput, Conflict, NotFound, StocklineError
from hub.canonical.told import told
from hub.ports.channel import Can, Connection, ConnectorSpec, Finding
from hub.store import pushes
from hub.store.audit import record
from hub.store.database import insert_new
from hub.store.tables import connections, streams
from hub.usecases.check_webhooks import callback_of, forget_refusal, remember_callback
from hub.usecases.connection_fields import check_fields, laid_over, trimmed
from hub.usecases.connection_fit import misfits
from hub.usecases.context import Context
from hub.usecases.streams import make_due

_c, _s = connections.c, streams.c
Seal = Callable[[str, str], str]
"""(text, bound to) -> sealed text; `bound to` is "connection:{id}:{field}"."""

EVERY_S = {"refunds": 3600, "listings": 3600, "reconcile_orders": 1800, "reconcile_stock": 900, "webhook_check": 300}
"""How often streams run that no message asks for, in seconds (orders: the passport's `poll_s`; its `every_s` wins)."""


NOT_CALLED = Finding(
    "webhooks",
    False,
    told(
        "no public address is set, so the channel cannot call, and orders come by the clock alone: set "
        "STOCKLINE_PUBLIC_URL, or check with --callback-url https://…"
    ),
    needed=False,
)
"""What a check says of a channel with webhooks that knows no address of ours."""


def add_connection(
    ctx: Context, seal: Seal, spec: ConnectorSpec, name: str, settings: Mapping[str, str], secrets: Mapping[str, str],
    *, actor: str, on_shortage: str = "hold", unread: Mapping[str, str] = MappingProxyType({}),
) -> int:  # fmt: skip
    """Store one connection and its streams; returns its id. Blanks around values are taken away.

    Args:   unread: what was given in a way that cannot be read, "settings.x" or "secrets.x" -> why: told with the rest.
    Raises: BadInput: a setting or secret is missing, unknown or of no use (`fields` says which).
            Conflict: the name is taken.
    """
    secrets = {field: text for field, text in trimmed(secrets).items() if text}
    filled = laid_over(spec, {}, trimmed(settings))
    described = Connection(0, name, spec.name, filled, secrets)
    check_fields(
        spec,
        name,
        filled,
        secrets,
        on_shortage,
        given=settings,
        further=lambda: misfits(ctx, spec, described, {}),
        unread=unread,
    )
    now = ctx.clock()
    with ctx.db.write() as db:
        if db.scalar(select(_c.id).where(_c.name == name)) is not None:
            raise Conflict(f"there is a connection named {name!r} already: choose another name")
        row = {
            "name": name, "channel": spec.name, "settings": filled, "secrets": {}, "state": "active",
            "state_reason": "", "on_shortage": on_shortage, "created_at": now, "updated_at": now,
        }  # fmt: skip
        connection_id = int(db.execute(connections.insert().returning(_c.id), row).scalar_one())
        sealed = {field: seal(text, f"connection:{connection_id}:{field}") for field, text in secrets.items()}
        db.execute(connections.update().where(_c.id == connection_id).values(secrets=sealed))
        _add_streams(db, connection_id, spec, now)
        record(db, now, actor, "connection.added", f"connection:{connection_id}", name=name, channel=spec.name)
    return connection_id


def _add_streams(db: Transaction, connection_id: int, spec: ConnectorSpec, now: datetime) -> None:
    names = {"stock": Can.PUSH_STOCK, "orders": Can.PULL_ORDERS, "listings": Can.PULL_LISTINGS,
             "reconcile_orders": Can.PULL_ORDERS, "reconcile_stock": Can.PUSH_STOCK, "webhooks": Can.WEBHOOKS,
             "webhook_check": Can.WEBHOOKS, "refetch": Can.FETCH_ORDER, "refunds": Can.PULL_REFUNDS}  # fmt: skip
    wanted = sorted(["outbox", *(name for name, can in names.items() if can in spec.can)])
    rows = [
        {
            "connection_id": connection_id, "stream": name, "due_at": now, "error": "", "failures": 0, "paused": False,
            "total": 0, "every_s": {**EVERY_S, **spec.every_s}.get(name, spec.poll_s),
        }
        for name in wanted
    ]  # fmt: skip
    insert_new(db, streams, rows, ("connection_id", "stream"))


def check_connection(ctx: Context, connection_id: int, callback_url: str | None) -> tuple[Finding, ...]:
    """Ask the channel whether all is set up, and repair its webhooks; a failure becomes a finding.

    Webhooks go to `callback_url`, else where they went before; where neither is known, that they are not there is told.
    A connection that was paused for its credentials goes on once they work, whatever it does without.
    """
    try:
        channel, url = ctx.channel(connection_id), callback_url or callback_of(ctx, connection_id)
        findings = channel.check(url or None)
    except StocklineError as error:
        return (Finding("reach the channel", False, str(error)),)
    if any(finding.stops for finding in findings):
        return findings
    with ctx.db.write() as db:
        _wake(db, connection_id, "auth_failed", ctx.clock())
        if callback_url:
            remember_callback(ctx, db, connection_id, callback_url)
        if url:
            forget_refusal(db, connection_id, ctx.clock())
        if all(finding.ok for finding in findings):
            make_due(db, connection_id, ["refunds"], ctx.clock())  # what may be read now is read now
    return findings if url or Can.WEBHOOKS not in channel.spec.can else (*findings, NOT_CALLED)


def pause_connection(ctx: Context, connection_id: int, actor: str, why: str = "by hand") -> None:
    """Stop all traffic of one connection; webhooks are still kept."""
    now = ctx.clock()
    with ctx.db.write() as db:
        _exists(db, connection_id)
        values = {"state": "paused", "state_reason": why[:500], "updated_at": now}
        db.execute(connections.update().where(_c.id == connection_id).values(values))
        record(db, now, actor, "connection.paused", f"connection:{connection_id}", why=why[:500])


def resume_connection(ctx: Context, connection_id: int, actor: str) -> None:
    """Set a connection and its stopped streams going again; everything that waited is due now.

    Zeros that the mass-zero breaker keeps back are judged anew.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        _exists(db, connection_id)
        _wake(db, connection_id, None, now)
        pushes.doubt_no_more(db, connection_id, now)
        db.execute(
            streams.update()
            .where(_s.connection_id == connection_id)
            .values(paused=False, failures=0, error="", due_at=now)
        )
        record(db, now, actor, "connection.resumed", f"connection:{connection_id}")
    sync_now(ctx, connection_id)


def pause_stream(ctx: Context, connection_id: int, stream: str, paused: bool, actor: str) -> None:
    """Stop or start one kind of traffic of one connection."""
    now = ctx.clock()
    with ctx.db.write() as db:
        which = (_s.connection_id == connection_id, _s.stream == stream)
        values: dict[str, Any] = {"paused": paused} if paused else {"paused": False, "due_at": now, "error": ""}
        if not db.execute(streams.update().where(*which).values(values)).rowcount:
            raise NotFound(f"connection {connection_id} has no stream {stream!r}")
        word = "stream.paused" if paused else "stream.resumed"
        record(db, now, actor, word, f"connection:{connection_id}", stream=stream)


def set_interval(ctx: Context, connection_id: int, stream: str, every_s: int, actor: str) -> None:
    """How often a stream runs by the clock, in seconds. Raises: NotFound; BadInput: below 1 second or above a week."""
    if not 1 <= every_s <= 604_800:
        raise BadInput(f"every_s = {every_s}: use 1 to 604800 seconds")
    now = ctx.clock()
    with ctx.db.write() as db:
        which = (_s.connection_id == connection_id, _s.stream == stream)
        if not db.execute(streams.update().where(*which).values(every_s=every_s, due_at=now)).rowcount:
            raise NotFound(f"connection {connection_id} has no stream {stream!r}")
        record(db, now, actor, "stream.interval", f"connection:{connection_id}", stream=stream, every_s=every_s)


def sync_now(ctx: Context, connection_id: int, names: Sequence[str] = ("orders", "stock", "outbox")) -> list[str]:
    """Run these streams as soon as a worker is free; returns those of them that a person stopped, and that stay so.

    Raises: NotFound. Conflict: nothing of it would run; it says what sets it going.
    """
    with ctx.db.write() as db:
        stopped = _stopped(db, connection_id, names)
        make_due(db, connection_id, names, ctx.clock())
    for work in ("orders.pull", "stock.push", "outbox.send"):
        ctx.doorbell.ring(work, connection_id)
    return stopped


def _stopped(db: Transaction, connection_id: int, names: Sequence[str]) -> list[str]:
    """Which of these streams are stopped, where others run."""
    row = db.execute(select(_c.name, _c.state).where(_c.id == connection_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no connection {connection_id}")
    if row.state == "auth_failed":
        raise Conflict(f"{row.name} is paused, as its credentials are refused: renew them, then check it")
    if row.state != "active":
        raise Conflict(f"{row.name} is paused: resume it first")
    which = (_s.connection_id == connection_id, _s.stream.in_(names))
    rows = db.execute(select(_s.stream, _s.paused).where(*which).order_by(_s.stream)).all()
    if rows and all(each.paused for each in rows):
        raise Conflict(f"{row.name} is stopped in this: start it first")
    return [each.stream for each in rows if each.paused]


def _exists(db: Transaction, connection_id: int) -> None:
    if db.scalar(select(_c.id).where(_c.id == connection_id)) is None:
        raise NotFound(f"there is no connection {connection_id}")


def _wake(db: Transaction, connection_id: int, only: str | None, now: datetime) -> None:
    statement = connections.update().where(_c.id == connection_id)
    if only is not None:
        statement = statement.where(_c.state == only)
    db.execute(statement.values(state="active", state_reason="", updated_at=now))
