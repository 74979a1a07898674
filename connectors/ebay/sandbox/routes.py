"""The sandbox account's REST APIs: which request does what, and which scope it needs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import unquote

from connectors.ebay.sandbox import shapes
from connectors.ebay.sandbox.errors import EbayError, invalid, not_allowed
from connectors.ebay.sandbox.login import APPLICATION, HEAR, Login
from connectors.ebay.sandbox.notifications import Notifications
from connectors.ebay.sandbox.shop import Item, Shop
from connectors.ebay.sandbox.signature import SigningKey
from connectors.kit.practice.server import Reply, Request
from hub.canonical.errors import BadRecord
from hub.canonical.times import parse_time

LARGEST, USUAL, AT_ONCE = 200, 50, 25
BETWEEN = re.compile(r"lastmodifieddate:\[(?P<start>[^\]]+?)\.\.(?P<end>[^\]]*)\]")
REASONS = frozenset({"BUYER_CANCEL", "SELLER_CANCEL", "OTHER_ADJUSTMENT", "SHIPPING_DISCOUNT"})


class Routes:
    """Answers a request. Raises EbayError for what eBay refuses.

    loop_pages: every page of orders says that more follow, and it is the same again.
    signing:    refunds must be signed with this key, as those of EU and UK sellers; None: with none.
    location:   status of the account's only location; "" where it has none.
    stuck:      SKUs whose listings were revised too often today.
    denied:     paths that this account may not use, whatever its scopes.
    """

    def __init__(self, shop: Shop, login: Login, notifications: Notifications) -> None:
        self._shop, self._login = shop, login
        self.loop_pages, self.location, self.stuck = False, "ENABLED", set[str]()
        self.signing: SigningKey | None = None
        self.denied = set[str]()
        order, stock = "/sell/fulfillment/v1/order", "/sell/inventory/v1"
        ship, sell, money = "sell.fulfillment", "sell.inventory", "sell.finances"
        told, tell, whose = "/commerce/notification/v1", notifications, login.whose
        place, hook = f"{told}/destination", f"{told}/subscription"
        self._table: list[tuple[str, re.Pattern[str], str, Callable[..., Reply]]] = [
            (method, re.compile(path), scope, handler)
            for method, path, scope, handler in (
                ("GET", order, ship, self._orders),
                ("GET", f"{order}/([^/]+)", ship, lambda r, ref: Reply.json(shapes.order(shop.order(ref)))),
                ("GET", f"{order}/([^/]+)/shipping_fulfillment", ship, self._fulfillments),
                ("POST", f"{order}/([^/]+)/shipping_fulfillment", ship, self._ship),
                ("POST", f"{order}/([^/]+)/issue_refund", money, self._refund),
                ("GET", f"{stock}/inventory_item", sell, self._items),
                ("POST", f"{stock}/bulk_get_inventory_item", sell, self._some_items),
                ("POST", f"{stock}/bulk_update_price_quantity", sell, self._write),
                ("GET", f"{stock}/location", sell, self._locations),
                ("GET", f"{told}/public_key/([^/]+)", APPLICATION, lambda r, kid: tell.public_key(kid)),
                ("GET", f"{told}/config", APPLICATION, lambda r: tell.config()),
                ("PUT", f"{told}/config", APPLICATION, lambda r: tell.set_config(_body(r))),
                ("GET", f"{told}/topic/([^/]+)", APPLICATION, lambda r, name: tell.topic(name)),
                ("GET", place, APPLICATION, lambda r: tell.listed_destinations()),
                ("POST", place, APPLICATION, lambda r: tell.save_destination(_body(r))),
                ("PUT", f"{place}/([^/]+)", APPLICATION, lambda r, ref: tell.save_destination(_body(r), ref)),
                ("DELETE", f"{place}/([^/]+)", APPLICATION, lambda _, ref: tell.delete_destination(ref)),
                ("GET", hook, HEAR, lambda r: tell.listed_subscriptions(whose(r))),
                ("POST", hook, HEAR, lambda r: tell.save_subscription(_body(r), whose(r))),
                ("PUT", f"{hook}/([^/]+)", HEAR, lambda r, ref: tell.save_subscription(_body(r), whose(r), ref)),
            )
        ]

    def answer(self, request: Request) -> Reply:
        """Dispatch on method and path."""
        for method, pattern, scope, handler in self._table:
            match = pattern.fullmatch(request.path)
            if match and method == request.method:
                self._login.admit(request, scope)
                if request.path in self.denied:
                    raise not_allowed()
                with self._shop.lock:
                    return handler(request, *(unquote(part) for part in match.groups()))
        raise EbayError(404, 2002, "Resource not found", "ACCESS")

    # ---- orders ----

    def _orders(self, request: Request) -> Reply:
        """Newest order first, as eBay shows them, whatever the filter is by."""
        start, end = _asked(request, self._shop.now())
        found = [one for one in self._shop.orders.values() if start <= _whole_ms(one.modified) <= end]
        found.sort(key=lambda one: (one.created, one.id), reverse=True)
        limit, offset = _number(request, "limit", USUAL, 31100), _number(request, "offset", 0, 31000)
        if limit > LARGEST or not limit:
            raise invalid(31100, f"Invalid limit: {limit}")
        page = [shapes.order(one, listed=True) for one in found[offset : offset + limit]]
        if self.loop_pages and found:
            page, found = [shapes.order(found[0], listed=True)], [found[0]] * 9999
        body = {"href": request.path, "total": len(found), "limit": limit, "offset": offset, "orders": page}
        return Reply.json(body | ({"next": request.path} if offset + limit < len(found) else {}))

    def _fulfillments(self, request: Request, ref: str) -> Reply:
        try:
            found = [shapes.fulfillment(parcel) for parcel in self._shop.order(ref).parcels]
        except EbayError as error:
            raise invalid(error.error_id, error.message) from None
        return Reply.json({"total": len(found), "fulfillments": found})

    def _ship(self, request: Request, ref: str) -> Reply:
        body = _body(request)
        try:
            order = self._shop.order(ref)
        except EbayError as error:
            raise invalid(error.error_id, error.message) from None
        tracking, carrier = str(body.get("trackingNumber", "")), str(body.get("shippingCarrierCode", ""))
        if bool(tracking) != bool(carrier) or not re.fullmatch(r"[A-Za-z0-9]*", tracking):
            raise invalid(32210, "The tracking number or the shipping carrier is invalid.")
        pieces = {str(row.get("lineItemId")): int(row.get("quantity", 1)) for row in body.get("lineItems") or []}
        shipped = str(body.get("shippedDate") or shapes.stamp(self._shop.now()))
        parcel = self._shop.ship(order, pieces, shipped, carrier, tracking)
        place = f"{request.path}/{parcel.id}"
        return Reply.json({}, 201, {"location": place})

    def _refund(self, request: Request, ref: str) -> Reply:
        if self.signing:
            self.signing.check(request)
        body, order = _body(request), self._shop.order(ref)
        if body.get("reasonForRefund") not in REASONS or len(str(body.get("comment", ""))) > 100:
            raise invalid(34900, "The reason for the refund or the comment is invalid.")
        told = body.get("orderLevelRefundAmount") or {}
        if told.get("currency") != shapes.CURRENCY:
            raise invalid(34901, "The refund amount is invalid for this order.")
        try:
            back = Decimal(str(told.get("value")))
        except InvalidOperation:
            raise invalid(34901, "The refund amount is invalid for this order.") from None
        return Reply.json({"refundId": self._shop.refund(order, back), "refundStatus": "PENDING"})

    # ---- stock ----

    def _items(self, request: Request) -> Reply:
        """The offset counts pages."""
        limit, page = _number(request, "limit", AT_ONCE, 25706), _number(request, "offset", 0, 25706)
        if not 1 <= limit <= LARGEST:
            raise invalid(25706, f"Invalid limit {limit}")
        every = list(self._shop.items.values())
        found = [shapes.item(one) for one in every[page * limit : (page + 1) * limit]]
        pages = -(-len(every) // limit)
        return Reply.json({"inventoryItems": found, "total": len(every), "size": pages, "limit": limit})

    def _some_items(self, request: Request) -> Reply:
        return self._each(request, lambda row: {"inventoryItem": shapes.item(self._shop.item(str(row.get("sku"))))})

    def _write(self, request: Request) -> Reply:
        if len(_body(request).get("requests") or []) > 1:
            raise invalid(25002, "Any User error. Only one SKU can be updated per call.")
        return self._each(request, self._set)

    def _set(self, row: dict[str, Any]) -> dict[str, Any]:
        item: Item = self._shop.item(str(row.get("sku")))
        number = (row.get("shipToLocationAvailability") or {}).get("quantity")
        if not isinstance(number, int) or number < 0:
            raise invalid(25709, "Invalid value for quantity.")
        if item.sku in self.stuck:
            raise invalid(25002, "Any User error. The listing was revised 250 times today.")
        item.quantity = number
        return {}

    def _each(self, request: Request, do: Callable[[dict[str, Any]], dict[str, Any]]) -> Reply:
        """One answer a row, each with its status; 207 where not all are well."""
        rows = _body(request).get("requests") or []
        if not 1 <= len(rows) <= AT_ONCE:
            raise invalid(25709, f"Invalid request. {len(rows)} requests")
        answers = []
        for row in rows:
            try:
                answers.append({"statusCode": 200, "sku": row.get("sku"), **do(row)})
            except EbayError as error:
                answers.append({"statusCode": error.status, "sku": row.get("sku"), "errors": [error.shape()]})
        well = all(one["statusCode"] == 200 for one in answers)
        return Reply.json({"responses": answers}, 200 if well else 207)

    def _locations(self, request: Request) -> Reply:
        one = {"merchantLocationKey": "berlin", "name": "Berlin", "merchantLocationStatus": self.location}
        found = [one] if self.location else []
        return Reply.json({"locations": found, "total": len(found), "limit": 100, "offset": 0})


def _asked(request: Request, now: datetime) -> tuple[datetime, datetime]:
    """From when to when an order must have changed; without a filter, ninety days. Raises EbayError."""
    asked = request.query.get("filter")
    if asked is None:
        return now - timedelta(days=90), now
    match = BETWEEN.fullmatch(asked)
    if match is None:
        raise invalid(30800, f"Invalid filter value {asked}")
    start, end = _time(match["start"]), _time(match["end"]) if match["end"] else now
    if max(start, end) > now:
        raise invalid(30850, "Start and end dates can't be in the future")
    if (now - start).days > 730:
        raise invalid(30830, "Time range between start date and end date must be within '2' years.")
    return start, end


def _whole_ms(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _time(text: str) -> datetime:
    try:
        return parse_time(text, "filter")
    except BadRecord:
        raise invalid(30810, "Invalid date format") from None


def _number(request: Request, name: str, usual: int, error: int) -> int:
    text = request.query.get(name, str(usual))
    if not text.isdigit():
        raise invalid(error, f"Invalid {name}: {text}")
    return int(text)


def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        raise invalid(2004, "Invalid request") from None
    if not isinstance(body, dict):
        raise invalid(2004, "Invalid request")
    return body
