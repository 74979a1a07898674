"""Keeps our calls under a channel's limit: buckets of calls, of cost points, and gaps between calls of one kind.

Where a limit stands is shared by all workers of a connection (`Levels`); what may happen to it is `hub.rules.pacing`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar

from hub.canonical.errors import HeldBack
from hub.ports.caller import caller
from hub.rules import pacing
from hub.rules.pacing import Level, Limit

PATIENCE_S = 30.0
T = TypeVar("T")
Change = Callable[[Level | None, float], tuple[Level, T]]
"""(where the limit stands, None where nobody used it yet; seconds since 1970) -> (where it stands then, an answer)"""

Spent = tuple[float, float, float]
"""(seconds to wait, points drawn in advance, points left)"""


class Levels(Protocol):
    """Where the limits of one connection stand, by name."""

    def change(self, name: str, act: Change[T]) -> T:
        """Let `act` see and replace one of them, alone; returns its answer."""
        ...


class OwnLevels:
    """Levels of one process: for a channel that is tried without a hub around it."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._levels: dict[str, Level] = {}

    def change(self, name: str, act: Change[T]) -> T:
        with self._lock:
            self._levels[name], answer = act(self._levels.get(name), self._clock())
            return answer


@dataclass(frozen=True, slots=True)
class Quota:
    """Calls from midnight to midnight in `zone`; 0 is any number."""

    per_day: int = 0
    zone: str = "UTC"


NO_QUOTA = Quota()


class _Shelf:
    """The levels that the limiters made just now belong to, the quota of all calls, and the names that are taken."""

    def __init__(self, levels: Levels, quota: Quota) -> None:
        self.levels = levels
        self.quota = quota
        self.names: set[str] = set()

    def name(self, wanted: str) -> str:
        """`wanted`, or it with a number where another limiter of this channel has it already."""
        found = next(name for name in _numbered(wanted) if name not in self.names)
        self.names.add(found)
        return found


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name} {number}"
        number += 1


_shelf: ContextVar[_Shelf | None] = ContextVar("shelf", default=None)


@contextmanager
def shared_by(levels: Levels, quota: Quota = NO_QUOTA) -> Iterator[None]:
    """Limiters that are made within the block belong to one connection: what they spend counts in `levels`.

    quota: of the limit of all calls, where the connector itself names none.
    """
    token = _shelf.set(_Shelf(levels, quota))
    try:
        yield
    finally:
        _shelf.reset(token)


class Limiter(Protocol):
    """What `Api` asks before a call and tells after it."""

    def take(self, cost: float = 1.0) -> None:
        """Wait until the call may go. Raises HeldBack (with `retry_after`) where that is more than patience allows."""
        ...

    def throttled(self, retry_after: float | None) -> None:
        """The channel said 429: hold every caller back for so long, and go slower."""
        ...

    def closed(self, seconds: float) -> None:
        """The channel said with a good answer that it was the last for so long."""
        ...


class Bucket:
    """A bucket of calls, shared by every worker of the connection, that slows down on 429 and recovers by itself.

    Args: rate:     points a second that the channel allows.
          size:     points that may be spent at once; at least 1.
          name:     which limit of the channel this is, where it has several: a 429 in one that has a name of its own
                    keeps that operation back, one in the other keeps all streams back.
          quota:    calls a day; the limit of all calls has what the merchant set, where none is given.
          patience: seconds a caller may be kept waiting here; longer waits are the hub's.
          clock:    seconds; tests hand in their own, and then nothing is shared.
          sleep:    for tests; else as the caller waits.
    """

    _draws_ahead = True

    def __init__(
        self,
        rate: float,
        size: float | None = None,
        *,
        name: str = pacing.EVERY_CALL,
        quota: Quota = NO_QUOTA,
        patience: float = PATIENCE_S,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        shelf = _shelf.get()
        self._levels = shelf.levels if shelf and clock is None else OwnLevels(clock or time.time)
        self._name = shelf.name(name) if shelf else name
        day = shelf.quota if shelf and name == pacing.EVERY_CALL and not quota.per_day else quota
        self.limit = Limit(max(rate, 1e-9), max(1.0, rate if size is None else size), day.per_day, day.zone)
        self._lock = threading.Lock()
        self._clock, self._sleep, self._patience = clock or time.monotonic, sleep, patience
        self._drawn, self._void_at = 0.0, float("-inf")
        self._left, self._returned = self.limit.size, 0.0

    def take(self, cost: float = 1.0) -> None:
        """Wait for `cost` points and spend them. Raises HeldBack when the wait would pass `patience`."""
        waited = 0.0
        while (wait := self._ask(cost)) > 0:
            if waited + wait > self._patience:
                raise HeldBack(f"our own limit keeps this call back for {wait:.0f} s", retry_after=wait)
            (self._sleep or caller().sleep)(wait)
            waited += wait

    def _ask(self, cost: float) -> float:
        """Seconds to wait before asking again; 0: the points are spent."""
        with self._lock:
            if self._drawn >= cost and self._clock() < self._void_at:
                self._drawn -= cost
                return 0.0
            asked = self._clock()
            wait, drawn, self._left = self._levels.change(self._name, partial(self._spend, cost, self._returned))
            self._returned = 0.0
            if not wait:
                self._drawn, self._void_at = drawn, asked + pacing.ahead_s(self.limit)
            return wait

    def _spend(self, cost: float, returned: float, level: Level | None, now: float) -> tuple[Level, Spent]:
        urgency, limit = caller().urgency, self._common
        level = pacing.returned(limit, level or pacing.full(limit, now), now, returned)
        level, wait = pacing.ask(limit, level, now, cost, urgency)
        if wait or not self._draws_ahead:
            return level, (wait, 0.0, level.points)
        level, drawn = pacing.drawn(self.limit, level, now, urgency)
        return level, (wait, drawn, level.points)

    @property
    def _common(self) -> Limit:
        """The limit that processes share."""
        return pacing.shared(self.limit) if self._draws_ahead else self.limit

    def throttled(self, retry_after: float | None = None) -> None:
        """Halve the pace of all workers (down to a sixteenth), and hold all of them for `retry_after` seconds."""
        with self._lock:
            self._drawn = 0.0
        self._change(lambda level, now: pacing.slowed(self._common, level, now, retry_after))

    def paced(self, rate: float) -> None:
        """The channel says how many points a second it allows from now on."""
        self.limit = replace(self.limit, rate=max(rate, 1e-9))

    def closed(self, seconds: float) -> None:
        """Hold all workers back for so long, at the pace as it was: nothing was refused yet."""
        with self._lock:
            self._drawn = 0.0
        self._change(lambda level, now: pacing.closed(level, now, seconds))

    def _change(self, change: Callable[[Level, float], Level]) -> None:
        self._levels.change(
            self._name, lambda level, now: (change(level or pacing.full(self._common, now), now), None)
        )  # fmt: skip


class CostBucket(Bucket):
    """A leaky bucket of cost points (Shopify's `extensions.cost.throttleStatus`), corrected by each answer."""

    _draws_ahead = False

    def told(self, *, available: float, size: float, rate: float) -> None:
        """Take over what the server says: points left now, bucket size, points restored a second.

        The smaller of its count and ours wins, because calls under way are not in its count yet; a bigger plan is
        taken over at once.
        """
        grown = size > self.limit.size
        self.limit = replace(self.limit, size=max(1.0, size), rate=max(rate, 1e-9))
        if grown:
            self._change(lambda level, now: replace(level, points=available, at=now))
        elif available < self._left:
            self._change(lambda level, now: pacing.counted(self.limit, level, now, available))

    def refunded(self, points: float) -> None:
        """Give back what a call was asked for but did not cost (requested minus actual): with the next question."""
        with self._lock:
            self._returned += max(0.0, points)


class Gaps:
    """Keeps calls of one operation apart, for platforms that write their limits down and never answer 429.

    Args: seconds: operation -> least seconds between two calls of it; others are not held back.
          patience, clock, sleep: as those of `Bucket`.
    """

    def __init__(
        self,
        seconds: Mapping[str, float],
        *,
        patience: float = PATIENCE_S,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._buckets = {
            operation: Bucket(1 / gap, 1, name=f"gap {operation}", patience=patience, clock=clock, sleep=sleep)
            for operation, gap in seconds.items()
            if gap > 0
        }

    def take(self, operation: str) -> None:
        """Wait until a call of this operation may go. Raises HeldBack where that is more than patience allows."""
        if operation in self._buckets:
            self._buckets[operation].take()
