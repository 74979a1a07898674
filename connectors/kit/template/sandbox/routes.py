"""What the practice shop answers, address by address."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.kit.practice.server import Reply, Request
from connectors.kit.practice.shop import Refusal
from hub.canonical.times import iso

from .shop import Order, Product, Shop

PAGE_SIZE = 50


class Refused(Refusal):
    """The shop says no: an HTTP status and its words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status

    def reply(self) -> Reply:
        """The whole answer."""
        return Reply.json({"error": str(self)}, self.status)


class Routes:
    """The addresses below `/api`."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def answer(self, request: Request, *, loop: bool) -> Any:
        """JSON-ready data. Raises Refused. `loop`: every page of orders says that the same one follows."""
        match (request.method, *request.path.removeprefix("/api/").split("/")):
            case ("GET", "orders"):
                return self._orders(_named(request.query, "changed_since", "page"), loop=loop)
            case ("GET", "orders", ref):
                return _order_body(self._order(ref))
            case ("POST", "orders", ref, "parcels"):
                return self._parcel(self._order(ref), _body(request, "number", "carrier", "tracking", "lines", "last"))
            case ("PUT", "orders", ref, "parcels", number):
                return self._last(self._order(ref), number, _body(request, "last"))
            case ("POST", "orders", ref, "refusal"):
                return self._refusal(self._order(ref), _body(request, "reason"))
            case ("GET", "products"):
                return self._products(_named(request.query, "ids", "page"))
            case ("PUT", "products", ref, "stock"):
                return self._stock(ref, _body(request, "stock"))
        raise Refused(404, f"nothing answers to {request.method} {request.path}")

    def _order(self, ref: str) -> Order:
        if ref not in self._shop.orders:
            raise Refused(404, f"no order {ref}")
        return self._shop.orders[ref]

    def _orders(self, query: Mapping[str, str], *, loop: bool) -> Any:
        since = _time(query["changed_since"]) if "changed_since" in query else None
        found = sorted(self._shop.orders.values(), key=lambda order: order.changed_at)
        fitting = [order for order in found if since is None or order.changed_at >= since]
        if loop:
            return {"orders": [_order_body(order) for order in fitting[:PAGE_SIZE]], "more": True}
        rows, more = _page(fitting, query)
        return {"orders": [_order_body(order) for order in rows], "more": more}

    def _products(self, query: Mapping[str, str]) -> Any:
        known = self._shop.products
        asked = [known[ref] for ref in query.get("ids", "").split(",") if ref in known]
        rows, more = (asked, False) if "ids" in query else _page(list(known.values()), query)
        return {"products": [_product_body(product) for product in rows], "more": more}

    def _stock(self, ref: str, body: Mapping[str, Any]) -> Any:
        if type(body["stock"]) is not int or body["stock"] < 0:
            raise Refused(422, "stock: expected a whole number from 0")
        if ref not in self._shop.products:
            raise Refused(404, f"no product {ref}")
        self._shop.products[ref].stock = body["stock"]
        return _product_body(self._shop.products[ref])

    def _parcel(self, order: Order, body: Mapping[str, Any]) -> Any:
        if order.state not in {"open", "partial"}:
            raise Refused(409, f"order {order.id} is {order.state}")
        if body["number"] in order.parcels:
            raise Refused(409, f"parcel {body['number']} is known already")
        pieces = {ref: _whole(number) for ref, number in body["lines"].items()}
        left = {line.id: line.current - line.shipped for line in order.lines}
        if not all(0 < number <= left.get(ref, 0) for ref, number in pieces.items()):
            raise Refused(422, "lines: more than is left, or no such line")
        self._shop.ship(order, body["number"], body["tracking"], pieces, last=body["last"])
        return _order_body(order)

    def _last(self, order: Order, number: str, body: Mapping[str, Any]) -> Any:
        if number not in order.parcels:
            raise Refused(404, f"no parcel {number} of order {order.id}")
        if body["last"] is not True:
            raise Refused(422, "last: a parcel can only become the last one")
        self._shop.end(order)
        return _order_body(order)

    def _refusal(self, order: Order, body: Mapping[str, Any]) -> Any:
        if not body["reason"]:
            raise Refused(422, "reason: say why")
        if not self._shop.close(order, "refused"):
            raise Refused(409, f"order {order.id} is {order.state}")
        return _order_body(order)


def _named(query: Mapping[str, str], *names: str) -> Mapping[str, str]:
    if strange := sorted(query.keys() - set(names)):
        raise Refused(400, f"{', '.join(strange)}: no such parameter")
    return query


def _body(request: Request, *names: str) -> Mapping[str, Any]:
    """A JSON object with exactly these fields."""
    try:
        body = json.loads(request.body)
    except ValueError:
        raise Refused(400, "the body is not JSON") from None
    if not isinstance(body, dict) or body.keys() != set(names):
        raise Refused(422, f"expected an object with {', '.join(names)}")
    return body


def _whole(text: Any) -> int:
    try:
        return int(Decimal(text))
    except (InvalidOperation, TypeError, ValueError):
        raise Refused(422, "lines: expected whole numbers") from None


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Refused(400, "changed_since: expected an ISO 8601 time") from None


def _page(rows: Sequence[Any], query: Mapping[str, str]) -> tuple[Sequence[Any], bool]:
    """(the rows of the page, whether more follow)."""
    text = query.get("page", "1")
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise Refused(400, "page: expected a number from 1")
    end = int(text) * PAGE_SIZE
    return rows[end - PAGE_SIZE : end], end < len(rows)


def _product_body(product: Product) -> dict[str, Any]:
    item = product.item
    return {
        "id": product.id,
        "sku": item.sku,
        "title": item.title,
        "barcode": item.barcode,
        "price": item.price,
        "stock": product.stock,
    }


def _order_body(order: Order) -> dict[str, Any]:
    to = order.shopper
    return {
        "id": order.id,
        "state": order.state,
        "placed_at": iso(order.placed_at),
        "changed_at": iso(order.changed_at),
        "currency": "EUR",
        "total": str(order.total),
        "email": to.email,
        "lines": [
            {
                "id": line.id,
                "product": line.product.id,
                "sku": line.product.item.sku,
                "title": line.product.item.title,
                "price": line.product.item.price,
                "quantity": line.current,
            }
            for line in order.lines
        ],
        "ship_to": {
            "name": to.name,
            "line": to.line,
            "city": to.city,
            "region": to.region,
            "postal_code": to.postal_code,
            "country": to.country,
            "phone": to.phone,
        },
        "parcels": [{"number": number, "tracking": tracking} for number, tracking in order.parcels.items()],
    }
