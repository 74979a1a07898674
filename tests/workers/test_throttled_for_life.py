"""One connection answers 429 to every call for its whole life: the others have all of their work done at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from connectors.kit.wire.limiter import Bucket, shared_by
from hub.canonical.errors import Throttled
from hub.ports.channel import ListingOffer, Page, StockAnswer, StockLine
from hub.reports.channels import read_channel
from hub.store import tables as t
from hub.store.database import Database
from hub.store.levels import SharedLevels
from hub.usecases.streams import due_work
from tests.fakes.channel import FakeChannel, payload
from tests.fakes.databases import blank_sqlite, fresh_db, shared_postgres
from tests.fakes.world import World
from workers.tasks._run import Runs
from workers.tasks.works import WORKS

__all__ = ["blank_sqlite", "fresh_db", "shared_postgres"]

TICK_S = 20
TICKS = 45
"""A quarter of an hour of the fake clock."""


class WorldLevels(SharedLevels):
    """Levels by the clock of the test."""

    def __init__(self, db: Database, connection_id: int, seconds: Callable[[], float]) -> None:
        super().__init__(db, connection_id)
        self._seconds = seconds

    def _now(self, db: Connection) -> float:
        return self._seconds()


class Refusing(FakeChannel):
    """A shop that says 429, without naming a time, to whatever it is asked, once it is connected."""

    def __init__(self) -> None:
        super().__init__()
        self.bucket: Bucket | None = None
        self.tried = self.asked = 0

    def _refuse(self) -> None:
        if self.bucket is not None:
            self.tried += 1
            self.bucket.take()
            self.asked += 1
            self.bucket.throttled()
            raise Throttled("slow down")

    def pull_orders(self, cursor: str | None) -> Iterator[Page]:
        self._refuse()
        return super().pull_orders(cursor)

    def pull_listings(self) -> Iterator[ListingOffer]:
        self._refuse()
        return super().pull_listings()

    def push_stock(self, lines: Sequence[StockLine]) -> tuple[StockAnswer, ...]:
        self._refuse()
        return super().push_stock(lines)

    def read_stock(self, listings: Sequence[StockLine]) -> Any:
        self._refuse()
        return super().read_stock(listings)


@pytest.fixture
def world(fresh_db: Database) -> Iterator[World]:
    made = World(fresh_db)
    yield made
    made.check()


def _tick(world: World, runs: Runs) -> int:
    """Do what is due until nothing is; how many runs that was."""
    for count in range(200):
        if not (due := due_work(world.ctx)):
            return count
        for name, connection_id in due:
            if name in WORKS:
                runs.run(WORKS[name], connection_id)
    raise AssertionError("work never comes to rest")


def test_one_connection_that_is_refused_for_life_delays_no_other_and_loses_nothing(world: World) -> None:
    refusing = Refusing()
    refused = world.connect("refused", shop=refusing)
    with shared_by(WorldLevels(world.db, refused, lambda: world.clock().timestamp())):
        refusing.bucket = Bucket(10.0, patience=0.0)
    good = [world.shop_id, world.connect("second"), world.connect("third")]
    world.stock("A", "W1", 1000)
    runs = Runs(lambda: world.ctx, world.bell.ring, threads=4)
    for tick in range(TICKS):
        at = world.clock.move(seconds=TICK_S).isoformat()
        buyer = good[tick % len(good)]
        world.shops[buyer].orders.append(payload(f"o{tick}", {"a1": ("L-A", 1)}, at))
        _poll_now(world)
        _tick(world, runs)
        assert world.state(f"o{tick}") == "routed"
        left = 1000 - tick - 1
        assert [world.shops[each].shelf["L-A"] for each in good] == [left] * len(good)
    assert refusing.shelf == {}
    assert 0 < refusing.asked <= TICKS * TICK_S / 16 + 10, "no more than one call in 16 seconds, by all its streams"
    assert refusing.tried == refusing.asked, "a run that may not call does not begin"
    assert (runs._places._resting, runs._places.running) == (set(), {})
    with world.db.read() as db:
        assert db.scalar(select(func.count()).select_from(t.stock_pushes).where(t.stock_pushes.c.dead)) == 0
        assert db.scalar(select(func.count()).select_from(t.outbox).where(t.outbox.c.state == "dead")) == 0
    assert read_channel(world.db, refused, world.clock()).health in {"throttled", "error"}
    assert {read_channel(world.db, each, world.clock()).health for each in good} == {"on_time"}


def _poll_now(world: World) -> None:
    """Every shop is polled in each tick, the refusing one too."""
    s = t.streams.c
    with world.db.write() as db:
        db.execute(t.streams.update().where(s.stream == "orders", s.failures == 0).values(due_at=world.clock()))
