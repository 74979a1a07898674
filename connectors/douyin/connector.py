"""One Douyin shop behind the channel port."""

from __future__ import annotations

from connectors.douyin import webhooks
from connectors.douyin.checkup import Checkup
from connectors.douyin.client import Gateway
from connectors.douyin.feed import OrderFeed
from connectors.douyin.orders import read_orders
from connectors.douyin.shipments import Shipments
from connectors.douyin.spec import SPEC
from connectors.douyin.stock import Stock
from connectors.kit.parts import Parts, PartsShop
from connectors.kit.wire.gateway import CHINA
from hub.ports.channel import ConnectorFactory


class Douyin(PartsShop):
    """One shop. Orders sort by `update_time`; the cursor is that time, inclusive."""

    spec, named_by = SPEC, "shop_id"
    parts = Parts(Gateway, read_orders, OrderFeed, Stock, Shipments, Checkup, notices=webhooks.reader, zone=CHINA)


CONNECTOR: ConnectorFactory = Douyin
