"""Reads orders out of whatever a Magento shop shows: one order, a search's answer, the documentation's examples."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.kit.orders.reading import order_reader
from hub.canonical.errors import BadRecord
from mappings.engine import decode_json, mapping
from mappings.engine.envelope import Envelope, having
from mappings.magento.items import marked

_NUMBER = frozenset({"entity_id", "increment_id"})
_ORDER = frozenset({"grand_total", "order_currency_code", "state", "status", "total_qty_ordered", "customer_email"})
_OTHER = frozenset({"order_id", "line_items", "total_price", "customer_is_guest_cart", "items_qty"})
_LEFT_OUT = re.compile(r",\s*\.\.\.(?=\s*[\]}])")
"""How the documentation leaves rows out of an example."""


def _is_order(value: Mapping[str, Any]) -> bool:
    numbered = not _NUMBER.isdisjoint(value) and not _ORDER.isdisjoint(value)
    return numbered and ("items" in value or "grand_total" in value) and _OTHER.isdisjoint(value)


_is_example = having("page", "endpoint", "value")
"""One entry of the collected examples of the documentation: its answers may hold orders."""
_ENVELOPE = Envelope(
    is_order=_is_order,
    wraps=("items", "entity", "order", "orders", "data", "value"),
    foreign={
        "an order of Shopify": frozenset({"total_price"}),
        "an order of WooCommerce": frozenset({"line_items"}),
        "a shipment": frozenset({"order_id", "tracks"}),
        "an invoice": frozenset({"order_id", "grand_total", "total_qty"}),
        "a credit memo": frozenset({"order_id", "grand_total"}),
        "a line of an order": frozenset({"qty_ordered"}),
        "a cart": frozenset({"items_qty"}),
        "a product": frozenset({"type_id"}),
        "a source item": frozenset({"source_code", "quantity"}),
        "a source": frozenset({"source_code"}),
        "an error answer": frozenset({"message"}),
    },
    skips=_is_example,
)


def _examples(payload: Any) -> Any:
    """The payload, with the examples of a documentation read that are kept as text because rows are left out."""
    return [_example(each) for each in payload] if isinstance(payload, list) else payload


def _example(value: Any) -> Any:
    kept = value.get("value") if isinstance(value, Mapping) and _is_example(value) else None
    text = kept.get("_unparsed") if isinstance(kept, Mapping) else None
    if not isinstance(text, str):
        return value
    try:
        return {**value, "value": decode_json(_LEFT_OUT.sub("", text).encode())}
    except BadRecord:
        return value


_READ = mapping("magento", "orders")
read_orders = order_reader(_ENVELOPE, lambda order, settings: _READ(marked(order), settings), _examples)
"""Translates one payload: an order, a list of orders, the answer to a search, examples of the documentation."""
