"""Orders by date of change: Magento has no webhooks of its own, so the poll brings everything."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from connectors.kit.http import Api
from connectors.kit.orders import ChangedRows
from connectors.kit.paging import only
from connectors.kit.settings import Start
from connectors.kit.values import Row
from connectors.magento.client import LIST, criteria, number, search

ORDERS = "/V1/orders"


class OrderFeed(ChangedRows):
    """The orders of one shop, by `updated_at` (UTC, whole seconds)."""

    ref, changed = "entity_id", "updated_at"

    def __init__(self, api: Api, start: Start) -> None:
        super().__init__(partial(order_of, api), start)
        self._api = api

    def page(self, since: datetime | None, number: int) -> tuple[list[Row], bool]:
        """One page. After the last page Magento sends the last one again, so its count says whether more follow."""
        start = f"{since.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if since else ""
        query = criteria("updated_at" if since else "", start, "gteq", "updated_at")
        rows, total = search(self._api, ORDERS, query, (number - 1) * LIST.size)
        return rows, number * LIST.size < total


def order_of(api: Api, ref: str) -> Row | None:
    """One order as it stands now; None where the shop knows none."""
    answer = api.call("GET", f"{ORDERS}/{ref}", accept={404}) if number(ref) else None
    return None if answer is None or answer.status == 404 else only(answer.data)
