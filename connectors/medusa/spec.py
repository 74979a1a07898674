"""The passport of the Medusa connector."""

from __future__ import annotations

from connectors.kit.settings import CALLS_PER_SECOND, LOCATION_ID, NOTIFY_CUSTOMER, ORDERS_SINCE
from connectors.kit.shop import SHOP
from hub.ports.channel import ConnectorSpec, Field

SPEC = ConnectorSpec(
    name="medusa",
    title="Medusa v2",
    can=SHOP,
    settings=(
        Field("shop_url", "Server address", "Where the Medusa server runs, such as https://shop.example"),
        LOCATION_ID,
        NOTIFY_CUSTOMER,
        ORDERS_SINCE,
        CALLS_PER_SECOND,
    ),
    secrets=(Field("api_key", "Secret API key", "Settings > Developer > Secret API Keys; it begins with sk_"),),
    calls_per_second=5.0,
    max_stock_lines=100,
    overlap_s=600,
    poll_s=60,
    stock_mode="absolute",
    docs="connectors/medusa/README.md",
)
