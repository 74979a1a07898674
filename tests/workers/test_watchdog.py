"""A worker that hears no doorbell although some wait is told apart from one that is busy, idle or without a broker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hub.wiring import Hub
from workers.app import Workshop
from workers.tasks._run import Runs
from workers.tasks.works import WORKS
from workers.watchdog import DEAF_S, Watchdog, rings_waiting
from workers.work import Lane, Work


class Clock:
    now = 0.0

    def __call__(self) -> float:
        self.now += 10.0
        return self.now


def _runs() -> Runs:
    context: Any = lambda: None  # noqa: E731 - the work below looks at no context
    return Runs(context, lambda _work, _connection_id: None)


def _looks(watchdog: Watchdog, between: Callable[[], object] = lambda: None) -> list[bool]:
    seen = []
    for _ in range(int(DEAF_S)):
        between()
        seen.append(watchdog.deaf())
    return seen


def test_an_idle_worker_that_hears_nothing_for_a_minute_is_deaf() -> None:
    seen = _looks(Watchdog(_runs(), lambda: 3, Clock()))
    assert seen[:3] == [False, False, False]
    assert seen[-1]


@pytest.mark.parametrize("waiting", [0, ConnectionError("the broker is away")])
def test_a_worker_with_nothing_to_hear_is_not_deaf(waiting: int | Exception) -> None:
    def ask() -> int:
        if isinstance(waiting, Exception):
            raise waiting
        return waiting

    assert not any(_looks(Watchdog(_runs(), ask, Clock())))


def test_a_worker_that_begins_work_now_and_then_is_not_deaf() -> None:
    runs = _runs()
    work = Work("inbox.ingest", Lane.INGEST, lambda _ctx: 0)
    assert not any(_looks(Watchdog(runs, lambda: 3, Clock()), lambda: runs.run(work)))


def test_a_worker_whose_work_takes_long_is_not_deaf() -> None:
    runs = _runs()
    assert runs._places.enter(("orders.pull", 1), WORKS["orders.pull"])
    assert not any(_looks(Watchdog(runs, lambda: 3, Clock())))


def test_the_rings_that_wait_are_counted_by_lane(hub: Hub) -> None:
    workshop = Workshop(hub, WORKS)
    for work in ("inbox.ingest", "orders.place"):
        workshop._send(work, None)
    assert rings_waiting(workshop, ("ingest", "place")) == 2
    assert rings_waiting(workshop, ("place",)) == 1
    workshop.close()
