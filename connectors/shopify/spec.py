"""The passport of the Shopify connector."""

from __future__ import annotations

from connectors.kit.shop import SHOP
from hub.ports.channel import Can, ConnectorSpec, Field

API_VERSION = "2026-07"

SCOPES = (
    "read_orders",
    "write_orders",
    "read_products",
    "read_inventory",
    "write_inventory",
    "read_locations",
    "read_merchant_managed_fulfillment_orders",
    "write_merchant_managed_fulfillment_orders",
)
"""Access scopes that the custom app needs."""

TOPICS = (
    "ORDERS_CREATE",
    "ORDERS_UPDATED",
    "ORDERS_PAID",
    "ORDERS_CANCELLED",
    "ORDERS_EDITED",
    "REFUNDS_CREATE",
    "INVENTORY_LEVELS_UPDATE",
    "APP_UNINSTALLED",
)
"""Webhook topics that `check` subscribes to."""

SPEC = ConnectorSpec(
    name="shopify",
    title="Shopify",
    can=SHOP | {Can.FIND_ORDER, Can.WEBHOOKS},
    settings=(
        Field("shop_url", "Shop address", "The permanent address, such as https://my-shop.myshopify.com"),
        Field("api_version", "API version", "Shopify's quarterly version", required=False, default=API_VERSION),
        Field(
            "location_id",
            "Location",
            "Number of the Shopify location whose available quantity the hub writes; empty: the shop's only location",
            required=False,
        ),
        Field(
            "notify_customer",
            "Tell the buyer",
            "yes: Shopify mails the buyer on shipment and on refusal",
            required=False,
            default="no",
            choices=("no", "yes"),
        ),
    ),
    secrets=(
        Field("access_token", "Admin API access token", "Shown once when the custom app is installed (shpat_...)"),
        Field("webhook_secret", "API secret key", "Of the same app; signs the webhooks"),
        Field(
            "webhook_secret_previous",
            "Former API secret key",
            "Only while you rotate the secret: webhooks signed with either are accepted",
            required=False,
        ),
    ),
    calls_per_second=4.0,
    max_stock_lines=250,
    overlap_s=120,
    poll_s=60,
    stock_mode="compare_and_set",
    docs="connectors/shopify/README.md",
    order_ref="the number that its buyer sees, such as #1001, or the id at the end of its address in the admin",
)
