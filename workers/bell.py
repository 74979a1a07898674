"""The doorbell over Celery: rings are gathered for a moment and sent by a thread of their own; no caller waits."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from hub.logs import describe
from hub.metrics import RINGS
from hub.ports import failpoints

log = structlog.get_logger(__name__)

Key = tuple[str, int | None]
GATHER_S = 0.05
"""One (work, connection) rings at most once in so many seconds."""
RETRY_S = 1.0


class CeleryDoorbell:
    """Rings by sending messages. Rings of the same work are one; what the broker does not take is kept and tried again.

    Args: send: publishes one message and returns once the broker has it; may raise anything.
    """

    def __init__(self, send: Callable[[str, int | None], None], gather_s: float = GATHER_S) -> None:
        self._send = send
        self._gather_s = gather_s
        self._wake = threading.Condition()
        self._waiting: dict[Key, None] = {}
        self._closed = False
        self._broken = False
        self._thread: threading.Thread | None = None

    def ring(self, work: str, connection_id: int | None = None) -> None:
        """Say that there is work. Returns at once, never raises."""
        with self._wake:
            self._waiting[(work, connection_id)] = None
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._serve, name="doorbell", daemon=True)
                self._thread.start()
            self._wake.notify()

    def close(self, timeout: float = 5.0) -> None:
        """Send what waits (once), then stop."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        if self._thread:
            self._thread.join(timeout)

    def _serve(self) -> None:
        while self._wait_for_rings():
            self._flush()
            with self._wake:
                self._wake.wait_for(lambda: self._closed, RETRY_S if self._broken else self._gather_s)
        self._flush()

    def _wait_for_rings(self) -> bool:
        with self._wake:
            self._wake.wait_for(lambda: self._waiting or self._closed)
            return not self._closed

    def _flush(self) -> None:
        with self._wake:
            rings, self._waiting = list(self._waiting), {}
        for place, ring in enumerate(rings):
            if not self._sent(ring):
                with self._wake:  # the broker is away: keep them, the newest word is the same word
                    self._waiting = dict.fromkeys(rings[place:]) | self._waiting
                return

    def _sent(self, ring: Key) -> bool:
        try:
            self._send(*ring)
        except Exception as error:  # noqa: BLE001 - the poll is the backstop; a ring never disturbs the work
            RINGS.labels("failed").inc()
            if not self._broken:
                log.warning("broker.lost", reason=describe(error))
            self._broken = True
            return False
        failpoints.reach("after_publish")
        RINGS.labels("sent").inc()
        if self._broken:
            log.info("broker.back")
        self._broken = False
        failpoints.reach("after_confirm")
        return True
