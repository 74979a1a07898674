"""Reads changed orders from a channel that sorts its pages as it likes: each stretch of time until it is whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from hub.canonical.errors import ChannelDown, InvariantBroken
from hub.canonical.times import iso, parse_time
from hub.ports.channel import Page, RawRecord
from hub.ports.clock import utc_now

TRIES = 5
PAGE = 200
Ask = Callable[[datetime, datetime | None, int], tuple[Sequence[RawRecord], int]]
"""(changed from, changed to or None for now, orders to pass over) -> records in any order, and how many there are."""


class SweepFeed:
    """The changed orders of a shop that pages by offset and sorts as it likes.

    An order that changes while its stretch is read may pull a neighbor over a page's edge, where nobody reads it. So a
    stretch is read again until as many orders were seen as the shop says there are; then they are told oldest change
    first. Stretches are bounded, so that a long first pull is committed piece by piece; the last has no end, for
    the shop's clock may be behind ours.

    Args: ask:     asks the shop for one page.
          overlap: how far behind its cursor a pull starts.
          first:   a pull without cursor starts here, given the time now.
          stretch: the longest time read at once.
          now:     aware UTC now.
    """

    def __init__(
        self,
        ask: Ask,
        overlap: timedelta,
        first: Callable[[datetime], datetime],
        *,
        stretch: timedelta = timedelta(days=10),
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._ask, self._overlap, self._first, self._stretch, self._now = ask, overlap, first, stretch, now

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Pages of orders changed at or after `cursor`, oldest change first; starts `overlap` before the cursor.

        The cursor never passes the time when the pull began; an empty page moves it over time without orders.
        Raises: InvariantBroken where the shop says that more follow and sends nothing new; ChannelDown where a stretch
                changes faster than it can be read.
        """
        began = self._now()
        newest = parse_time(cursor, "cursor") if cursor else None
        start, moved = newest - self._overlap if newest else self._first(began), False
        while start < began:
            end = start + self._stretch if start + self._stretch < began else None
            records = self._whole(start, end)
            yield from _pages(records, cursor, began)
            moved = not records and (moved or end is not None)
            start, cursor = (end, iso(end)) if end else (began, cursor)
        if moved:
            yield Page((), cursor)

    def _whole(self, start: datetime, end: datetime | None) -> list[RawRecord]:
        """All orders of a stretch, each once as it was last seen, oldest change first."""
        for _ in range(TRIES):
            found, total = self._read(start, end)
            if len(found) >= total:
                return sorted(found.values(), key=lambda one: (one.updated_at or start, one.ref))
        raise ChannelDown("the orders change faster than they can be read; trying again later")

    def _read(self, start: datetime, end: datetime | None) -> tuple[dict[str, RawRecord], int]:
        """(orders, the most that the shop said there are) of one reading; it ends with an empty page at the latest."""
        found, passed, most, total = dict[str, RawRecord](), 0, 0, 1
        while passed < total:
            records, total = self._ask(start, end, passed)
            most = max(most, total)
            told = {_key(one): one for one in records}
            if not records:
                break
            if told.keys() <= found.keys() and passed + len(records) < total:
                raise InvariantBroken(f"the page after the first {passed} orders came twice")
            found |= told
            passed += len(records)
        return found, most


def _key(record: RawRecord) -> str:
    """What tells orders apart; one without an id counts by what it says."""
    return record.raw.hex() if record.problem else record.ref


def _pages(records: Sequence[RawRecord], cursor: str | None, began: datetime) -> Iterator[Page]:
    """A stretch in pages; each moves the cursor to its newest change, for all that is older was told."""
    for at in range(0, len(records), PAGE):
        told = tuple(records[at : at + PAGE])
        newest = max((min(one.updated_at, began) for one in told if one.updated_at), default=None)
        yield Page(told, iso(newest) if newest else cursor, newest_at=newest)
