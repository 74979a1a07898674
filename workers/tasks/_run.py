"""Runs one piece of work: once at a time per connection, for a slice of time, and sorts what goes wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
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
from workers.tasks._places import Key, Places
from workers.work import Work

log = structlog.get_logger(__name__)

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

    A second doorbell for work that is going on makes it run once more at its end. Who gets a place, and when, is
    `Places`' word. Who waits for a channel's limit gives its place to others meanwhile: for that there are as many
    spare threads as places, and where these are taken too it ends, and is due again when its time has come. So no
    channel delays another.

    Args: threads: places, for work that does something; `pool_size` threads are needed.
    """

    def __init__(self, context: Callable[[], Context], ring: Callable[[str, int | None], None], *,
                 threads: int = 8, slice_s: float = 20.0) -> None:  # fmt: skip
        self._context = context
        self._ring = ring
        self._slice_s = slice_s
        self.pool_size = 2 * threads
        self._places = Places(threads)
        self._told: dict[Key, tuple[str, float]] = {}
        self.stopping = threading.Event()

    @property
    def is_busy(self) -> bool:
        """Whether anything runs right now."""
        return bool(self._places.running)

    @property
    def begun(self) -> int:
        """How many runs began in this process."""
        return self._places.begun

    def run(self, work: Work, connection_id: int | None = None) -> int:
        """Do the work until there is none, or the slice of time is over (then ring for the rest). Raises nothing.

        The place goes on to whoever waits for it, in the same thread: no doorbell is rung for that. After a slice of
        time it does ring, as a broker gives up on a consumer that never says that it is done.

        Returns: how much was done.
        """
        key, total, ends = (work.name, connection_id), 0, time.monotonic() + self._slice_s
        turn = (key, work) if self._places.enter(key, work) else None
        while turn is not None:
            total += self._turn(*turn)
            turn = self._next(here=time.monotonic() < ends)
        return total

    def _next(self, here: bool) -> tuple[Key, Work] | None:
        if self.stopping.is_set():
            return None
        turn, others = self._places.hand_over(here)
        for other in others:
            self._ring(*other)
        return turn

    def _turn(self, key: Key, work: Work) -> int:
        try:
            return self._slice(work, key)
        finally:
            if self._places.leave(key):
                self._ring(*key)

    def _slice(self, work: Work, key: Key) -> int:
        ends, total = time.monotonic() + self._slice_s, 0
        while not self.stopping.is_set():
            done = self._once(work, key)
            total += done or 0
            if done is None or not ((work.repeat and done) or self._places.asked_again(key)):
                return total
            if time.monotonic() > ends:
                self._ring(*key)
                return total
        return total

    def _once(self, work: Work, key: Key) -> int | None:
        """One call of the use case; None when it failed."""
        started = time.perf_counter()
        try:
            with calling(sleep=partial(self._wait_for_limit, key), rung=True):
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

    def _wait_for_limit(self, key: Key, seconds: float) -> None:
        """Wait without a place. Raises HeldBack where there is no thread to spare for that, or the process stops."""
        others = self._places.rest(key)
        for other in others or ():
            self._ring(*other)
        try:
            if (others is None and seconds > SHORT_S) or self.stopping.wait(seconds):
                raise errors.HeldBack(f"our own limit keeps this call back for {seconds:.0f} s", retry_after=seconds)
        finally:
            self._places.wake(key)


_LEVEL = {"info": 20, "warning": 30, "error": 40}
