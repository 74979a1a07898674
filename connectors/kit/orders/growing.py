"""Reads changes from a platform that lists, for a window of time, only which orders changed: each is then read whole.

A quiet shop is caught up with in few calls, because windows grow while nothing happens; a queue tells what is newer."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from connectors.kit.orders.feed import Given, order_record
from connectors.kit.orders.queues import ChangeQueue
from connectors.kit.orders.reading import RowFeed
from connectors.kit.settings import Start
from connectors.kit.values import Row, text_id
from connectors.kit.wire.paging import Ask, Paging
from hub.canonical.times import iso, parse_time
from hub.ports.channel import Page, RawRecord


@dataclass(frozen=True, slots=True)
class Growing:
    """How a platform gives its changes.

    usual, longest: a window after a busy one, and the longest that it allows.
    kept:    how far back it remembers.
    settled: a window ends so far in the past that no order can change into it while it is read.
    """

    usual: timedelta
    longest: timedelta
    kept: timedelta
    settled: timedelta


@dataclass
class _Pull(Given):
    """What a pull has given so far, and its cursor, which never goes back."""

    cursor: datetime | None = None

    def reached(self, moment: datetime) -> None:
        """Everything up to `moment` was given."""
        self.cursor = moment if self.cursor is None else max(self.cursor, moment)

    @property
    def text(self) -> str | None:
        """The cursor as text."""
        return iso(self.cursor) if self.cursor else None


class GrowingFeed(RowFeed):
    """The orders of one shop by date of change (whole seconds). The cursor is the end of the windows read.

    windows:   how the platform gives its changes.
    paging, listed: how it pages them, and the name of the list, whose rows have the fields `ref` and `changed`.
    uncounted: what tells it that a page needs no count of all rows.

    Args: look, start: as those of `ChangedRows`.  now: aware UTC now.
          queue: tells of changes before their window is read; None where there is none.
    """

    windows: ClassVar[Growing]
    paging: ClassVar[Paging]
    listed: ClassVar[str]
    uncounted: ClassVar[Row] = {}

    def __init__(
        self,
        look: Callable[[str], Row | None],
        start: Start,
        now: Callable[[], datetime],
        queue: ChangeQueue | None = None,
    ) -> None:
        super().__init__(look)
        self._start, self._now, self._queue, self.pull = start, now, queue, self._pull

    @abstractmethod
    def asks(self, start: datetime, end: datetime) -> Ask:
        """Asks for a page of what changed in this window; the newest change comes first."""

    def _pull(self, cursor: str | None) -> Iterator[Page]:
        """The windows from `overlap` before the cursor up to now, oldest first; then what the queue tells beyond."""
        known, now = parse_time(cursor, "cursor") if cursor else None, self._now()
        oldest = now - self.windows.kept
        start = known - self._start.overlap if known else self._start.first or oldest
        pull = _Pull(cursor=known)
        yield from self._windows(pull, max(start, oldest).replace(microsecond=0), now - self.windows.settled)
        yield from self._told(pull, start)
        if pull.text and pull.text != cursor:
            yield Page((), pull.text)

    def _windows(self, pull: _Pull, start: datetime, end: datetime) -> Iterator[Page]:
        """A quiet window doubles the next one, a busy one halves nothing: it is the usual one again."""
        span = self.windows.usual
        while start < end:
            until = min(start + span, end)
            busy = False
            for records, reached in self._backwards(start, until):
                found, busy = pull.fresh(records), True
                pull.reached(reached)
                if found:
                    yield Page(found, pull.text, newest_at=pull.newest)
            pull.reached(until)
            start, span = until, self.windows.usual if busy else min(2 * span, self.windows.longest)

    def _backwards(self, start: datetime, end: datetime) -> Iterator[tuple[list[RawRecord], datetime]]:
        """The pages of one window, the last one first, and the time up to which the window was given with them.

        Newest changes lead the list, and an order that changes again leaves the window: the others move towards pages
        that are still to be read. It may change before it is read whole, so only the list says how far we are.
        """
        ask, paging = self.asks(start, end), self.paging
        _, total = paging.page(lambda at: ask(at | {paging.size_name: "1"}), self.listed)
        for page in reversed(range(-(-total // paging.size))):
            rows = paging.rows(ask({**paging.query(page * paging.size), **self.uncounted}), self.listed)
            changes = (order_record(row, self.ref, self.changed, self.zone).updated_at for row in rows)
            found = self._whole([text_id(row.get(self.ref)) for row in rows[::-1]])
            yield found, max(filter(None, changes), default=start)

    def _told(self, pull: _Pull, start: datetime) -> Iterator[Page]:
        """Orders that the queue tells of; the messages are confirmed once the page is committed."""
        for batch in self._queue.batches() if self._queue else ():
            found = self._whole(list(batch.orders))
            records = [one for one in found if one.updated_at is None or one.updated_at >= start]
            yield Page(pull.fresh(records), pull.text, (batch.receipt(self._now()),), pull.newest)

    def _whole(self, refs: Sequence[str]) -> list[RawRecord]:
        return [record for record in map(self.one, filter(None, refs)) if record]
