"""Crash tests only: kills the whole process group at the nth pass of a named point (STOCKLINE_CRASH_AT=name[:nth])."""

from __future__ import annotations

import os
import signal
import threading

from hub.canonical.errors import Misconfigured
from hub.ports import failpoints

DYING = "crash test: the process group dies at"
"""The last line on stderr begins so; the name of the point follows."""


def arm(crash_at: str) -> None:
    """Nothing where `crash_at` is empty. Raises: Misconfigured: no such point, or no number after the colon."""
    if not crash_at:
        return
    name, _, count = crash_at.partition(":")
    if name not in failpoints.POINTS:
        raise Misconfigured(f"STOCKLINE_CRASH_AT: no point {name!r}; there are: {', '.join(failpoints.POINTS)}")
    if count and not count.isdigit():
        raise Misconfigured(f"STOCKLINE_CRASH_AT: {count!r} is no number; write {name}:3")
    failpoints.observe_with(_Bomb(name, int(count or 1)))


class _Bomb:
    def __init__(self, name: str, nth: int) -> None:
        self._name = name
        self._left = nth
        self._lock = threading.Lock()

    def __call__(self, name: str) -> None:
        if name != self._name:
            return
        with self._lock:
            self._left -= 1
            if self._left == 0:
                os.write(2, f"{DYING} {name}\n".encode())
                os.killpg(os.getpgrp(), signal.SIGKILL)
