"""One Douyin shop behind the channel port."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from connectors.douyin import webhooks
from connectors.douyin.checkup import Checkup
from connectors.douyin.client import Gateway
from connectors.douyin.feed import OrderFeed
from connectors.douyin.orders import read_orders
from connectors.douyin.shipments import Shipments
from connectors.douyin.spec import SPEC
from connectors.douyin.stock import Stock
from connectors.kit.settings import pull_start
from connectors.kit.shop import ShopChannel
from hub.ports.channel import Connection, ConnectorFactory, Notice

CHINA = ZoneInfo("Asia/Shanghai")


class Douyin(ShopChannel):
    """One shop. Orders sort by `update_time`; the cursor is that time, inclusive."""

    spec = SPEC
    named_by = "shop_id"

    def __init__(self, connection: Connection) -> None:
        settings = connection.settings
        self._gateway, warehouse = Gateway(connection), settings.get("out_warehouse_id", "").strip()
        super().__init__(
            settings,
            read_orders,
            OrderFeed(self._gateway, pull_start(settings, SPEC, CHINA)),
            Stock(self._gateway, warehouse),
            Shipments(self._gateway, settings),
            Checkup(self._gateway, warehouse),
        )

    def read_webhook(self, headers: Mapping[str, str], raw: bytes) -> Notice:
        return webhooks.read(headers, raw, self._gateway.app_key, self._gateway.secret, self._gateway.shop_id)


CONNECTOR: ConnectorFactory = Douyin
