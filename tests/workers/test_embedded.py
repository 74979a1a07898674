"""Worker and scheduler in one process: up at once, fast to hear, clean when they go."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from kombu.transport.memory import Channel as MemoryChannel

from hub.canonical.errors import InvariantBroken
from hub.wiring import Hub
from workers.embedded import Embedded
from workers.scheduler import Scheduler
from workers.work import Lane, Work, by_name

Wait = Callable[[Callable[[], object]], None]


def _quiet(hub: Hub) -> Scheduler:
    return Scheduler(hub, [], lambda _ctx: [])


def test_a_ring_runs_the_work_in_this_process(hub: Hub, until: Wait) -> None:
    seen: list[tuple[int, str]] = []

    def pull(_ctx: object, connection_id: int) -> int:
        seen.append((connection_id, threading.current_thread().name))
        return 1

    embedded = Embedded(hub, by_name(Work("orders.pull", Lane.PULL, pull, outside=True)), _quiet)
    embedded.start()
    try:
        with pytest.raises(InvariantBroken, match="runs in this process already"):
            Embedded(hub, {}, _quiet).start()
        started = time.monotonic()
        for connection_id in (3, 4):
            hub.doorbell.ring("orders.pull", connection_id)
        until(lambda: len(seen) == 2)
        assert time.monotonic() - started < 5
    finally:
        embedded.stop()
    assert sorted(connection_id for connection_id, _ in seen) == [3, 4]
    assert all(name != threading.main_thread().name for _, name in seen)


def test_it_leaves_no_thread_and_no_queue_behind_and_starts_again(hub: Hub, until: Wait) -> None:
    before, queues = threading.active_count(), set(MemoryChannel.queues)
    for _ in range(2):
        seen: list[int] = []
        works = by_name(Work("inbox.ingest", Lane.INGEST, lambda _ctx, seen=seen: (len(seen) and seen.append(1)) or 0))
        embedded = Embedded(hub, works, _quiet)
        embedded.start()
        embedded.stop()
    until(lambda: threading.active_count() <= before)
    assert set(MemoryChannel.queues) == queues


def test_the_poll_finds_work_that_nobody_rang_for(hub: Hub, until: Wait) -> None:
    seen: list[float] = []

    def ingest(_ctx: object) -> int:
        seen.append(time.monotonic())
        return 0

    works = by_name(Work("inbox.ingest", Lane.INGEST, ingest, repeat=True))
    embedded = Embedded(hub, works, lambda hub: Scheduler(hub, [], lambda _ctx: [("inbox.ingest", None)]))
    embedded.start()
    try:
        until(lambda: len(seen) >= 3)
    finally:
        embedded.stop()
