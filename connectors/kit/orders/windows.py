"""Reads changed orders from a platform that gives them for a short window at a time, and loses some to those who page
forwards: an order that changes meanwhile leaves the window, and the others move towards the first page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.canonical.errors import InvariantBroken
from hub.canonical.times import iso, parse_time
from hub.ports.channel import Page, RawRecord
from hub.ports.clock import utc_now

AskWindow = Callable[[datetime, datetime, int], tuple[Sequence[RawRecord], int]]
"""(changed at or after, at or before, page from 1) -> records in any order, and how many the whole window holds."""
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Windows:
    """How a platform gives its changes.

    longest: one window.  kept: how far back it remembers.  size: records of a page.
    behind:  how far behind now the last window ends: what changes later is not settled there.
    most:    records of one window that are held at a time; a fuller window is halved, down to a second.
    """

    longest: timedelta
    kept: timedelta
    size: int
    behind: timedelta
    most: int = 2000


class WindowFeed:
    """The orders of one shop by date of change, to the second; the cursor is the end of the windows read.

    Args: overlap: how far behind its cursor a pull starts.  first: where a pull without cursor does; None: as far back
                   as the platform remembers.  now: aware UTC now.
    """

    def __init__(
        self,
        ask: AskWindow,
        windows: Windows,
        overlap: timedelta,
        first: datetime | None = None,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._ask, self._windows, self._overlap, self._first, self._now = ask, windows, overlap, first, now

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Pages of the orders changed from `overlap` before the cursor on, oldest change first; an empty window moves
        the cursor too. Raises InvariantBroken where a page comes again."""
        known = parse_time(cursor, "cursor") if cursor else None
        end = (self._now() - self._windows.behind).replace(microsecond=0)
        oldest = end - self._windows.kept
        start = max(known - self._overlap if known else self._first or oldest, oldest).replace(microsecond=0)
        reached, newest = known, None
        while start < end:
            start, records = self._window(start, min(start + self._windows.longest, end))
            times = [one.updated_at for one in records if one.updated_at]
            newest = max([*times, *([newest] if newest else [])], default=None)
            reached = max(start, reached or start)
            yield from self._pages(records, cursor, iso(reached), newest)
            cursor = iso(reached)

    def _pages(
        self, records: list[RawRecord], before: str | None, after: str, newest: datetime | None
    ) -> Iterator[Page]:
        """The window in pieces; only the last one moves the cursor."""
        size = self._windows.size
        for at in range(0, len(records), size):
            last = at + size >= len(records)
            yield Page(tuple(records[at : at + size]), after if last else before, newest_at=newest)
        if not records and after != before:
            yield Page((), after)

    def _window(self, start: datetime, end: datetime) -> tuple[datetime, list[RawRecord]]:
        """(where it ended, its records by time of change)."""
        found, total = self._ask(start, end, 1)
        while total > self._windows.most and end - start > SECOND:
            end = (start + (end - start) / 2).replace(microsecond=0)
            found, total = self._ask(start, end, 1)
        if total > self._windows.size:
            found = self._backwards(start, end, total)
        records = {(one.ref, one.raw): one for one in found}
        return end, sorted(records.values(), key=lambda one: (one.updated_at or start, one.ref))

    def _backwards(self, start: datetime, end: datetime, total: int) -> list[RawRecord]:
        """Every page of one window, the last one first."""
        found, before = list[RawRecord](), list[RawRecord]()
        for page in range(-(-total // self._windows.size), 0, -1):
            listed = list(self._ask(start, end, page)[0])
            if listed and listed == before:
                raise InvariantBroken(f"page {page} of the orders came twice")
            found, before = found + listed, listed
        return found
