"""One Pinduoduo shop behind the channel port."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from connectors.kit.settings import pull_start, seconds
from connectors.kit.shop import ShopChannel
from connectors.pinduoduo.checkup import Checkup
from connectors.pinduoduo.client import Gateway
from connectors.pinduoduo.feed import OrderFeed
from connectors.pinduoduo.orders import read_orders
from connectors.pinduoduo.shipments import Shipments
from connectors.pinduoduo.spec import SPEC
from connectors.pinduoduo.stock import Stock
from hub.ports.channel import Connection, ConnectorFactory
from hub.ports.clock import utc_now

LONGEST_BEHIND_S = 3600


class Pinduoduo(ShopChannel):
    """One shop. Orders are asked for by `updated_at`; the cursor is the end of the time that was read."""

    spec = SPEC

    def __init__(self, connection: Connection, now: Callable[[], datetime] = utc_now) -> None:
        settings, gateway = connection.settings, Gateway(connection, now)
        behind = seconds(settings, SPEC, "behind_s", most=LONGEST_BEHIND_S)
        feed = OrderFeed(gateway, behind, pull_start(settings, SPEC, OrderFeed.zone))
        super().__init__(settings, read_orders, feed, Stock(gateway), Shipments(gateway), Checkup(gateway))


CONNECTOR: ConnectorFactory = Pinduoduo
