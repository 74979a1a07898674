"""Reads orders out of whatever Douyin Shop sends: the answer of a search, one order's detail, bare orders."""

from __future__ import annotations

from connectors.kit.orders.reading import OTHERS, order_reader
from mappings.engine import mapping
from mappings.engine.envelope import Envelope, having

_ENVELOPE = Envelope(
    is_order=having("order_id", "sku_order_list"),
    wraps=("data", "shop_order_list", "shop_order_detail", "orders", "order"),
    foreign={
        **OTHERS,
        "a pushed message": frozenset({"tag", "data"}),
        "a line of an order": frozenset({"parent_order_id"}),
        "an after-sale": frozenset({"aftersale_id"}),
        "a parcel": frozenset({"logistics_code"}),
        "an offer": frozenset({"sku_id"}),
        "a warehouse": frozenset({"out_warehouse_id"}),
    },
)
read_orders = order_reader(_ENVELOPE, mapping("douyin", "orders"))
"""Translates one payload: the answer of a search or of a detail, an order, a list of orders."""
