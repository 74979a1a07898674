"""Orders by date of change (OR11): sellers have no webhooks, so the poll brings everything."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.kit.feed import OffsetFeed
from connectors.kit.orders import RowFeed
from connectors.kit.settings import Start
from connectors.mirakl.client import LIST, ORDERS, Seller
from hub.ports.channel import RawRecord


class OrderFeed(RowFeed):
    """The orders of one shop. OR11 sorts by creation only; `start_update_date` says from which change on."""

    ref, changed = "order_id", "last_updated_date"

    def __init__(self, seller: Seller, start: Start) -> None:
        super().__init__(seller.order)
        self._seller = seller
        self.pull = OffsetFeed(self._ask, *start).pull

    def _ask(self, since: datetime | None, offset: int) -> tuple[list[RawRecord], int]:
        if offset == 0:
            self._seller.wait("OR11")
        query = {"start_update_date": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"} if since else {}
        rows, total = LIST.page(self._seller.asks(ORDERS, query), "orders", offset)
        return [self.record(row) for row in rows], total
