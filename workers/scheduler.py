"""The scheduler: one leader by database lease looks once a second for waiting work and rings. Any scheduler may die."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from hub.logs import describe
from hub.metrics import LEADER
from hub.store import leases
from hub.usecases.context import Context
from hub.usecases.streams import due_work
from hub.wiring import Hub
from workers.schedule import SCHEDULE, Row

log = structlog.get_logger(__name__)

LEASE = "scheduler"
Due = Callable[[Context], Sequence[tuple[str, int | None]]]


class Scheduler:
    """Rings for what the tables say is waiting, and for the rows of the schedule; only while it holds the lease."""

    def __init__(self, hub: Hub, schedule: Sequence[Row] = SCHEDULE, due: Due = due_work) -> None:
        self._hub = hub
        self._due = due
        self._schedule = schedule
        self._renewed = float("-inf")
        self._complaint = ""
        self.leads = False
        self._jobs = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(2)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Look at once, then every `poll_s` seconds, until `stop`."""
        now = datetime.now(UTC)
        self._jobs.add_job(self.tick, "interval", seconds=self._hub.settings.poll_s, next_run_time=now, id="poll")
        for row in self._schedule:
            job = self._jobs.add_job(self._ring, "interval", seconds=row.every_s, args=[row.work], id=row.work)
            job.modify(next_run_time=now)
        self._jobs.start()

    def stop(self) -> None:
        """Stop after the look that goes on; the lease is free for the next at once."""
        self._jobs.shutdown(wait=True)
        if self.leads:
            self.leads = False
            leases.give_up(self._hub.db, LEASE, self._hub.name)

    def tick(self) -> None:
        """One look: renew the lease, then ring for what waits. Raises nothing."""
        try:
            if self._lead():
                for work, connection_id in self._due(self._hub.context()):
                    self._hub.doorbell.ring(work, connection_id)
            self._complain("")
        except Exception as error:  # noqa: BLE001 - the next look is in a second; told once, and once when it is over
            self.leads = False
            self._complain(describe(error))

    def _lead(self) -> bool:
        """Whether this process is the leader; asked of the database three times in a lease's life."""
        lease_s = self._hub.settings.lease_s
        if self.leads and time.monotonic() - self._renewed < lease_s / 3:
            return True
        asked = time.monotonic()
        led, self.leads = self.leads, leases.take(self._hub.db, LEASE, self._hub.name, lease_s)
        self._renewed = asked
        LEADER.set(self.leads)
        if led != self.leads:
            log.info("scheduler.leads" if self.leads else "scheduler.follows", scheduler=self._hub.name)
        return self.leads

    def _ring(self, work: str) -> None:
        if self.leads:
            self._hub.doorbell.ring(work)

    def _complain(self, words: str) -> None:
        if words and not self._complaint:
            log.error("scheduler.stopped", reason=words)
        if self._complaint and not words:
            log.info("scheduler.recovered")
        self._complaint = words
