"""One Taobao or Tmall shop behind the channel port."""

from __future__ import annotations

from operator import attrgetter

from connectors.kit.parts import Parts, PartsShop
from connectors.kit.wire.gateway import CHINA
from connectors.taobao.checkup import Checkup
from connectors.taobao.client import Gateway
from connectors.taobao.feed import TradeFeed
from connectors.taobao.orders import read_orders
from connectors.taobao.shipments import Shipments
from connectors.taobao.spec import SPEC
from connectors.taobao.stock import Stock
from hub.ports.channel import ConnectorFactory


class Taobao(PartsShop):
    """One shop. Trades sort by `modified`; the cursor is the time up to which all were read, inclusive."""

    spec, named_by = SPEC, "nick"
    parts = Parts(Gateway, read_orders, TradeFeed, Stock, Shipments, Checkup, queue=attrgetter("queue"), zone=CHINA)


CONNECTOR: ConnectorFactory = Taobao
