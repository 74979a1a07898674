"""One transaction stands still in the middle while another one comes: what each has locked by then shows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


class Slow:
    """A step of a transaction after (or `before`) which it stands still a moment; `reached` says that it got there."""

    def __init__(self, step: Callable[..., Any], before: bool = False) -> None:
        self.step, self.before = step, before
        self.reached = threading.Event()

    def __call__(self, *args: Any) -> Any:
        if self.before:
            self._stand_still()
        found = self.step(*args)
        if not self.before:
            self._stand_still()
        return found

    def _stand_still(self) -> None:
        self.reached.set()
        time.sleep(0.5)


def meanwhile(act: Callable[[], object], slow: Slow, word: Callable[[], object]) -> None:
    """`word` while `act` stands still in the slow step; raises what either raises."""
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(act)
        assert slow.reached.wait(10)
        second = pool.submit(word)
        first.result(), second.result()
