"""Channels: health, lag and every stream; sync now, pause, resume; the breaker; dead letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, Response

from hub.canonical.errors import Conflict, NotFound
from hub.pages.connect import check_now
from hub.pages.labels import label
from hub.pages.shell import Page, page_for
from hub.ports.channel import Finding
from hub.reports.backfills import read_backfills
from hub.reports.channels import ChannelState, read_channel, read_channels
from hub.reports.dead import dead_count, dead_letters
from hub.reports.stopped import Zeros, read_zeros
from hub.usecases.connect import pause_connection, pause_stream, resume_connection, sync_now
from hub.usecases.mass_zero import allow_mass_zero, look_again
from hub.usecases.push_now import Said
from hub.usecases.replay_dead import replay_dead
from hub.usecases.restart_stream import restart_stream

router = APIRouter()
Reading = Annotated[Page, Depends(page_for("channels.read"))]
Writing = Annotated[Page, Depends(page_for("channels.write"))]
Text = Annotated[str, Form()]


@router.get("/channels")
def channels_page(page: Reading) -> Response:
    db = page.ctx.db
    return page.render("channels/list.html", channels=read_channels(db, page.now), dead=dead_count(db))


@router.get("/channels/live")
def channels_live(page: Reading) -> Response:
    """The cards, as HTML to put in place."""
    return HTMLResponse(page.fragment("channels/cards.html", channels=read_channels(page.ctx.db, page.now)))


@router.get("/channels/{connection_id}")
def channel_page(page: Reading, connection_id: int) -> Response:
    return channel_full(page, connection_id)


@router.get("/channels/{connection_id}/live")
def channel_live(page: Reading, connection_id: int) -> Response:
    """State and streams, as HTML to put in place."""
    channel = read_channel(page.ctx.db, connection_id, page.now)
    return HTMLResponse(page.fragment("channels/streams.html", channel=channel, zeros=_zeros(page, channel)))


@router.post("/channels/{connection_id}/check")
def channel_check(page: Writing, connection_id: int) -> Response:
    """Ask the channel whether all is set up; its webhooks are repaired."""
    return channel_full(page, connection_id, check_now(page, connection_id))


@router.post("/channels/{connection_id}/sync")
def channel_sync(page: Writing, connection_id: int, stream: Text = "") -> Response:
    names = [stream] if stream else ["orders", "stock", "outbox", "listings"]
    try:
        stopped = sync_now(page.ctx, connection_id, names)
    except Conflict as error:
        return channel_full(page, connection_id, problem=page.said(error), status=error.status)
    if not stopped:
        return page.redirect(f"/channels/{connection_id}", page.gettext("It runs as soon as a worker is free."))
    which = ", ".join(page.gettext(label("stream", name)) for name in stopped)
    said = page.gettext(
        "This is stopped and does not run: %(streams)s. Press Start beside it. All else runs when a worker is free.",
        streams=which,
    )
    return page.redirect(f"/channels/{connection_id}", said, "warn")


@router.post("/channels/{connection_id}/pause")
def channel_pause(page: Writing, connection_id: int) -> Response:
    pause_connection(page.ctx, connection_id, page.who.actor, page.gettext("by hand"))
    said = page.gettext("Paused: nothing is asked or sent; webhooks are kept.")
    return page.redirect(f"/channels/{connection_id}", said, "warn")


@router.post("/channels/{connection_id}/resume")
def channel_resume(page: Writing, connection_id: int) -> Response:
    resume_connection(page.ctx, connection_id, page.who.actor)
    return page.redirect(f"/channels/{connection_id}", page.gettext("It goes on; what waited is due now."))


@router.post("/channels/{connection_id}/stream")
def stream_pause(page: Writing, connection_id: int, stream: Text = "", paused: Text = "") -> Response:
    """Stop (`paused` 1) or start one stream."""
    pause_stream(page.ctx, connection_id, stream, paused == "1", page.who.actor)
    return page.redirect(f"/channels/{connection_id}", page.gettext("Saved."))


@router.post("/channels/{connection_id}/restart")
def stream_restart(page: Writing, connection_id: int, stream: Text = "") -> Response:
    """Have a stream that fails at its own place begin anew."""
    try:
        restart_stream(page.ctx, connection_id, stream, actor=page.who.actor)
    except Conflict as error:
        return channel_full(page, connection_id, problem=page.said(error), status=error.status)
    return page.redirect(
        f"/channels/{connection_id}", page.gettext("It begins anew; what is here already is not doubled.")
    )


@router.post("/channels/{connection_id}/breaker")
def breaker_word(page: Writing, connection_id: int, allowed: Text = "") -> Response:
    """The zeros are meant (`allowed` 1), or the breaker watches again."""
    allow_mass_zero(page.ctx, connection_id, allowed == "1", page.who.actor, waiting_only=True)
    return page.redirect(f"/channels/{connection_id}", page.gettext("Saved."))


@router.post("/channels/{connection_id}/zeros")
def zeros_again(page: Writing, connection_id: int) -> Response:
    """The stock was mended: what waits with 0 is judged anew."""
    look_again(page.ctx, connection_id, page.who.actor)
    return page.redirect(f"/channels/{connection_id}", page.gettext("It goes on; what waited is due now."))


@router.get("/dead")
def dead_page(page: Reading) -> Response:
    return page.render("channels/dead.html", letters=dead_letters(page.ctx.db), count=dead_count(page.ctx.db))


@router.post("/dead/replay")
def dead_replay(page: Writing, kind: Text = "", connection_id: Annotated[int, Form()] = 0, ref: Text = "") -> Response:
    """Try one dead letter again, or all of its kind and connection without `ref`."""
    count = replay_dead(page.ctx, kind, connection_id, ref, actor=page.who.actor)
    return page.redirect("/dead", page.gettext("%(count)s tried again.", count=count))


def channel_full(
    page: Page, connection_id: int, findings: Sequence[Finding] = (), *, told: Sequence[Said] = (), problem: str = "",
    status: int = 200,
) -> Response:  # fmt: skip
    """A channel's page; with what it said to single SKUs, or why something was not done."""
    channel = read_channel(page.ctx.db, connection_id, page.now)
    letters = dead_letters(page.ctx.db, connection_id=connection_id, limit=20)
    return page.render(
        "channels/channel.html", status, channel=channel, letters=letters, findings=findings,
        mapped=_has_mapping(page, channel.channel), told=told, problem=problem, can=_can(page, channel.channel),
        backfills=read_backfills(page.ctx.db, connection_id, 5), zeros=_zeros(page, channel),
    )  # fmt: skip


def _zeros(page: Page, channel: ChannelState) -> Zeros | None:
    """What waits with 0, where the breaker keeps it back."""
    return next(iter(read_zeros(page.ctx.db, channel.id)), None) if channel.breaker else None


def _can(page: Page, channel: str) -> frozenset[str]:
    """What the connector can do; nothing where it is not installed."""
    return frozenset(str(verb) for spec in page.services.specs() if spec.name == channel for verb in spec.can)


def _has_mapping(page: Page, channel: str) -> bool:
    try:
        page.ctx.mappings.built_in(channel)
    except NotFound:
        return False
    return True
