"""Tells open browsers what changed: marks of the tables, compared once a second, whoever made the change."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import Select, func, select
from starlette.concurrency import run_in_threadpool

from hub.logs import describe
from hub.store.database import Database
from hub.store.pushes import to_push
from hub.store.tables import (
    connections,
    fulfillment_orders,
    holds,
    inbox,
    order_events,
    orders,
    outbox,
    stock_ledger,
    stock_pushes,
    streams,
)
from hub.store.zeros import IN_DOUBT, LISTED

log = structlog.get_logger(__name__)

MARKS: Mapping[str, tuple[Select[Any], ...]] = {
    "orders": (select(func.max(order_events.c.id)), select(func.max(orders.c.id))),
    "inbox": (select(func.max(inbox.c.id)), select(func.count()).select_from(inbox).where(inbox.c.state == "new")),
    "stock": (select(func.max(stock_ledger.c.id)),),
    "holds": (
        select(func.max(holds.c.id)),
        select(func.count()).select_from(holds).where(holds.c.state == "open"),
    ),
    "outbox": (
        select(func.max(outbox.c.id)),
        select(func.count()).select_from(outbox).where(outbox.c.state == "new"),
        select(func.count()).select_from(stock_pushes).where(to_push()),
        select(func.count()).select_from(LISTED).where(*IN_DOUBT),
    ),
    "channels": (
        select(func.max(connections.c.updated_at)),
        select(func.count()).select_from(connections),
        select(func.max(streams.c.ok_at)),
        select(func.max(streams.c.failed_at)),
    ),
    "picks": (
        select(func.max(fulfillment_orders.c.id)),
        select(func.max(order_events.c.id)),
    ),
}  # fmt: skip
"""Topic -> queries whose answers change when something of that topic changed; each is one step on an index."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something of `topic` changed; the page asks again for what it shows of it."""

    topic: str
    data: Mapping[str, Any] = field(default_factory=dict)


def read_marks(db: Database) -> dict[str, tuple[Any, ...]]:
    """The marks of all topics, in one read transaction."""
    with db.read() as connection:
        return {
            topic: tuple(value for ask in asks for value in connection.execute(ask).one())
            for topic, asks in MARKS.items()
        }


class Live:
    """Hands changes to everyone who listens in this process. The tables are looked at only while somebody does."""

    def __init__(self, db: Database, every_s: float = 1.0) -> None:
        self._db = db
        self._every_s = every_s
        self._listeners: set[asyncio.Queue[Change]] = set()
        self._watch: asyncio.Task[None] | None = None

    async def listen(self, for_s: float = 600.0) -> AsyncIterator[Change]:
        """Changes from now on, for at most `for_s` seconds (a browser comes back by itself, and is asked who it is).

        A listener that reads too slowly misses changes of a topic, never the last one of it for long: the next comes.
        """
        queue: asyncio.Queue[Change] = asyncio.Queue(maxsize=100)
        self._listeners.add(queue)
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._look_again_and_again())
        ends = time.monotonic() + for_s
        try:
            while (left := ends - time.monotonic()) > 0:
                yield await asyncio.wait_for(queue.get(), left)
        except TimeoutError:
            return
        finally:
            self._listeners.discard(queue)

    def publish(self, change: Change) -> None:
        """Hand a change to everyone; call it on the event loop."""
        for queue in self._listeners:
            if not queue.full():
                queue.put_nowait(change)

    async def stop(self) -> None:
        """Stop looking at the tables."""
        if self._watch:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    async def _look_again_and_again(self) -> None:
        before: dict[str, tuple[Any, ...]] = {}
        while self._listeners:
            before = await self._look(before)
            await asyncio.sleep(self._every_s)

    async def _look(self, before: dict[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
        try:
            now = await run_in_threadpool(read_marks, self._db)
        except Exception as error:  # noqa: BLE001 - a page that does not refresh is no reason to end the watch
            log.warning("live.blind", reason=describe(error))
            return before
        for topic in now if before else ():
            if now[topic] != before[topic]:
                self.publish(Change(topic))
        return now
