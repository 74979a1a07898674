"""The sandbox shop's admin API: which request does what, strict about names in queries and bodies."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.kit.practice.server import Reply, Request
from connectors.medusa.sandbox import shapes
from connectors.medusa.sandbox.books import Books, Item, Line, Order, Refused

PAGING = frozenset({"fields", "limit", "offset", "order"})


class Routes:
    """Answers a request whose key is good. Raises Refused.

    loop_pages: every page of orders says that more follow, and it is the same again.
    linked:     whether a sales channel sells from the location.
    """

    def __init__(self, books: Books) -> None:
        self._books, self.loop_pages, self.linked = books, False, True
        order, levels = r"/admin/orders/([^/]+)", r"/admin/inventory-items/([^/]+)/location-levels"
        self._table: tuple[tuple[str, re.Pattern[str], Callable[..., Reply]], ...] = tuple(
            (method, re.compile(path), handler)
            for method, path, handler in (
                ("GET", "/admin/orders", self._orders),
                ("GET", order, lambda request, ref: self._shown(request, self._order(ref))),
                ("POST", f"{order}/cancel", self._cancel),
                ("POST", f"{order}/fulfillments", self._fulfill),
                ("POST", f"{order}/fulfillments/([^/]+)/shipments", self._send),
                ("GET", "/admin/inventory-items", self._items),
                ("POST", levels, self._new_level),
                ("POST", f"{levels}/([^/]+)", self._level),
                ("GET", "/admin/stock-locations", self._locations),
            )
        )

    def answer(self, request: Request) -> Reply:
        """Dispatch on method and path."""
        for method, pattern, handler in self._table:
            match = pattern.fullmatch(request.path)
            if match and method == request.method:
                with self._books.lock:
                    return handler(request, *match.groups())
        raise Refused(404, "not_found", f"Cannot {request.method} {request.path}")

    # ---- orders ----

    def _order(self, ref: str) -> Order:
        found = self._books.orders.get(ref)
        if found is None:
            raise Refused(404, "not_found", f"Order id not found: {ref}")
        return found

    def _shown(self, request: Request, order: Order) -> Reply:
        _only(request.query, {"fields"})
        return Reply.json({"order": shapes.order(order)})

    def _orders(self, request: Request) -> Reply:
        _only(request.query, PAGING | {"updated_at[$gte]", "q"})
        since, term = request.query.get("updated_at[$gte]", ""), request.query.get("q", "").lower()
        rows = [shapes.order(one) for one in self._books.orders.values()]
        rows = [row for row in rows if not since or row["updated_at"] >= _in_ms(since)]
        rows = [row for row in rows if term in f"{row['display_id']} {row['email']}".lower()]
        if self.loop_pages and rows:
            return Reply.json({"orders": rows[:1], "count": 9999, "offset": 0, "limit": 1})
        return _page(request, "orders", rows)

    def _cancel(self, request: Request, ref: str) -> Reply:
        order = self._order(ref)
        if not self._books.cancel(order, "api"):
            raise Refused(400, "not_allowed", "All fulfillments must be canceled before canceling an order")
        return self._shown(request, order)

    def _fulfill(self, request: Request, ref: str) -> Reply:
        order, body = self._order(ref), _body(request, {"items", "location_id", "no_notification", "metadata"})
        if body.get("location_id") != self._books.location:
            raise Refused(404, "not_found", f"StockLocation id not found: {body.get('location_id')}")
        self._books.fulfill(order, _takes(order, body), body.get("metadata") or {})
        return self._shown(request, order)

    def _send(self, request: Request, ref: str, fulfillment: str) -> Reply:
        order, body = self._order(ref), _body(request, {"items", "labels", "no_notification", "metadata"})
        made = next((one for one in order.made if one.id == fulfillment), None)
        if made is None:
            raise Refused(404, "not_found", f"Fulfillment with id: {fulfillment} was not found")
        if list(made.takes) != _takes(order, body):
            raise Refused(400, "invalid_data", "Items to ship are not those of the fulfillment")
        self._books.send(order, made, body.get("labels") or [])
        return self._shown(request, order)

    # ---- stock ----

    def _items(self, request: Request) -> Reply:
        chosen = {name for name in request.query if re.fullmatch(r"id\[\d+\]", name)}
        _only(request.query, PAGING | chosen)
        refs = {request.query[name] for name in chosen}
        every = sorted(self._books.items.values(), key=lambda one: one.id)
        rows = [shapes.item(one, self._books) for one in every if not refs or one.id in refs]
        return _page(request, "inventory_items", rows)

    def _new_level(self, request: Request, ref: str) -> Reply:
        body = _body(request, {"location_id", "stocked_quantity", "incoming_quantity"})
        item = self._item(ref, str(body.get("location_id")))
        if item.leveled:
            raise Refused(400, "invalid_data", f"Inventory level with inventory_item_id: {ref} already exists.")
        return self._stocked(item, body)

    def _level(self, request: Request, ref: str, location: str) -> Reply:
        body = _body(request, {"stocked_quantity", "incoming_quantity"})
        item = self._item(ref, location)
        if not item.leveled:
            raise Refused(404, "not_found", f"Inventory level for item {ref} and location {location} not found")
        return self._stocked(item, body)

    def _stocked(self, item: Item, body: Mapping[str, Any]) -> Reply:
        item.stocked, item.leveled = _count(body, "stocked_quantity", least=0), True
        return Reply.json({"inventory_item": shapes.item(item, self._books)})

    def _item(self, ref: str, location: str) -> Item:
        found = next((one for one in self._books.items.values() if one.id == ref), None)
        if found is None or location != self._books.location:
            raise Refused(404, "not_found", f"Inventory item {ref} at {location} was not found")
        return found

    def _locations(self, request: Request) -> Reply:
        _only(request.query, PAGING)
        return _page(request, "stock_locations", [shapes.location(self._books, "Berlin", linked=self.linked)])


def _only(query: Mapping[str, str], known: set[str] | frozenset[str]) -> None:
    for name in query.keys() - known:
        raise Refused(400, "invalid_data", f"Invalid request: Unrecognized fields: '{name}'")


def _body(request: Request, known: set[str]) -> dict[str, Any]:
    found = json.loads(request.body or b"{}")
    _only(found, known)
    return dict(found)


def _takes(order: Order, body: Mapping[str, Any]) -> list[tuple[Line, int]]:
    lines, takes = {line.id: line for line in order.lines}, list[tuple[Line, int]]()
    for row in body.get("items") or []:
        if row["id"] not in lines:
            raise Refused(400, "invalid_data", f"Items with ids {row['id']} does not exist in order {order.id}.")
        takes.append((lines[row["id"]], _count(row, "quantity", least=1)))
    return takes


def _count(body: Mapping[str, Any], name: str, *, least: int) -> int:
    found = body.get(name)
    if not isinstance(found, int) or found < least:
        raise Refused(400, "invalid_data", f"Invalid request: Value for field '{name}', expected at least: '{least}'")
    return found


def _in_ms(text: str) -> str:
    """A time with milliseconds, so that times compare as text."""
    return text if "." in text else text.replace("Z", ".000Z")


def _page(request: Request, name: str, rows: Sequence[Mapping[str, Any]]) -> Reply:
    limit, offset = int(request.query.get("limit", 50)), int(request.query.get("offset", 0))
    by = request.query.get("order", "id")
    chosen = sorted(rows, key=lambda row: (row[by], row["id"]))[offset : offset + limit]
    return Reply.json({name: chosen, "count": len(rows), "offset": offset, "limit": limit})
