"""Runs one piece of work: once at a time per connection, for a slice of time, and sorts what goes wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import partial
from typing import Any

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from hub.canonical import errors
from hub.logs import describe
from hub.metrics import ERRORS, HANDLED, RUNS, SECONDS
from hub.ports.caller import calling
from hub.usecases.context import Context
from hub.usecases.streams import Busy
from workers.work import Work

log = structlog.get_logger(__name__)

Key = tuple[str, int | None]
AGAIN_S = 60.0
"""The same complaint about the same work is logged again after so many seconds."""
SHORT_S = 2.0
"""So long a wait for a limit is not worth coming back for."""


class Then(StrEnum):
    """What follows an error. Rows carry their own times: the use case set them before it raised."""

    BUSY = "busy"  # another worker has it, it is paused, or our own limit keeps it back: nothing to tell
    DONE = "refused"  # the answer is no; asking again changes nothing
    WAIT = "later"  # the poll rings when the rows are due
    PERSON = "needs_person"  # the use case paused the connection and said why
    ALERT = "broken"  # a promise of ours does not hold
    BUG = "failed"  # not foreseen
    DATABASE = "no_database"  # the poll rings when it is back


TABLE: Mapping[type[errors.StocklineError], Then] = {
    Busy: Then.BUSY,
    errors.Rejected: Then.DONE,
    errors.NotFound: Then.DONE,
    errors.NotAllowed: Then.DONE,
    errors.Conflict: Then.DONE,
    errors.StockGone: Then.DONE,
    errors.BadInput: Then.DONE,
    errors.Retryable: Then.WAIT,
    errors.Throttled: Then.WAIT,
    errors.HeldBack: Then.BUSY,
    errors.ChannelDown: Then.WAIT,
    errors.TimedOut: Then.WAIT,
    errors.NeedsPerson: Then.PERSON,
    errors.AuthFailed: Then.PERSON,
    errors.Misconfigured: Then.PERSON,
    errors.BadRecord: Then.ALERT,  # use cases hold a bad record; one that comes here was not held
    errors.ConnectorFault: Then.ALERT,
    errors.InvariantBroken: Then.ALERT,
}
LEVELS = {Then.DONE: "info", Then.WAIT: "warning", Then.PERSON: "error", Then.DATABASE: "error"}


def then(error: BaseException) -> Then:
    """The row of an error's class, or of its nearest ancestor; what is not ours is a bug or the database's absence."""
    if isinstance(error, (OperationalError, InterfaceError)):
        return Then.DATABASE
    return next((TABLE[kind] for kind in type(error).__mro__ if kind in TABLE), Then.BUG)


class Runs:
    """The work that goes on in this process. Rows are claimed in the database; this only saves idle double runs.

    A second doorbell for work that is going on makes it run once more at its end. Work with the outside leaves two
    places free; bulk has half of the others at most; one connection has two places at most, and one for bulk. Who
    waits for a channel's limit gives its place to others meanwhile: for that there are as many spare threads as places,
    and where these are taken too it ends, and is due again when its time has come. So no channel delays another.

    Args: threads: places, for work that does something; `pool_size` threads are needed.
    """

    def __init__(self, context: Callable[[], Context], ring: Callable[[str, int | None], None], *,
                 threads: int = 8, slice_s: float = 20.0) -> None:  # fmt: skip
        self._context = context
        self._ring = ring
        self._slice_s = slice_s
        self.pool_size = 2 * threads
        self._spare = threads
        self._outside_at_once = max(1, threads - 2)
        self._bulk_at_once = max(1, self._outside_at_once // 2)
        self._lock = threading.Lock()
        self._running: dict[Key, Work] = {}
        self._again: set[Key] = set()
        self._resting: set[Key] = set()
        self._postponed: dict[Key, Work] = {}
        self._told: dict[Key, tuple[str, float]] = {}
        self.begun = 0
        self.stopping = threading.Event()

    @property
    def is_busy(self) -> bool:
        """Whether anything runs right now."""
        return bool(self._running)

    def run(self, work: Work, connection_id: int | None = None) -> int:
        """Do the work until there is none, or the slice of time is over (then ring for the rest). Raises nothing.

        Returns: how much was done.
        """
        key = (work.name, connection_id)
        if not self._enter(key, work):
            return 0
        try:
            return self._slice(work, key)
        finally:
            self._leave(key)

    def _slice(self, work: Work, key: Key) -> int:
        ends, total = time.monotonic() + self._slice_s, 0
        while not self.stopping.is_set():
            done = self._once(work, key)
            total += done or 0
            if done is None or not ((work.repeat and done) or self._asked_again(key)):
                return total
            if time.monotonic() > ends:
                self._ring(*key)
                return total
        return total

    def _once(self, work: Work, key: Key) -> int | None:
        """One call of the use case; None when it failed."""
        started = time.perf_counter()
        try:
            with calling(sleep=partial(self._wait_for_limit, key)):
                done = work.once(self._context(), key[1])
        except Exception as error:  # noqa: BLE001 - the edge of the process: every error is sorted, told and counted
            self._failed(key, error)
            return None
        SECONDS.labels(work.name).observe(time.perf_counter() - started)
        RUNS.labels(work.name, "done").inc()
        HANDLED.labels(work.name).inc(max(0, done))
        self._recovered(key)
        return done

    def _failed(self, key: Key, error: Exception) -> None:
        verdict = then(error)
        RUNS.labels(key[0], verdict.value).inc()
        if verdict is Then.BUSY:
            return
        ERRORS.labels(key[0], type(error).__name__).inc()
        words = describe(error)
        last = self._told.get(key)
        if last and last[0] == words and time.monotonic() - last[1] < AGAIN_S:
            return
        self._told[key] = (words, time.monotonic())
        facts: dict[str, Any] = {"work": key[0], "connection_id": key[1], "verdict": verdict.value}
        if verdict in LEVELS:
            log.log(_LEVEL[LEVELS[verdict]], "work.stopped", reason=words, **facts)
        else:
            log.error("work.broken", exc_info=error, **facts)

    def _recovered(self, key: Key) -> None:
        if self._told.pop(key, None):
            log.info("work.recovered", work=key[0], connection_id=key[1])

    def _enter(self, key: Key, work: Work) -> bool:
        with self._lock:
            if key in self._running:
                self._again.add(key)
                return False
            if work.outside and self._is_crowded(key, work):
                self._postponed[key] = work
                return False
            self._running[key] = work
            self.begun += 1
            return True

    def _is_crowded(self, key: Key, work: Work) -> bool:
        outside = {running: other for running, other in self._running.items() if other.outside}
        own = sum(running[1] == key[1] and other.is_bulk == work.is_bulk for running, other in outside.items())
        awake = [other for running, other in outside.items() if running not in self._resting]
        bulk = sum(other.is_bulk for other in awake)
        return (
            own >= (1 if work.is_bulk else 2)
            or len(awake) >= self._outside_at_once
            or (work.is_bulk and bulk >= self._bulk_at_once)
        )

    def _wait_for_limit(self, key: Key, seconds: float) -> None:
        """Wait without a place. Raises HeldBack where there is no thread to spare for that, or the process stops."""
        with self._lock:
            rests = len(self._resting) < self._spare
            waiting = self._take_postponed() if rests else []
            if rests:
                self._resting.add(key)
        self._ring_all(waiting)
        try:
            if (not rests and seconds > SHORT_S) or self.stopping.wait(seconds):
                raise errors.HeldBack(f"our own limit keeps this call back for {seconds:.0f} s", retry_after=seconds)
        finally:
            with self._lock:
                self._resting.discard(key)

    def _take_postponed(self) -> list[Key]:
        """What waited for a place, bulk last; it is rung for, and may be postponed again."""
        waiting = sorted(self._postponed, key=lambda key: self._postponed[key].is_bulk)
        self._postponed = {}
        return waiting

    def _ring_all(self, keys: Iterable[Key]) -> None:
        for name, connection_id in keys:
            self._ring(name, connection_id)

    def _asked_again(self, key: Key) -> bool:
        with self._lock:
            asked = key in self._again
            self._again.discard(key)
            return asked

    def _leave(self, key: Key) -> None:
        with self._lock:
            work = self._running.pop(key)
            waiting = self._take_postponed() if work.outside else []
            if key in self._again:
                self._again.discard(key)
                waiting.append(key)
        self._ring_all(waiting)


_LEVEL = {"info": 20, "warning": 30, "error": 40}
