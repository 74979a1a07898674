"""Reads orders by date of change, without page numbers that slide while the shop is selling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.kit.exact_json import dumps_exact, elements
from connectors.kit.http import Answer, Api
from connectors.woocommerce.client import PER_PAGE, one, rows, text_id
from hub.canonical.errors import BadRecord, InvariantBroken, Misconfigured, Rejected
from hub.canonical.times import iso, parse_time
from hub.ports.channel import Page, RawRecord

ORDERS = "/wc/v3/orders"


@dataclass
class _Walk:
    """Where a pull stands: `since` is the oldest change asked for, `page` counts only while one second fills a page."""

    since: datetime | None
    newest: datetime | None
    page: int = 1
    seen: set[tuple[str, bytes]] = field(default_factory=set)


class OrderFeed:
    """The orders of one shop.

    A page is followed by asking again from the newest change seen, not by `page=2`: an order that changes meanwhile
    moves to the end of the list and would pull its neighbors over the page's edge, where nobody reads them.
    """

    def __init__(self, api: Api, zone: ZoneInfo, overlap: timedelta) -> None:
        self._api, self._zone, self._overlap = api, zone, overlap

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Pages of orders changed at or after `cursor`, oldest change first; starts `overlap` before the cursor.

        Raises: InvariantBroken where the shop sends a full page again that has nothing new.
        """
        newest = parse_time(cursor, "cursor") if cursor else None
        walk, full = _Walk(newest - self._overlap if newest else None, newest), True
        while full:
            records, full = self._next(walk)
            fresh = tuple(record for record in records if (record.ref, record.raw) not in walk.seen)
            if full and walk.page > 1 and not fresh:
                raise InvariantBroken(f"page {walk.page} of the orders came twice")
            self._advance(walk, records)
            if fresh:
                yield Page(fresh, iso(walk.newest) if walk.newest else cursor, newest_at=walk.newest)

    def _next(self, walk: _Walk) -> tuple[list[RawRecord], bool]:
        """One page, and whether more may follow."""
        query = {"orderby": "modified", "order": "asc", "per_page": str(PER_PAGE), "page": str(walk.page)}
        if walk.since:
            just_before = (walk.since - timedelta(seconds=1)).astimezone(UTC)  # the shop reads "after" strictly
            query |= {"modified_after": f"{just_before:%Y-%m-%dT%H:%M:%S}", "dates_are_gmt": "true"}
        try:
            answer = self._api.call("GET", ORDERS, params=query)
        except Rejected as error:
            if "orderby" in str(error):
                raise Misconfigured("this WooCommerce cannot sort orders by date of change; update it") from None
            raise
        found = _cut(answer)
        return [self._record(raw, row) for raw, row in found], len(found) >= PER_PAGE

    def _advance(self, walk: _Walk, records: list[RawRecord]) -> None:
        walk.seen |= {(record.ref, record.raw) for record in records}
        latest = max((record.updated_at for record in records if record.updated_at), default=None)
        if latest is not None and (walk.since is None or latest > walk.since):
            walk.since, walk.page = latest, 1
        else:
            walk.page += 1
        if latest is not None and (walk.newest is None or latest > walk.newest):
            walk.newest = latest

    def one(self, ref: str) -> RawRecord | None:
        """One order as it stands now; None where the shop knows none."""
        if not ref.isascii() or not ref.isdigit():
            return None
        answer = self._api.call("GET", f"{ORDERS}/{ref}", accept={404})
        if answer.status == 404:
            if isinstance(answer.data, Mapping) and answer.data.get("code") == "rest_no_route":
                raise Misconfigured("the shop has no REST API v3; choose pretty permalinks in Settings > Permalinks")
            return None
        return self._record(answer.body, one(answer.data))

    def _record(self, raw: bytes, row: Mapping[str, Any]) -> RawRecord:
        ref = text_id(row.get("id"))
        if not ref:
            return RawRecord("unknown", raw, problem=BadRecord("id", row.get("id"), "expected the order's number"))
        updated_at = changed_at(row, self._zone)
        if has_thin_refunds(row):
            raw = dumps_exact({**row, "refunds": self._refunds(ref, row["refunds"])})
        return RawRecord(ref, raw, updated_at)

    def _refunds(self, ref: str, thin: list[Any]) -> list[Any]:
        """The order's refunds with their lines: the order itself names only their totals."""
        answer = self._api.call("GET", f"{ORDERS}/{ref}/refunds", params={"per_page": "100"})
        whole = {text_id(refund.get("id")): refund for refund in rows(answer.data)}
        return [{**whole.get(text_id(row.get("id")), {}), **row} if isinstance(row, Mapping) else row for row in thin]


def _cut(answer: Answer) -> list[tuple[bytes, Mapping[str, Any]]]:
    """Each order's own bytes, and what they say."""
    found = rows(answer.data)
    raws = elements(answer.body) if isinstance(answer.data, list) else ()
    if len(raws) != len(found):
        raws = tuple(dumps_exact(row) for row in found)
    return list(zip(raws, found, strict=True))


def has_thin_refunds(row: Mapping[str, Any]) -> bool:
    """Whether the order names refunds without saying what was refunded."""
    refunds = row.get("refunds")
    return isinstance(refunds, list) and any(isinstance(one, Mapping) and "line_items" not in one for one in refunds)


def changed_at(row: Mapping[str, Any], zone: ZoneInfo) -> datetime | None:
    """When the order changed, UTC; None where it does not say."""
    for name, where in (("date_modified_gmt", UTC), ("date_modified", zone)):
        try:
            return parse_time(row.get(name), name, where)
        except BadRecord:
            continue
    return None
