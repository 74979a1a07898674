"""Orders by date of change. eBay notifies of new orders only; the poll brings everything."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.ebay.client import BY_OFFSET, ORDERS, Seller
from connectors.kit.orders.sweep_rows import SweepRows
from connectors.kit.settings import Start
from connectors.kit.values import Row, inside, millis
from connectors.kit.wire.paging import asked


class OrderFeed(SweepRows):
    """The orders of one seller, by `lastModifiedDate`; eBay keeps them for two years."""

    ref, changed = "orderId", "lastModifiedDate"
    usual, oldest = timedelta(days=90), timedelta(days=729)

    def __init__(self, seller: Seller, start: Start) -> None:
        super().__init__(seller.order, start, seller.now)
        self._seller = seller

    def page(self, start: datetime, end: datetime | None, passed: int) -> tuple[list[Row], int]:
        between = {"filter": f"lastmodifieddate:[{millis(start)}..{millis(end) if end else ''}]"}
        rows, total = BY_OFFSET.page(asked(self._seller.call, ORDERS, between), "orders", passed)
        return [self._in_full(row) for row in rows], total

    def _in_full(self, row: Row) -> Row:
        """A list leaves out the requests to cancel an order; the order itself tells them."""
        if inside(row, "cancelStatus", "cancelState") in {None, "NONE_REQUESTED"}:
            return row
        return self._seller.order(str(row.get("orderId"))) or row
