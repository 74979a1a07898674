"""The passport of the WooCommerce connector."""

from __future__ import annotations

from dataclasses import replace

from connectors.kit.settings import ALLOW_HTTP, CALLS_PER_SECOND, FORMER_WEBHOOK_SECRET, ORDERS_SINCE
from connectors.kit.shop import SHOP
from hub.ports.channel import Can, ConnectorSpec, Field

TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored", "product.updated")
"""Webhook topics that `check` subscribes to."""

SPEC = ConnectorSpec(
    name="woocommerce",
    title="WooCommerce",
    can=SHOP | {Can.FIND_ORDER, Can.WEBHOOKS, Can.LAST_PARCEL},
    settings=(
        Field("shop_url", "Shop address", "The WordPress address, such as https://shop.example"),
        Field("zone", "Time zone of the site", "As in Settings > General, such as Europe/Berlin", default="UTC"),
        ORDERS_SINCE,
        replace(CALLS_PER_SECOND, default="10"),
        ALLOW_HTTP,
    ),
    secrets=(
        Field("consumer_key", "Consumer key", "WooCommerce > Settings > Advanced > REST API, Read/Write (ck_...)"),
        Field("consumer_secret", "Consumer secret", "Shown once beside the key (cs_...)"),
        Field("webhook_secret", "Webhook secret", "Any long random text; signs the webhooks that the hub registers"),
        FORMER_WEBHOOK_SECRET,
    ),
    calls_per_second=10.0,
    docs="connectors/woocommerce/README.md",
    order_ref="the number that its buyer sees, or the id in its address in the admin",
)
