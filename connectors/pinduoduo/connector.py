"""One Pinduoduo shop behind the channel port."""

from __future__ import annotations

from connectors.kit.parts import Parts, PartsShop
from connectors.kit.wire.gateway import CHINA
from connectors.pinduoduo.checkup import Checkup
from connectors.pinduoduo.client import Gateway
from connectors.pinduoduo.feed import OrderFeed
from connectors.pinduoduo.orders import read_orders
from connectors.pinduoduo.shipments import Shipments
from connectors.pinduoduo.spec import SPEC
from connectors.pinduoduo.stock import Stock
from hub.ports.channel import ConnectorFactory


class Pinduoduo(PartsShop):
    """One shop. Orders are asked for by `updated_at`; the cursor is the end of the time that was read."""

    spec = SPEC
    parts = Parts(Gateway, read_orders, OrderFeed, Stock, Shipments, Checkup, zone=CHINA)


CONNECTOR: ConnectorFactory = Pinduoduo
