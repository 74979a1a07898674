"""The places for work in one process: who may begin, who waits for whom, and who is next."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence

from workers.work import Lane, Work

Key = tuple[str, int | None]
"""(name of the work, connection id)"""


class Places:
    """Work with the outside leaves two places free; bulk has half of the others at most, sweeps all of these but one.

    One connection has two places at most, and one for bulk. Who rests holds no place, but still its connection's. Work
    that finds no place is kept here, once, and gets one before whoever comes later: orders, answers and parcels first,
    then by age. A second doorbell for work that goes on is remembered.

    Args: threads: places, for work that does something; as many may rest beside.
    """

    def __init__(self, threads: int) -> None:
        self._spare = threads
        self._outside = max(1, threads - 2)
        self._bulk = max(1, self._outside // 2)
        self._sweeps = max(1, self._bulk - 1)
        self._lock = threading.Lock()
        self._running: dict[Key, Work] = {}
        self._resting: set[Key] = set()
        self._postponed: dict[Key, Work] = {}
        self._again: set[Key] = set()
        self.begun = 0

    @property
    def running(self) -> Mapping[Key, Work]:
        """What goes on, resting work too."""
        return self._running

    def enter(self, key: Key, work: Work) -> bool:
        """Take a place; False: it goes on already (and will be asked for again), or it has to wait for one."""
        with self._lock:
            if key in self._running:
                self._again.add(key)
                return False
            if not self._fits(key, work, self._running):
                self._postponed.setdefault(key, work)
                return False
            self._begin(key, work)
            return True

    def leave(self, key: Key) -> bool:
        """Give the place up; whether somebody asked for the same work again meanwhile."""
        with self._lock:
            del self._running[key]
            return self._forget_asked(key)

    def hand_over(self, here: bool = True) -> tuple[tuple[Key, Work] | None, list[Key]]:
        """Whoever waited longest for a place that is free now has it, `here`; and who else may be rung for."""
        with self._lock:
            found = self._fitting()
            first = found[0] if found and here else None
            if first:
                self._begin(*first)
            return first, self._let_go(found[1:] if first else found)

    def asked_again(self, key: Key) -> bool:
        """Whether a second doorbell came for work that goes on; asked once."""
        with self._lock:
            return self._forget_asked(key)

    def rest(self, key: Key) -> list[Key] | None:
        """Wait without a place: who may be rung for now, first come first. None: there is no thread for that."""
        with self._lock:
            if len(self._resting) >= self._spare:
                return None
            self._resting.add(key)
            return self._let_go(self._fitting())

    def wake(self, key: Key) -> None:
        """End a rest, and go on whether there is a place or not."""
        with self._lock:
            self._resting.discard(key)

    def _begin(self, key: Key, work: Work) -> None:
        self._postponed.pop(key, None)
        self._running[key] = work
        self.begun += 1

    def _forget_asked(self, key: Key) -> bool:
        asked = key in self._again
        self._again.discard(key)
        return asked

    def _let_go(self, found: Iterable[tuple[Key, Work]]) -> list[Key]:
        keys = [key for key, _ in found]
        for key in keys:
            del self._postponed[key]
        return keys

    def _fitting(self) -> list[tuple[Key, Work]]:
        """Those who wait and would have a place now, all at once; orders first, then by age."""
        running, found = dict(self._running), []
        for key, work in sorted(self._postponed.items(), key=lambda item: item[1].is_bulk):
            if self._fits(key, work, running):
                running[key] = work
                found.append((key, work))
        return found

    def _fits(self, key: Key, work: Work, running: Mapping[Key, Work]) -> bool:
        if not work.outside:
            return True
        outside = {other: its for other, its in running.items() if its.outside}
        awake = [its for other, its in outside.items() if other not in self._resting]
        own = sum(other[1] == key[1] and its.is_bulk == work.is_bulk for other, its in outside.items())
        if own >= (1 if work.is_bulk else 2) or len(awake) >= self._outside:
            return False
        return not work.is_bulk or self._has_bulk_place(work, awake)

    def _has_bulk_place(self, work: Work, awake: Sequence[Work]) -> bool:
        sweeps = sum(its.lane is Lane.SLOW for its in awake)
        return sum(its.is_bulk for its in awake) < self._bulk and (work.lane is not Lane.SLOW or sweeps < self._sweeps)
