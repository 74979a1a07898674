"""Where a walk through what Amazon tells stands, and how its cursor says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hub.canonical.times import iso, parse_time


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pull stands: at the beginning of a search from `since` on, or at its page behind `token`.

    until: up to when such a search gives everything, as told with its first page; the next one begins there.
    """

    since: datetime
    until: datetime | None = None
    token: str = ""

    @classmethod
    def read(cls, text: str) -> Place:
        since, until, token = (*text.split("|", 2), "", "")[:3]
        return cls(parse_time(since, "cursor"), parse_time(until, "cursor") if until else None, token)

    @property
    def text(self) -> str:
        return (
            "|".join((iso(self.since), iso(self.until), self.token)) if self.until and self.token else iso(self.since)
        )
