"""Orders by date of change, and one order as it stands."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.douyin.client import PAGE, Gateway, inside
from connectors.kit.feed import ChangeFeed, order_record
from connectors.kit.gateway import Row
from connectors.kit.values import rows_of
from hub.canonical.errors import Rejected
from hub.ports.channel import RawRecord

SEARCH, DETAIL = "order.searchList", "order.orderDetail"
MISSING = "订单不存在"
"""The platform's words for an order that it does not have."""


class OrderFeed:
    """The orders of one shop, by `update_time` (whole seconds)."""

    def __init__(self, gateway: Gateway, overlap: timedelta, first: datetime | None) -> None:
        self._gateway = gateway
        self.pull = ChangeFeed(self._ask, overlap, first).pull

    def _ask(self, since: datetime | None, page: int) -> tuple[list[RawRecord], bool]:
        """One page; the platform counts them from 0."""
        asked = {"page": page - 1, "size": PAGE, "order_by": "update_time", "order_asc": True}
        start = {"update_time_start": int(since.timestamp())} if since else {}
        data = self._gateway.read(SEARCH, asked | start)
        rows, total = rows_of(inside(data, "shop_order_list")), inside(data, "total")
        more = page * PAGE < total if isinstance(total, int) else len(rows) == PAGE
        return [_record(row) for row in rows], more

    def one(self, ref: str) -> RawRecord | None:
        """One order as it stands now; None where the shop knows none."""
        row = order(self._gateway, ref)
        return None if row is None else _record(row)


def order(gateway: Gateway, ref: str) -> Row | None:
    """The order's object; None where the shop knows none."""
    try:
        found = inside(gateway.read(DETAIL, {"shop_order_id": ref}), "shop_order_detail")
    except Rejected as error:
        if MISSING not in str(error):
            raise
        return None
    return found if isinstance(found, dict) else None


def _record(row: Row) -> RawRecord:
    return order_record(row, "order_id", "update_time")
