"""Orders by date of change: Medusa's core calls nobody, so the poll brings everything."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from connectors.kit.http import Api
from connectors.kit.orders import ChangedRows
from connectors.kit.paging import asked
from connectors.kit.settings import Start
from connectors.kit.values import Row
from connectors.medusa.client import FIELDS, LIST, ORDERS, order_of
from hub.canonical.times import iso


class OrderFeed(ChangedRows):
    """The orders of one server, by `updated_at`."""

    ref, changed = "id", "updated_at"

    def __init__(self, api: Api, start: Start) -> None:
        super().__init__(partial(order_of, api), start)
        self._api = api

    def page(self, since: datetime | None, number: int) -> tuple[list[Row], bool]:
        """One page, and whether more follow."""
        query = {"fields": FIELDS, "order": "updated_at"}
        query |= {"updated_at[$gte]": iso(since.astimezone(UTC))} if since else {}
        rows, count = LIST.page(asked(self._api.call, ORDERS, query), "orders", (number - 1) * LIST.size)
        return rows, number * LIST.size < count
