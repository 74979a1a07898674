"""Reads orders out of whatever the platform sends: a list of changes, one order, an order without its envelope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.canonical.order import Order
from mappings.engine import decode_json, mapping
from mappings.engine.envelope import Envelope, map_all


def _is_order(value: Mapping[str, Any]) -> bool:
    """What belongs to an order (a refund, a promise) names it too, but has neither items nor what was paid."""
    return "order_sn" in value and not {"item_list", "pay_amount"}.isdisjoint(value)


_ENVELOPE = Envelope(
    is_order=_is_order,
    wraps=(
        "order_sn_increment_get_response",
        "order_info_get_response",
        "order_list_get_response",
        "order_basic_list_get_response",
        "order_sn_list",
        "order_list",
        "order_info",
    ),
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
_READ = mapping("pinduoduo", "orders")


def read_orders(raw: bytes, settings: Mapping[str, str]) -> tuple[Order, ...]:
    """Translate one payload: an answer, a list of orders, an order.

    Args:    raw: JSON as it came.
             settings: of the connection; `<table>.<value>` names a known value to read an unknown one as.
    Returns: the orders in the payload, in its order.
    Raises:  BadRecord: field, value and why, also for a payload that is no order.
    """
    return map_all(decode_json(raw), _ENVELOPE, lambda order: _READ(order, settings))
