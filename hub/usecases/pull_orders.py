"""Pulls what is new on one connection: each page and its cursor in one commit, a long backlog step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from hub.ports.channel import Channel, Page
from hub.store import outbox
from hub.store.inbox import pulled, store_arrivals
from hub.store.tables import streams
from hub.usecases.context import Context
from hub.usecases.streams import TASKS, extend, running, stands_at

STEP_PAGES = 10
"""After so many pages others have their turn, if the cursor has moved: the rest is due at once."""


Ask = Callable[[Channel, str | None], Iterator[Page]]
"""(channel, cursor) -> pages."""


def pull_orders(ctx: Context, connection_id: int) -> int:
    """Store the orders changed since the cursor (inclusive), a step of them; returns how many were new to us.

    Raises: Busy, and what the channel raises, after it was written down at the stream.
    """
    return pull_pages(ctx, connection_id, "orders", lambda channel, cursor: channel.pull_orders(cursor))


def pull_pages(
    ctx: Context, connection_id: int, stream: str, ask: Ask, refused: timedelta | None = None
) -> int:  # fmt: skip
    """Store what came since the stream's cursor (inclusive), a step of it; returns how many records were new to us.

    After a long pause the backlog is walked in steps, in the order in which the platform gives it. A step begins where
    the last one ended, so nothing is left out, and none ends where it began. `behind` says that there is a rest. Where
    somebody set the stream's place back meanwhile, the step ends, and the next one begins there. `refused`: as
    `running` takes it.

    Raises: Busy, and what the channel raises, after it was written down at the stream.
    """
    new = 0
    with running(ctx, connection_id, stream, refused=refused) as row:
        channel = ctx.channel(connection_id)
        behind, place = False, row.cursor
        for number, page in enumerate(ask(channel, row.cursor), start=1):
            count, stands = _take_page(ctx, row, page, place)
            new += count
            place = place if page.cursor is None else page.cursor
            behind = number >= STEP_PAGES and page.cursor not in (None, row.cursor)
            if behind or not stands:
                break
        behind = _note_rest(ctx, row, place, behind)
    if behind:
        ctx.doorbell.ring(TASKS[stream], connection_id)
    return new


def _note_rest(ctx: Context, stream: Row[Any], place: str | None, behind: bool) -> bool:
    """Whether there is a rest: what a step left, or all from where the place was set back to."""
    key = (stream.connection_id, stream.stream)
    with ctx.db.write() as db:
        rest = behind or not stands_at(db, *key, place)
        extend(db, ctx, *key, behind=rest)
    return rest


def _take_page(ctx: Context, stream: Row[Any], page: Page, place: str | None) -> tuple[int, bool]:
    """As `store_page`, with the stream's cursor in the same commit; also whether it still stood at `place`."""
    key = (stream.connection_id, stream.stream)
    with ctx.db.write() as db:
        new = keep_page(ctx, db, stream.connection_id, page)
        stands = stands_at(db, *key, place)
        values: dict[str, Any] = {"total": streams.c.total + new}
        values |= {"newest_at": page.newest_at} if page.newest_at else {}
        values |= {"cursor": page.cursor} if stands and page.cursor is not None else {}
        extend(db, ctx, *key, **values)
    ring(ctx, stream.connection_id, page, new)
    return new, stands


def store_page(ctx: Context, connection_id: int, page: Page) -> int:
    """One page in one commit: records, and acknowledgments to send; returns how many records were new to us."""
    with ctx.db.write() as db:
        new = keep_page(ctx, db, connection_id, page)
    ring(ctx, connection_id, page, new)
    return new


def keep_page(ctx: Context, db: Connection, connection_id: int, page: Page, source: str = "pull") -> int:
    """Store the records and acknowledgments of a page; returns how many records were new to us."""
    now = ctx.clock()
    _put_receipts(db, connection_id, page, now)
    return store_arrivals(db, connection_id, [pulled(record, source) for record in page.records], now)


def ring(ctx: Context, connection_id: int, page: Page, new: int) -> None:
    """After the commit of a page: have it read and acknowledged."""
    if new:
        ctx.doorbell.ring("inbox.ingest")
    if page.receipts:
        ctx.doorbell.ring("outbox.send", connection_id)


def _put_receipts(db: Connection, connection_id: int, page: Page, now: datetime) -> None:
    rows = [
        {
            "connection_id": connection_id, "topic": "receipt", "key": f"receipt:{connection_id}:{receipt.key}",
            "body": {"key": receipt.key, "body": dict(receipt.body)},
        }
        for receipt in page.receipts
    ]  # fmt: skip
    outbox.put(db, rows, now)
