"""One Vendure shop behind the channel port."""

from __future__ import annotations

from connectors.kit.settings import pull_start
from connectors.kit.shop import ShopChannel
from connectors.kit.stock.places import Places
from connectors.vendure.checkup import Checkup, locations
from connectors.vendure.client import open_graph
from connectors.vendure.feed import OrderFeed
from connectors.vendure.orders import read_orders
from connectors.vendure.shipments import ShippingDesk
from connectors.vendure.spec import SPEC
from connectors.vendure.stock import Stock
from hub.ports.channel import Connection, ConnectorFactory
from mappings.engine.readers import decimals_of


class Vendure(ShopChannel):
    """One shop. Orders sort by `updatedAt`; the cursor is that time, inclusive."""

    spec = SPEC

    def __init__(self, connection: Connection) -> None:
        settings = connection.settings
        kept, graph = decimals_of(settings, "money_decimals"), open_graph(connection)
        places = Places(lambda: locations(graph), settings.get("location_id", ""))
        super().__init__(
            settings,
            read_orders,
            OrderFeed(graph, pull_start(settings, SPEC)),
            Stock(graph, places.location),
            ShippingDesk(graph, settings.get("fulfillment_handler", "").strip() or "manual-fulfillment"),
            Checkup(graph, places, kept),
        )


CONNECTOR: ConnectorFactory = Vendure
