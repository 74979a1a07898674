"""Reads orders by date of change; carts and drafts are left out, and the frame around several sellers' orders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from connectors.kit.orders.reading import NumberedRows
from connectors.kit.settings import Start
from connectors.kit.values import Row
from connectors.kit.wire.paging import Ask
from connectors.vendure.client import LIST, GraphQL
from connectors.vendure.documents import ONE_ORDER, ORDERS
from hub.canonical.times import iso

PAGES = replace(LIST, size=50)
PLACED = {"orderPlacedAt": {"isNull": False}, "type": {"notEq": "Aggregate"}}
SORT = {"updatedAt": "ASC", "id": "ASC"}
ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


class OrderFeed(NumberedRows):
    """The orders of one shop, by `updatedAt`."""

    ref, changed, number = "id", "updatedAt", "code"
    tick = timedelta(milliseconds=1)

    def __init__(self, graph: GraphQL, start: Start) -> None:
        super().__init__(self._order, start)
        self._graph = graph

    def page(self, since: datetime | None, number: int) -> tuple[list[Row], bool]:
        """One page, and whether more follow."""
        return PAGES.turn(self._asked({"updatedAt": {"after": iso(since)}} if since else {}), "items", number)

    def search(self, number: str) -> list[Row]:
        """The order of that code."""
        return PAGES.page(self._asked({"code": {"eq": number}}), "items")[0]

    def _asked(self, wanted: Mapping[str, Any]) -> Ask:
        return self._graph.lists(ORDERS, "orders", {"sort": SORT, "filter": {**PLACED, **wanted}})

    def _order(self, ref: str) -> Row | None:
        """One order as it stands now; None where the shop knows none."""
        node: Row | None = self._graph.query(ONE_ORDER, {"id": ref})["order"] if ID.fullmatch(ref) else None
        return node or None
