"""One scheduler leads at a time; it rings for what waits; another takes over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from hub.ports.clock import utc_now
from hub.settings import Settings
from hub.store import leases as lease
from hub.store import migrate
from hub.store.database import Database
from hub.store.tables import leases
from hub.wiring import Hub
from workers.schedule import Row
from workers.scheduler import LEASE, Scheduler

Wait = Callable[[Callable[[], object]], None]


class Bell:
    def __init__(self) -> None:
        self.rings: list[tuple[str, int | None]] = []

    def ring(self, work: str, connection_id: int | None = None) -> None:
        self.rings.append((work, connection_id))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def db(request: pytest.FixtureRequest, hub: Hub) -> Iterator[Database]:
    if request.param == "sqlite":
        yield hub.db
        return
    made = Database(request.getfixturevalue("new_postgres_url")())
    migrate.upgrade(made)
    yield made
    made.close()


def _run_out(db: Database) -> None:
    with db.write() as connection:
        connection.execute(update(leases).values(until=utc_now() - timedelta(seconds=1)))


def _owner(db: Database) -> str | None:
    with db.read() as connection:
        found: str | None = connection.scalar(select(leases.c.owner))
    return found


def test_a_lease_has_one_owner_until_it_runs_out(db: Database) -> None:
    assert lease.take(db, LEASE, "a", 15)
    assert not lease.take(db, LEASE, "b", 15)
    assert lease.take(db, LEASE, "a", 15)
    _run_out(db)
    assert lease.take(db, LEASE, "b", 15)
    assert not lease.take(db, LEASE, "a", 15)
    assert _owner(db) == "b"


def test_a_lease_that_was_given_up_is_free_at_once(db: Database) -> None:
    assert lease.take(db, LEASE, "a", 15)
    lease.give_up(db, LEASE, "b")
    assert not lease.take(db, LEASE, "b", 15)
    lease.give_up(db, LEASE, "a")
    assert lease.take(db, LEASE, "b", 15)


def _hub(hub: Hub, **changes: Any) -> tuple[Hub, Bell]:
    bell = Bell()
    settings: Settings = hub.settings.model_copy(update=changes)
    return Hub(settings, bell), bell


def test_the_leader_rings_for_what_waits_and_for_the_schedule(hub: Hub, until: Wait) -> None:
    other, bell = _hub(hub)
    scheduler = Scheduler(other, [Row("house.clean", 1)], lambda _ctx: [("inbox.ingest", None), ("orders.pull", 3)])
    scheduler.start()
    until(lambda: ("house.clean", None) in bell.rings and bell.rings.count(("orders.pull", 3)) >= 3)
    scheduler.stop()
    assert set(bell.rings) == {("house.clean", None), ("inbox.ingest", None), ("orders.pull", 3)}
    assert _owner(hub.db) is None
    other.close()


def test_a_follower_rings_nothing_and_takes_over_when_the_leaders_lease_runs_out(hub: Hub) -> None:
    assert lease.take(hub.db, LEASE, "the dead one", 15)
    other, bell = _hub(hub)
    scheduler = Scheduler(other, [], lambda _ctx: [("inbox.ingest", None)])
    scheduler.tick()
    assert (bell.rings, scheduler.leads) == ([], False)
    _run_out(hub.db)
    scheduler.tick()
    assert (bell.rings, scheduler.leads) == ([("inbox.ingest", None)], True)
    other.close()


def test_a_leader_asks_for_its_lease_again_before_it_runs_out(hub: Hub) -> None:
    other, bell = _hub(hub, lease_s=0.0)  # asks at every look
    scheduler = Scheduler(other, [], lambda _ctx: [("inbox.ingest", None)])
    scheduler.tick()
    with hub.db.write() as connection:
        connection.execute(update(leases).values(owner="another", until=utc_now() + timedelta(seconds=15)))
    scheduler.tick()
    assert (len(bell.rings), scheduler.leads) == (1, False)
    other.close()


def test_a_look_that_fails_is_told_once_and_the_next_one_works(hub: Hub) -> None:
    other, bell = _hub(hub)
    answers: list[Any] = [ValueError("Ada Lovelace"), ValueError("Ada Lovelace"), [("inbox.ingest", None)]]

    def due(_ctx: object) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    scheduler = Scheduler(other, [], due)
    for _ in range(3):
        scheduler.tick()
    assert bell.rings == [("inbox.ingest", None)]
    assert scheduler.leads
    other.close()
