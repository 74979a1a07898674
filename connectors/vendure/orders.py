"""Reads orders out of whatever Vendure's GraphQL APIs answer: a node, a list, a whole answer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from connectors.kit.orders.reading import order_reader
from connectors.kit.wire.graphql import refuse_errors
from hub.canonical.errors import BadRecord
from hub.canonical.order import Order
from mappings.engine import mapping
from mappings.engine.envelope import Envelope, having

_CARTS = frozenset({"Created", "Draft", "AddingItems", "ArrangingPayment"})
_ENVELOPE = Envelope(
    is_order=having("code", "state", any_of=("orderPlacedAt", "totalWithTax", "shippingLines")),
    wraps=("data", "order", "orders", "items", "activeOrder", "orderByCode", "sellerOrders"),
    foreign={
        "an order of Shopify": frozenset({"legacyResourceId"}),
        "an order of WooCommerce": frozenset({"line_items", "billing"}),
        "a product": frozenset({"variants"}),
        "a variant": frozenset({"stockLevels"}),
        "a fulfillment": frozenset({"trackingCode"}),
        "a payment": frozenset({"method", "refunds"}),
    },
)
_READ = mapping("vendure", "orders")


def _read(order: Mapping[str, Any], settings: Mapping[str, str]) -> Order:
    if str(order["state"]) in _CARTS:
        raise BadRecord("state", order["state"], "this is a cart or a draft, not an order that was placed")
    if order.get("type") == "Aggregate":
        raise BadRecord("type", "Aggregate", "this is the frame around the orders of several sellers: read those")
    return _READ(order, settings)


read_orders = order_reader(_ENVELOPE, _read, partial(refuse_errors, title="Vendure"))
"""Translates one payload: an order, a list, `{"data": {"order": …}}`, `{"data": {"orders": {"items": […]}}}`.

The setting `money_decimals` says what 1250 is (12.50 where it is not set); Misconfigured: it is no number.
"""
