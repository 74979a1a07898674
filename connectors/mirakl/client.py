"""Opens the seller API of one marketplace: address, key, shop, and the pace of each operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.kit.http import Answer
from connectors.kit.limiter import Gaps
from connectors.kit.opening import shop_api
from connectors.kit.paging import Ask, Paging, asked
from connectors.kit.settings import call_gaps, digits, given
from connectors.kit.values import Row
from connectors.mirakl.spec import SPEC
from hub.canonical.told import told
from hub.ports.channel import Connection

ORDERS, OFFERS = "/orders", "/offers"
LIST = Paging("max", "offset", total="total_count")
NUMBER = told("expected the number of your shop, such as 2000")
PATIENCE_S = 15.0
"""The longest gap that is waited for here; the hub's claim on a stream must outlive a push with two such waits."""


class Seller:
    """The API under `/api`, as one shop. `shop`: what every query says of it. Raises Misconfigured."""

    def __init__(self, connection: Connection) -> None:
        (key,), (shop,) = given(connection, SPEC, "api_key"), digits(connection, SPEC, "shop_id", why=NUMBER)
        self.shop = {"shop_id": shop} if shop else {}
        self._gaps = Gaps(call_gaps(connection.settings, SPEC), patience=PATIENCE_S)
        self.api = shop_api(connection, SPEC, "/api", headers={"Authorization": key})

    def call(self, method: str, path: str, params: Mapping[str, str] | None = None, **more: Any) -> Answer:
        """One call as this shop; the further arguments and errors are those of `Api.call`."""
        return self.api.call(method, path, params={**self.shop, **(params or {})}, **more)

    def asks(self, path: str, query: Mapping[str, str] | None = None) -> Ask:
        """Asks a list of this shop."""
        return asked(self.call, path, query)

    def wait(self, operation: str) -> None:
        """Wait until this operation may be used again. Raises Throttled."""
        self._gaps.take(operation)

    def order(self, ref: str) -> Row | None:
        """One order as it stands now (OR11 by id: OR12 is deprecated); None where the shop has none."""
        found, _ = LIST.page(self.asks(ORDERS, {"order_ids": ref}), "orders") if ref and "," not in ref else ([], 0)
        return next((row for row in found if row.get("order_id") == ref), None)
