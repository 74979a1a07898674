"""Lanes: each keeps one process of the hub alive, armed with its next point, until all its points have killed it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.kill.processes import Mother, Process

PATIENCE_S = 45.0
"""A point that was not reached so long after the process was ready is a failure."""
GROUP_S = 5.0


@dataclass(slots=True)
class Kill:
    """One death, in seconds: `lived` from ready to death, `back` from death until its successor was ready."""

    lane: str
    point: str
    nth: int
    lived: float
    died_at: float
    back: float | None = None

    def line(self) -> str:
        """For people."""
        back = "…" if self.back is None else f"{self.back:.1f} s"
        return f"{self.lane:<10} {self.point:<20} pass {self.nth}  after {self.lived:4.1f} s, ready again in {back}"


@dataclass(slots=True)
class Lane:
    """One place for a process. `points` are taken one by one; after the last it lives on unarmed."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    points: list[str]
    log: Path
    mother: Mother
    dice: random.Random
    say: Callable[[str], None]
    kills: list[Kill] = field(default_factory=list)
    process: Process | None = None
    _nth: int = 0

    def start(self) -> None:
        """The next life, armed with the next point."""
        self._nth = self.dice.randint(1, 3)
        crash_at = f"{self.points[0]}:{self._nth}" if self.points else ""
        environment = dict(self.environment) | {"STOCKLINE_CRASH_AT": crash_at}
        self.process = Process.start(self.mother, self.command, environment, self.log)

    @property
    def done(self) -> bool:
        """All points have killed it, and it is up again."""
        return not self.points and self.process is not None and self.process.ready_at is not None

    def step(self) -> None:
        """Look once; bury and start anew. Raises AssertionError: it died otherwise, or the point was not reached."""
        assert self.process is not None
        was_ready = self.process.ready_at
        self.process.look()
        if was_ready is None and self.process.ready_at is not None:
            self._welcome()
        if self.process.born.status() is not None:
            self._bury()
            self.start()
        waited = time.monotonic() - (self.process.ready_at or self.process.started)
        assert not self.points or waited < PATIENCE_S, (
            f"{self.name}: {self.points[0]} (pass {self._nth}) was not reached within {PATIENCE_S:.0f} s; "
            f"its last words: {self.process.words.splitlines()[-8:]}"
        )

    def _welcome(self) -> None:
        assert self.process is not None and self.process.ready_at is not None
        if self.kills and self.kills[-1].back is None:
            self.kills[-1].back = self.process.ready_at - self.kills[-1].died_at
            self.say(self.kills[-1].line())

    def _bury(self) -> None:
        assert self.process is not None
        died = time.monotonic()
        cause = self.process.cause_of_death()
        assert self.points and cause == self.points[0], f"{self.name} should have died at {self.points[:1]}: {cause}"
        deadline = time.monotonic() + GROUP_S
        while not self.process.group_is_gone():
            assert time.monotonic() < deadline, f"{self.name}: its process group outlived the SIGKILL"
            time.sleep(0.01)
        if self.process.ready_at is None:
            self._welcome_late(died)
        lived = died - (self.process.ready_at or died)
        self.kills.append(Kill(self.name, self.points.pop(0), self._nth, lived, died))

    def _welcome_late(self, died: float) -> None:
        """It died before it could say that it was ready: it was back at work by then."""
        if self.kills and self.kills[-1].back is None:
            self.kills[-1].back = died - self.kills[-1].died_at
            self.say(self.kills[-1].line())
