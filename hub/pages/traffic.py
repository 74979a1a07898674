"""Channels at once: send one SKU now, read one order now, read a range of days again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, Response

from hub.canonical.errors import NotFound, StocklineError
from hub.pages.channels import channel_full
from hub.pages.sent import day
from hub.pages.shell import Page, page_for
from hub.pages.stock import sku_full
from hub.reports.backfills import read_backfills
from hub.reports.channels import read_channel
from hub.usecases.backfill_orders import ask_backfill, cancel_backfill, end_of
from hub.usecases.fetch_order import fetch_order
from hub.usecases.push_now import push_now

router = APIRouter()
Reading = Annotated[Page, Depends(page_for("channels.read"))]
Writing = Annotated[Page, Depends(page_for("channels.write"))]
Text = Annotated[str, Form()]


@router.post("/stock/push")
def sku_push(page: Writing, sku: Text = "") -> Response:
    """The SKU's page with what every channel answered."""
    try:
        said = push_now(page.ctx, [sku], actor=page.who.actor)
    except NotFound as error:
        return sku_full(page, sku, {"problem": page.said(error)}, error.status)
    return sku_full(page, sku, {}, told=said)


@router.post("/channels/{connection_id}/push")
def channel_push(page: Writing, connection_id: int, sku: Text = "") -> Response:
    """The channel's page with what it answered."""
    try:
        said = push_now(page.ctx, [sku], connection_id, actor=page.who.actor)
    except StocklineError as error:
        return channel_full(page, connection_id, problem=page.said(error), status=error.status)
    return channel_full(page, connection_id, told=said)


@router.post("/channels/{connection_id}/fetch")
def channel_fetch(page: Writing, connection_id: int, number: Text = "") -> Response:
    return _tried(page, connection_id, lambda: fetch_words(page, connection_id, number))


def fetch_words(page: Page, connection_id: int, number: str) -> str:
    """Read one order now; what came of it, in words."""
    found = fetch_order(page.ctx, connection_id, number, actor=page.who.actor)
    if found.new:
        return page.gettext("Order %(ref)s was read; it is worked on now.", ref=found.ref)
    return page.gettext("Order %(ref)s was read: nothing has changed since the last time.", ref=found.ref)


@router.post("/channels/{connection_id}/backfill")
def channel_backfill(page: Writing, connection_id: int, since: Text = "", until: Text = "") -> Response:
    """Read the orders of these days again; `until` is the last day, empty: up to now."""

    def act() -> str:
        end = day(until, "until")
        begin = _midnight(day(since, "since") or page.now.date())
        ask_backfill(page.ctx, connection_id, begin, end_of(_midnight(end)) if end else None, actor=page.who.actor)
        return page.gettext("It is read in the background; how far it is stands below.")

    return _tried(page, connection_id, act)


@router.post("/channels/{connection_id}/backfill/cancel")
def channel_backfill_cancel(page: Writing, connection_id: int) -> Response:
    def act() -> str:
        cancel_backfill(page.ctx, connection_id, actor=page.who.actor)
        return page.gettext("Cancelled; what was read stays.")

    return _tried(page, connection_id, act)


@router.get("/channels/{connection_id}/backfills")
def channel_backfills(page: Reading, connection_id: int) -> Response:
    """The backfills, as HTML to put in place."""
    channel = read_channel(page.ctx.db, connection_id, page.now)
    rows = read_backfills(page.ctx.db, connection_id, 5)
    return HTMLResponse(page.fragment("channels/backfills.html", channel=channel, backfills=rows))


def _midnight(when: date) -> datetime:
    return datetime.combine(when, time(), UTC)


def _tried(page: Page, connection_id: int, act: Callable[[], str]) -> Response:
    """Act, then the channel's page; what did not work is told on it."""
    try:
        said = act()
    except StocklineError as error:
        return channel_full(page, connection_id, problem=page.said(error), status=error.status)
    return page.redirect(f"/channels/{connection_id}", said)
