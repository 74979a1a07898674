"""Orders by date of change (OR11): sellers have no webhooks, so the poll brings everything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.kit.feed import OffsetFeed, order_record
from connectors.mirakl.client import ORDERS, Seller
from hub.ports.channel import RawRecord


class OrderFeed:
    """The orders of one shop. OR11 sorts by creation only; `start_update_date` says from which change on."""

    def __init__(self, seller: Seller, overlap: timedelta, first: datetime | None) -> None:
        self._seller = seller
        self.pull = OffsetFeed(self._ask, overlap, first).pull

    def _ask(self, since: datetime | None, offset: int) -> tuple[list[RawRecord], int]:
        if offset == 0:
            self._seller.wait("OR11")
        query = {"start_update_date": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"} if since else {}
        rows, total = self._seller.rows(ORDERS, "orders", query, offset)
        return [order_record(row, "order_id", "last_updated_date") for row in rows], total

    def one(self, ref: str) -> RawRecord | None:
        """One order as it stands now; None where the shop knows none."""
        row = self._seller.order(ref)
        return None if row is None else order_record(row, "order_id", "last_updated_date")
