"""Reads orders out of whatever Shopify sends or shows: REST, webhooks, GraphQL answers, files of examples."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from connectors.kit.orders.reading import order_reader
from connectors.kit.wire.graphql import refuse_errors
from hub.canonical.errors import BadRecord
from hub.canonical.order import Order
from mappings.engine import mapping
from mappings.engine.envelope import Envelope

_REST = frozenset({"line_items", "total_price", "financial_status", "order_number", "subtotal_price", "total_tax"})
_GRAPHQL = frozenset({"lineItems", "totalPriceSet", "displayFinancialStatus", "displayFulfillmentStatus"})


_ALIKE = frozenset({"order_id", "abandoned_checkout_url", "invoice_url", "order_key", "billing"})
"""What only a part of an order, a checkout, a draft or an order of WooCommerce has."""


def _is_order(value: Mapping[str, Any]) -> bool:
    cart = isinstance(value.get("id"), str) and value["id"] == value.get("token")
    return not cart and _ALIKE.isdisjoint(value) and not (_REST | _GRAPHQL).isdisjoint(value)


_ENVELOPE = Envelope(
    is_order=_is_order,
    wraps=("response", "data", "order", "orders", "node", "nodes", "edges", "detail", "payload"),
    foreign={
        "an order of WooCommerce": frozenset({"order_key"}),
        "a draft order": frozenset({"invoice_url"}),
        "an envelope with a draft order": frozenset({"draft_order"}),
        "an abandoned checkout": frozenset({"abandoned_checkout_url"}),
        "a cart": frozenset({"token", "line_items"}),
        "a refund": frozenset({"refund_line_items"}),
        "an envelope with a refund": frozenset({"refund"}),
        "a fulfillment": frozenset({"order_id", "tracking_numbers"}),
        "an envelope with a fulfillment": frozenset({"fulfillment"}),
        "a transaction": frozenset({"order_id", "gateway"}),
        "something that belongs to an order": frozenset({"order_id"}),
        "an envelope with a fulfillment order": frozenset({"fulfillment_order"}),
        "a product": frozenset({"variants"}),
        "a variant": frozenset({"inventory_item_id", "price"}),
        "a stock level": frozenset({"inventory_item_id", "available"}),
        "a location": frozenset({"address1", "legacy"}),
        "a webhook subscription": frozenset({"webhook"}),
        "a list of webhook subscriptions": frozenset({"webhooks"}),
    },
)
_FROM_REST = mapping("shopify", "orders")
_FROM_GRAPHQL = mapping("shopify", "orders_graphql")


def _read(order: Mapping[str, Any], settings: Mapping[str, str]) -> Order:
    if _GRAPHQL.isdisjoint(order.keys()):
        return _FROM_REST(order, settings)
    _refuse_cut_lines(order)
    return _FROM_GRAPHQL(order, settings)


def _refuse_cut_lines(order: Mapping[str, Any]) -> None:
    """A first page of lines must not be taken for all of them."""
    lines = order.get("lineItems")
    page = lines.get("pageInfo") if isinstance(lines, Mapping) else None
    if isinstance(page, Mapping) and page.get("hasNextPage") is True:
        why = "the order has more lines than stand here: read the next pages of lineItems, too"
        raise BadRecord("lineItems.pageInfo.hasNextPage", True, why)


read_orders = order_reader(_ENVELOPE, _read, partial(refuse_errors, title="Shopify"))
"""Translates one payload: an order, `{"order": …}`, `{"orders": […]}`, a list, a GraphQL answer, connection or node.

The settings `payment.<value>` and `fulfillment.<value>` name a known value to read an unknown one as.
"""
