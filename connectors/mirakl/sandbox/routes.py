"""The sandbox marketplace's seller API: which request does what; what it does not know, it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from typing import Any, NamedTuple
from urllib.parse import unquote

from connectors.kit.practice.server import Reply, Request
from connectors.mirakl.sandbox.errors import MiraklError, invalid, missing
from connectors.mirakl.sandbox.imports import Imports
from connectors.mirakl.sandbox.shapes import CARRIERS, account_body, offer_body, order_body, parcel_body
from connectors.mirakl.sandbox.shop import Order, Parcel, Shop

LONGEST_PAGE, SHIPMENTS_A_PAGE = 100, 10
TRACKING = frozenset({"carrier_code", "carrier_name", "carrier_standard_code", "tracking_number"})
PAGING = frozenset({"max", "offset"})


class Route(NamedTuple):
    """One operation: the right that it needs ("" for none), the query names that it knows, and what answers it."""

    method: str
    path: str
    right: str
    names: frozenset[str]
    handler: Callable[..., Reply]


class Routes:
    """Answers a request that came with the key.

    rights:     what the key's user may; loop_pages: every page of orders says that one more follows, the same again.
    shop_state: what A01 says of the shop.  several: whether multiple shipments are switched on.
    """

    def __init__(self, shop: Shop, imports: Imports, shop_id: int, *, several: bool) -> None:
        self._shop, self._imports, self._shop_id, self.several = shop, imports, shop_id, several
        self.rights = {"orders: read", "orders: write", "offers: read", "offers: write"}
        self.loop_pages, self.shop_state = False, "OPEN"
        order, imported = "/api/orders/([^/]+)", "/api/offers/stock/imports/([^/]+)"
        names = frozenset({"order_ids", "start_update_date"}) | PAGING
        self._routes = (
            Route("GET", "/api/account", "", frozenset(), self._account),
            Route("GET", "/api/shipping/carriers", "", frozenset(), self._carriers),
            Route("GET", "/api/orders", "orders: read", names, self._orders),
            Route("PUT", f"{order}/accept", "orders: write", frozenset(), self._accept),
            Route("PUT", f"{order}/tracking", "orders: write", frozenset(), self._track),
            Route("PUT", f"{order}/ship", "orders: write", frozenset(), self._ship),
            Route("PUT", f"{order}/cancel", "orders: write", frozenset(), self._cancel),
            Route("GET", "/api/shipments", "orders: read", frozenset({"order_id", "page_token"}), self._shipments),
            Route("POST", "/api/shipments", "orders: write", frozenset(), self._send),
            Route("GET", "/api/offers", "offers: read", PAGING, self._offers),
            Route("GET", r"/api/offers/(\d+)/quantity", "offers: read", frozenset(), self._quantity),
            Route("POST", "/api/offers/stock/imports", "offers: write", frozenset(), self._import),
            Route("GET", f"{imported}/status", "offers: write", frozenset(), self._status),
            Route("GET", f"{imported}/error_report", "offers: write", frozenset(), self._report),
        )

    def answer(self, request: Request) -> Reply:
        """Dispatch on method and path. Raises MiraklError."""
        for route in self._routes:
            match = re.fullmatch(route.path, request.path)
            if match and route.method == request.method:
                self._check(request, route)
                with self._shop.lock:
                    return route.handler(request, *(unquote(part) for part in match.groups()))
        raise missing("Resource")

    def _check(self, request: Request, route: Route) -> None:
        if route.right and route.right not in self.rights:
            raise MiraklError(403, "Access is denied")
        for name in request.query.keys() - route.names - {"shop_id"}:
            raise invalid(f"Unknown parameter: {name}")
        if request.query.get("shop_id", str(self._shop_id)) != str(self._shop_id):
            raise missing("Shop")

    def _account(self, request: Request) -> Reply:
        return Reply.json(account_body(self._shop_id, self.shop_state, self._shop.now()))

    def _carriers(self, request: Request) -> Reply:
        return Reply.json({"carriers": [{"code": code, "label": label} for code, label in CARRIERS]})

    # ---- orders ----

    def _orders(self, request: Request) -> Reply:
        query, found = request.query, list(self._shop.orders.values())
        if "order_ids" in query:
            found = [order for order in found if order.id in query["order_ids"].split(",")]
        if "start_update_date" in query:
            since = _moment(query["start_update_date"])
            found = [order for order in found if order.updated >= since]
        found.sort(key=lambda order: (order.created, order.id))
        size, offset = _window(request)
        if self.loop_pages and found:
            return Reply.json({"orders": [order_body(found[0])] * size, "total_count": 9999})
        bodies = [order_body(order) for order in found[offset : offset + size]]
        return Reply.json({"orders": bodies, "total_count": len(found)})

    def _accept(self, request: Request, ref: str) -> Reply:
        order, rows = self._shop.order(ref), _body(request, {"order_lines"}).get("order_lines")
        for row in _rows(rows, {"accepted", "id"}):
            if not isinstance(row.get("accepted"), bool):
                raise invalid("VALIDATION_ERROR: accepted")
        decisions = {str(row["id"]): row["accepted"] for row in rows or ()}
        if len(decisions) != len(rows or ()):
            raise invalid("ORDER_LINE_DUPLICATE_ID")
        self._shop.decide(order, decisions)
        return Reply(204)

    def _track(self, request: Request, ref: str) -> Reply:
        self._shop.track(self._shop.order(ref), _carrier(_body(request, TRACKING | {"carrier_url"}), "carrier_url"))
        return Reply(204)

    def _ship(self, request: Request, ref: str) -> Reply:
        self._shop.ship(self._shop.order(ref))
        return Reply(204)

    def _cancel(self, request: Request, ref: str) -> Reply:
        if not self._shop.cancel(self._shop.order(ref), "api"):
            raise invalid("The order cannot be canceled.")
        return Reply(204)

    # ---- parcels ----

    def _need_several(self) -> None:
        if not self.several:
            raise missing("Resource")

    def _shipments(self, request: Request) -> Reply:
        self._need_several()
        ref = request.query.get("order_id")
        orders = [order for order in self._shop.orders.values() if ref in {None, order.id}]
        every = [parcel_body(order, parcel) for order in orders for parcel in order.parcels]
        start = int(request.query.get("page_token") or 0)
        page = every[start : start + SHIPMENTS_A_PAGE]
        more = {"next_page_token": str(start + len(page))} if start + len(page) < len(every) else {}
        return Reply.json({"data": page, **more})

    def _send(self, request: Request) -> Reply:
        self._need_several()
        done, errors = list[dict[str, Any]](), list[dict[str, str]]()
        for row in _rows(
            _body(request, {"shipments"}).get("shipments"), {"order_id", "shipment_lines", "shipped", "tracking"}
        ):
            try:
                order = self._shop.order(str(row.get("order_id")))
                done.append(parcel_body(order, self._sent(order, row)))
            except MiraklError as error:
                errors.append({"order_id": str(row.get("order_id")), "message": error.message})
        return Reply.json({"shipment_errors": errors, "shipment_success": done}, 201)

    def _sent(self, order: Order, row: Mapping[str, Any]) -> Parcel:
        if row.get("shipped") is not True:
            raise invalid("the sandbox takes shipped parcels only")
        lines = _rows(row.get("shipment_lines"), {"order_line_id", "quantity", "package_reference"})
        if not lines:
            raise invalid("shipment_lines: at least one")
        pieces = {
            str(line.get("order_line_id")): (_whole(line.get("quantity")), str(line.get("package_reference") or ""))
            for line in lines
        }
        tracking = _known(row.get("tracking") or {}, TRACKING | {"tracking_url"})
        return self._shop.send(order, pieces, _carrier(tracking, "tracking_url") if tracking else {})

    # ---- offers and stock ----

    def _offers(self, request: Request) -> Reply:
        size, offset = _window(request)
        every, now = sorted(self._shop.offers.values(), key=lambda offer: offer.title), self._shop.now()
        page = [offer_body(offer, now) for offer in every[offset : offset + size]]
        return Reply.json({"offers": page, "total_count": len(every)})

    def _quantity(self, request: Request, ref: str) -> Reply:
        offer = self._shop.offers.get(int(ref))
        if offer is None:
            raise missing(f"Offer with id '{ref}'")
        return Reply.json({"offer_id": offer.id, "quantity": max(0, offer.quantity)})

    def _import(self, request: Request) -> Reply:
        kind = request.headers.get("content-type", "")
        form = message_from_bytes(f"content-type: {kind}\r\n\r\n".encode() + request.body, policy=default)
        parts = {part.get_param("name", header="content-disposition"): part for part in form.iter_parts()}
        if set(parts) != {"file"}:
            raise invalid("The form must have one field: file")
        return Reply.json({"import_id": self._imports.take(parts["file"].get_content())}, 201)

    def _status(self, request: Request, import_id: str) -> Reply:
        return Reply.json(self._imports.status(self._imports.find(import_id), self._shop_id))

    def _report(self, request: Request, import_id: str) -> Reply:
        text = self._imports.report(self._imports.find(import_id))
        return Reply(200, text.encode(), {"content-type": "text/csv"})


def _body(request: Request, names: frozenset[str] | set[str]) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError:
        raise invalid("Malformed JSON") from None
    return _known(body, names)


def _known(body: Any, names: frozenset[str] | set[str]) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise invalid("VALIDATION_ERROR: expected an object")
    for name in body.keys() - names:
        raise invalid(f"Unrecognized field: {name}")
    return body


def _rows(value: Any, names: set[str]) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, list):
        raise invalid("VALIDATION_ERROR: expected a list")
    return [_known(row, names) for row in value]


def _carrier(told: dict[str, Any], url: str) -> dict[str, str]:
    """A registered carrier goes by its code; another one needs a name. `url`: the field of the tracking's address."""
    code = told.get("carrier_code")
    if code is not None and code not in {known for known, _ in CARRIERS}:
        raise invalid(f"Carrier with code '{code}' does not exist")
    if code is None and not told.get("carrier_name"):
        raise invalid("carrier_name is mandatory for an unregistered carrier")
    return {("tracking_url" if name == url else name): str(text) for name, text in told.items()}


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid("VALIDATION_ERROR: quantity")
    return value


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise invalid(f"'{text}' is no date")
    return moment


def _window(request: Request) -> tuple[int, int]:
    """(page size, rows to pass over). Raises MiraklError 400."""
    size, offset = request.query.get("max", "10"), request.query.get("offset", "0")
    if not (size.isdigit() and offset.isdigit() and 1 <= int(size) <= LONGEST_PAGE):
        raise invalid(f"max must be between 1 and {LONGEST_PAGE}")
    return int(size), int(offset)
