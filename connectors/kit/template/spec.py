"""The passport of the Shelfmart connector."""

from __future__ import annotations

from connectors.kit.settings import CALLS_PER_SECOND, ORDERS_SINCE
from connectors.kit.shop import SHOP
from hub.ports.channel import Can, ConnectorSpec, Field

SPEC = ConnectorSpec(
    name="shelfmart",
    title="Shelfmart",
    can=SHOP | {Can.LAST_PARCEL},
    settings=(
        Field("shop_url", "Shop address", "Such as https://shop.example"),
        ORDERS_SINCE,
        CALLS_PER_SECOND,
    ),
    secrets=(Field("token", "Token", "The shop shows it once, where it was made"),),
    calls_per_second=5.0,
    max_stock_lines=100,
    overlap_s=120,
    poll_s=60,
    stock_mode="absolute",
    docs="README.md",
)
