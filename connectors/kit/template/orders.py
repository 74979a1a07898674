"""Reads orders out of a payload: one order, or a page of them."""

from __future__ import annotations

from connectors.kit.orders.reading import order_reader
from mappings.engine import mapping
from mappings.engine.envelope import Envelope, having

_ENVELOPE = Envelope(
    is_order=having("id", "state", "lines"),
    wraps=("orders",),
    foreign={"a product": frozenset({"sku", "stock"})},
)
read_orders = order_reader(_ENVELOPE, mapping(f"{__package__}.mapping", "orders"))
"""Translates one payload (pure). Raises BadRecord: field, value and why."""
