"""Reads orders out of whatever Medusa's admin API answers: one order, a list, a whole answer."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.kit.orders.reading import order_reader
from connectors.kit.values import Row
from hub.canonical.errors import BadRecord
from hub.canonical.order import Order
from mappings.engine import mapping
from mappings.engine.envelope import Envelope, having
from mappings.medusa.items import marked

_ENVELOPE = Envelope(
    is_order=having("currency_code", "items", none_of=("order_id", "line_items", "total_price", "grand_total")),
    wraps=("order", "orders", "data"),
    foreign={
        "an order of Shopify": frozenset({"total_price"}),
        "an order of WooCommerce": frozenset({"line_items"}),
        "a fulfillment": frozenset({"packed_at"}),
        "an error answer": frozenset({"message"}),
    },
)
_READ = mapping("medusa", "orders")


def _read(order: Row, settings: Mapping[str, str]) -> Order:
    if order.get("object") == "order":
        raise BadRecord("object", "order", "this is an order of Medusa v1, whose amounts are cents: expected one of v2")
    if order.get("status") == "draft" or order.get("is_draft_order") is True:
        raise BadRecord("status", "draft", "this is a draft, not an order that was placed")
    if "status" not in order and "shipping_address" in order and "display_id" not in order:
        raise BadRecord("status", None, "this is a cart, not an order that was placed")
    return _READ(marked(order), settings)


read_orders = order_reader(_ENVELOPE, _read)
"""Translates one payload: an order, `{"order": …}`, `{"orders": […]}`; a draft or a cart is refused."""
