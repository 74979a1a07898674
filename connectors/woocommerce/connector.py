"""One WooCommerce shop behind the channel port: its address and key, and the parts that do the work."""

from __future__ import annotations

from functools import partial

from requests.auth import HTTPBasicAuth

from connectors.kit.auth.oauth1 import OAuth1
from connectors.kit.hooks.signatures import webhook_secrets
from connectors.kit.settings import given, pull_start, shop_zone
from connectors.kit.shop import ShopChannel
from connectors.kit.wire.http import Api
from connectors.kit.wire.opening import shop_api
from connectors.woocommerce import webhooks
from connectors.woocommerce.checkup import Checkup
from connectors.woocommerce.feed import OrderFeed
from connectors.woocommerce.orders import read_orders
from connectors.woocommerce.shipments import Shipments
from connectors.woocommerce.spec import SPEC
from connectors.woocommerce.stock import Stock
from hub.ports.channel import Connection, ConnectorFactory


def open_api(connection: Connection) -> Api:
    """The API under `/wp-json`: Basic auth over https, OAuth 1.0a over http. Raises Misconfigured."""
    url, key, secret = given(connection, SPEC, "shop_url", "consumer_key", "consumer_secret")
    basic = HTTPBasicAuth(key.encode(), secret.encode())
    return shop_api(
        connection, SPEC, "/wp-json", auth=basic if url.lower().startswith("https:") else OAuth1(key, secret)
    )


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
