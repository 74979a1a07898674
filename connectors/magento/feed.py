"""Orders by date of change: Magento has no webhooks of its own, so the poll brings everything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from connectors.kit.orders.reading import NumberedRows
from connectors.kit.settings import Start
from connectors.kit.values import Row, number_of
from connectors.kit.wire.http import Api
from connectors.kit.wire.paging import asked, known
from connectors.magento.client import LIST, criteria, search

ORDERS = "/V1/orders"


class OrderFeed(NumberedRows):
    """The orders of one shop, by `updated_at` (UTC, whole seconds)."""

    ref, changed, number = "entity_id", "updated_at", "increment_id"

    def __init__(self, api: Api, start: Start) -> None:
        super().__init__(partial(order_of, api), start)
        self._api = api

    def page(self, since: datetime | None, number: int) -> tuple[list[Row], bool]:
        """One page. After the last page Magento sends the last one again, so its count says whether more follow."""
        start = f"{since:%Y-%m-%d %H:%M:%S}" if since else ""
        query = criteria("updated_at" if since else "", start, "gteq", "updated_at")
        return LIST.turn(asked(self._api.call, ORDERS, query), "items", number)

    def search(self, number: str) -> Iterator[Row]:
        """The newest first: two stores may number alike."""
        return reversed(search(self._api, ORDERS, criteria("increment_id", number, sort="entity_id"))[0])


def order_of(api: Api, ref: str) -> Row | None:
    """One order as it stands now; None where the shop knows none. 000000137 is no id, but the number of another."""
    return known(api.call, f"{ORDERS}/{ref}") if number_of(ref) and not ref.startswith("0") else None
