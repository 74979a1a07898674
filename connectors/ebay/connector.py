"""One eBay seller behind the channel port."""

from __future__ import annotations

from connectors.ebay.checkup import Checkup
from connectors.ebay.client import Seller
from connectors.ebay.feed import OrderFeed
from connectors.ebay.orders import read_orders
from connectors.ebay.shipments import Shipments
from connectors.ebay.spec import SPEC
from connectors.ebay.stock import Stock
from connectors.ebay.webhooks import proof, reader
from connectors.kit.parts import Parts, PartsShop
from hub.ports.channel import ConnectorFactory


class Ebay(PartsShop):
    """One seller. Orders are told by `lastModifiedDate`; the cursor is that time, inclusive."""

    spec = SPEC
    parts = Parts(Seller, read_orders, OrderFeed, Stock, Shipments, Checkup, reader, proof=proof)


CONNECTOR: ConnectorFactory = Ebay
