"""One Medusa server behind the channel port."""

from __future__ import annotations

from connectors.kit.settings import pull_start
from connectors.kit.shop import ShopChannel
from connectors.kit.stock.places import Places
from connectors.medusa.checkup import Checkup, locations
from connectors.medusa.client import open_api
from connectors.medusa.feed import OrderFeed
from connectors.medusa.orders import read_orders
from connectors.medusa.shipments import Shipments
from connectors.medusa.spec import SPEC
from connectors.medusa.stock import Stock
from hub.ports.channel import Connection, ConnectorFactory


class Medusa(ShopChannel):
    """One server. Orders sort by `updated_at`; the cursor is that time, inclusive."""

    spec = SPEC

    def __init__(self, connection: Connection) -> None:
        settings, api = connection.settings, open_api(connection)
        places = Places(lambda: locations(api), settings.get("location_id", ""))
        super().__init__(
            settings,
            read_orders,
            OrderFeed(api, pull_start(settings, SPEC)),
            Stock(api, places.location),
            Shipments(api, places.location, notify=settings.get("notify_customer") != "no"),
            Checkup(api, places),
        )


CONNECTOR: ConnectorFactory = Medusa
