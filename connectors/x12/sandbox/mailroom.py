"""The dealer's two folders on disk; what he sends waits while they are away."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from connectors.x12.folders import finished


class Mailroom:
    """`to_hub` and `from_hub` below `root/exchange`. Safe to share between threads.

    An outage takes `exchange` away (folder), or makes the server refuse logins (SFTP, which asks `dark`).
    """

    def __init__(self, root: Path, *, move_away: bool) -> None:
        self._root, self._move_away = root, move_away
        self._until = 0.0
        self._waiting: list[tuple[str, bytes, bool]] = []
        self._lock = threading.RLock()
        self.to_hub.mkdir(parents=True, exist_ok=True)
        self.from_hub.mkdir(parents=True, exist_ok=True)
        self._taken = root / "taken"
        self._taken.mkdir(exist_ok=True)

    @property
    def exchange(self) -> Path:
        return self._root / "exchange"

    @property
    def to_hub(self) -> Path:
        return self.exchange / "to_hub"

    @property
    def from_hub(self) -> Path:
        return self.exchange / "from_hub"

    # ---- outage ----

    @property
    def _away(self) -> Path:
        return self._root / "exchange.away"

    @property
    def dark(self) -> bool:
        """Whether an outage lasts; ends it when its time has come."""
        with self._lock:
            if self._until and time.monotonic() >= self._until:
                self._until = 0.0
                if self._away.exists():
                    os.replace(self._away, self.exchange)
                self._flush()
            return self._until > 0

    def outage(self, seconds: float) -> None:
        """Away from now on for so long; 0 ends an outage."""
        with self._lock:
            was_dark = self.dark
            if self._move_away and not was_dark and seconds > 0:
                os.replace(self.exchange, self._away)
            self._until = time.monotonic() + seconds
            _ = self.dark

    # ---- letters ----

    def send(self, name: str, body: bytes, *, slowly: bool) -> None:
        """Put a file for the hub; `slowly`: under another name, half first, renamed when whole."""
        with self._lock:
            self._waiting.append((name, body, slowly))
            if not self.dark:
                self._flush()

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for name, body, slowly in waiting:
            target = self.to_hub / name
            if slowly:
                part = target.with_name(name + ".part")
                part.write_bytes(body[: len(body) // 2])
                with part.open("ab") as file:
                    file.write(body[len(body) // 2 :])
                os.replace(part, target)
            else:
                target.write_bytes(body)

    def letters(self) -> list[tuple[str, bytes]]:
        """All finished files of the hub, oldest first; they are taken away."""
        with self._lock:
            if self.dark:
                return []
            with os.scandir(self.from_hub) as entries:
                found = [entry for entry in entries if finished(entry.name) and entry.is_file()]
            ordered = sorted(found, key=lambda entry: (entry.stat().st_mtime_ns, entry.name))
            return [(entry.name, self._take(entry)) for entry in ordered]

    def _take(self, entry: os.DirEntry[str]) -> bytes:
        """Move first, then read: a file that the hub writes again meanwhile is a new one."""
        taken = self._taken / entry.name
        os.replace(entry.path, taken)
        return taken.read_bytes()
