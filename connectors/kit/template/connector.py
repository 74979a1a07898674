"""One shop behind the channel port: its address and token, its orders, and the check."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from connectors.kit.checking import StepCheckup, door
from connectors.kit.orders.reading import ChangedRows
from connectors.kit.settings import Start, given, pull_start
from connectors.kit.shop import ShopChannel
from connectors.kit.values import Row, rows_of
from connectors.kit.wire.http import Api, Bearer
from connectors.kit.wire.opening import shop_api
from connectors.kit.wire.paging import known, only
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
    return known(api.call, f"/orders/{ref}")


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


class Checkup(StepCheckup):
    """Looks at address and token. There are no webhooks to register."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def steps(self, callback_url: str | None) -> Iterator[Finding]:
        """One finding for each thing that a person may have to mend."""
        address = Finding("address", False, "no shop answers there: check shop_url")
        token = Finding("token", False, "the shop refused it: make a new one in its admin")
        return door(self._api, "/products", address, token, query={"page": "1"})


class Shop(ShopChannel):
    """One shop. Orders sort by `changed_at`; the cursor is that time, inclusive."""

    spec = SPEC

    def __init__(self, connection: Connection) -> None:
        settings, api = connection.settings, open_api(connection)
        orders = Orders(api, pull_start(settings, SPEC))
        super().__init__(settings, read_orders, orders, Stock(api), Shipments(api), Checkup(api))


CONNECTOR: ConnectorFactory = Shop
