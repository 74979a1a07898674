"""The passport of the Taobao and Tmall connector."""

from __future__ import annotations

from connectors.kit.settings import CALLS_PER_SECOND, ORDERS_SINCE, gateway_url
from connectors.kit.shop import SHOP
from connectors.kit.top.forms import REFRESH_TOKEN
from connectors.kit.top.tmc import MESSAGE_QUEUE, QUEUE_GROUP
from hub.ports.channel import Can, ConnectorSpec, Field

KINDS = (
    "fixed,auction,guarantee_trade,auto_delivery,independent_simple_trade,independent_shop_trade,ec,cod,fenxiao,"
    "game_equipment,shopex_trade,netcn_trade,external_trade,o2o_offlinetrade,step,nopaid,pre_auth_type"
)
"""Every kind of trade that the platform's metadata names; left to itself, it leaves some of them out."""

SPEC = ConnectorSpec(
    name="taobao",
    title="Taobao / Tmall 淘宝天猫",
    can=SHOP - {Can.REFUSE_ORDER} | {Can.SEND_RECEIPT},
    settings=(
        Field("app_key", "App key", "Of your app on the open platform (open.taobao.com): digits"),
        Field("nick", "Seller", "The shop's account name (卖家昵称), as the platform writes it"),
        MESSAGE_QUEUE,
        QUEUE_GROUP,
        Field(
            "trade_types",
            "Kinds of trades",
            "With commas; kinds that are not named are never pulled",
            required=False,
            default=KINDS,
            lines=4,
        ),
        gateway_url("https://eco.taobao.com"),
        ORDERS_SINCE,
        CALLS_PER_SECOND,
    ),
    secrets=(
        Field("app_secret", "App secret", "Of the same app; it signs every request"),
        Field("session_key", "Session key", "What the platform gave when the shop authorized the app (access token)"),
        REFRESH_TOKEN,
    ),
    calls_per_second=5.0,
    max_stock_lines=100,
    overlap_s=120,
    poll_s=60,
    stock_mode="absolute",
    docs="connectors/taobao/README.md",
    order_ref="its number on the platform (订单编号), digits only",
)
