"""How often one person or key may ask: a token bucket each, in this process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Annotated, cast

from fastapi import Depends, Request

from hub.canonical.errors import Throttled
from hub.rules.permissions import Principal
from hub.web.auth import signed_in

BURST = 300.0
PER_SECOND = 50.0
MOST = 10_000
"""Buckets kept; beyond it those that are full again are forgotten."""


class TooManyRequests(Throttled):
    """This person or key asked too often; `retry_after` says when to go on."""

    status = 429


class Buckets:
    """One bucket of `burst` tokens for each name, refilled with `per_second`."""

    def __init__(
        self, burst: float = BURST, per_second: float = PER_SECOND, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst, self._per_second, self._clock = burst, per_second, clock
        self._lock = threading.Lock()
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, name: str, cost: float = 1.0) -> None:
        """Take `cost` tokens. Raises TooManyRequests with the seconds until there are enough."""
        with self._lock:
            now = self._clock()
            left, since = self._left.get(name, (self._burst, now))
            left = min(self._burst, left + (now - since) * self._per_second)
            enough = left >= cost
            self._left[name] = (left - cost if enough else left, now)
            if len(self._left) > MOST:
                self._forget(now)
        if not enough:
            wait = (cost - left) / self._per_second
            raise TooManyRequests("too many requests: wait as long as Retry-After says", max(1.0, wait + 0.5))

    def _forget(self, now: float) -> None:
        full_s = self._burst / self._per_second
        self._left = {name: kept for name, kept in self._left.items() if now - kept[1] < full_s}


def _buckets(request: Request) -> Buckets:
    state = request.app.state
    if not hasattr(state, "api_buckets"):
        state.api_buckets = Buckets()
    return cast(Buckets, state.api_buckets)


def limited(cost: float = 1.0) -> Callable[..., None]:
    """FastAPI dependency: takes `cost` tokens of whoever asks. Raises TooManyRequests 429."""

    def take(request: Request, who: Annotated[Principal, Depends(signed_in)]) -> None:
        _buckets(request).take(who.actor, cost)

    return take
