"""One shop on one Mirakl marketplace behind the channel port."""

from __future__ import annotations

from connectors.kit.settings import pull_start
from connectors.kit.shop import ShopChannel
from connectors.mirakl.checkup import Checkup
from connectors.mirakl.client import Seller
from connectors.mirakl.feed import OrderFeed
from connectors.mirakl.orders import read_orders
from connectors.mirakl.shipments import Shipments
from connectors.mirakl.spec import SPEC
from connectors.mirakl.stock import Stock
from hub.ports.channel import Connection, ConnectorFactory, OrderAnswer


class Mirakl(ShopChannel):
    """One shop. Orders are asked for by `last_updated_date`; the cursor is that time, inclusive."""

    spec = SPEC

    def __init__(self, connection: Connection) -> None:
        settings, seller = connection.settings, Seller(connection)
        several = settings.get("parcels") == "several"
        self._answers = Shipments(seller, several=several)
        super().__init__(
            settings,
            read_orders,
            OrderFeed(seller, pull_start(settings, SPEC)),
            Stock(seller),
            self._answers,
            Checkup(seller, several=several),
        )

    def answer_order(self, answer: OrderAnswer, *, key: str) -> None:
        if answer.accepted:
            self._answers.accept(answer)
        else:
            self._answers.refuse(answer)


CONNECTOR: ConnectorFactory = Mirakl
