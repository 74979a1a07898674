"""Ends a worker that went deaf: doorbells wait, it is idle, and hears none of them. Its supervisor starts it anew."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import structlog

from hub.logs import describe
from workers.app import Workshop
from workers.tasks._run import Runs

log = structlog.get_logger(__name__)

DEAF_S = 60.0
LOOK_S = 10.0
EXIT_CODE = 70


class Watchdog:
    """Looks every few seconds; `deaf()` is the rule, apart from threads and exits.

    Args: waiting: how many doorbells lie in this worker's queues; may raise when the broker is away.
    """

    def __init__(self, runs: Runs, waiting: Callable[[], int], clock: Callable[[], float] = time.monotonic) -> None:
        self._runs = runs
        self._waiting = waiting
        self._clock = clock
        self._since: float | None = None
        self._runs_then = -1
        self._over = threading.Event()

    def deaf(self) -> bool:
        """Whether doorbells waited for a whole minute in which this idle worker began no work."""
        idle = not self._runs.is_busy and self._runs.begun == self._runs_then
        self._runs_then = self._runs.begun
        if not idle or not self._rings_wait():
            self._since = None
            return False
        self._since = self._clock() if self._since is None else self._since
        return self._clock() - self._since >= DEAF_S

    def _rings_wait(self) -> bool:
        try:
            return self._waiting() > 0
        except Exception as error:  # noqa: BLE001 - a broker that is away is no reason to end: the worker reconnects
            log.debug("watchdog.blind", reason=describe(error))
            return False

    def start(self) -> None:
        """Look on until `stop`; a deaf worker ends with code 70."""
        threading.Thread(target=self._look, name="watchdog", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()

    def _look(self) -> None:
        while not self._over.wait(LOOK_S):
            if self.deaf():
                log.error("worker.deaf", seconds=DEAF_S, exit_code=EXIT_CODE)
                os._exit(EXIT_CODE)


def rings_waiting(workshop: Workshop, lanes: tuple[str, ...]) -> int:
    """Doorbells that lie in these lanes' queues (all without any), asked over a connection of its own."""
    with workshop.app.connection_for_read() as broker:
        broker.ensure_connection(max_retries=1, timeout=5)
        channel: Any = broker.default_channel
        return sum(channel.queue_declare(name, passive=True).message_count for name in workshop.queue_names(lanes))
