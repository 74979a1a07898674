"""One eBay seller behind the channel port."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from connectors.ebay import webhooks
from connectors.ebay.checkup import Checkup
from connectors.ebay.client import Seller
from connectors.ebay.feed import OrderFeed
from connectors.ebay.orders import read_orders
from connectors.ebay.shipments import Shipments
from connectors.ebay.spec import SPEC
from connectors.ebay.stock import Stock
from connectors.ebay.subscriptions import Subscriptions, verification_token
from connectors.kit.ecdsa import KeyRing
from connectors.kit.settings import pull_start
from connectors.kit.shop import ShopChannel
from hub.ports.channel import Connection, ConnectorFactory


class Ebay(ShopChannel):
    """One seller. Orders are told by `lastModifiedDate`; the cursor is that time, inclusive."""

    spec = SPEC

    def __init__(self, connection: Connection) -> None:
        settings, seller = connection.settings, Seller(connection)
        self._token = verification_token(connection)
        refund = settings.get("refund_refused") == "yes"
        super().__init__(
            settings,
            read_orders,
            OrderFeed(seller, pull_start(settings, SPEC)),
            Stock(seller),
            Shipments(seller, refund=refund),
            Checkup(seller, Subscriptions(seller, connection), refund=refund),
            partial(webhooks.read, keys=KeyRing(partial(webhooks.key_of, seller))),
        )

    def prove_address(self, query: Mapping[str, str], address: str) -> str:
        return webhooks.prove(query, self._token, address)


CONNECTOR: ConnectorFactory = Ebay
