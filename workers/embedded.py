"""Worker and scheduler inside one process, beside the web server: the same Celery tasks, over memory or a broker."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from celery.worker import WorkController, state
from kombu.transport.memory import Channel as MemoryChannel

from hub.canonical.errors import InvariantBroken
from hub.wiring import Hub
from workers.app import Workshop
from workers.scheduler import Scheduler
from workers.work import Works

log = structlog.get_logger(__name__)

START_S = 15.0
STOP_S = 30.0


class Embedded:
    """A Celery worker on threads, and the scheduler, started and stopped by the process that owns them.

    One at a time in a process: Celery keeps a worker's stop flag in a module.
    """

    _only_one = threading.Lock()

    def __init__(self, hub: Hub, works: Works, scheduler: Callable[[Hub], Scheduler] = Scheduler) -> None:
        self._hub = hub
        self._works = works
        self._make_scheduler = scheduler
        self._ready = threading.Event()

    def start(self) -> None:
        """Begin to work; returns once the worker listens. Raises: InvariantBroken: one runs already, or it does not."""
        if not self._only_one.acquire(blocking=False):
            raise InvariantBroken("a worker runs in this process already")
        state.should_stop = None
        self._workshop = Workshop(self._hub, self._works)
        self._workshop.app.set_default()  # the pool's threads look their task up in it
        self._worker = WorkController(
            app=self._workshop.app, concurrency=self._workshop.runs.pool_size, pool_cls="threads",
            hostname=self._hub.name, without_heartbeat=True, without_mingle=True, without_gossip=True, quiet=True,
            queues=self._workshop.queue_names(), ready_callback=lambda _consumer: self._ready.set(),
        )  # fmt: skip
        self._thread = threading.Thread(target=self._worker.start, name="worker", daemon=True)
        self._thread.start()
        if not self._ready.wait(START_S):
            self.stop()
            raise InvariantBroken(f"the worker did not come up within {START_S:.0f} seconds")
        self._scheduler = self._make_scheduler(self._hub)
        self._scheduler.start()

    def stop(self) -> None:
        """End after the batches that go on. What waits stays in the tables."""
        if self._ready.is_set():
            self._scheduler.stop()
        self._workshop.runs.stopping.set()
        state.should_stop = 0  # type: ignore[assignment]  # Celery: None goes on, a number is the exit code
        self._thread.join(STOP_S)
        if self._thread.is_alive():
            log.warning("worker.slow_to_stop", seconds=STOP_S)
        self._workshop.close()
        self._forget_queues()
        self._only_one.release()

    def _forget_queues(self) -> None:
        """kombu keeps memory queues on the class; ours have names of their own, and go with us."""
        for name in self._workshop.queue_names():
            MemoryChannel.queues.pop(name, None)
