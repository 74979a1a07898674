"""Reads orders out of whatever a marketplace sends or its documentation shows: OR11 answers, one order, examples."""

from __future__ import annotations

from connectors.kit.orders.reading import OTHERS, order_reader
from mappings.engine import mapping
from mappings.engine.envelope import Envelope, either, having

_OTHER = frozenset({"shipment_lines", "errors", "updated"})
_ENVELOPE = Envelope(
    # Orders have a state or amounts; requests and answers about an order (shipments, updates) have not.
    is_order=either(
        having("order_id", "order_state", none_of=_OTHER),
        having("order_id", "order_lines", any_of=("total_price", "commercial_id"), none_of=_OTHER),
    ),
    wraps=("orders", "order", "data", "value"),
    foreign={
        **OTHERS,
        "a shipment": frozenset({"shipment_lines"}),
        "an order line": frozenset({"order_line_id"}),
        "an offer": frozenset({"offer_id"}),
        "an answer to accepting or shipping": frozenset({"order_lines"}),
        "a list of shipments": frozenset({"shipments"}),
        "a list of offers": frozenset({"offers"}),
        "an account": frozenset({"shop_state"}),
        "a stock import": frozenset({"import_id"}),
        "an error answer": frozenset({"status", "message"}),
    },
    # One entry of the collected examples of the documentation: its answers may hold orders.
    skips=having("operationId", "where", "value"),
)
read_orders = order_reader(_ENVELOPE, mapping("mirakl", "orders"))
"""Translates one payload: an OR11 answer, an order, a list of orders, examples of the documentation."""
