"""One Taobao or Tmall shop behind the channel port."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from connectors.kit.gateway import CHINA
from connectors.kit.settings import given, pull_start
from connectors.kit.shop import ShopChannel
from connectors.taobao.checkup import Checkup
from connectors.taobao.client import Gateway
from connectors.taobao.feed import TradeFeed
from connectors.taobao.orders import read_orders
from connectors.taobao.queue import Queue
from connectors.taobao.shipments import Shipments
from connectors.taobao.spec import SPEC
from connectors.taobao.stock import Stock
from hub.ports.channel import Connection, ConnectorFactory, Receipt
from hub.ports.clock import utc_now


class Taobao(ShopChannel):
    """One shop. Trades sort by `modified`; the cursor is the time up to which all were read, inclusive."""

    spec = SPEC
    named_by = "nick"

    def __init__(self, connection: Connection, now: Callable[[], datetime] = utc_now) -> None:
        settings = connection.settings
        self._gateway = Gateway(connection, now)
        group, kinds, rings = given(connection, SPEC, "queue_group", "trade_types", "message_queue")
        self._queue = Queue(self._gateway, group)
        start = pull_start(settings, SPEC, CHINA)
        super().__init__(
            settings,
            read_orders,
            TradeFeed(self._gateway, self._queue if rings == "yes" else None, kinds, start),
            Stock(self._gateway),
            Shipments(self._gateway),
            Checkup(self._gateway, group if rings == "yes" else None),
        )

    def send_receipt(self, receipt: Receipt) -> None:
        """Confirm the messages of a page that is committed."""
        self._queue.confirm(receipt)


CONNECTOR: ConnectorFactory = Taobao
