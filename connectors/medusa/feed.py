"""Orders by date of change: Medusa's core calls nobody, so the poll brings everything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from connectors.kit.feed import ChangeFeed, order_record
from connectors.kit.http import Api
from connectors.kit.values import named_so, plain_number
from connectors.medusa.client import PAGE_SIZE, listed, only
from hub.canonical.times import iso
from hub.ports.channel import RawRecord

ORDERS = "/orders"
FIELDS = (
    "id,display_id,status,version,email,currency_code,customer_id,region_id,sales_channel_id,created_at,updated_at,"
    "total,tax_total,*summary,*items,*items.detail,*items.tax_lines,*items.adjustments,*items.variant,"
    "*items.variant.inventory_items,*shipping_methods,*shipping_methods.tax_lines,*shipping_methods.adjustments,"
    "*shipping_address,*billing_address,*payment_collections,*credit_lines,*fulfillments"
)
"""Totals and pieces are right only where the items that they are counted from are asked for too."""


def order_path(ref: str) -> str:
    """The path of one order."""
    return f"{ORDERS}/{quote(ref, safe='')}"


class OrderFeed:
    """The orders of one server, by `updated_at`."""

    def __init__(self, api: Api, overlap: timedelta, first: datetime | None) -> None:
        self._api = api
        self.pull = ChangeFeed(self._ask, overlap, first).pull

    def _ask(self, since: datetime | None, page: int) -> tuple[list[RawRecord], bool]:
        offset = (page - 1) * PAGE_SIZE
        query = {"fields": FIELDS, "order": "updated_at", "limit": str(PAGE_SIZE), "offset": str(offset)}
        query |= {"updated_at[$gte]": iso(since.astimezone(UTC))} if since else {}
        rows, count = listed(self._api, ORDERS, "orders", query)
        return [order_record(row, "id", "updated_at") for row in rows], offset + PAGE_SIZE < count

    def one(self, ref: str) -> RawRecord | None:
        """One order as it stands now; None where the shop knows none."""
        answer = self._api.call("GET", order_path(ref), params={"fields": FIELDS}, accept={404})
        return None if answer.status == 404 else order_record(only(answer.data, "order"), "id", "updated_at")

    def numbered(self, number: str) -> RawRecord | None:
        """The order of that `display_id`; None where the server knows none.

        Medusa searches for what holds the number: of those the smallest comes first, which is the number itself.
        """
        wanted = plain_number(number)
        query = {"fields": FIELDS, "q": wanted, "order": "display_id", "limit": str(PAGE_SIZE), "offset": "0"}
        rows, _ = listed(self._api, ORDERS, "orders", query) if wanted else ([], 0)
        row = next((row for row in rows if named_so(row, "display_id", number)), None)
        return None if row is None else order_record(row, "id", "updated_at")
