"""One Shopify shop behind the channel port; what the words mean lies in `mappings/shopify`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from connectors.kit.hooks.signatures import webhook_secrets
from connectors.kit.shop import ShopChannel
from connectors.kit.wire.http import Api
from connectors.kit.wire.limiter import CostBucket
from connectors.shopify.checkup import Checkup, Places
from connectors.shopify.client import POINTS, POINTS_PER_SECOND, GraphQL
from connectors.shopify.feed import OrderFeed
from connectors.shopify.orders import read_orders
from connectors.shopify.shipments import ShippingDesk
from connectors.shopify.spec import API_VERSION, SPEC
from connectors.shopify.stock import StockDesk
from connectors.shopify.webhooks import read_webhook
from hub.canonical.faults import unfit
from hub.ports.channel import Connection, ConnectorFactory

VERSION = re.compile(r"\d{4}-\d{2}|unstable")


class Shopify(ShopChannel):
    """One Shopify shop. Orders sort by `updatedAt`; the cursor is that time, inclusive."""

    spec = SPEC

    def __init__(self, connection: Connection) -> None:
        settings, bucket = connection.settings, CostBucket(POINTS_PER_SECOND, POINTS)
        url, token = _needed(settings, "shop_url"), _needed(connection.secrets, "access_token")
        secrets = [value for value in connection.secrets.values() if value]
        marked = {"X-Shopify-Access-Token": token}
        api = Api(url.rstrip("/"), marked, limiter=bucket, secrets=secrets, setting="shop_url")
        self._graph, wanted = GraphQL(api, _version(settings), bucket), settings.get("location_id", "").strip()
        places = Places(self._graph, wanted)
        notify = settings.get("notify_customer", "no").strip().lower() in {"yes", "true", "1"}
        super().__init__(
            settings,
            read_orders,
            OrderFeed(self._graph, timedelta(seconds=SPEC.overlap_s)),
            StockDesk(self._graph, places.location),
            ShippingDesk(self._graph, wanted.rpartition("/")[2], notify=notify),
            Checkup(api, self._graph, places),
            partial(read_webhook, secrets=webhook_secrets(connection)),
        )


def _version(settings: Mapping[str, str]) -> str:
    version = settings.get("api_version", "").strip() or API_VERSION
    if not VERSION.fullmatch(version):
        return unfit(f"api_version {version!r} is none; enter one such as {API_VERSION}", API_VERSION)
    return version


def _needed(values: Mapping[str, str], name: str) -> str:
    return values.get(name, "").strip() or unfit(f"{name} is not set for this Shopify connection", "")


CONNECTOR: ConnectorFactory = Shopify
