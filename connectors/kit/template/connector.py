"""One shop behind the channel port: its address and token, its orders, and the check."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from connectors.kit.http import Api, Bearer
from connectors.kit.opening import shop_api
from connectors.kit.orders import ChangedRows
from connectors.kit.paging import only
from connectors.kit.settings import Start, given, pull_start
from connectors.kit.shop import ShopChannel
from connectors.kit.values import Row, rows_of
from hub.canonical.errors import AuthFailed
from hub.canonical.times import iso
from hub.ports.channel import Connection, ConnectorFactory, Finding

from .orders import read_orders
from .shipments import Shipments
from .spec import SPEC
from .stock import Stock


def open_api(connection: Connection) -> Api:
    """The shop's API below `/api`. Raises Misconfigured."""
    (token,) = given(connection, SPEC, "token")
    return shop_api(connection, SPEC, "/api", auth=Bearer(token))


def order_of(api: Api, ref: str) -> Row | None:
    """One order as it stands now; None where the shop knows none."""
    answer = api.call("GET", f"/orders/{ref}", accept={404})
    return None if answer.status == 404 else only(answer.data)


class Orders(ChangedRows):
    """Orders by date of change: `GET /orders?changed_since=&page=`, oldest change first."""

    ref, changed = "id", "changed_at"

    def __init__(self, api: Api, start: Start) -> None:
        super().__init__(partial(order_of, api), start)
        self._api = api

    def page(self, since: datetime | None, number: int) -> tuple[list[Row], bool]:
        """One page, and whether more follow."""
        query = {"page": str(number)} | ({"changed_since": iso(since)} if since else {})
        data = only(self._api.call("GET", "/orders", params=query).data)
        return rows_of(data, "orders"), bool(data.get("more"))


class Checkup:
    """Looks at address and token. There are no webhooks to register."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def run(self, callback_url: str | None) -> tuple[Finding, ...]:
        """One finding for each thing that a person may have to mend."""
        try:
            found = self._api.call("GET", "/products", params={"page": "1"}, accept={404})
        except AuthFailed:
            return (Finding("token", False, "the shop refused it: make a new one in its admin"),)
        if found.status == 404:
            return (Finding("address", False, "no shop answers there: check shop_url"),)
        return (Finding("address", True), Finding("token", True))


class Shop(ShopChannel):
    """One shop. Orders sort by `changed_at`; the cursor is that time, inclusive."""

    spec = SPEC

    def __init__(self, connection: Connection) -> None:
        settings, api = connection.settings, open_api(connection)
        orders = Orders(api, pull_start(settings, SPEC))
        super().__init__(settings, read_orders, orders, Stock(api), Shipments(api), Checkup(api))


CONNECTOR: ConnectorFactory = Shop
