"""Orders by date of change (OR11): sellers have no webhooks, so the poll brings everything."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.kit.orders.reading import OffsetRows
from connectors.kit.settings import Start
from connectors.kit.values import Row
from connectors.mirakl.client import LIST, ORDERS, Seller


class OrderFeed(OffsetRows):
    """The orders of one shop. OR11 sorts by creation only; `start_update_date` says from which change on."""

    ref, changed = "order_id", "last_updated_date"

    def __init__(self, seller: Seller, start: Start) -> None:
        super().__init__(seller.order, start, seller.now)
        self._seller = seller

    def page(self, since: datetime | None, passed: int) -> tuple[list[Row], int]:
        query = {"start_update_date": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"} if since else {}
        return LIST.page(self._seller.asks(ORDERS, query, gap="" if passed else "OR11"), "orders", passed)
