"""Hub processes as the kill test sees them: born, ready, dead, and why."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from workers.crash import DYING

ROOT = Path(__file__).resolve().parents[2]
READY = ("Ready: http", "web.ready", "worker.ready", "scheduler.ready")
BIRTH_S = 60.0


class Mother(Protocol):
    """Starts `stockline ARGUMENTS` as the leader of a process group of its own."""

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Born: ...


@dataclass(frozen=True, slots=True)
class Born:
    """A started process. `status()`: None while it lives, then as subprocess tells it (-9: killed)."""

    pid: int
    status: Callable[[], int | None]


class Cold:
    """Starts the real program from nothing, as a service manager does."""

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Born:
        program = [sys.executable, "-m", "hub.cli.main", *arguments]
        with log.open("ab") as out:
            child = subprocess.Popen(
                program, cwd=ROOT, env=os.environ | environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip
        return Born(child.pid, child.poll)

    def close(self) -> None:
        """Nothing is left of it."""


class Nursery:
    """Starts the same program out of a process that has the imports behind it (tests/kill/nursery.py)."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kill.nursery"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._statuses: dict[int, int] = {}
        self._births: list[int] = []
        self._news = threading.Condition()
        self._ready = False
        self._thread = threading.Thread(target=self._listen, name="nursery", daemon=True)
        self._thread.start()
        self._wait(lambda: self._ready)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            words = json.loads(line)
            with self._news:
                self._ready = self._ready or "ready" in words
                if "status" in words:
                    self._statuses[words["pid"]] = words["status"]
                elif "pid" in words:
                    self._births.append(words["pid"])
                self._news.notify_all()

    def _wait(self, happened: Callable[[], object]) -> None:
        with self._news:
            if not self._news.wait_for(happened, BIRTH_S):
                raise TimeoutError(f"the nursery did not answer within {BIRTH_S:.0f} seconds")

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Born:
        birth = {"arguments": list(arguments), "environment": dict(environment), "log": str(log)}
        assert self._process.stdin is not None
        known = len(self._births)
        self._process.stdin.write(json.dumps(birth).encode() + b"\n")
        self._process.stdin.flush()
        self._wait(lambda: len(self._births) > known)
        pid = self._births[known]
        return Born(pid, lambda: self._statuses.get(pid))

    def close(self) -> None:
        """End the nursery; its children must be dead by then."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._thread.join(30)
        self._process.stdout.close()


@dataclass(slots=True)
class Process:
    """One process of the hub, and what its log says since its birth."""

    born: Born
    log: Path
    begins: int
    started: float = field(default_factory=time.monotonic)
    ready_at: float | None = None

    @classmethod
    def start(cls, mother: Mother, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Process:
        log.touch()
        begins = log.stat().st_size
        return cls(mother.start(arguments, environment, log), log, begins)

    @property
    def words(self) -> str:
        """What it printed."""
        with self.log.open("rb") as log:
            log.seek(self.begins)
            return log.read().decode("utf-8", "replace")

    def look(self) -> None:
        """Note the moment when it says that it is ready."""
        if self.ready_at is None and any(word in self.words for word in READY):
            self.ready_at = time.monotonic()

    def cause_of_death(self) -> str:
        """The crash point that it named in its last line; what happened instead where it named none."""
        lines = self.words.rstrip().splitlines()
        last = lines[-1] if lines else ""
        if self.born.status() == -signal.SIGKILL and last.startswith(DYING):
            return last.removeprefix(DYING).strip()
        return f"exit status {self.born.status()} without a crash point; its last words: {lines[-12:]}"

    def group_is_gone(self) -> bool:
        """Whether nobody is left in its process group."""
        try:
            os.killpg(self.born.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def end(self, seconds: float = 40.0) -> int | None:
        """SIGTERM, and SIGKILL to the group where that does not help; returns the exit status."""
        if self.born.status() is None:
            os.kill(self.born.pid, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while self.born.status() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        status: Any = self.born.status()
        if status is None:
            os.killpg(self.born.pid, signal.SIGKILL)
        return None if status is None else int(status)
