"""Orders by date of change: Magento has no webhooks of its own, so the poll brings everything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.kit.feed import ChangeFeed, order_record
from connectors.kit.http import Api
from connectors.kit.values import named_so, plain_number
from connectors.magento.client import PAGE_SIZE, criteria, number, search
from hub.ports.channel import RawRecord

ORDERS = "/V1/orders"


class OrderFeed:
    """The orders of one shop, by `updated_at` (UTC, whole seconds)."""

    def __init__(self, api: Api, overlap: timedelta, first: datetime | None) -> None:
        self._api = api
        self.pull = ChangeFeed(self._ask, overlap, first).pull

    def _ask(self, since: datetime | None, page: int) -> tuple[list[RawRecord], bool]:
        """One page. After the last page Magento sends the last one again, so its count says whether more follow."""
        start = f"{since.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if since else ""
        query = criteria("updated_at" if since else "", start, "gteq", "updated_at", page)
        rows, total = search(self._api, ORDERS, query)
        return [order_record(row, "entity_id", "updated_at") for row in rows], page * PAGE_SIZE < total

    def one(self, ref: str) -> RawRecord | None:
        """One order as it stands now; None where the shop knows none. 000000137 is no id, but the number of another."""
        known = number(ref) and not ref.startswith("0")
        answer = self._api.call("GET", f"{ORDERS}/{ref}", accept={404}) if known else None
        return None if answer is None or answer.status == 404 else order_record(answer.data, "entity_id", "updated_at")

    def numbered(self, number: str) -> RawRecord | None:
        """The newest order of that `increment_id`: two stores may number alike; None where the shop knows none."""
        wanted = plain_number(number)
        rows, _ = search(self._api, ORDERS, criteria("increment_id", wanted, sort="entity_id")) if wanted else ([], 0)
        row = next((row for row in reversed(rows) if named_so(row, "increment_id", number)), None)
        return None if row is None else order_record(row, "entity_id", "updated_at")
