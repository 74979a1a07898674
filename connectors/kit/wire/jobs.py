"""Waits for work that a channel does later: bulk calls, imports, feeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
WAITS_S = (0.1, 0.3, 0.6, 1.0, 2.0, 3.0, 3.0)


def wait_for(
    ask: Callable[[], T],
    done: Callable[[T], bool],
    *,
    waits_s: Sequence[float] = WAITS_S,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Ask until it is done or the waits are used up; the last answer either way (the caller says what is missing)."""
    answer = ask()
    for wait in waits_s:
        if done(answer):
            break
        sleep(wait)
        answer = ask()
    return answer
