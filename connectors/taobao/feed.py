"""Trades by date of change, in windows that are read backwards, and by the message queue; one trade as it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connectors.kit.feed import order_record
from connectors.kit.gateway import Row
from connectors.kit.values import text_id
from connectors.taobao.client import CHINA, Gateway, count, rows, stamp
from connectors.taobao.queue import Queue
from hub.canonical.errors import Rejected
from hub.canonical.times import iso, parse_time
from hub.ports.channel import Page, RawRecord

CHANGED, DETAIL, REFUND = "taobao.trades.sold.increment.get", "taobao.trade.fullinfo.get", "taobao.refund.get"
PAID_BACK, OF_REFUND = "SUCCESS", "refund_id,oid,status,refund_fee,refund_phase,has_good_return,modified"
WINDOW, LONGEST, KEPT = timedelta(minutes=30), timedelta(days=1), timedelta(days=90)
"""Half an hour is advised, a day is allowed, and the platform forgets after three months."""
SETTLED = timedelta(seconds=10)
"""A window ends so far in the past that no trade can change into it while it is read."""
SIZE = 50
GONE = ("trade-not-exist", "trade-not-found", "invalid-parameter:tid")
FIELDS = (
    "tid,tid_str,type,status,payment,post_fee,total_fee,discount_fee,adjust_fee,created,pay_time,modified,consign_time,"
    "end_time,buyer_open_uid,buyer_nick,buyer_email,buyer_message,seller_memo,seller_flag,receiver_name,receiver_mobile,"
    "receiver_phone,receiver_country,receiver_state,receiver_city,receiver_district,receiver_town,receiver_address,"
    "receiver_zip,oaid,shipping_type,step_trade_status,step_paid_fee,est_con_time,is_part_consign,is_force_dc,top_hold,"
    "team_buy_hold,share_group_hold,ofp_hold,orders,promotion_details"
)


@dataclass
class _Pull:
    """What a pull has given so far: its cursor (never back), the newest change, and digests of what was sent."""

    cursor: datetime | None
    newest: datetime | None = None
    seen: set[tuple[str, bytes]] = field(default_factory=set)

    def fresh(self, records: Sequence[RawRecord]) -> tuple[RawRecord, ...]:
        """Those not given yet, oldest change first."""
        new = {(record.ref, hashlib.sha256(record.raw).digest()): record for record in records}
        new = {key: record for key, record in new.items() if key not in self.seen}
        self.seen |= new.keys()
        times = [record.updated_at for record in new.values() if record.updated_at]
        self.newest = max([*times, *([self.newest] if self.newest else [])], default=None)
        return tuple(sorted(new.values(), key=lambda record: record.updated_at or datetime.min.replace(tzinfo=UTC)))

    def reached(self, moment: datetime) -> None:
        """Everything up to `moment` was given."""
        self.cursor = moment if self.cursor is None else max(self.cursor, moment)

    @property
    def text(self) -> str | None:
        """The cursor as text."""
        return iso(self.cursor) if self.cursor else None


class TradeFeed:
    """The trades of one shop, by `modified` (whole seconds). The cursor is the end of the windows read.

    Args: queue: tells of changes before their window is read; None where the app has no message service.
          kinds: of trades to ask for, with commas.
          overlap: how far behind its cursor a pull starts.  first: where a pull without cursor does.
    """

    def __init__(
        self, gateway: Gateway, queue: Queue | None, kinds: str, overlap: timedelta, first: datetime | None
    ) -> None:
        self._gateway, self._queue, self._kinds = gateway, queue, kinds
        self._overlap, self._first = overlap, first

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """The windows from `overlap` before the cursor up to now, oldest first; then what the queue tells beyond."""
        known = parse_time(cursor, "cursor") if cursor else None
        now = self._gateway.now()
        start = known - self._overlap if known else self._first or now - KEPT
        pull = _Pull(known)
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
        total = count(self._gateway.read(CHANGED, asked | {"page_no": "1", "page_size": "1"}), "trades")
        for page in range(-(-total // SIZE), 0, -1):
            more = {"page_no": str(page), "page_size": str(SIZE), "use_has_next": "true"}
            listed = rows(self._gateway.read(CHANGED, asked | more).get("trades"))
            times = filter(None, (order_record(row, "tid", "modified", CHINA).updated_at for row in listed))
            yield self._whole([text_id(row.get("tid")) for row in listed[::-1]]), max(times, default=start)

    def _told(self, pull: _Pull, start: datetime) -> Iterator[Page]:
        """Trades that the queue tells of; the messages are confirmed once the page is committed."""
        for batch in self._queue.batches() if self._queue else ():
            records = [one for one in self._whole(batch.trades) if one.updated_at is None or one.updated_at >= start]
            yield Page(pull.fresh(records), pull.text, (batch.receipt(self._gateway.now()),), pull.newest)

    def _whole(self, refs: Sequence[str]) -> list[RawRecord]:
        return [record for record in map(self.one, filter(None, refs)) if record]

    def one(self, ref: str) -> RawRecord | None:
        """One trade as it stands now; None where the shop knows none."""
        row = trade(self._gateway, ref)
        return None if row is None else order_record(self._with_refunds(row), "tid", "modified", CHINA)

    def _with_refunds(self, row: Row) -> Row:
        """The trade; where money of a line went back, with the refund that says how much (a line names its last)."""
        back = (line for line in rows(row.get("orders")) if line.get("refund_status") == PAID_BACK)
        refunds = [self._refund(ref) for ref in dict.fromkeys(text_id(line.get("refund_id")) for line in back) if ref]
        found = [refund for refund in refunds if refund]
        return {**row, "stockline_refunds": found} if found else row

    def _refund(self, ref: str) -> Row:
        """One refund; empty where the shop knows none."""
        try:
            return dict(self._gateway.read(REFUND, {"fields": OF_REFUND, "refund_id": ref}).get("refund") or {})
        except Rejected:
            return {}


def trade(gateway: Gateway, ref: str) -> Row | None:
    """The whole trade; None where the shop knows none."""
    try:
        found = gateway.read(DETAIL, {"fields": FIELDS, "tid": ref, "include_oaid": "true"}).get("trade")
    except Rejected as error:
        if not any(word in str(error) for word in GONE):
            raise
        return None
    return found if isinstance(found, dict) else None
