"""The sandbox shop's REST API: which request does what, and which resource it needs."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.kit.practice.server import Reply, Request
from connectors.magento.sandbox import shapes
from connectors.magento.sandbox.errors import MagentoError, invalid, no_such, not_allowed
from connectors.magento.sandbox.searching import answer, listed
from connectors.magento.sandbox.shop import Line, Order, Parcel, Shop

WEBSITE, STOCK_ID = "base", 2
SALES, STOCKS, WRITE = "Magento_Sales::", "Magento_InventoryApi::", "stock_source_item_assign"
BULK = "Magento_AsynchronousOperations::system_magento_logging_bulk_operations"
Operation = dict[str, Any]


class Routes:
    """Answers a request whose token is good. Raises MagentoError for what Magento refuses.

    denied:     resources that the integration was not given.
    loop_pages: every page of orders says that more follow, and it is the same again.
    asleep:     how many questions about a bulk call the queue takes to come to it.
    index_late: numbers that were written are not sold by until `index_late` is False again.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.denied, self.loop_pages, self.asleep, self.index_late = set[str](), False, 1, False
        self._bulk: dict[str, list[Operation]] = {}
        self._late: dict[str, dict[str, Any]] = {}
        number, order, stock = r"(\d+)", r"/V1/orders/(\d+)", "/V1/inventory"
        self._table: list[tuple[str, re.Pattern[str], str, Callable[..., Reply]]] = [
            (method, re.compile(path), resource, handler)
            for method, path, resource, handler in (
                ("GET", "/V1/orders", f"{SALES}actions_view", self._orders),
                ("GET", order, f"{SALES}actions_view", lambda r, n: Reply.json(shapes.order(shop.order(int(n))))),
                ("POST", f"{order}/cancel", f"{SALES}cancel", self._cancel),
                ("POST", f"{order}/comments", f"{SALES}comment", self._comment),
                ("POST", f"/V1/order/{number}/ship", f"{SALES}ship", self._ship),
                ("GET", "/V1/shipments", f"{SALES}shipment", self._shipments),
                ("GET", "/V1/invoices", f"{SALES}sales_invoice", self._invoices),
                ("POST", f"/V1/invoice/{number}/refund", f"{SALES}sales_invoice", self._refund),
                ("GET", "/V1/products", "Magento_Catalog::products", self._products),
                ("GET", f"{stock}/sources", f"{STOCKS}source", self._sources),
                ("GET", f"{stock}/source-items", f"{STOCKS}source", self._source_items),
                ("POST", f"{stock}/source-items", f"{STOCKS}{WRITE}", self._write_stock),
                ("POST", f"/async/bulk{stock}/source-items", f"{STOCKS}{WRITE}", self._write_in_bulk),
                ("GET", "/V1/bulk/([^/]+)/detailed-status", BULK, self._bulk_status),
                ("GET", f"{stock}/export-stock-salable-qty/website/([^/]+)", f"{STOCKS}stock", self._salable),
                ("GET", f"{stock}/stock-resolver/website/([^/]+)", "Magento_InventorySalesApi::stock", self._stock),
                ("GET", f"{stock}/stock-source-links", f"{STOCKS}stock_source_link", self._links),
            )
        ]  # fmt: skip

    def answer(self, path: str, request: Request) -> Reply:
        """Dispatch on method and path below `/rest/<store view>`."""
        for method, pattern, resource, handler in self._table:
            match = pattern.fullmatch(path)
            if match and method == request.method:
                if resource in self.denied:
                    raise not_allowed(resource)
                with self._shop.lock:
                    return handler(request, *match.groups())
        raise MagentoError(404, "Request does not match any route.")

    # ---- orders ----

    def _orders(self, request: Request) -> Reply:
        rows = [shapes.order(order) for order in self._shop.orders.values()]
        if self.loop_pages and rows:
            return listed(request, rows[:1], 9999)
        return answer(request, rows)

    def _cancel(self, request: Request, order_id: str) -> Reply:
        return Reply.json(self._shop.cancel(self._shop.order(int(order_id)), "api"))

    def _comment(self, request: Request, order_id: str) -> Reply:
        history = _body(request).get("statusHistory")
        if not isinstance(history, dict) or not history.get("comment"):
            raise invalid('"statusHistory" is required. Enter and try again.')
        self._shop.tell(self._shop.order(int(order_id)), history)
        return Reply.json(True)

    def _ship(self, request: Request, order_id: str) -> Reply:
        order, body = self._shop.order(int(order_id)), _body(request)
        lines = [
            one for row in body.get("items") or [] for one in _shipped(order, row["order_item_id"], int(row["qty"]))
        ]
        source = (
            body.get("arguments", {}).get("extension_attributes", {}).get("source_code", next(iter(self._shop.sources)))
        )
        comment = str(body.get("comment", {}).get("comment", ""))
        parcel = Parcel(self._shop.new_id(), source, self._shop.now(), lines, body.get("tracks") or [], comment)
        return Reply.json(self._shop.ship(order, parcel))

    def _shipments(self, request: Request) -> Reply:
        every = [(parcel, order) for order in self._shop.orders.values() for parcel in order.parcels]
        return answer(request, [shapes.shipment(parcel, order) for parcel, order in every])

    def _invoices(self, request: Request) -> Reply:
        return answer(request, [shapes.invoice(order) for order in self._shop.orders.values() if order.invoice])

    def _refund(self, request: Request, invoice_id: str) -> Reply:
        order = next((one for one in self._shop.orders.values() if one.invoice == int(invoice_id)), None)
        if order is None:
            raise no_such()
        if _body(request).get("isOnline") is not True:
            raise invalid("only online refunds are practiced here")
        return Reply.json(self._shop.refund(order, _all_open(order), "api"))

    # ---- products and stock ----

    def _products(self, request: Request) -> Reply:
        rows = [{**shapes.product(one), "entity_id": one.id} for one in self._shop.products.values()]
        return answer(request, rows, ["entity_id"])

    def _sources(self, request: Request) -> Reply:
        rows = [{"source_code": code, "name": code, "enabled": True, "postcode": "1"} for code in self._shop.sources]
        return answer(request, rows)

    def _source_items(self, request: Request) -> Reply:
        every = [(code, sku, held) for code, items in self._shop.sources.items() for sku, held in items.items()]
        rows = [
            {"sku": sku, "source_code": code, "quantity": float(held), "status": int(held > 0), "source_item_id": at}
            for at, (code, sku, held) in enumerate(every, start=1)
        ]
        return answer(request, rows, ["source_item_id"])

    def _write_stock(self, request: Request) -> Reply:
        self._write(_body(request).get("sourceItems") or [])
        return Reply.json([])

    def _write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        before = {sku: shapes.salable(self._shop, one) for sku, one in self._shop.products.items()}
        self._shop.set_source_items(rows)
        self._late = before if self.index_late else {}

    def _write_in_bulk(self, request: Request) -> Reply:
        bodies, key = json.loads(request.body), str(uuid.UUID(int=self._shop.new_id()))
        self._bulk[key] = [{"id": at, "body": body, "status": 4, "said": ""} for at, body in enumerate(bodies)]
        rows = [{"id": at, "data_hash": f"{at:032x}", "status": "accepted"} for at in range(len(bodies))]
        return Reply.json({"bulk_uuid": key, "request_items": rows, "errors": False}, 202)

    def _bulk_status(self, request: Request, key: str) -> Reply:
        if key not in self._bulk:
            raise no_such()
        if self.asleep > 0:
            self.asleep -= 1
        else:
            self._run(self._bulk[key])
        return Reply.json(_bulk_shape(key, self._bulk[key], shapes.stamp(self._shop.now())))

    def _run(self, operations: Sequence[Operation]) -> None:
        """The queue comes to the operations that are open."""
        for one in operations:
            if one["status"] == 4:
                try:
                    self._write(one["body"].get("sourceItems") or [])
                    one["status"], one["said"] = 1, "Service execution success"
                except MagentoError as error:
                    one["status"], one["said"] = 3, error.message

    def _salable(self, request: Request, website: str) -> Reply:
        if website != WEBSITE:
            raise no_such()
        rows = [self._late.get(sku) or shapes.salable(self._shop, one) for sku, one in self._shop.products.items()]
        return answer(request, rows)

    def _stock(self, request: Request, website: str) -> Reply:
        if website != WEBSITE:
            raise no_such()
        return Reply.json({"stock_id": STOCK_ID, "name": "Shop"})

    def _links(self, request: Request) -> Reply:
        codes = enumerate(self._shop.sources, start=1)
        return answer(request, [{"stock_id": STOCK_ID, "source_code": code, "priority": at} for at, code in codes])


def _shipped(order: Order, item: int, pieces: int) -> list[tuple[Line, int]]:
    """The lines that an item stands for: itself, or all parts of a bundle that ships as one. Raises MagentoError."""
    whole = next((one for one in order.bundles if one.together and one.id == item), None)
    if whole is not None:
        return [(line, line.ordered * pieces // whole.count) for line in whole.lines]
    bound = {line.id for one in order.bundles if one.together for line in one.lines}
    found = next((line for line in order.lines if line.id == item and item not in bound), None)
    if found is None:
        raise invalid("You can't create a shipment without products.")
    return [(found, pieces)]


def _all_open(order: Order) -> dict[int, int]:
    return {line.id: line.open for line in order.lines}


def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        raise invalid("Decoding error: Syntax error") from None
    if not isinstance(body, dict):
        raise invalid("Decoding error: expected an object")
    return body


def _bulk_shape(key: str, operations: Sequence[Operation], at: str) -> dict[str, Any]:
    rows = [
        {"id": one["id"], "bulk_uuid": key, "topic_name": "async.magento.inventoryapi.api.sourceitemssaveinterface",
         "serialized_data": "", "result_serialized_data": "", "status": one["status"], "result_message": one["said"],
         "error_code": 0}
        for one in operations
    ]  # fmt: skip
    told = {"user_type": 1, "bulk_id": key, "description": "Topic", "start_time": at, "user_id": 1}
    return {**told, "operation_count": len(rows), "operations_list": rows}
