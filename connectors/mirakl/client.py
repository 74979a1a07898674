"""Opens the seller API of one marketplace: address, key, shop, and one order as it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from connectors.kit.settings import digits, given
from connectors.kit.values import Row
from connectors.kit.wire.paging import Paging
from connectors.kit.wire.rest import RestClient
from connectors.mirakl.spec import SPEC
from hub.canonical.told import told
from hub.ports.channel import Connection
from hub.ports.clock import utc_now

ORDERS, OFFERS = "/orders", "/offers"
LIST = Paging("max", "offset", total="total_count")
NUMBER = told("expected the number of your shop, such as 2000")


class Seller(RestClient):
    """The API under `/api`, as one shop. `several`: whether the marketplace takes several parcels of one order."""

    spec = SPEC
    patience_s = 15.0

    def __init__(self, connection: Connection, now: Callable[[], datetime] = utc_now) -> None:
        (key,), (shop,) = given(connection, SPEC, "api_key"), digits(connection, SPEC, "shop_id", why=NUMBER)
        super().__init__(connection, now, "/api", headers={"Authorization": key}, scope={"shop_id": shop})
        self.several = self.settings.get("parcels") == "several"

    def order(self, ref: str) -> Row | None:
        """One order as it stands now (OR11 by id: OR12 is deprecated); None where the shop has none."""
        found, _ = LIST.page(self.asks(ORDERS, {"order_ids": ref}), "orders") if ref and "," not in ref else ([], 0)
        return next((row for row in found if row.get("order_id") == ref), None)
