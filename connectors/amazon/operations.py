"""The operations of the Selling Partner API that are used: address, and how many calls of each are allowed.

Each has a token bucket of its own, per seller and application. Rates and bursts are those of the "Usage Plan" in
Amazon's models; an answer that names another rate (`x-amzn-RateLimit-Limit`) replaces it. `cancelOrder` is in no
model yet: its plan is that of Amazon's reference page, its address that of Amazon's samples (see the README).
"""

from __future__ import annotations

from typing import NamedTuple


class Operation(NamedTuple):
    """One operation. rate: calls a second; burst: calls at once. grantless: asked by the application itself."""

    method: str
    path: str
    rate: float
    burst: int
    grantless: bool = False


_ORDERS, _LISTINGS, _FEEDS = "/orders/2026-01-01/orders", "/listings/2021-08-01/items/{sellerId}", "/feeds/2021-06-30"
_NOTICES = "/notifications/v1"
OPERATIONS = {
    "searchOrders": Operation("GET", _ORDERS, 0.0056, 20),
    "getOrder": Operation("GET", f"{_ORDERS}/{{orderId}}", 0.5, 30),
    "cancelOrder": Operation("PUT", f"{_ORDERS}/{{orderId}}/cancellation", 1, 5),
    "confirmShipment": Operation("POST", "/orders/v0/orders/{orderId}/shipmentConfirmation", 2, 10),
    "listTransactions": Operation("GET", "/finances/2024-06-19/transactions", 0.5, 10),
    "searchListingsItems": Operation("GET", _LISTINGS, 5, 5),
    "getListingsItem": Operation("GET", f"{_LISTINGS}/{{sku}}", 5, 10),
    "patchListingsItem": Operation("PATCH", f"{_LISTINGS}/{{sku}}", 5, 5),
    "createFeedDocument": Operation("POST", f"{_FEEDS}/documents", 0.5, 15),
    "createFeed": Operation("POST", f"{_FEEDS}/feeds", 0.0083, 15),
    "getFeed": Operation("GET", f"{_FEEDS}/feeds/{{feedId}}", 2, 15),
    "getFeedDocument": Operation("GET", f"{_FEEDS}/documents/{{feedDocumentId}}", 0.0222, 10),
    "getSubscription": Operation("GET", f"{_NOTICES}/subscriptions/{{notificationType}}", 1, 5),
    "createSubscription": Operation("POST", f"{_NOTICES}/subscriptions/{{notificationType}}", 1, 5),
    "getDestinations": Operation("GET", f"{_NOTICES}/destinations", 1, 5, grantless=True),
    "createDestination": Operation("POST", f"{_NOTICES}/destinations", 1, 5, grantless=True),
}
