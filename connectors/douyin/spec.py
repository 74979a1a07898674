"""The passport of the Douyin Shop connector."""

from __future__ import annotations

from connectors.kit.settings import CALLS_PER_SECOND, ORDERS_SINCE, gateway_url
from connectors.kit.shop import SHOP
from hub.ports.channel import Can, ConnectorSpec, Field

SPEC = ConnectorSpec(
    name="douyin",
    title="Douyin Shop 抖店",
    can=SHOP - {Can.REFUSE_ORDER} | {Can.WEBHOOKS},
    settings=(
        Field("app_key", "App key", "Of your own app (自研应用) on the open platform: 19 digits"),
        Field("shop_id", "Shop", "Its number, as in the shop's backend: 店铺ID"),
        Field(
            "out_warehouse_id",
            "Regional warehouse",
            "Your code of the warehouse whose stock the hub writes; only for SKUs that are sold by region (区域库存)",
            required=False,
        ),
        gateway_url("https://openapi-fxg.jinritemai.com"),
        ORDERS_SINCE,
        CALLS_PER_SECOND,
    ),
    secrets=(Field("app_secret", "App secret", "Of the same app; it signs every request and every pushed message"),),
    calls_per_second=5.0,
    max_stock_lines=50,
    overlap_s=120,
    poll_s=120,
    stock_mode="absolute",
    webhook_answer='{"code":0,"msg":"success"}',
    docs="connectors/douyin/README.md",
)
