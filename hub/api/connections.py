"""Connections: health of each and of its streams; run now, pause, resume, check. Secrets and settings never leave."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Depends, Query, Response
from pydantic import AwareDatetime

from hub.api.parts import Id, In, OnceOnly, Out, Page, Paging, PathId, Served, Time, Words, page, resource
from hub.reports.channels import read_channel, read_channels
from hub.reports.cursors import pack, unpack
from hub.rules.permissions import Principal
from hub.usecases.connect import check_connection, pause_connection, resume_connection, sync_now
from hub.usecases.context import Context
from hub.usecases.restart_stream import restart_stream
from hub.web.auth import require

router = resource("connections")


class StreamOut(Out):
    """One kind of traffic. `lag_s`: age of the oldest thing that waits, null: nothing waits or it cannot be known."""

    stream: str
    health: str
    ok_at: Time | None
    failed_at: Time | None
    due_at: Time
    every_s: int
    error: str
    failures: int
    newest_at: Time | None
    paused: bool
    breaker: bool
    running: bool
    total: int
    waiting: int
    lag_s: float | None


class ConnectionOut(Out):
    """One connection. `state`: active, paused, auth_failed; `lag_s`: age of the oldest thing that waits on it.

    `waiting_zeros`: listings whose 0 waits until a person says that it is meant; `breaker`: whether there are any.
    """

    id: Id
    name: str
    channel: str
    state: str
    state_reason: str
    on_shortage: str
    health: str
    lag_s: float
    orders: int
    held: int
    listings: int
    unlinked: int
    waiting_inbox: int
    waiting_outbox: int
    waiting_pushes: int
    dead: int
    breaker: bool
    waiting_zeros: int
    streams: list[StreamOut]


class PauseIn(In):
    why: Words = "by hand"


class RestartIn(In):
    """`since`: where to begin; left out: where a first pull does."""

    since: AwareDatetime | None = None


class FindingOut(Out):
    """`mend`: how to mend what is not fine. `needed`: false for what the connection does without."""

    what: str
    ok: bool
    mend: str
    repaired: bool
    needed: bool


class CheckOut(Out):
    ok: bool
    findings: list[FindingOut]
    as_of: Time


@router.get("")
def list_connections(
    asked: Annotated[Paging, Query()], services: Served, _who: Annotated[Principal, Depends(require("channels.read"))]
) -> Page[ConnectionOut]:
    """Connections by name, with their health."""
    after = unpack(asked.cursor) if asked.cursor else ""
    found = [row for row in read_channels(services.ctx.db, services.ctx.clock()) if row.name > after]
    shown = found[: asked.limit]
    return page(Page[ConnectionOut], shown, pack(shown[-1].name) if len(found) > asked.limit else None)


@router.get("/{connection_id}")
def get_connection(
    connection_id: PathId, services: Served, _who: Annotated[Principal, Depends(require("channels.read"))]
) -> ConnectionOut:
    """One connection and its streams."""
    return _read(services.ctx, connection_id)


@router.post("/{connection_id}/sync", response_model=ConnectionOut)
def sync(
    connection_id: PathId, once: OnceOnly, who: Annotated[Principal, Depends(require("channels.write"))]
) -> Response:
    """Pull orders, push stock and send messages as soon as a worker is free; 409 where nothing of it would run."""

    def act(ctx: Context) -> ConnectionOut:
        sync_now(ctx, connection_id)
        return _read(ctx, connection_id)

    return once(act)


@router.post("/{connection_id}/pause", response_model=ConnectionOut)
def pause(
    connection_id: PathId,
    once: OnceOnly,
    who: Annotated[Principal, Depends(require("channels.write"))],
    body: PauseIn | None = None,
) -> Response:
    """Stop all traffic; webhooks are still kept."""

    def act(ctx: Context) -> ConnectionOut:
        pause_connection(ctx, connection_id, who.actor, (body or PauseIn()).why)
        return _read(ctx, connection_id)

    return once(act)


@router.post("/{connection_id}/resume", response_model=ConnectionOut)
def resume(
    connection_id: PathId, once: OnceOnly, who: Annotated[Principal, Depends(require("channels.write"))]
) -> Response:
    """Set a connection and its stopped streams going again."""

    def act(ctx: Context) -> ConnectionOut:
        resume_connection(ctx, connection_id, who.actor)
        return _read(ctx, connection_id)

    return once(act)


@router.post("/{connection_id}/streams/{stream}/restart", response_model=ConnectionOut)
def restart(
    connection_id: PathId,
    stream: Literal["orders", "refunds"],
    once: OnceOnly,
    who: Annotated[Principal, Depends(require("channels.write"))],
    body: RestartIn | None = None,
) -> Response:
    """Forget how far the stream has read: the next pull begins where a first one would; nothing is doubled."""
    begin = body.since.astimezone(UTC) if body and body.since else None

    def act(ctx: Context) -> ConnectionOut:
        restart_stream(ctx, connection_id, stream, actor=who.actor, since=begin)
        return _read(ctx, connection_id)

    return once(act)


@router.post("/{connection_id}/check", response_model=CheckOut)
def check(
    connection_id: PathId,
    services: Served,
    once: OnceOnly,
    who: Annotated[Principal, Depends(require("channels.write"))],
) -> Response:
    """Ask the channel whether credentials, scopes and webhooks are in order, and repair its webhooks."""

    def act(ctx: Context) -> CheckOut:
        url = services.ctx.callback_url(_read(ctx, connection_id).name)
        found = check_connection(ctx, connection_id, url or None)
        told = [FindingOut.model_validate(one) for one in found]
        return CheckOut(ok=not any(one.stops for one in found), findings=told, as_of=_now(ctx))

    return once(act)


def _read(ctx: Context, connection_id: int) -> ConnectionOut:
    return ConnectionOut.model_validate(read_channel(ctx.db, connection_id, ctx.clock()))


def _now(ctx: Context) -> datetime:
    return ctx.clock()
