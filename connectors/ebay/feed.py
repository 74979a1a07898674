"""Orders by date of change. eBay notifies of new orders only; the poll brings everything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.ebay.client import ORDERS, Seller, one
from connectors.kit.orders import RowFeed
from connectors.kit.settings import Start
from connectors.kit.sweep import PAGE, SweepFeed
from connectors.kit.values import Row, inside, rows_of
from hub.ports.channel import RawRecord

USUAL, OLDEST = timedelta(days=90), timedelta(days=729)
"""How far back a first pull goes where nothing else is said, and how far eBay keeps orders: two years."""


class OrderFeed(RowFeed):
    """The orders of one seller, by `lastModifiedDate`."""

    ref, changed = "orderId", "lastModifiedDate"

    def __init__(self, seller: Seller, start: Start) -> None:
        super().__init__(seller.order)
        self._seller = seller

        def first(now: datetime) -> datetime:
            return max(start.first, now - OLDEST) if start.first else now - USUAL

        self.pull = SweepFeed(self._ask, start.overlap, first).pull

    def _ask(self, start: datetime, end: datetime | None, passed: int) -> tuple[list[RawRecord], int]:
        between = f"lastmodifieddate:[{_stamp(start)}..{_stamp(end) if end else ''}]"
        query = {"filter": between, "limit": str(PAGE), "offset": str(passed)}
        data = one(self._seller.call("GET", ORDERS, params=query), "getOrders")
        total = data.get("total")
        found = [self.record(self._in_full(row)) for row in rows_of(data, "orders")]
        return found, total if isinstance(total, int) else passed + len(found)

    def _in_full(self, row: Row) -> Row:
        """A list leaves out the requests to cancel an order; the order itself tells them."""
        if inside(row, "cancelStatus", "cancelState") in {None, "NONE_REQUESTED"}:
            return row
        return self._seller.order(str(row.get("orderId"))) or row


def _stamp(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"
