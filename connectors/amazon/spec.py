"""The passport of the Amazon connector."""

from __future__ import annotations

from dataclasses import replace

from connectors.kit.settings import ORDERS_SINCE
from connectors.kit.shop import SHOP
from hub.ports.channel import Can, ConnectorSpec, Field

LOGIN = "https://api.amazon.com"
REGIONS = {
    "na": "https://sellingpartnerapi-na.amazon.com",
    "eu": "https://sellingpartnerapi-eu.amazon.com",
    "fe": "https://sellingpartnerapi-fe.amazon.com",
}

SPEC = ConnectorSpec(
    name="amazon",
    title="Amazon",
    can=SHOP | {Can.SEND_RECEIPT, Can.PULL_REFUNDS},
    settings=(
        Field("client_id", "LWA client identifier", "Of your application: Seller Central > Develop Apps > View"),
        Field("seller_id", "Merchant token", "Of the seller: Seller Central > Settings > Account Info"),
        Field("marketplaces", "Marketplaces", "Their ids with commas, such as ATVPDKIKX0DER (amazon.com)"),
        Field(
            "region",
            "Region",
            "na: North and South America; eu: Europe, India, Near East; fe: Japan, Australia, Singapore",
            required=False,
            default="na",
            choices=tuple(REGIONS),
        ),
        Field(
            "queue_arn",
            "Queue",
            "ARN of an Amazon SQS queue into which order changes go; empty: they come with the next search",
            required=False,
        ),
        Field("queue_url", "Queue address", "Only where it is not the one of the ARN's region", required=False),
        Field("aws_access_key", "AWS access key", "Of the IAM user that reads the queue", required=False),
        Field(
            "search_every",
            "Seconds between searches",
            "Amazon allows one search of orders in three minutes; a queue tells of changes at once",
            required=False,
            default="300",
        ),
        Field(
            "feed_from",
            "Numbers for a feed",
            "From so many stock numbers at once on, they go as one feed; fewer go one by one, which is quicker",
            required=False,
            default="20",
        ),
        replace(
            ORDERS_SINCE,
            help="Such as 2026-11-01: the first pull leaves out what has not changed since; empty: the last 30 days",
        ),
        Field("api_url", "API address", "Only for Amazon's own sandbox", required=False),
        Field("login_url", "Login address", "Where access tokens are made", required=False, default=LOGIN),
    ),
    secrets=(
        Field("client_secret", "LWA client secret", "Of the same application"),
        Field("refresh_token", "Refresh token", "Of the seller, who authorized the application (begins with Atzr|)"),
        Field("aws_secret_key", "AWS secret key", "Of the same IAM user", required=False),
    ),
    calls_per_second=2.0,
    max_stock_lines=500,
    overlap_s=120,
    poll_s=60,
    every_s={"refunds": 3_600, "listings": 86_400, "reconcile_orders": 21_600, "reconcile_stock": 86_400},
    soft_minutes="unpaid=10080",
    stock_mode="absolute",
    docs="connectors/amazon/README.md",
    order_ref="Amazon's order id, such as 902-3159896-1390916",
)
