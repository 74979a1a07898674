"""Reads orders by date of change, without page numbers that slide while the shop is selling."""

from __future__ import annotations

import hashlib
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
    """Where a pull stands.

    since: the oldest change asked for; page: counts only while one second fills a page.
    seen:  (ref, digest) -> time of change, of records that the next page may bring again.
    """

    since: datetime | None
    newest: datetime | None
    page: int = 1
    seen: dict[tuple[str, bytes], datetime | None] = field(default_factory=dict)

    def fresh(self, records: list[RawRecord]) -> list[RawRecord]:
        """Those not seen yet; they are seen from now on."""
        new = []
        for record in records:
            key = (record.ref, hashlib.sha256(record.raw).digest())
            if key not in self.seen:
                self.seen[key] = record.updated_at
                new.append(record)
        return new

    def advance(self, records: list[RawRecord]) -> None:
        """Ask from the newest change on; where the whole page is of one second, ask for its next page."""
        latest = max((record.updated_at for record in records if record.updated_at), default=None)
        if latest is not None and (self.since is None or latest > self.since):
            self.since, self.page = latest, 1
            self.seen = {key: at for key, at in self.seen.items() if at is None or at >= latest}
        else:
            self.page += 1
        if latest is not None and (self.newest is None or latest > self.newest):
            self.newest = latest


class OrderFeed:
    """The orders of one shop.

    A page is followed by asking again from the newest change seen, not by `page=2`: an order that changes meanwhile
    moves to the end of the list and would pull its neighbors over the page's edge, where nobody reads them.

    Args: overlap: how far behind its cursor a pull starts.
          first:   a pull without cursor starts here; None: with the oldest order.
    """

    def __init__(self, api: Api, zone: ZoneInfo, overlap: timedelta, first: datetime | None = None) -> None:
        self._api, self._zone, self._overlap, self._first = api, zone, overlap, first

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Pages of orders changed at or after `cursor`, oldest change first; starts `overlap` before the cursor.

        Raises: InvariantBroken where the shop sends a full page again that has nothing new.
        """
        newest = parse_time(cursor, "cursor") if cursor else None
        walk, full = _Walk(newest - self._overlap if newest else self._first, newest), True
        while full:
            records, full = self._next(walk)
            fresh = walk.fresh(records)
            if full and walk.page > 1 and not fresh:
                raise InvariantBroken(f"page {walk.page} of the orders came twice")
            walk.advance(records)
            if fresh:
                yield Page(tuple(fresh), iso(walk.newest) if walk.newest else cursor, newest_at=walk.newest)

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
