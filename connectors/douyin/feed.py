"""Orders by date of change, and one order as it stands."""

from __future__ import annotations

from datetime import datetime

from connectors.douyin.client import PAGE, Gateway
from connectors.kit.orders.reading import ChangedRows
from connectors.kit.settings import Start
from connectors.kit.values import Row, inside, rows_of

SEARCH = "order.searchList"
BY_CHANGE = {"order_by": "update_time", "order_asc": True}


class OrderFeed(ChangedRows):
    """The orders of one shop, by `update_time` (whole seconds)."""

    ref, changed = "order_id", "update_time"

    def __init__(self, gateway: Gateway, start: Start) -> None:
        super().__init__(gateway.order, start)
        self._gateway = gateway

    def page(self, since: datetime | None, number: int) -> tuple[list[Row], bool]:
        """One page; the platform counts them from 0."""
        start = {"update_time_start": int(since.timestamp())} if since else {}
        data = self._gateway.read(SEARCH, {**BY_CHANGE, "page": number - 1, "size": PAGE, **start})
        rows, total = rows_of(data, "shop_order_list"), inside(data, "total")
        return rows, number * PAGE < total if isinstance(total, int) else len(rows) == PAGE
