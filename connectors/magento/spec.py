"""The passport of the Magento connector."""

from __future__ import annotations

from dataclasses import replace

from connectors.kit.settings import CALLS_PER_SECOND, NOTIFY_CUSTOMER, ORDERS_SINCE
from connectors.kit.shop import SHOP
from hub.ports.channel import ConnectorSpec, Field

SPEC = ConnectorSpec(
    name="magento",
    title="Magento 2 / Adobe Commerce",
    can=SHOP,
    settings=(
        Field("shop_url", "Shop address", "The address of the shop, such as https://shop.example"),
        Field("store_code", "Store view", "Its code, as in Stores > All Stores", required=False, default="default"),
        Field("website", "Website", "Its code, as in Stores > All Stores", required=False, default="base"),
        Field(
            "source_code",
            "Inventory source",
            "The source whose quantity the hub writes, as in Stores > Sources",
            required=False,
            default="default",
        ),
        Field(
            "sources",
            "Sources of the warehouses",
            "Which source a warehouse ships from, one a line: BER=berlin; a warehouse not named: the source above",
            required=False,
            lines=4,
        ),
        Field(
            "stock_calls",
            "Stock calls",
            "bulk: numbers go through Magento's queue, with an answer for each; its consumers must be running",
            required=False,
            default="direct",
            choices=("direct", "bulk"),
        ),
        Field(
            "refund_refused",
            "Refuse paid orders",
            "online: an invoiced order that is refused is paid back through its payment method; no: a person does it",
            required=False,
            default="no",
            choices=("no", "online"),
        ),
        replace(NOTIFY_CUSTOMER, help="yes: Magento mails the buyer on shipment and on refusal"),
        ORDERS_SINCE,
        CALLS_PER_SECOND,
    ),
    secrets=(
        Field("access_token", "Access token", "Of an integration: System > Extensions > Integrations"),
        Field(
            "consumer_key",
            "Consumer key",
            "Of the same integration, with the two below: they sign every request; empty: the token goes alone",
            required=False,
        ),
        Field("consumer_secret", "Consumer secret", "Of the same integration", required=False),
        Field("access_token_secret", "Access token secret", "Of the same integration", required=False),
    ),
    calls_per_second=5.0,
    max_stock_lines=100,
    overlap_s=120,
    poll_s=60,
    stock_mode="absolute",
    docs="connectors/magento/README.md",
)
