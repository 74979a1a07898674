"""One Douyin shop behind the channel port."""

from __future__ import annotations

from functools import partial

from connectors.douyin import webhooks
from connectors.douyin.checkup import Checkup
from connectors.douyin.client import Gateway
from connectors.douyin.feed import OrderFeed
from connectors.douyin.orders import read_orders
from connectors.douyin.shipments import Shipments
from connectors.douyin.spec import SPEC
from connectors.douyin.stock import Stock
from connectors.kit.gateway import CHINA
from connectors.kit.settings import pull_start
from connectors.kit.shop import ShopChannel
from hub.ports.channel import Connection, ConnectorFactory


class Douyin(ShopChannel):
    """One shop. Orders sort by `update_time`; the cursor is that time, inclusive."""

    spec = SPEC
    named_by = "shop_id"

    def __init__(self, connection: Connection) -> None:
        settings, gateway = connection.settings, Gateway(connection)
        feed = OrderFeed(gateway, pull_start(settings, SPEC, CHINA))
        notices = partial(webhooks.read, app_key=gateway.app_key, secret=gateway.secret, shop_id=gateway.shop_id)
        super().__init__(settings, read_orders, feed, Stock(gateway), Shipments(gateway), Checkup(gateway), notices)


CONNECTOR: ConnectorFactory = Douyin
