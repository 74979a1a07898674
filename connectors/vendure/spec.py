"""The passport of the Vendure connector."""

from __future__ import annotations

from connectors.kit.settings import CALLS_PER_SECOND, LOCATION_ID, ORDERS_SINCE
from connectors.kit.shop import SHOP
from hub.ports.channel import ConnectorSpec, Field

PERMISSIONS = (
    ("ReadOrder",),
    ("UpdateOrder",),
    ("ReadCatalog", "ReadProduct"),
    ("UpdateCatalog", "UpdateProduct"),
    ("ReadCatalog", "ReadStockLocation"),
)
"""What the user's role must allow: one of each group."""

SPEC = ConnectorSpec(
    name="vendure",
    title="Vendure",
    can=SHOP,
    settings=(
        Field("shop_url", "Server address", "Where the Vendure server runs, such as https://shop.example"),
        Field(
            "admin_path",
            "Path of the Admin API",
            "apiOptions.adminApiPath of the server's configuration",
            required=False,
            default="admin-api",
        ),
        Field(
            "username",
            "User name",
            "Of an administrator who may read and update orders and products; empty: an API key is used",
            required=False,
        ),
        LOCATION_ID,
        Field(
            "money_decimals",
            "Decimals of amounts",
            "As many as the server's MoneyStrategy keeps",
            required=False,
            default="2",
            choices=("0", "2", "3"),
        ),
        Field(
            "fulfillment_handler",
            "Fulfillment handler",
            "Code of the handler that takes `method` and `trackingCode`",
            required=False,
            default="manual-fulfillment",
        ),
        ORDERS_SINCE,
        CALLS_PER_SECOND,
    ),
    secrets=(
        Field("password", "Password or API key", "Of that user; without a user name: an API key with the same rights"),
        Field(
            "channel_token",
            "Channel token",
            "Of the Vendure channel to work in; empty: the default channel",
            required=False,
        ),
    ),
    calls_per_second=5.0,
    max_stock_lines=100,
    overlap_s=600,
    poll_s=60,
    stock_mode="absolute",
    docs="connectors/vendure/README.md",
)
