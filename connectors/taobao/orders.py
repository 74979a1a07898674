"""Reads trades out of whatever TOP sends: the answer of a call with or without `simplify`, a list, a bare trade."""

from __future__ import annotations

from connectors.kit.orders.reading import OTHERS, order_reader
from mappings.engine import mapping
from mappings.engine.envelope import Envelope, having

_ANSWERS = ("trade_fullinfo_get", "trade_get", "trades_sold_increment_get", "trades_sold_get")
_ENVELOPE = Envelope(
    is_order=having("orders", any_of=("tid", "tid_str")),
    wraps=(*(f"{name}_response" for name in _ANSWERS), "trade", "trades"),
    foreign={
        "the description of a call": frozenset({"apiChineseName"}),
        "an error of the platform": frozenset({"error_response"}),
        "a message of the queue": frozenset({"topic", "content"}),
        "a refund": frozenset({"refund_id"}),
        "a purchase order of a distributor": frozenset({"fenxiao_id"}),
        "a trade without its lines (taobao.trade.fullinfo.get gives the whole one)": frozenset({"tid", "status"}),
        "a line of a trade": frozenset({"oid"}),
        "an item": frozenset({"num_iid"}),
        **OTHERS,
    },
)
read_orders = order_reader(_ENVELOPE, mapping("taobao", "orders"))
"""Translates one payload: an answer, a list of trades, a trade."""
