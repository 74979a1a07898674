"""Reads orders by date of change; carts and drafts are left out, and the frame around several sellers' orders."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from connectors.kit.orders import NumberedRows
from connectors.kit.settings import Start
from connectors.kit.values import Row
from connectors.vendure.client import GraphQL
from connectors.vendure.documents import ONE_ORDER, ORDERS
from hub.canonical.times import iso

ORDERS_A_PAGE = 50
TICK = timedelta(milliseconds=1)
"""As fine as Vendure tells times."""

SORT = {"updatedAt": "ASC", "id": "ASC"}
ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


class OrderFeed(NumberedRows):
    """The orders of one shop, by `updatedAt`."""

    ref, changed, number = "id", "updatedAt", "code"

    def __init__(self, graph: GraphQL, start: Start) -> None:
        super().__init__(self._order, start)
        self._graph = graph

    def page(self, since: datetime | None, number: int) -> tuple[list[Row], bool]:
        """One page, and whether more follow."""
        wanted: dict[str, Any] = {"orderPlacedAt": {"isNull": False}, "type": {"notEq": "Aggregate"}}
        if since:
            wanted["updatedAt"] = {"after": iso(since - TICK)}  # Vendure reads "after" strictly
        skip = (number - 1) * ORDERS_A_PAGE
        options = {"take": ORDERS_A_PAGE, "skip": skip, "sort": SORT, "filter": wanted}
        found = self._graph.query(ORDERS, {"options": options})["orders"]
        return found["items"], skip + len(found["items"]) < found["totalItems"]

    def search(self, number: str) -> list[Row]:
        """The order of that code."""
        wanted = {"code": {"eq": number}, "orderPlacedAt": {"isNull": False}, "type": {"notEq": "Aggregate"}}
        options = {"take": 1, "skip": 0, "sort": SORT, "filter": wanted}
        return list(self._graph.query(ORDERS, {"options": options})["orders"]["items"])

    def _order(self, ref: str) -> Row | None:
        """One order as it stands now; None where the shop knows none."""
        node: Row | None = self._graph.query(ONE_ORDER, {"id": ref})["order"] if ID.fullmatch(ref) else None
        return node or None
