"""Orders by date of change, in windows of half an hour whose pages are read backwards; one order as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.kit.exact_json import dumps_exact
from connectors.kit.values import text_id
from connectors.pinduoduo.client import Gateway, Row, count, rows
from hub.canonical.errors import BadRecord, InvariantBroken, Misconfigured, Rejected
from hub.canonical.times import iso, parse_time
from hub.ports.channel import Page, RawRecord

CHANGED, DETAIL = "pdd.order.number.list.increment.get", "pdd.order.information.get"
EVERY_ORDER = {"order_status": "5", "refund_status": "5", "is_lucky_flag": "0"}
WINDOW, KEPT, SECOND = timedelta(minutes=30), timedelta(days=90), timedelta(seconds=1)
"""The platform allows half an hour at a time, and forgets after three months."""
SIZE, MOST = 100, 2000
"""A page, and the orders of one window that are held at a time; a fuller window is halved."""
LONGEST_BEHIND_S = 3600
CHINA = ZoneInfo("Asia/Shanghai")


class OrderFeed:
    """The orders of one shop, by `updated_at` (whole seconds). The cursor is the end of the windows read.

    Args: behind: how far behind the platform's time the last window ends: what changes later is not settled there.
          overlap: how far behind its cursor a pull starts.  first: where a pull without cursor does.
    """

    def __init__(self, gateway: Gateway, behind: timedelta, overlap: timedelta, first: datetime | None) -> None:
        self._gateway, self._behind, self._overlap, self._first = gateway, behind, overlap, first

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Pages of the orders changed from `overlap` before the cursor on, oldest change first."""
        known = parse_time(cursor, "cursor") if cursor else None
        end = (self._gateway.now() - self._behind).replace(microsecond=0)
        oldest = end - KEPT
        start = max(known - self._overlap if known else self._first or oldest, oldest).replace(microsecond=0)
        reached, newest = known, None
        while start < end:
            start, records = self._window(start, min(start + WINDOW, end))
            times = [one.updated_at for one in records if one.updated_at]
            newest = max([*times, *([newest] if newest else [])], default=None)
            reached = max(start, reached or start)
            yield from self._pages(records, cursor, reached, newest)
            cursor = iso(reached)

    def _pages(
        self, records: list[RawRecord], before: str | None, reached: datetime, newest: datetime | None
    ) -> Iterator[Page]:
        """The window in pieces; only the last one moves the cursor, and an empty window moves it too."""
        for at in range(0, len(records), SIZE):
            last = at + SIZE >= len(records)
            yield Page(tuple(records[at : at + SIZE]), iso(reached) if last else before, newest_at=newest)
        if not records and iso(reached) != before:
            yield Page((), iso(reached))

    def _window(self, start: datetime, end: datetime) -> tuple[datetime, list[RawRecord]]:
        """(where it ended, its orders by time of change). Halved until it holds no more than `MOST`."""
        first = self._ask(start, end, 1)
        while count(first) > MOST and end - start > SECOND:
            end = (start + (end - start) / 2).replace(microsecond=0)
            first = self._ask(start, end, 1)
        found = rows(first, "order_sn_list") if count(first) <= SIZE else self._backwards(start, end, count(first))
        records = {(one.ref, one.raw): one for one in map(_record, found)}
        return end, sorted(records.values(), key=lambda one: (one.updated_at or start, one.ref))

    def _backwards(self, start: datetime, end: datetime, total: int) -> list[Row]:
        """Last page first: an order that changes meanwhile leaves the window, and the others move towards pages that
        are still to be read. Raises InvariantBroken where a page comes again."""
        found, before = list[Row](), list[Row]()
        for page in range(-(-total // SIZE), 0, -1):
            listed = rows(self._ask(start, end, page), "order_sn_list")
            if listed and listed == before:
                raise InvariantBroken(f"page {page} of the orders came twice")
            found, before = found + listed, listed
        return found

    def _ask(self, start: datetime, end: datetime, page: int) -> Row:
        window = {"start_updated_at": str(int(start.timestamp())), "end_updated_at": str(int(end.timestamp()))}
        return self._gateway.read(CHANGED, {**EVERY_ORDER, **window, "page": str(page), "page_size": str(SIZE)})

    def one(self, ref: str) -> RawRecord | None:
        """One order as it stands now; None where the shop knows none."""
        row = order(self._gateway, ref)
        return None if row is None else _record(row)


def order(gateway: Gateway, ref: str) -> Row | None:
    """The whole order; None where the shop knows none: the platform has no code of its own for that."""
    try:
        found = gateway.read(DETAIL, {"order_sn": ref}).get("order_info")
    except Rejected:
        return None
    return found if isinstance(found, Mapping) and text_id(found.get("order_sn")) == ref else None


def behind(settings: Mapping[str, str]) -> timedelta:
    """The setting `behind_s`. Raises Misconfigured."""
    text = settings.get("behind_s", "").strip() or "180"
    if not (text.isascii() and text.isdigit()) or int(text) > LONGEST_BEHIND_S:
        raise Misconfigured(f"behind_s = {text!r}: expected whole seconds from 0 to {LONGEST_BEHIND_S}")
    return timedelta(seconds=int(text))


def _record(row: Row) -> RawRecord:
    ref = text_id(row.get("order_sn"))
    if not ref:
        return RawRecord(
            "unknown", dumps_exact(row), problem=BadRecord("order_sn", None, "expected the order's number")
        )
    return RawRecord(ref, dumps_exact(row), _changed_at(row.get("updated_at")))


def _changed_at(value: Any) -> datetime | None:
    try:
        return parse_time(value, "updated_at", CHINA).astimezone(UTC)
    except BadRecord:
        return None
