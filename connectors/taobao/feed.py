"""Trades by date of change and by the message queue; one trade as it stands, with what its refunds gave back."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.kit.orders.growing import Growing, GrowingFeed
from connectors.kit.settings import Start
from connectors.kit.top.router import paging, rows, stamp
from connectors.kit.values import Row, text_id
from connectors.kit.wire.gateway import CHINA
from connectors.kit.wire.paging import Ask
from connectors.taobao.client import Gateway
from hub.ports.channel import RawRecord

CHANGED, REFUND = "taobao.trades.sold.increment.get", "taobao.refund.get"
PAID_BACK, OF_REFUND = "SUCCESS", "refund_id,oid,status,refund_fee,refund_phase,has_good_return,modified"


class TradeFeed(GrowingFeed):
    """The trades of one shop. Half an hour is advised, a day allowed, and the platform forgets after three months."""

    ref, changed, zone = "tid", "modified", CHINA
    windows = Growing(timedelta(minutes=30), timedelta(days=1), kept=timedelta(days=90), settled=timedelta(seconds=10))
    paging, listed, uncounted = paging(50), "trades", {"use_has_next": "true"}

    def __init__(self, gateway: Gateway, start: Start) -> None:
        super().__init__(gateway.order, start, gateway.now, gateway.queue)
        self._gateway = gateway

    def asks(self, start: datetime, end: datetime) -> Ask:
        window = {"start_modified": stamp(start), "end_modified": stamp(end)}
        return self._gateway.asks(CHANGED, {**window, "type": self._gateway.kinds, "fields": "tid,modified"})

    def record(self, row: Row) -> RawRecord:
        """The trade; where money of a line went back, with the refund that says how much (a line names its last)."""
        back = (line for line in rows(row, "orders") if line.get("refund_status") == PAID_BACK)
        refunds = [self._refund(ref) for ref in dict.fromkeys(text_id(line.get("refund_id")) for line in back) if ref]
        found = [refund for refund in refunds if refund]
        return super().record({**row, "stockline_refunds": found} if found else row)

    def _refund(self, ref: str) -> Row:
        """One refund; empty where the shop knows none."""
        return self._gateway.found(REFUND, {"fields": OF_REFUND, "refund_id": ref}, "refund") or {}
