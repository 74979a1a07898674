"""Reads orders out of a payload: one order, or a page of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.canonical.order import Order
from mappings.engine import decode_json, mapping
from mappings.engine.envelope import Envelope, map_all


def _is_order(value: Mapping[str, Any]) -> bool:
    return {"id", "state", "lines"} <= value.keys()


_ENVELOPE = Envelope(is_order=_is_order, wraps=("orders",), foreign={"a product": frozenset({"sku", "stock"})})
_READ = mapping(f"{__package__}.mapping", "orders")


def read_orders(raw: bytes, settings: Mapping[str, str]) -> tuple[Order, ...]:
    """Translate one payload (pure). Raises BadRecord: field, value and why."""
    return map_all(decode_json(raw), _ENVELOPE, lambda order: _READ(order, settings))
