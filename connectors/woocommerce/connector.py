"""One WooCommerce shop behind the channel port."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.kit.exact_json import loads_exact
from connectors.kit.settings import pull_start
from connectors.kit.shop import ShopChannel
from connectors.kit.signatures import secrets_of
from connectors.woocommerce import webhooks
from connectors.woocommerce.checkup import Checkup
from connectors.woocommerce.client import one, open_api, zone_of
from connectors.woocommerce.feed import OrderFeed
from connectors.woocommerce.orders import read_orders
from connectors.woocommerce.refunds import with_current
from connectors.woocommerce.shipments import Shipments
from connectors.woocommerce.spec import SPEC
from connectors.woocommerce.stock import Stock
from hub.canonical.order import Order
from hub.ports.channel import Connection, ConnectorFactory, Notice, RawRecord


class WooCommerce(ShopChannel):
    """One shop. Orders sort by `date_modified_gmt`; the cursor is that time, inclusive."""

    spec = SPEC

    def __init__(self, connection: Connection) -> None:
        self._zone = zone_of(connection.settings)
        names = ("webhook_secret", "webhook_secret_previous")
        self._hook_secrets = [secret for name in names for secret in secrets_of(connection.secrets.get(name, ""))]
        api, start = open_api(connection), pull_start(connection.settings, SPEC, self._zone)
        super().__init__(
            connection.settings,
            read_orders,
            OrderFeed(api, self._zone, start),
            Stock(api),
            Shipments(api),
            Checkup(api, self._zone, next(iter(self._hook_secrets), "")),
        )

    def to_orders(self, record: RawRecord) -> tuple[Order, ...]:
        orders = super().to_orders(record)
        return orders if len(orders) > 1 else (with_current(orders[0], one(loads_exact(record.raw))),)

    def read_webhook(self, headers: Mapping[str, str], raw: bytes) -> Notice:
        return webhooks.read(headers, raw, self._hook_secrets, self._zone)


CONNECTOR: ConnectorFactory = WooCommerce
