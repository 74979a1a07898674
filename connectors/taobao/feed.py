"""Trades by date of change, in windows that are read backwards, and by the message queue; one trade as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.kit.feed import Given
from connectors.kit.gateway import CHINA
from connectors.kit.orders import RowFeed
from connectors.kit.settings import Start
from connectors.kit.values import Row, text_id
from connectors.taobao.client import Gateway, paging, rows, stamp
from connectors.taobao.queue import Queue
from hub.canonical.times import iso, parse_time
from hub.ports.channel import Page, RawRecord

CHANGED, REFUND = "taobao.trades.sold.increment.get", "taobao.refund.get"
PAID_BACK, OF_REFUND = "SUCCESS", "refund_id,oid,status,refund_fee,refund_phase,has_good_return,modified"
WINDOW, LONGEST, KEPT = timedelta(minutes=30), timedelta(days=1), timedelta(days=90)
"""Half an hour is advised, a day is allowed, and the platform forgets after three months."""
SETTLED = timedelta(seconds=10)
"""A window ends so far in the past that no trade can change into it while it is read."""
LIST = paging(50)


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


class TradeFeed(RowFeed):
    """The trades of one shop, by `modified` (whole seconds). The cursor is the end of the windows read.

    Args: queue: tells of changes before their window is read; None where the app has no message service.
          kinds: of trades to ask for, with commas.
          start: where pulls do.
    """

    ref, changed, zone = "tid", "modified", CHINA

    def __init__(self, gateway: Gateway, queue: Queue | None, kinds: str, start: Start) -> None:
        super().__init__(gateway.order)
        self._gateway, self._queue, self._kinds, self._start = gateway, queue, kinds, start
        self.pull = self._pull

    def _pull(self, cursor: str | None) -> Iterator[Page]:
        """The windows from `overlap` before the cursor up to now, oldest first; then what the queue tells beyond."""
        known = parse_time(cursor, "cursor") if cursor else None
        now = self._gateway.now()
        start = known - self._start.overlap if known else self._start.first or now - KEPT
        pull = _Pull(cursor=known)
        yield from self._windows(pull, max(start, now - KEPT).replace(microsecond=0), now - SETTLED)
        yield from self._told(pull, start)
        if pull.text and pull.text != cursor:
            yield Page((), pull.text)

    def _windows(self, pull: _Pull, start: datetime, end: datetime) -> Iterator[Page]:
        """A quiet window doubles the next one, a busy one halves nothing: it is half an hour again."""
        span = WINDOW
        while start < end:
            until = min(start + span, end)
            busy = False
            for records, reached in self._backwards(start, until):
                found, busy = pull.fresh(records), True
                pull.reached(reached)
                if found:
                    yield Page(found, pull.text, newest_at=pull.newest)
            pull.reached(until)
            start, span = until, WINDOW if busy else min(2 * span, LONGEST)

    def _backwards(self, start: datetime, end: datetime) -> Iterator[tuple[list[RawRecord], datetime]]:
        """The pages of one window, the last one first, and the time up to which the window was given with them.

        Newest changes lead the list, and a trade that changes again leaves the window: the others move towards pages
        that are still to be read. It may change before it is read whole, so only the list says how far we are.
        """
        asked = {"start_modified": stamp(start), "end_modified": stamp(end), "type": self._kinds}
        asked["fields"] = "tid,modified"
        _, total = LIST.page(lambda at: self._gateway.read(CHANGED, asked | at | {"page_size": "1"}), "trades")
        for page in reversed(range(-(-total // LIST.size))):
            more = LIST.query(page * LIST.size) | {"use_has_next": "true"}
            listed = rows(self._gateway.read(CHANGED, asked | more), "trades")
            times = filter(None, (super(TradeFeed, self).record(row).updated_at for row in listed))
            yield self._whole([text_id(row.get("tid")) for row in listed[::-1]]), max(times, default=start)

    def _told(self, pull: _Pull, start: datetime) -> Iterator[Page]:
        """Trades that the queue tells of; the messages are confirmed once the page is committed."""
        for batch in self._queue.batches() if self._queue else ():
            found = self._whole(list(batch.orders))
            records = [one for one in found if one.updated_at is None or one.updated_at >= start]
            yield Page(pull.fresh(records), pull.text, (batch.receipt(self._gateway.now()),), pull.newest)

    def _whole(self, refs: Sequence[str]) -> list[RawRecord]:
        return [record for record in map(self.one, filter(None, refs)) if record]

    def record(self, row: Row) -> RawRecord:
        """The trade; where money of a line went back, with the refund that says how much (a line names its last)."""
        back = (line for line in rows(row, "orders") if line.get("refund_status") == PAID_BACK)
        refunds = [self._refund(ref) for ref in dict.fromkeys(text_id(line.get("refund_id")) for line in back) if ref]
        found = [refund for refund in refunds if refund]
        return super().record({**row, "stockline_refunds": found} if found else row)

    def _refund(self, ref: str) -> Row:
        """One refund; empty where the shop knows none."""
        return self._gateway.found(REFUND, {"fields": OF_REFUND, "refund_id": ref}, "refund") or {}
