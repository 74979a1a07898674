"""The sandbox shop's REST API: which request does what."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from connectors.kit.practice.sandbox import Shopper
from connectors.kit.practice.server import Reply, Request
from connectors.woocommerce.sandbox.errors import WooError, invalid, no_route
from connectors.woocommerce.sandbox.hooks import Hooks
from connectors.woocommerce.sandbox.shapes import Shapes
from connectors.woocommerce.sandbox.shop import Item, Order, Shop

BATCH = 100
ORDER_BY = frozenset({"date", "modified", "id", "include", "title", "slug"})


class Routes:
    """Answers a request that has passed the gate. Raises WooError for what WooCommerce refuses.

    `loop_pages`: every page of orders says that one more follows, and it is the same again.
    """

    def __init__(self, shop: Shop, shapes: Shapes, hooks: Hooks, zone: ZoneInfo, *, trackings: bool) -> None:
        self._shop, self._shapes, self._hooks, self._zone = shop, shapes, hooks, zone
        self.trackings, self.loop_pages = trackings, False
        v3, order = "/wp-json/wc/v3", r"/orders/(\d+)"
        item = r"/products(?:/(\d+)/variations)?"
        self._table: list[tuple[str, re.Pattern[str], Callable[..., Reply]]] = [
            (method, re.compile(path), answer)
            for method, path, answer in (
                ("GET", r"/wp-json/?", self._index),
                ("GET", rf"{v3}/orders", self._orders),
                ("POST", rf"{v3}/orders", self._create_order),
                ("GET", v3 + order, lambda r, n: _ok(shapes.order(shop.order(n)))),
                ("PUT|POST|PATCH", v3 + order, self._update_order),
                ("DELETE", v3 + order, self._delete_order),
                ("GET", rf"{v3}{order}/notes", lambda r, n: _ok(shop.order(n).notes[::-1])),
                ("POST", rf"{v3}{order}/notes", self._add_note),
                ("GET", rf"{v3}{order}/refunds", self._refunds),
                ("POST", rf"{v3}{order}/refunds", self._add_refund),
                ("GET", rf"/wp-json/wc-shipment-tracking/v3{order}/shipment-trackings", self._list_trackings),
                ("POST", rf"/wp-json/wc-shipment-tracking/v3{order}/shipment-trackings", self._add_tracking),
                ("POST", rf"{v3}{item}/batch", self._batch_items),
                ("GET", v3 + item, self._items),
                ("GET", rf"{v3}{item}/(\d+)", lambda r, p, n: _ok(shapes.item(shop.item(n, p)))),
                ("PUT|POST|PATCH", rf"{v3}{item}/(\d+)", lambda r, p, n: _ok(self._update_item(p, n, _body(r)))),
                ("GET", rf"{v3}/webhooks", lambda r: _page(r, [h.shape() for h in hooks.all.values()])),
                ("POST", rf"{v3}/webhooks", lambda r: _ok(hooks.create(_body(r)).shape(), 201)),
                ("PUT|POST|PATCH", rf"{v3}/webhooks/(\d+)", self._update_hook),
                ("DELETE", rf"{v3}/webhooks/(\d+)", lambda r, n: _ok(hooks.all.pop(hooks.find(n).id).shape())),
            )
        ]  # fmt: skip

    def answer(self, request: Request) -> Reply:
        """Dispatch on method and path."""
        for methods, path, handler in self._table:
            match = path.fullmatch(request.path)
            if match and re.fullmatch(methods, request.method):
                numbers = [None if text is None else int(text) for text in match.groups()]
                with self._shop.lock:
                    return handler(request, *numbers)
        raise no_route()

    def _index(self, request: Request) -> Reply:
        spaces = ["oembed/1.0", "wc/v3", "wp/v2"] + (["wc-shipment-tracking/v3"] if self.trackings else [])
        return _ok({"name": "Sandbox", "namespaces": spaces, "timezone_string": self._zone.key, "gmt_offset": "0"})

    def _update_hook(self, request: Request, hook_id: int) -> Reply:
        return _ok(self._hooks.update(self._hooks.find(hook_id), _body(request)).shape())

    # ---- orders ----

    def _orders(self, request: Request) -> Reply:
        query = request.query
        by = query.get("orderby", "date")
        if by not in ORDER_BY:
            raise invalid("orderby", f"orderby is not one of {', '.join(sorted(ORDER_BY))}.")
        after, gmt = query.get("modified_after"), query.get("dates_are_gmt") in {"true", "1"}
        since, term = self._moment(after, gmt=gmt) if after else None, query.get("search", "").lower()
        wanted = [
            order
            for order in self._shop.orders.values()
            if (since is None or order.modified > since)
            and _status_fits(order, query.get("status", "any"))
            and (not term or term in f"{order.id} {order.shopper.name} {order.shopper.email}".lower())
        ]
        order_of = {"modified": lambda o: (o.modified, o.id), "id": lambda o: o.id}.get(by, lambda o: (o.created, o.id))
        wanted.sort(key=order_of, reverse=query.get("order", "desc") != "asc")
        if self.loop_pages and wanted:
            size, _ = _window(request)
            return _ok([self._shapes.order(wanted[0])] * size, headers={"X-WP-Total": "9999", "X-WP-TotalPages": "999"})
        return _page(request, wanted, self._shapes.order)

    def _moment(self, text: str, *, gmt: bool) -> datetime:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise invalid("modified_after", "Invalid date.") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC if gmt else self._zone)

    def _create_order(self, request: Request) -> Reply:
        body = _body(request)
        basket = [(self._bought(row), int(row.get("quantity", 1))) for row in body.get("line_items", [])]
        where = body.get("shipping") or body.get("billing") or {}
        name = f"{where.get('first_name', '')} {where.get('last_name', '')}".strip()
        shopper = Shopper(
            name, body.get("billing", {}).get("email", ""), where.get("address_1", ""), where.get("city", ""),
            where.get("state", ""), where.get("postcode", ""),
            where.get("country", ""),
        )  # fmt: skip
        status = "processing" if body.get("set_paid") else str(body.get("status", "pending"))
        return _ok(self._shapes.order(self._shop.place(shopper, basket, status)), 201)

    def _bought(self, row: Mapping[str, Any]) -> Item:
        variation, product = int(row.get("variation_id") or 0), int(row.get("product_id") or 0)
        return self._shop.item(variation, product) if variation else self._shop.item(product, None)

    def _update_order(self, request: Request, order_id: int) -> Reply:
        body, order = _body(request), self._shop.order(order_id)
        self._shop.update(order, body.get("status"), body.get("meta_data") or [])
        return _ok(self._shapes.order(order))

    def _delete_order(self, request: Request, order_id: int) -> Reply:
        order = self._shop.order(order_id)
        shape = self._shapes.order(order)
        if request.query.get("force") == "true":
            self._shop.delete(order)
        else:
            self._shop.trash(order)
        return _ok(shape)

    def _add_note(self, request: Request, order_id: int) -> Reply:
        body, order = _body(request), self._shop.order(order_id)
        if not body.get("note"):
            raise WooError(400, "rest_missing_callback_param", "Missing parameter(s): note")
        note = {
            "id": self._shop.new_id(), "author": "system", **self._shapes.dates("created", self._shop.now()),
            "note": str(body["note"]), "customer_note": bool(body.get("customer_note", False)),
        }  # fmt: skip
        order.notes.append(note)
        return _ok(note, 201)

    def _refunds(self, request: Request, order_id: int) -> Reply:
        return _page(request, self._shop.order(order_id).refunds[::-1], self._shapes.refund)

    def _add_refund(self, request: Request, order_id: int) -> Reply:
        body, order = _body(request), self._shop.order(order_id)
        lines = {int(row["id"]): int(row.get("quantity", 0)) for row in body.get("line_items", [])}
        try:
            amount = Decimal(str(body["amount"])) if body.get("amount") else None
        except InvalidOperation:
            raise invalid("amount") from None
        made = self._shop.refund(order, lines, str(body.get("reason", "")), amount)
        return _ok(self._shapes.refund(made), 201)

    def _list_trackings(self, request: Request, order_id: int) -> Reply:
        if not self.trackings:
            raise no_route()
        return _ok(self._shop.order(order_id).trackings)

    def _add_tracking(self, request: Request, order_id: int) -> Reply:
        if not self.trackings:
            raise no_route()
        body, order = _body(request), self._shop.order(order_id)
        if not body.get("tracking_number"):
            raise WooError(400, "rest_missing_callback_param", "Missing parameter(s): tracking_number")
        provider = body.get("custom_tracking_provider") or body.get("tracking_provider") or ""
        row = {
            "tracking_id": f"{self._shop.new_id():032x}", "tracking_provider": str(provider),
            "tracking_link": str(body.get("custom_tracking_link", "")),
            "tracking_number": str(body["tracking_number"]), "date_shipped": str(body.get("date_shipped", "")),
        }  # fmt: skip
        order.trackings.append(row)
        return _ok(row, 201)

    # ---- products and variations ----

    def _items(self, request: Request, parent: int | None) -> Reply:
        if parent is not None:
            self._shop.item(parent, None)
        query = request.query
        chosen = {int(text) for text in query["include"].split(",") if text.isdigit()} if query.get("include") else None
        found = [
            item
            for item in self._shop.items.values()
            if item.parent_id == (parent or 0)
            and (chosen is None or item.id in chosen)
            and ("sku" not in query or item.sku in query["sku"].split(","))
        ]
        found.sort(key=lambda item: item.id, reverse=query.get("order", "desc") != "asc")
        return _page(request, found, self._shapes.item)

    def _update_item(self, parent: int | None, item_id: int, body: Mapping[str, Any]) -> dict[str, Any]:
        item = self._shop.item(item_id, parent)
        if body.get("manage_stock") is False:
            item.manage, item.stock = False, None
        elif "stock_quantity" in body and (item.manage or body.get("manage_stock")):
            try:
                number = int(body["stock_quantity"])
            except (TypeError, ValueError):
                raise invalid("stock_quantity", "stock_quantity is not of type integer.") from None
            self._shop.set_stock(item, number)
        return self._shapes.item(item)

    def _batch_items(self, request: Request, parent: int | None) -> Reply:
        body = _body(request)
        if parent is not None:
            self._shop.item(parent, None)
        if sum(len(rows) for rows in body.values() if isinstance(rows, list)) > BATCH:
            raise WooError(
                413,
                "woocommerce_rest_request_entity_too_large",
                "Unable to accept more than 100 items for this request.",
            )
        rows: Sequence[Mapping[str, Any]] = body.get("update") or []
        return _ok({"update": [self._batch_row(parent, row) for row in rows]} if rows else {})

    def _batch_row(self, parent: int | None, row: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self._update_item(parent, int(row["id"]), row)
        except WooError as error:
            return {"id": row["id"], "error": error.body()}


def _status_fits(order: Order, status: str) -> bool:
    return order.status != "trash" if status == "any" else order.status in status.split(",")


def _ok(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply.json(value, status, headers)


def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        raise WooError(400, "rest_invalid_json", "Invalid JSON body passed.") from None
    if not isinstance(body, dict):
        raise WooError(400, "rest_invalid_json", "Invalid JSON body passed.")
    return body


def _window(request: Request) -> tuple[int, int]:
    """(per_page, page). Raises WooError 400."""
    try:
        size, page = int(request.query.get("per_page", "10")), int(request.query.get("page", "1"))
    except ValueError:
        raise invalid("per_page, page", "not of type integer.") from None
    if not 1 <= size <= 100 or page < 1:
        raise invalid("per_page", "per_page must be between 1 (inclusive) and 100 (inclusive)")
    return size, page


def _page(request: Request, rows: Sequence[Any], shape: Callable[[Any], Any] = lambda row: row) -> Reply:
    size, page = _window(request)
    shapes = [shape(row) for row in rows[(page - 1) * size : page * size]]
    names = request.query.get("_fields")
    if names:
        shapes = [{name: value for name, value in one.items() if name in names.split(",")} for one in shapes]
    pages = str(-(-len(rows) // size))
    return _ok(shapes, headers={"X-WP-Total": str(len(rows)), "X-WP-TotalPages": pages})
