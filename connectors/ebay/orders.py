"""Reads orders out of whatever eBay sends: the answer to getOrders, one order, a list of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.canonical.order import Order
from mappings.ebay.money import original
from mappings.engine import decode_json, mapping
from mappings.engine.envelope import Envelope, map_all

_ORDER = frozenset({"lineItems", "pricingSummary", "orderFulfillmentStatus", "cancelStatus"})


def _is_order(value: Mapping[str, Any]) -> bool:
    return "orderId" in value and not _ORDER.isdisjoint(value)


_ENVELOPE = Envelope(
    is_order=_is_order,
    wraps=("orders", "order"),
    foreign={
        "an order of Shopify": frozenset({"line_items", "total_price"}),
        "an order of WooCommerce": frozenset({"line_items"}),
        "an order of Magento": frozenset({"increment_id"}),
        "a notification": frozenset({"metadata", "notification"}),
        "a shipping fulfillment": frozenset({"fulfillmentId"}),
        "a list of shipping fulfillments": frozenset({"fulfillments"}),
        "a line of an order": frozenset({"lineItemId"}),
        "an offer": frozenset({"offerId"}),
        "a list of offers": frozenset({"offers"}),
        "an inventory item": frozenset({"sku", "product"}),
        "a list of inventory items": frozenset({"inventoryItems"}),
        "an inventory location": frozenset({"merchantLocationKey"}),
        "a refund": frozenset({"refundId"}),
        "an error answer": frozenset({"errors"}),
    },
)
_READ = mapping("ebay", "orders")


def read_orders(raw: bytes, settings: Mapping[str, str]) -> tuple[Order, ...]:
    """Translate one payload: the answer to getOrders or getOrder, or a list of orders.

    Args:    raw: JSON as it came.
             settings: of the connection; `fulfillment.<value>`, `payment.<value>` and `cancel.<value>` name a known
             state to read an unknown one as.
    Returns: the orders in the payload, in its order.
    Raises:  BadRecord: field, value and why, also for a payload that is no order.
    """
    return map_all(decode_json(raw), _ENVELOPE, lambda order: _READ(original(order), settings))
