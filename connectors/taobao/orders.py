"""Reads trades out of whatever TOP sends: the answer of a call with or without `simplify`, a list, a bare trade."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.canonical.order import Order
from mappings.engine import decode_json, mapping
from mappings.engine.envelope import Envelope, map_all
from mappings.taobao.trades import evened

_ANSWERS = ("trade_fullinfo_get", "trade_get", "trades_sold_increment_get", "trades_sold_get")


def _is_trade(value: Mapping[str, Any]) -> bool:
    return ("tid" in value or "tid_str" in value) and "orders" in value


_ENVELOPE = Envelope(
    is_order=_is_trade,
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
        "an order of Shopify": frozenset({"line_items", "total_price"}),
        "an order of WooCommerce": frozenset({"line_items"}),
        "an order of Magento": frozenset({"increment_id"}),
    },
)
_READ = mapping("taobao", "orders")


def read_orders(raw: bytes, settings: Mapping[str, str]) -> tuple[Order, ...]:
    """Translate one payload.

    Args:    raw: JSON as it came.
             settings: of the connection; `status.<value>` names a known state to read an unknown one as.
    Returns: the trades in the payload, in its order.
    Raises:  BadRecord: field, value and why, also for a payload that is no trade.
    """
    return map_all(decode_json(raw), _ENVELOPE, lambda trade: _READ(evened(trade), settings))
