"""Reads orders out of whatever eBay sends: the answer to getOrders, one order, a list of them."""

from __future__ import annotations

from connectors.kit.orders.reading import OTHERS, order_reader
from mappings.ebay.money import original
from mappings.engine import mapping
from mappings.engine.envelope import Envelope, having

_ORDER = frozenset({"lineItems", "pricingSummary", "orderFulfillmentStatus", "cancelStatus"})
_ENVELOPE = Envelope(
    is_order=having("orderId", any_of=_ORDER),
    wraps=("orders", "order"),
    foreign={
        **OTHERS,
        "a notification": frozenset({"metadata", "notification"}),
        "a shipping fulfillment": frozenset({"fulfillmentId"}),
        "a list of shipping fulfillments": frozenset({"fulfillments"}),
        "a line of an order": frozenset({"lineItemId"}),
        "an offer": frozenset({"offerId"}),
        "a list of offers": frozenset({"offers"}),
        "an inventory item": frozenset({"sku", "product"}),
        "a list of inventory items": frozenset({"inventoryItems"}),
        "an inventory location": frozenset({"merchantLocationKey"}),
        "a refund": frozenset({"refundId"}),
        "an error answer": frozenset({"errors"}),
    },
)
_READ = mapping("ebay", "orders")


read_orders = order_reader(_ENVELOPE, lambda order, settings: _READ(original(order), settings))
"""Translates one payload: the answer to getOrders or getOrder, or a list of orders."""
