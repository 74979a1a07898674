"""Reads orders by date of change, with the lines of their refunds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.kit.exact_json import dumps_exact, elements
from connectors.kit.feed import ChangeFeed
from connectors.kit.http import Answer, Api
from connectors.kit.settings import Start
from connectors.kit.values import inside, moment, named_so, plain_number, rows_of, text_id
from connectors.woocommerce.client import PER_PAGE, one, rows
from hub.canonical.errors import BadRecord, Misconfigured, Rejected
from hub.ports.channel import RawRecord

ORDERS = "/wc/v3/orders"


class OrderFeed:
    """The orders of one shop; each keeps its own bytes, and refunds with their lines."""

    def __init__(self, api: Api, zone: ZoneInfo, start: Start) -> None:
        self._api, self._zone = api, zone
        self.pull = ChangeFeed(self._ask, *start).pull

    def _ask(self, since: datetime | None, page: int) -> tuple[list[RawRecord], bool]:
        """One page, and whether more may follow."""
        query = {"orderby": "modified", "order": "asc", "per_page": str(PER_PAGE), "page": str(page)}
        if since:
            just_before = (since - timedelta(seconds=1)).astimezone(UTC)  # the shop reads "after" strictly
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
            if inside(answer.data, "code") == "rest_no_route":
                raise Misconfigured("the shop has no REST API v3; choose pretty permalinks in Settings > Permalinks")
            return None
        return self._record(answer.body, one(answer.data))

    def numbered(self, number: str) -> RawRecord | None:
        """The order of that number, which a plugin may have made; None where the shop's own search finds none."""
        wanted = plain_number(number)
        query = {"search": wanted, "orderby": "id", "order": "asc", "per_page": str(PER_PAGE)}
        found = _cut(self._api.call("GET", ORDERS, params=query)) if wanted else []
        return next((self._record(raw, row) for raw, row in found if named_so(row, "number", number)), None)

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
    return any("line_items" not in refund for refund in rows_of(row, "refunds"))


def changed_at(row: Mapping[str, Any], zone: ZoneInfo) -> datetime | None:
    """When the order changed, UTC; None where it does not say."""
    found = moment(row.get("date_modified_gmt"), "date_modified_gmt")
    return found or moment(row.get("date_modified"), "date_modified", zone)
