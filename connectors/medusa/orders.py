"""Reads orders out of whatever Medusa's admin API answers: one order, a list, a whole answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.canonical.errors import BadRecord
from hub.canonical.order import Order
from mappings.engine import decode_json, mapping
from mappings.engine.envelope import Envelope, map_all
from mappings.medusa.items import marked

_OTHER = frozenset({"order_id", "line_items", "total_price", "grand_total"})
_ENVELOPE = Envelope(
    is_order=lambda value: {"currency_code", "items"} <= value.keys() and _OTHER.isdisjoint(value),
    wraps=("order", "orders", "data"),
    foreign={
        "an order of Shopify": frozenset({"total_price"}),
        "an order of WooCommerce": frozenset({"line_items"}),
        "a fulfillment": frozenset({"packed_at"}),
        "an error answer": frozenset({"message"}),
    },
)
_READ = mapping("medusa", "orders")


def read_orders(raw: bytes, settings: Mapping[str, str]) -> tuple[Order, ...]:
    """Translate one payload: an order, `{"order": …}`, `{"orders": […]}`.

    Args:    raw: JSON as it came.
             settings: of the connection; `status.<value>` names a known state to read an unknown one as.
    Returns: the orders in the payload, in its order.
    Raises:  BadRecord: field, value and why, also for a payload that is no order, or a draft or a cart.
    """
    return map_all(decode_json(raw), _ENVELOPE, lambda order: _read(order, settings))


def _read(order: Mapping[str, Any], settings: Mapping[str, str]) -> Order:
    if order.get("status") == "draft" or order.get("is_draft_order") is True:
        raise BadRecord("status", "draft", "this is a draft, not an order that was placed")
    if "status" not in order and "shipping_address" in order and "display_id" not in order:
        raise BadRecord("status", None, "this is a cart, not an order that was placed")
    return _READ(marked(order), settings)
