"""One eBay seller behind the channel port."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from connectors.ebay.checkup import Checkup
from connectors.ebay.client import Seller
from connectors.ebay.feed import OrderFeed
from connectors.ebay.orders import read_orders
from connectors.ebay.shipments import Shipments
from connectors.ebay.spec import SPEC
from connectors.ebay.stock import Stock
from connectors.kit.settings import first_pull
from connectors.kit.shop import ShopChannel
from hub.ports.channel import Channel, Connection


class Ebay(ShopChannel):
    """One seller. Orders are told by `lastModifiedDate`; the cursor is that time, inclusive."""

    spec = SPEC

    def __init__(self, connection: Connection) -> None:
        settings, seller = connection.settings, Seller(connection)
        refund = settings.get("refund_refused") == "yes"
        super().__init__(
            settings,
            read_orders,
            OrderFeed(seller, timedelta(seconds=SPEC.overlap_s), first_pull(settings)),
            Stock(seller),
            Shipments(seller, refund=refund),
            Checkup(seller, refund=refund),
        )


CONNECTOR: Callable[[Connection], Channel] = Ebay
