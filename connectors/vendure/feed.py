"""Reads orders by date of change; carts and drafts are left out, and the frame around several sellers' orders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.kit.feed import ChangeFeed, order_record
from connectors.kit.values import named_so, plain_number
from connectors.vendure.client import GraphQL
from connectors.vendure.documents import ONE_ORDER, ORDERS
from hub.canonical.times import iso
from hub.ports.channel import RawRecord

ORDERS_A_PAGE = 50
TICK = timedelta(milliseconds=1)
"""As fine as Vendure tells times."""

SORT = {"updatedAt": "ASC", "id": "ASC"}
ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


class OrderFeed:
    """The orders of one shop.

    Args: overlap: how far behind its cursor a pull starts.
          first:   a pull without cursor starts here; None: with the oldest order.
    """

    def __init__(self, graph: GraphQL, overlap: timedelta, first: datetime | None = None) -> None:
        self._graph = graph
        self.pull = ChangeFeed(self._ask, overlap, first).pull

    def _ask(self, since: datetime | None, page: int) -> tuple[list[RawRecord], bool]:
        """One page, and whether more follow."""
        wanted: dict[str, Any] = {"orderPlacedAt": {"isNull": False}, "type": {"notEq": "Aggregate"}}
        if since:
            wanted["updatedAt"] = {"after": iso(since - TICK)}  # Vendure reads "after" strictly
        skip = (page - 1) * ORDERS_A_PAGE
        options = {"take": ORDERS_A_PAGE, "skip": skip, "sort": SORT, "filter": wanted}
        found = self._graph.query(ORDERS, {"options": options})["orders"]
        return [_record(node) for node in found["items"]], skip + len(found["items"]) < found["totalItems"]

    def one(self, ref: str) -> RawRecord | None:
        """One order as it stands now; None where the shop knows none."""
        if not ID.fullmatch(ref):
            return None
        node = self._graph.query(ONE_ORDER, {"id": ref})["order"]
        return _record(node) if node else None

    def numbered(self, number: str) -> RawRecord | None:
        """The order of that code; None where the shop knows none."""
        wanted = {"code": {"eq": plain_number(number)}, "orderPlacedAt": {"isNull": False}}
        options = {"take": 1, "skip": 0, "sort": SORT, "filter": {**wanted, "type": {"notEq": "Aggregate"}}}
        found = self._graph.query(ORDERS, {"options": options})["orders"]["items"]
        return next((_record(node) for node in found if named_so(node, "code", number)), None)


def _record(node: Mapping[str, Any]) -> RawRecord:
    return order_record(node, "id", "updatedAt")
