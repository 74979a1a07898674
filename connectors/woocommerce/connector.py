"""One WooCommerce shop behind the channel port."""

from __future__ import annotations

from functools import partial

from connectors.kit.settings import pull_start, shop_zone
from connectors.kit.shop import ShopChannel
from connectors.kit.signatures import webhook_secrets
from connectors.woocommerce import webhooks
from connectors.woocommerce.checkup import Checkup
from connectors.woocommerce.client import open_api
from connectors.woocommerce.feed import OrderFeed
from connectors.woocommerce.orders import read_orders
from connectors.woocommerce.shipments import Shipments
from connectors.woocommerce.spec import SPEC
from connectors.woocommerce.stock import Stock
from hub.ports.channel import Connection, ConnectorFactory


class WooCommerce(ShopChannel):
    """One shop. Orders sort by `date_modified_gmt`; the cursor is that time, inclusive."""

    spec = SPEC

    def __init__(self, connection: Connection) -> None:
        zone, secrets = shop_zone(connection.settings), webhook_secrets(connection)
        api, start = open_api(connection), pull_start(connection.settings, SPEC, zone)
        super().__init__(
            connection.settings,
            read_orders,
            OrderFeed(api, zone, start),
            Stock(api),
            Shipments(api),
            Checkup(api, zone, next(iter(secrets), "")),
            partial(webhooks.read, secrets=secrets, zone=zone),
        )


CONNECTOR: ConnectorFactory = WooCommerce
