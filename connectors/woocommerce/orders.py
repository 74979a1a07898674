"""Reads orders out of whatever a WooCommerce shop sends or shows: REST answers, webhooks, envelopes, examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.kit.orders.reading import order_reader
from mappings.engine import mapping
from mappings.engine.envelope import Envelope, having

_ORDER = frozenset({"line_items", "billing", "order_key", "shipping_lines", "total_tax", "payment_method"})
_REQUEST = frozenset({"id", "number", "order_key", "status", "date_created"})
"""An order that exists has one of these; a request to make one has none."""
_REFUND = ({"refunded_by"}, {"refunded_payment"}, {"amount", "reason"})
_SHOPIFY = frozenset({"total_price", "financial_status", "admin_graphql_api_id", "subtotal_price"})


def _is_order(value: Mapping[str, Any]) -> bool:
    other = any(keys <= value.keys() for keys in _REFUND) or not _SHOPIFY.isdisjoint(value)
    return not other and not _REQUEST.isdisjoint(value.keys()) and not _ORDER.isdisjoint(value.keys())


_ENVELOPE = Envelope(
    is_order=_is_order,
    wraps=("data", "order", "orders", "value", "create", "update", "delete"),
    foreign={
        "a refund": frozenset({"refunded_by"}),
        "a refund without its payment": frozenset({"amount", "reason"}),
        "an order of Shopify": frozenset({"total_price"}),
        "a request to make an order": frozenset({"payment_method", "line_items"}),
        "an error answer": frozenset({"code", "message"}),
        "an error in the answer to a batch": frozenset({"error"}),
        "a product": frozenset({"regular_price"}),
        "a webhook": frozenset({"delivery_url"}),
        "an order note": frozenset({"note", "author"}),
        "a shipment tracking": frozenset({"tracking_number"}),
        "a list of statuses": frozenset({"slug", "name"}),
    },
    # One entry of the collected examples of the documentation: its answers may hold orders.
    skips=having("section", "kind", "value"),
)
read_orders = order_reader(_ENVELOPE, mapping("woocommerce", "orders"))
"""Translates one payload: an order, a list of orders, one in a `data` envelope, a batch answer.

The setting `zone` is the site's time zone (IANA name, UTC where it is not set); Misconfigured: it is none.
"""
