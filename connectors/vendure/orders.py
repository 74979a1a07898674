"""Reads orders out of whatever Vendure's GraphQL APIs answer: a node, a list, a whole answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.kit.graphql import refuse_errors
from hub.canonical.errors import BadRecord
from hub.canonical.faults import unfit
from hub.canonical.order import Order
from mappings.engine import decode_json, mapping
from mappings.engine.envelope import Envelope, map_all

_ORDER = frozenset({"orderPlacedAt", "totalWithTax", "shippingLines"})
_CARTS = frozenset({"Created", "Draft", "AddingItems", "ArrangingPayment"})
_ENVELOPE = Envelope(
    is_order=lambda value: {"code", "state"} <= value.keys() and not _ORDER.isdisjoint(value),
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


def decimals(settings: Mapping[str, str]) -> int:
    """How many decimals the server's whole numbers of money hold. Raises Misconfigured."""
    text = settings.get("money_decimals", "").strip() or "2"
    if text not in {"0", "1", "2", "3", "4"}:
        return unfit(f"money_decimals = {text!r}: expected a number from 0 to 4", 2)
    return int(text)


def read_orders(raw: bytes, settings: Mapping[str, str]) -> tuple[Order, ...]:
    """Translate one payload: an order, a list, `{"data": {"order": …}}`, `{"data": {"orders": {"items": […]}}}`.

    Args:    raw: JSON as it came.
             settings: of the connection; `money_decimals` says what 1250 is (12.50 where it is not set),
             `status.<value>` names a known state to read an unknown one as.
    Returns: the orders in the payload, in its order.
    Raises:  BadRecord: field, value and why, also for a payload that is no order, or a cart.
             Misconfigured: `money_decimals` is no number.
    """
    decimals(settings)
    payload = decode_json(raw)
    refuse_errors(payload, "Vendure")
    return map_all(payload, _ENVELOPE, lambda order: _read(order, settings))


def _read(order: Mapping[str, Any], settings: Mapping[str, str]) -> Order:
    if str(order["state"]) in _CARTS:
        raise BadRecord("state", order["state"], "this is a cart or a draft, not an order that was placed")
    if order.get("type") == "Aggregate":
        raise BadRecord("type", "Aggregate", "this is the frame around the orders of several sellers: read those")
    return _READ(order, settings)
