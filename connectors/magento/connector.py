"""One Magento shop behind the channel port."""

from __future__ import annotations

from connectors.kit.settings import pull_start
from connectors.kit.shop import ShopChannel
from connectors.kit.stock.codes import Sources, code
from connectors.magento.checkup import BULK, REFUND, Checkup
from connectors.magento.client import open_api
from connectors.magento.feed import OrderFeed
from connectors.magento.orders import read_orders
from connectors.magento.shipments import Shipments
from connectors.magento.spec import SPEC
from connectors.magento.stock import Stock
from hub.ports.channel import Connection, ConnectorFactory


class Magento(ShopChannel):
    """One shop. Orders sort by `updated_at`; the cursor is that time, inclusive."""

    spec = SPEC

    def __init__(self, connection: Connection) -> None:
        settings = connection.settings
        api, sources, website = (
            open_api(connection),
            Sources.read(settings, "source_code", "sources"),
            code(settings, "website", "base"),
        )
        bulk, refund = settings.get("stock_calls") == "bulk", settings.get("refund_refused") == "online"
        super().__init__(
            settings,
            read_orders,
            OrderFeed(api, pull_start(settings, SPEC)),
            Stock(api, website, sources.main, bulk=bulk),
            Shipments(api, sources, notify=settings.get("notify_customer") != "no", refund=refund),
            Checkup(api, sources, website, [trial for needed, trial in ((refund, REFUND), (bulk, BULK)) if needed]),
        )


CONNECTOR: ConnectorFactory = Magento
