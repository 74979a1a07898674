"""The passport of the Mirakl connector."""

from __future__ import annotations

from dataclasses import replace

from connectors.kit.settings import CALL_GAPS, CALLS_PER_SECOND, ORDERS_SINCE
from connectors.kit.shop import SHOP
from hub.ports.channel import Can, ConnectorSpec, Field

CALL_GAPS_S = {"OR11": 60.0, "STO01": 60.0, "STO02": 15.0, "STO03": 60.0}
"""The "Maximum usage" that Mirakl writes into its operations; it answers no 429. Pages of one list are one use."""

SPEC = ConnectorSpec(
    name="mirakl",
    title="Mirakl",
    can=SHOP | {Can.ACCEPT_ORDER, Can.LAST_PARCEL},
    settings=(
        Field("shop_url", "Marketplace address", "Such as https://marketplace.mirakl.net"),
        Field(
            "shop_id",
            "Shop number",
            "Only where your user has several shops; empty: your default shop",
            required=False,
        ),
        Field(
            "parcels",
            "Parcels of an order",
            "several: the marketplace has multiple shipments switched on; one: each order is told as shipped once",
            required=False,
            default="one",
            choices=("one", "several"),
        ),
        ORDERS_SINCE,
        replace(CALLS_PER_SECOND, help="Over all operations; some have longer gaps of their own", default="10"),
        replace(CALL_GAPS, help="What the marketplace agreed with you, in seconds between two calls, such as OR11=900"),
    ),
    secrets=(Field("api_key", "API key", "Your user name in the seller portal > API key > Generate"),),
    calls_per_second=10.0,
    max_stock_lines=100,
    overlap_s=120,
    poll_s=300,
    every_s={"listings": 86_400, "reconcile_orders": 3600, "reconcile_stock": 86_400},
    soft_minutes="authorized=43200",
    call_gaps_s=CALL_GAPS_S,
    stock_mode="file",
    docs="connectors/mirakl/README.md",
    order_ref="its order_id, which is the buyer's number with your part of it, such as C00012345-A",
)
