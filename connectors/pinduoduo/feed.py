"""Orders by date of change, in windows of half an hour whose pages are read backwards; one order as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.kit.feed import order_record
from connectors.kit.gateway import Row
from connectors.kit.values import text_id
from connectors.kit.windows import WindowFeed, Windows
from connectors.pinduoduo.client import Gateway, count, rows
from hub.canonical.errors import Rejected
from hub.canonical.faults import unfit
from hub.ports.channel import RawRecord

CHANGED, DETAIL, REFUNDS = (
    "pdd.order.number.list.increment.get",
    "pdd.order.information.get",
    "pdd.refund.list.increment.get",
)
PAID_BACK = "4"
EVERY_ORDER = {"order_status": "5", "refund_status": "5", "is_lucky_flag": "0"}
WINDOW, KEPT, SIZE = timedelta(minutes=30), timedelta(days=90), 100
"""The platform allows half an hour and a hundred orders at a time, and forgets after three months."""
LONGEST_BEHIND_S = 3600
CHINA = ZoneInfo("Asia/Shanghai")


class OrderFeed:
    """The orders of one shop, by `updated_at` (whole seconds).

    Args: behind, overlap, first: those of `WindowFeed`.
    """

    def __init__(self, gateway: Gateway, behind: timedelta, overlap: timedelta, first: datetime | None) -> None:
        self._gateway = gateway
        self.pull = WindowFeed(self._ask, Windows(WINDOW, KEPT, SIZE, behind), overlap, first, now=gateway.now).pull

    def _ask(self, start: datetime, end: datetime, page: int) -> tuple[list[RawRecord], int]:
        window = {"start_updated_at": str(int(start.timestamp())), "end_updated_at": str(int(end.timestamp()))}
        asked = {**EVERY_ORDER, **window, "page": str(page), "page_size": str(SIZE)}
        answer = self._gateway.read(CHANGED, asked)
        return [self._record(row) for row in rows(answer, "order_sn_list")], count(answer)

    def one(self, ref: str) -> RawRecord | None:
        """One order as it stands now; None where the shop knows none."""
        row = order(self._gateway, ref)
        return None if row is None else self._record(row)

    def _record(self, row: Row) -> RawRecord:
        """An order; where money went back, with its refunds, which say how much."""
        if text_id(row.get("refund_status")) != PAID_BACK or not text_id(row.get("order_sn")):
            return _recorded(row)
        answer = self._gateway.read(REFUNDS, refunds_of(text_id(row["order_sn"]), self._gateway.now()))
        return _recorded({**row, "refund_list": rows(answer, "refund_list")})


def order(gateway: Gateway, ref: str) -> Row | None:
    """The whole order; None where the shop knows none: the platform has no code of its own for that."""
    try:
        found = gateway.read(DETAIL, {"order_sn": ref}).get("order_info")
    except Rejected:
        return None
    return found if isinstance(found, Mapping) and text_id(found.get("order_sn")) == ref else None


def refunds_of(ref: str, now: datetime) -> dict[str, str]:
    """What asks for every refund of one order: the platform wants a time and kinds too, and does not look at them."""
    window = {"start_updated_at": str(int(now.timestamp()) - 1800), "end_updated_at": str(int(now.timestamp()))}
    return {"order_sn": ref, "after_sales_status": "10", "after_sales_type": "1", "page_size": str(SIZE), **window}


def behind(settings: Mapping[str, str]) -> timedelta:
    """The setting `behind_s`. Raises Misconfigured."""
    text = settings.get("behind_s", "").strip() or "180"
    if not (text.isascii() and text.isdigit()) or int(text) > LONGEST_BEHIND_S:
        return unfit(f"behind_s = {text!r}: expected whole seconds from 0 to {LONGEST_BEHIND_S}", timedelta())
    return timedelta(seconds=int(text))


def _recorded(row: Row) -> RawRecord:
    return order_record(row, "order_sn", "updated_at", CHINA)
