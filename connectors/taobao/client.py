"""Asks the open platform (TOP) for one shop: its trades, its kinds of trades, its queue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from connectors.kit.settings import given
from connectors.kit.top.router import RouterGateway
from connectors.kit.top.tmc import TmcQueue
from connectors.kit.values import Row
from connectors.taobao.spec import SPEC
from hub.ports.channel import Connection
from hub.ports.clock import utc_now

TRADE = "taobao.trade.fullinfo.get"
GONE = ("trade-not-exist", "trade-not-found", "invalid-parameter:tid")
FIELDS = (
    "tid,tid_str,type,status,payment,post_fee,total_fee,discount_fee,adjust_fee,created,pay_time,modified,consign_time,"
    "end_time,buyer_open_uid,buyer_nick,buyer_email,buyer_message,seller_memo,seller_flag,receiver_name,receiver_mobile,"
    "receiver_phone,receiver_country,receiver_state,receiver_city,receiver_district,receiver_town,receiver_address,"
    "receiver_zip,oaid,shipping_type,step_trade_status,step_paid_fee,est_con_time,is_part_consign,is_force_dc,top_hold,"
    "team_buy_hold,share_group_hold,ofp_hold,orders,promotion_details"
)


class Queue(TmcQueue):
    """What the message service tells of trades."""

    topics = tuple(
        f"taobao_trade_{name}"
        for name in (
            "TradeCreate", "TradeBuyerPay", "TradeChanged", "TradeClose", "TradeCloseAndModifyDetailOrder",
            "TradeModifyFee", "TradePartlyRefund", "TradePartlySellerShip", "TradeSellerShip", "TradeSuccess",
        )
    )  # fmt: skip


class Gateway(RouterGateway):
    """The open platform, as one app for one shop. `kinds`: of trades to ask for, with commas."""

    spec = SPEC

    def __init__(self, connection: Connection, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(connection, now)
        (self.kinds,) = given(connection, SPEC, "trade_types")
        self.queue = Queue(self, connection)

    def order(self, ref: str) -> Row | None:
        """The whole trade; None where the shop knows none."""
        return self.found(TRADE, {"fields": FIELDS, "tid": ref, "include_oaid": "true"}, "trade", gone=GONE)
