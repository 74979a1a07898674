"""A worker process of the scaled form: Celery's own worker on threads, with its signals and its way to stop."""

from __future__ import annotations

from typing import Any

import structlog
from celery import signals

from hub.wiring import Hub
from workers.app import Workshop
from workers.garbage import settle_garbage
from workers.watchdog import Watchdog, rings_waiting
from workers.work import Works

log = structlog.get_logger(__name__)


def run_worker(hub: Hub, works: Works, lanes: tuple[str, ...] = ()) -> int:
    """Serve the queues of these lanes (all without any) until SIGTERM, SIGINT or SIGQUIT; returns the exit code.

    SIGTERM ends after the batches that go on.
    """
    workshop = Workshop(hub, works)

    def stopping(**_facts: Any) -> None:
        workshop.runs.stopping.set()

    def ready(**_facts: Any) -> None:
        settle_garbage()
        log.info("worker.ready", worker=hub.name, queues=workshop.queue_names(lanes))

    signals.worker_shutting_down.connect(stopping, weak=False)
    signals.worker_ready.connect(ready, weak=False)
    worker = workshop.app.Worker(
        hostname=hub.name, pool="threads", concurrency=workshop.runs.pool_size, queues=workshop.queue_names(lanes),
        without_heartbeat=True, without_mingle=True, without_gossip=True, quiet=True, loglevel="WARNING",
    )  # fmt: skip
    watchdog = Watchdog(workshop.runs, lambda: rings_waiting(workshop, lanes))
    watchdog.start()
    try:
        worker.start()
    finally:
        watchdog.stop()
        workshop.close()
    return int(worker.exitcode or 0)
