"""All tables. Import from here: `from hub.store.tables import orders, inbox`."""

from hub.store.tables.channels import connections, items, kits, listings, stock_pushes, streams, warehouses
from hub.store.tables.messages import idempotency_keys, inbox, leases, outbox
from hub.store.tables.orders import (
    fulfillment_lines,
    fulfillment_orders,
    holds,
    order_documents,
    order_events,
    order_lines,
    order_pieces,
    orders,
    routing_decisions,
    rulesets,
    shipment_lines,
    shipments,
)
from hub.store.tables.people import api_keys, audit_log, login_links, user_sessions, users
from hub.store.tables.stock import stock_balances, stock_ledger

__all__ = [
    "api_keys",
    "audit_log",
    "connections",
    "fulfillment_lines",
    "fulfillment_orders",
    "holds",
    "idempotency_keys",
    "inbox",
    "items",
    "kits",
    "leases",
    "listings",
    "login_links",
    "order_documents",
    "order_events",
    "order_lines",
    "order_pieces",
    "orders",
    "outbox",
    "routing_decisions",
    "rulesets",
    "shipment_lines",
    "shipments",
    "stock_balances",
    "stock_ledger",
    "stock_pushes",
    "streams",
    "user_sessions",
    "users",
    "warehouses",
]
