"""Keeps our calls under a channel's limit: buckets of calls, of cost points, and gaps between calls of one kind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from hub.canonical.errors import Throttled

PATIENCE_S = 30.0
SLOWEST = 1 / 16


class Limiter(Protocol):
    """What `Api` asks before a call and tells after it."""

    def take(self, cost: float = 1.0) -> None:
        """Wait until the call may go. Raises Throttled (with `retry_after`) where that is more than patience allows."""
        ...

    def throttled(self, retry_after: float | None) -> None:
        """The channel said 429: hold every caller back for so long, and go slower."""
        ...

    def fine(self) -> None:
        """The channel answered: go a little faster again, up to the rate it allows."""
        ...


class Bucket:
    """A token bucket that slows down on 429 and recovers. Safe to share between threads.

    Args: rate:     points a second that the channel allows.
          size:     points that may be spent at once; at least 1.
          patience: seconds a caller may be kept waiting here; longer waits are the hub's.
          clock, sleep: seconds, monotonic; tests hand in their own.
    """

    def __init__(
        self,
        rate: float,
        size: float | None = None,
        *,
        patience: float = PATIENCE_S,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._lock = threading.Lock()
        self._clock, self._sleep, self._patience = clock, sleep, patience
        self.rate, self.size = rate, max(1.0, rate if size is None else size)
        self._points, self._at = self.size, clock()
        self._share, self._closed_until = 1.0, clock()

    def take(self, cost: float = 1.0) -> None:
        """Wait for `cost` points and spend them. Raises Throttled when the wait would pass `patience`."""
        wait = self._reserve(cost)
        if wait > 0:
            self._sleep(wait)

    def _reserve(self, cost: float) -> float:
        """Seconds to wait for a place in the queue, which is taken; callers that come later wait behind it."""
        with self._lock:
            now = self._refill()
            missing = max(0.0, min(cost, self.size) - self._points)
            wait = max(missing / self._pace(), self._closed_until - now)
            if wait > self._patience:
                raise Throttled(f"our own limit keeps this call back for {wait:.0f} s", retry_after=wait)
            self._points -= cost
            return wait

    def _pace(self) -> float:
        return max(self.rate * self._share, 1e-9)

    def _refill(self) -> float:
        now = self._clock()
        self._points = min(self.size, self._points + (now - self._at) * self._pace())
        self._at = now
        return now

    def throttled(self, retry_after: float | None = None) -> None:
        """Halve the pace (down to a sixteenth), empty the bucket, and stay closed for `retry_after` seconds."""
        with self._lock:
            now = self._refill()
            self._share = max(SLOWEST, self._share / 2)
            self._points = min(self._points, 0.0)
            self._closed_until = max(self._closed_until, now + (retry_after or 0.0))

    def fine(self) -> None:
        """Recover a twentieth of the full pace per good answer."""
        with self._lock:
            if self._share < 1.0:
                self._refill()
                self._share = min(1.0, self._share + 0.05)


class CostBucket(Bucket):
    """A leaky bucket of cost points (Shopify's `extensions.cost.throttleStatus`), corrected by each answer."""

    def told(self, *, available: float, size: float, rate: float) -> None:
        """Take over what the server says: points left now, bucket size, points restored a second.

        The smaller of its count and ours wins, because calls under way are not in its count yet.
        """
        with self._lock:
            self._refill()
            grown = size > self.size
            self.size, self.rate = max(1.0, size), max(rate, 1e-9)
            self._points = available if grown else min(self._points, available)

    def refunded(self, points: float) -> None:
        """Give back what a call was asked for but did not cost (requested minus actual)."""
        with self._lock:
            self._refill()
            self._points = min(self.size, self._points + max(0.0, points))


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
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._buckets = {
            operation: Bucket(1 / gap, 1, patience=patience, clock=clock, sleep=sleep)
            for operation, gap in seconds.items()
            if gap > 0
        }

    def take(self, operation: str) -> None:
        """Wait until a call of this operation may go. Raises Throttled where that is more than patience allows."""
        if operation in self._buckets:
            self._buckets[operation].take()
