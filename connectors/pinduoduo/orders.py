"""Reads orders out of whatever the platform sends: a list of changes, one order, an order without its envelope."""

from __future__ import annotations

from connectors.kit.orders.reading import order_reader
from mappings.engine import mapping
from mappings.engine.envelope import Envelope, having

_ANSWERS = ("order_sn_increment_get", "order_info_get", "order_list_get", "order_basic_list_get")
_ENVELOPE = Envelope(
    # What belongs to an order (a refund, a promise) names it too, but has neither items nor what was paid.
    is_order=having("order_sn", any_of=("item_list", "pay_amount")),
    wraps=(*(f"{name}_response" for name in _ANSWERS), "order_sn_list", "order_list", "order_info"),
    foreign={
        "the description of a call": frozenset({"constants", "interfaces"}),
        "an error answer": frozenset({"error_response"}),
        "a refund": frozenset({"refund_list"}),
        "a refund's answer": frozenset({"refund_increment_get_response"}),
        "a trade of Taobao": frozenset({"tid"}),
        "an order of Douyin": frozenset({"sku_order_list"}),
        "a list of goods": frozenset({"goods_list_get_response"}),
        "an item of an order": frozenset({"goods_count"}),
        "what belongs to an order": frozenset({"order_sn"}),
    },
)
read_orders = order_reader(_ENVELOPE, mapping("pinduoduo", "orders"))
"""Translates one payload: an answer, a list of orders, an order."""
