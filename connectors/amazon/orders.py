"""Reads orders out of whatever Amazon sends or its documentation shows: answers, one order, examples of answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.kit.orders.reading import OTHERS, order_reader
from hub.canonical.order import Order
from mappings.amazon.money import one_currency
from mappings.engine import mapping
from mappings.engine.envelope import Envelope, having

_ORDER = frozenset({"orderItems", "lastUpdatedTime", "fulfillment", "salesChannel"})


def _is_order(value: Mapping[str, Any]) -> bool:
    return ("orderId" in value and not _ORDER.isdisjoint(value)) or _is_v0(value)


_is_v0 = having("AmazonOrderId", "OrderStatus")
_ENVELOPE = Envelope(
    is_order=_is_order,
    wraps=("orders", "order", "Orders", "payload", "response"),
    foreign={
        **OTHERS,
        "an order of eBay": frozenset({"lineItems", "pricingSummary"}),
        "items of an order of Orders v0": frozenset({"AmazonOrderId", "OrderItems"}),
        "a part of an order of Orders v0": frozenset({"AmazonOrderId"}),
        "a notification": frozenset({"NotificationType", "Payload"}),
        "a fulfillment order": frozenset({"fulfillmentOrderId"}),
        "a shipment": frozenset({"shipments"}),
        "a listing": frozenset({"sku", "summaries"}),
        "a list of listings": frozenset({"items", "numberOfResults"}),
        "a feed": frozenset({"feedId"}),
        "a transaction of the Finances API": frozenset({"transactionId"}),
        "a list of transactions of the Finances API": frozenset({"transactions"}),
        "an error answer": frozenset({"errors"}),
    },
    # One pair of the static sandbox: its answer may hold orders.
    skips=having("operationId", "request", "response"),
)
_READ, _READ_V0 = mapping("amazon", "orders"), mapping("amazon", "orders_v0")


def _read(order: Mapping[str, Any], settings: Mapping[str, str]) -> Order:
    return (_READ_V0 if _is_v0(order) else _READ)(one_currency(order), settings)


read_orders = order_reader(_ENVELOPE, _read)
"""Translates one payload: the answer to searchOrders or getOrder (or of v0), an order, a list of orders or examples.

Of v0, `status_v0.<value>` and `fulfilled_by_v0.<value>` name a known value to read an unknown one as.
"""
