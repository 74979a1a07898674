"""One shop on one Mirakl marketplace behind the channel port."""

from __future__ import annotations

from connectors.kit.parts import Parts, PartsShop
from connectors.mirakl.checkup import Checkup
from connectors.mirakl.client import Seller
from connectors.mirakl.feed import OrderFeed
from connectors.mirakl.orders import read_orders
from connectors.mirakl.shipments import Shipments
from connectors.mirakl.spec import SPEC
from connectors.mirakl.stock import Stock
from hub.ports.channel import ConnectorFactory


class Mirakl(PartsShop):
    """One shop. Orders are asked for by `last_updated_date`; the cursor is that time, inclusive."""

    spec = SPEC
    parts = Parts(Seller, read_orders, OrderFeed, Stock, Shipments, Checkup)


CONNECTOR: ConnectorFactory = Mirakl
