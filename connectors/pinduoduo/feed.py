"""Orders by date of change, in windows of half an hour whose pages are read backwards; one order as it stands."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.kit.orders.reading import RowFeed
from connectors.kit.orders.windows import WindowFeed, Windows
from connectors.kit.settings import Start, seconds
from connectors.kit.values import Row, rows_of, text_id
from connectors.kit.wire.gateway import CHINA
from connectors.pinduoduo.client import LIST, Gateway
from hub.ports.channel import RawRecord

CHANGED, REFUNDS = "pdd.order.number.list.increment.get", "pdd.refund.list.increment.get"
PAID_BACK = "4"
EVERY_ORDER = {"order_status": "5", "refund_status": "5", "is_lucky_flag": "0"}
WINDOW, KEPT = timedelta(minutes=30), timedelta(days=90)
"""The platform allows half an hour at a time, and forgets after three months."""
LONGEST_BEHIND_S = 3600


class OrderFeed(RowFeed):
    """The orders of one shop, by `updated_at` (whole seconds). The setting `behind_s` is the `behind` of `Windows`."""

    ref, changed, zone = "order_sn", "updated_at", CHINA

    def __init__(self, gateway: Gateway, start: Start) -> None:
        super().__init__(gateway.order)
        self._gateway = gateway
        behind = seconds(gateway.settings, gateway.spec, "behind_s", most=LONGEST_BEHIND_S)
        self.pull = WindowFeed(self._ask, Windows(WINDOW, KEPT, LIST.size, behind), *start, now=gateway.now).pull

    def _ask(self, start: datetime, end: datetime, page: int) -> tuple[list[RawRecord], int]:
        asks = self._gateway.asks(CHANGED, {**EVERY_ORDER, **_window(start, end)})
        rows, total = LIST.page(asks, "order_sn_list", (page - 1) * LIST.size)
        return [self.record(row) for row in rows], total

    def record(self, row: Row) -> RawRecord:
        """An order; where money went back, with its refunds, which say how much."""
        ref = text_id(row.get("order_sn"))
        if text_id(row.get("refund_status")) != PAID_BACK or not ref:
            return super().record(row)
        answer = self._gateway.read(REFUNDS, refunds_of(ref, self._gateway.now()))
        return super().record({**row, "refund_list": rows_of(answer, "refund_list")})


def refunds_of(ref: str, now: datetime) -> dict[str, str]:
    """What asks for every refund of one order: the platform wants a time and kinds too, and does not look at them."""
    window = _window(now - timedelta(seconds=1800), now)
    return {"order_sn": ref, "after_sales_status": "10", "after_sales_type": "1", "page_size": str(LIST.size), **window}


def _window(start: datetime, end: datetime) -> dict[str, str]:
    return {"start_updated_at": str(int(start.timestamp())), "end_updated_at": str(int(end.timestamp()))}
