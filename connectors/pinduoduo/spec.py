"""The passport of the Pinduoduo connector."""

from __future__ import annotations

from dataclasses import replace

from connectors.kit.settings import CALLS_PER_SECOND, ORDERS_SINCE, gateway_url
from connectors.kit.shop import SHOP
from connectors.kit.top.forms import REFRESH_TOKEN
from hub.ports.channel import Can, ConnectorSpec, Field

SPEC = ConnectorSpec(
    name="pinduoduo",
    title="Pinduoduo",
    can=SHOP - {Can.REFUSE_ORDER},
    settings=(
        Field("client_id", "Client ID", "Of your app on the open platform"),
        ORDERS_SINCE,
        Field(
            "behind_s",
            "Seconds behind now",
            "How far behind the platform's time a pull ends; it asks for 180 at least",
            required=False,
            default="180",
        ),
        replace(
            CALLS_PER_SECOND,
            help="Over all calls of the app; the platform allows 50 for orders and 10 for goods",
            default="10",
        ),
        gateway_url("https://gw-api.pinduoduo.com"),
    ),
    secrets=(
        Field("client_secret", "Client secret", "Of your app on the open platform"),
        Field("access_token", "Access token", "The platform gives it when the shop authorizes your app"),
        REFRESH_TOKEN,
    ),
    calls_per_second=10.0,
    max_stock_lines=50,
    overlap_s=120,
    every_s={"reconcile_orders": 3600},
    soft_minutes="authorized=43200",
    docs="connectors/pinduoduo/README.md",
    order_ref="its number on the platform (订单编号), such as 241130-123456789012345",
)
