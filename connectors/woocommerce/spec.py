"""The passport of the WooCommerce connector."""

from __future__ import annotations

from dataclasses import replace

from connectors.kit.settings import CALLS_PER_SECOND, ORDERS_SINCE
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
        Field(
            "allow_http",
            "Allow plain http",
            "yes: only for a shop in your own network; requests are signed, but not encrypted",
            required=False,
            default="no",
            choices=("no", "yes"),
        ),
    ),
    secrets=(
        Field("consumer_key", "Consumer key", "WooCommerce > Settings > Advanced > REST API, Read/Write (ck_...)"),
        Field("consumer_secret", "Consumer secret", "Shown once beside the key (cs_...)"),
        Field("webhook_secret", "Webhook secret", "Any long random text; signs the webhooks that the hub registers"),
        Field(
            "webhook_secret_previous",
            "Former webhook secret",
            "Only while you rotate the secret: webhooks signed with either are accepted",
            required=False,
        ),
    ),
    calls_per_second=10.0,
    max_stock_lines=100,
    overlap_s=120,
    poll_s=60,
    stock_mode="absolute",
    docs="connectors/woocommerce/README.md",
    order_ref="the number that its buyer sees, or the id in its address in the admin",
)
