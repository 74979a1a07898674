"""Orders by date of change: Medusa's core calls nobody, so the poll brings everything."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from connectors.kit.orders.reading import NumberedRows
from connectors.kit.settings import Start
from connectors.kit.values import Row
from connectors.kit.wire.http import Api
from connectors.kit.wire.paging import asked
from connectors.medusa.client import FIELDS, LIST, ORDERS, order_of
from hub.canonical.times import iso


class OrderFeed(NumberedRows):
    """The orders of one server, by `updated_at`."""

    ref, changed, number = "id", "updated_at", "display_id"

    def __init__(self, api: Api, start: Start) -> None:
        super().__init__(partial(order_of, api), start)
        self._api = api

    def page(self, since: datetime | None, number: int) -> tuple[list[Row], bool]:
        """One page, and whether more follow."""
        query = {"fields": FIELDS, "order": "updated_at"}
        query |= {"updated_at[$gte]": iso(since)} if since else {}
        return LIST.turn(asked(self._api.call, ORDERS, query), "orders", number)

    def search(self, number: str) -> list[Row]:
        """Medusa searches for what holds the number: of those the smallest comes first, which is the number itself."""
        query = {"fields": FIELDS, "q": number, "order": "display_id"}
        return LIST.page(asked(self._api.call, ORDERS, query), "orders")[0]
