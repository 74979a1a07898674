"""Reads orders out of whatever Douyin Shop sends: the answer of a search, one order's detail, bare orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.canonical.order import Order
from mappings.engine import decode_json, mapping
from mappings.engine.envelope import Envelope, map_all


def _is_order(value: Mapping[str, Any]) -> bool:
    return "order_id" in value and "sku_order_list" in value


_ENVELOPE = Envelope(
    is_order=_is_order,
    wraps=("data", "shop_order_list", "shop_order_detail", "orders", "order"),
    foreign={
        "an order of Shopify": frozenset({"line_items", "total_price"}),
        "an order of WooCommerce": frozenset({"line_items"}),
        "an order of Magento": frozenset({"increment_id"}),
        "a pushed message": frozenset({"tag", "data"}),
        "a line of an order": frozenset({"parent_order_id"}),
        "an after-sale": frozenset({"aftersale_id"}),
        "a parcel": frozenset({"logistics_code"}),
        "an offer": frozenset({"sku_id"}),
        "a warehouse": frozenset({"out_warehouse_id"}),
    },
)
_READ = mapping("douyin", "orders")


def read_orders(raw: bytes, settings: Mapping[str, str]) -> tuple[Order, ...]:
    """Translate one payload.

    Args:    raw: JSON as it came.
             settings: of the connection; `status.<value>` names a known state to read an unknown one as.
    Returns: the orders in the payload, in its order.
    Raises:  BadRecord: field, value and why, also for a payload that is no order.
    """
    return map_all(decode_json(raw), _ENVELOPE, lambda order: _READ(order, settings))
