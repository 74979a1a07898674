"""Reads orders out of whatever Amazon sends or its documentation shows: answers, one order, examples of answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.canonical.order import Order
from mappings.engine import decode_json, mapping
from mappings.engine.envelope import Envelope, map_all

_ORDER = frozenset({"orderItems", "lastUpdatedTime", "fulfillment", "salesChannel"})


def _is_order(value: Mapping[str, Any]) -> bool:
    return ("orderId" in value and not _ORDER.isdisjoint(value)) or _is_v0(value)


def _is_v0(value: Mapping[str, Any]) -> bool:
    return {"AmazonOrderId", "OrderStatus"} <= value.keys()


def _is_example(value: Mapping[str, Any]) -> bool:
    """One pair of the static sandbox: its answer may hold orders."""
    return {"operationId", "request", "response"} <= value.keys()


_ENVELOPE = Envelope(
    is_order=_is_order,
    wraps=("orders", "order", "Orders", "payload", "response"),
    foreign={
        "an order of Shopify": frozenset({"line_items", "total_price"}),
        "an order of WooCommerce": frozenset({"line_items"}),
        "an order of Magento": frozenset({"increment_id"}),
        "an order of eBay": frozenset({"lineItems", "pricingSummary"}),
        "items of an order of Orders v0": frozenset({"AmazonOrderId", "OrderItems"}),
        "a part of an order of Orders v0": frozenset({"AmazonOrderId"}),
        "a notification": frozenset({"NotificationType", "Payload"}),
        "a fulfillment order": frozenset({"fulfillmentOrderId"}),
        "a shipment": frozenset({"shipments"}),
        "a listing": frozenset({"sku", "summaries"}),
        "a list of listings": frozenset({"items", "numberOfResults"}),
        "a feed": frozenset({"feedId"}),
        "an error answer": frozenset({"errors"}),
    },
    skips=_is_example,
)
_READ, _READ_V0 = mapping("amazon", "orders"), mapping("amazon", "orders_v0")


def read_orders(raw: bytes, settings: Mapping[str, str]) -> tuple[Order, ...]:
    """Translate one payload: the answer to searchOrders or getOrder (or of v0), an order, a list of orders or examples.

    Args:    raw: JSON as it came.
             settings: of the connection; `status.<value>` and `fulfilled_by.<value>` (of v0: `status_v0.<value>`,
             `fulfilled_by_v0.<value>`) name a known value to read an unknown one as.
    Returns: the orders in the payload, in its order.
    Raises:  BadRecord: field, value and why, also for a payload that is no order.
    """
    return map_all(decode_json(raw), _ENVELOPE, lambda order: (_READ_V0 if _is_v0(order) else _READ)(order, settings))
