"""Reads orders by date of change from a channel that pages, without page numbers that slide while it is selling."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.canonical.errors import InvariantBroken
from hub.canonical.times import iso, parse_time
from hub.ports.channel import Page, RawRecord

Ask = Callable[[datetime | None, int], tuple[Sequence[RawRecord], bool]]
"""(changed at or after this time, page from 1) -> records, oldest change first, and whether more may follow."""


@dataclass
class _Walk:
    """Where a pull stands.

    since: the oldest change asked for; page: counts only while one second fills a page.
    seen:  (ref, digest) -> time of change, of records that the next page may bring again.
    """

    since: datetime | None
    newest: datetime | None
    page: int = 1
    seen: dict[tuple[str, bytes], datetime | None] = field(default_factory=dict)

    def fresh(self, records: Sequence[RawRecord]) -> list[RawRecord]:
        """Those not seen yet; they are seen from now on."""
        new = []
        for record in records:
            key = (record.ref, hashlib.sha256(record.raw).digest())
            if key not in self.seen:
                self.seen[key] = record.updated_at
                new.append(record)
        return new

    def advance(self, records: Sequence[RawRecord]) -> None:
        """Ask from the newest change on; where the whole page is of one second, ask for its next page."""
        latest = max((record.updated_at for record in records if record.updated_at), default=None)
        if latest is not None and (self.since is None or latest > self.since):
            self.since, self.page = latest, 1
            self.seen = {key: at for key, at in self.seen.items() if at is None or at >= latest}
        else:
            self.page += 1
        if latest is not None and (self.newest is None or latest > self.newest):
            self.newest = latest


class ChangeFeed:
    """The orders of one shop, by date of change.

    A page is followed by asking again from the newest change seen, not by `page=2`: an order that changes meanwhile
    moves to the end of the list and would pull its neighbors over the page's edge, where nobody reads them.

    Args: ask:     asks the shop for one page.
          overlap: how far behind its cursor a pull starts.
          first:   a pull without cursor starts here; None: with the oldest order.
    """

    def __init__(self, ask: Ask, overlap: timedelta, first: datetime | None = None) -> None:
        self._ask, self._overlap, self._first = ask, overlap, first

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Pages of orders changed at or after `cursor`, oldest change first; starts `overlap` before the cursor.

        Raises: InvariantBroken where the shop sends a page again that has nothing new, and says that more follow.
        """
        newest = parse_time(cursor, "cursor") if cursor else None
        walk, more = _Walk(newest - self._overlap if newest else self._first, newest), True
        while more:
            records, more = self._ask(walk.since, walk.page)
            fresh = walk.fresh(records)
            if more and walk.page > 1 and not fresh:
                raise InvariantBroken(f"page {walk.page} of the orders came twice")
            walk.advance(records)
            if fresh:
                yield Page(tuple(fresh), iso(walk.newest) if walk.newest else cursor, newest_at=walk.newest)
