"""Orders by date of change. eBay notifies of new orders only; the poll brings everything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.ebay.client import ORDERS, Row, Seller, one, rows
from connectors.kit.feed import order_record
from connectors.kit.sweep import PAGE, SweepFeed
from hub.ports.channel import RawRecord

USUAL, OLDEST = timedelta(days=90), timedelta(days=729)
"""How far back a first pull goes where nothing else is said, and how far eBay keeps orders: two years."""


class OrderFeed:
    """The orders of one seller, by `lastModifiedDate`."""

    def __init__(self, seller: Seller, overlap: timedelta, first: datetime | None) -> None:
        self._seller = seller

        def start(now: datetime) -> datetime:
            return max(first, now - OLDEST) if first else now - USUAL

        self.pull = SweepFeed(self._ask, overlap, start).pull

    def _ask(self, start: datetime, end: datetime | None, passed: int) -> tuple[list[RawRecord], int]:
        between = f"lastmodifieddate:[{_stamp(start)}..{_stamp(end) if end else ''}]"
        query = {"filter": between, "limit": str(PAGE), "offset": str(passed)}
        data = one(self._seller.call("GET", ORDERS, params=query), "getOrders")
        total = data.get("total")
        found = [_record(self._in_full(row)) for row in rows(data, "orders")]
        return found, total if isinstance(total, int) else passed + len(found)

    def _in_full(self, row: Row) -> Row:
        """A list leaves out the requests to cancel an order; the order itself tells them."""
        cancel = row.get("cancelStatus")
        if not isinstance(cancel, dict) or cancel.get("cancelState") in {None, "NONE_REQUESTED"}:
            return row
        return self._seller.order(str(row.get("orderId"))) or row

    def one(self, ref: str) -> RawRecord | None:
        """One order as it stands now; None where the seller has none."""
        row = self._seller.order(ref)
        return None if row is None else _record(row)


def _record(row: Row) -> RawRecord:
    return order_record(row, "orderId", "lastModifiedDate")


def _stamp(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"
