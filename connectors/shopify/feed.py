"""Reads orders from Shopify: pages by `updated_at`, one order by id, with every line however many there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from connectors.kit.values import moment, named_so, plain_number
from connectors.kit.wire.exact_json import dumps_exact
from connectors.shopify.client import GraphQL, next_page
from connectors.shopify.documents import MORE_LINES, ONE_ORDER, ORDERS
from connectors.shopify.ids import gid, number
from hub.canonical.errors import BadRecord
from hub.canonical.times import iso, parse_time
from hub.ports.channel import Page, RawRecord

ORDERS_A_PAGE = 25
LINES_A_PAGE = 25
SIZES = ("first", "lines")


class OrderFeed:
    """The orders of one shop.

    Args: overlap: a pull starts again so far behind the cursor, because Shopify's search index lags.
    """

    def __init__(self, graph: GraphQL, overlap: timedelta) -> None:
        self._graph, self._overlap = graph, overlap

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Pages of orders, oldest change first; the cursor is the newest `updatedAt` so far, inclusive, never back."""
        newest = parse_time(cursor, "cursor") if cursor else None
        variables = {"first": ORDERS_A_PAGE, "lines": LINES_A_PAGE, "after": None, "query": self._since(newest)}
        for connection in self._graph.pages(ORDERS, variables, "orders", SIZES):
            records = tuple(self._record(node) for node in connection["nodes"])
            times = [record.updated_at for record in records if record.updated_at]
            newest = max([*times, newest] if newest else times, default=None)
            yield Page(records, iso(newest) if newest else cursor, newest_at=newest)

    def _since(self, newest: datetime | None) -> str | None:
        return f"updated_at:>='{iso(newest - self._overlap)}'" if newest else None

    def one(self, ref: str) -> RawRecord | None:
        """One order as it stands now; None when the shop knows none."""
        try:
            variables = {"id": gid("Order", ref, "order"), "lines": LINES_A_PAGE}
        except BadRecord:
            return None
        node = self._graph.query(ONE_ORDER, variables, sizes=("lines",))["order"]
        return self._record(node) if node else None

    def numbered(self, number: str) -> RawRecord | None:
        """The newest order of that name; None when the shop knows none."""
        quoted = re.sub(r"(['\\])", r"\\\1", plain_number(number))
        variables = {"first": ORDERS_A_PAGE, "lines": LINES_A_PAGE, "after": None, "query": f"name:'{quoted}'"}
        nodes = self._graph.query(ORDERS, variables, sizes=SIZES)["orders"]["nodes"] if quoted else []
        node = next((node for node in reversed(nodes) if named_so(node, "name", number)), None)
        return self._record(node) if node else None

    def _record(self, node: dict[str, Any]) -> RawRecord:
        self._complete(node)
        return RawRecord(number(node["id"], "id"), dumps_exact(node), moment(node.get("updatedAt"), "updatedAt"))

    def _complete(self, node: dict[str, Any]) -> None:
        """Fetch the lines that did not fit on the order's first page."""
        lines, seen = node["lineItems"], set[str]()
        after = next_page(lines, seen)
        while after is not None:
            asked = {"id": node["id"], "lines": LINES_A_PAGE, "after": after}
            order = self._graph.query(MORE_LINES, asked, sizes=("lines",))["order"]
            if order is None:
                return
            lines["nodes"].extend(order["lineItems"]["nodes"])
            lines["pageInfo"] = order["lineItems"]["pageInfo"]
            after = next_page(lines, seen)
