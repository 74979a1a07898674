"""The REST shape of the books: webhook bodies, and the few REST Admin endpoints that older clients use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from connectors.kit.practice.sandbox import Shopper
from connectors.kit.practice.server import Reply, Request
from connectors.shopify.sandbox.books import (
    CURRENCY,
    SHIPPING_FEE,
    TAX_RATE,
    Books,
    Fulfillment,
    Item,
    Line,
    SandboxOrder,
)
from connectors.shopify.spec import SCOPES

DEFAULT_LIMIT, MAX_LIMIT = 50, 250
Body = dict[str, Any]


def stamp(moment: datetime | None) -> str | None:
    """REST writes times with an offset."""
    return moment.astimezone(UTC).isoformat() if moment else None


def money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def price_set(amount: Decimal) -> Body:
    both = {"amount": money(amount), "currency_code": CURRENCY}
    return {"shop_money": both, "presentment_money": both}


def _priced(name: str, amount: Decimal) -> Body:
    return {name: money(amount), f"{name}_set": price_set(amount)}


def address(shopper: Shopper) -> Body:
    first, _, last = shopper.name.partition(" ")
    return {
        "first_name": first, "last_name": last, "name": shopper.name, "company": None,
        "address1": shopper.line, "address2": None, "city": shopper.city, "zip": shopper.postal_code,
        "province": shopper.region or None, "province_code": shopper.region or None,
        "country": shopper.country, "country_code": shopper.country, "phone": shopper.phone or None,
        "latitude": None, "longitude": None,
    }  # fmt: skip


def order_body(order: SandboxOrder) -> Body:
    """One order as REST and the order webhooks write it."""
    return _head(order) | _totals(order) | _people(order) | {
        "line_items": [_line_body(line) for line in order.lines],
        "shipping_lines": [_shipping_body()],
        "fulfillments": [fulfillment_body(made, order) for made in order.fulfillments],
        "refunds": [refund_body(order)] if order.refund_id else [],
    }  # fmt: skip


def _head(order: SandboxOrder) -> Body:
    statuses = {"shipped": "fulfilled", "partial": "partial"}
    return {
        "id": order.id, "admin_graphql_api_id": f"gid://shopify/Order/{order.id}", "name": f"#{order.number}",
        "number": order.number - 1000, "order_number": order.number, "created_at": stamp(order.created_at),
        "processed_at": stamp(order.created_at), "updated_at": stamp(order.updated_at),
        "cancelled_at": stamp(order.cancelled_at), "closed_at": None,
        "cancel_reason": order.cancel_reason.lower() if order.cancel_reason else None,
        "financial_status": "refunded" if order.cancelled_at else "paid",
        "fulfillment_status": statuses.get(order.state), "currency": CURRENCY, "presentment_currency": CURRENCY,
        "taxes_included": False, "duties_included": False, "test": False, "confirmed": True, "source_name": "web",
        "note": None, "note_attributes": [], "tags": "", "discount_codes": [], "discount_applications": [],
    }  # fmt: skip


def _totals(order: SandboxOrder) -> Body:
    nothing = Decimal(0)
    return {
        **_priced("subtotal_price", order.subtotal),
        **_priced("total_line_items_price", order.subtotal),
        **_priced("total_discounts", nothing),
        **_priced("total_tax", order.tax),
        **_priced("total_price", order.total),
        "total_shipping_price_set": price_set(SHIPPING_FEE),
        "total_tip_received": "0.00",
        "original_total_duties_set": None,
        "original_total_additional_fees_set": None,
        "tax_lines": [_tax(order.tax)],
    }


def _people(order: SandboxOrder) -> Body:
    where = address(order.shopper)
    return {
        "email": order.shopper.email, "contact_email": order.shopper.email, "phone": order.shopper.phone or None,
        "customer": {"id": order.customer_id, "email": order.shopper.email},
        "billing_address": where, "shipping_address": where,
    }  # fmt: skip


def _tax(amount: Decimal) -> Body:
    return {"title": "Sales tax", "rate": float(TAX_RATE), "channel_liable": False, **_priced("price", amount)}


def _line_body(line: Line) -> Body:
    item = line.item
    return {
        "id": line.id, "admin_graphql_api_id": f"gid://shopify/LineItem/{line.id}", "variant_id": item.variant_id,
        "product_id": item.product_id, "sku": item.sku, "title": item.title, "name": item.title,
        "quantity": line.quantity, "current_quantity": line.current, "fulfillable_quantity": line.remaining,
        "fulfillment_status": _line_status(line), "fulfillment_service": "manual", "requires_shipping": True,
        "gift_card": False, "taxable": True, **_priced("price", item.price),
        **_priced("total_discount", Decimal(0)), "discount_allocations": [], "tax_lines": [_tax(line.tax)],
    }  # fmt: skip


def _line_status(line: Line) -> str | None:
    if line.shipped == 0:
        return None
    return "partial" if line.remaining else "fulfilled"


def _shipping_body() -> Body:
    return {
        "title": "Standard", "code": "standard", "is_removed": False, "tax_lines": [], "discount_allocations": [],
        **_priced("price", SHIPPING_FEE), **_priced("discounted_price", SHIPPING_FEE),
    }  # fmt: skip


def fulfillment_body(made: Fulfillment, order: SandboxOrder) -> Body:
    return {
        "id": made.id, "order_id": order.id, "status": "success", "created_at": stamp(made.created_at),
        "tracking_company": made.company, "tracking_number": next(iter(made.numbers), None),
        "tracking_numbers": list(made.numbers), "tracking_urls": list(made.urls),
        "line_items": [{"id": line.id, "sku": line.item.sku, "quantity": pieces} for line, pieces in made.lines],
    }  # fmt: skip


def refund_body(order: SandboxOrder) -> Body:
    transaction = {"kind": "refund", "status": "success", "amount": money(order.refunded), "currency": CURRENCY}
    lines = [{"line_item_id": line.id, "quantity": line.quantity, "restock_type": "cancel"} for line in order.lines]
    return {
        "id": order.refund_id, "order_id": order.id, "created_at": stamp(order.cancelled_at),
        "transactions": [transaction], "refund_line_items": lines,
    }  # fmt: skip


def edit_body(order: SandboxOrder) -> Body:
    return {"order_edit": {"order_id": order.id, "app_id": None, "committed_at": stamp(order.updated_at)}}


def product_body(item: Item) -> Body:
    variant = {
        "id": item.variant_id, "product_id": item.product_id, "title": "Default Title", "sku": item.sku,
        "price": money(item.price), "barcode": item.barcode or None, "inventory_item_id": item.inventory_item_id,
        "inventory_quantity": item.available, "inventory_management": "shopify",
    }  # fmt: skip
    return {"id": item.product_id, "title": item.title, "status": "active", "variants": [variant]}


class RestDesk:
    """GET endpoints of the REST Admin API: orders, products, locations, inventory levels, shop, access scopes."""

    def __init__(self, books: Books, version: str, base_url: Callable[[], str]) -> None:
        self._books, self._base_url = books, base_url
        self._root = f"/admin/api/{version}/"

    def answer(self, request: Request) -> Reply:
        """404 for what is not there, as Shopify says it."""
        if request.path == "/admin/oauth/access_scopes.json":
            return Reply.json({"access_scopes": [{"handle": scope} for scope in SCOPES]})
        if request.method != "GET" or not request.path.startswith(self._root):
            return _not_found()
        parts = request.path.removeprefix(self._root).removesuffix(".json").split("/")
        with self._books.lock:
            return self._found(parts, request)

    def _found(self, parts: Sequence[str], request: Request) -> Reply:
        match parts:
            case ["orders"]:
                return self._listed("orders", [order_body(order) for order in self._orders(request.query)], request)
            case ["orders", "count"]:
                return _ok({"count": len(self._orders(request.query))})
            case ["orders", ref]:
                return _one("order", [order_body(order) for order in self._books.orders.values()], ref)
            case ["products"]:
                return self._listed("products", self._products(), request)
            case ["products", ref]:
                return _one("product", self._products(), ref)
            case [name]:
                return self._about(name)
        return _not_found()

    def _about(self, name: str) -> Reply:
        known: Body = {
            "locations": [{"id": self._books.location_id, "name": "Main", "active": True}],
            "shop": {"id": self._books.shop_id, "name": "Sandbox", "currency": CURRENCY, "iana_timezone": "Etc/UTC"},
        }
        return _ok({name: known[name]}) if name in known else _not_found()

    def _orders(self, query: Mapping[str, str]) -> list[SandboxOrder]:
        """Without `status=any` REST lists open orders only."""
        status, since = query.get("status", "open"), query.get("updated_at_min")
        chosen = [order for order in self._books.orders.values() if _in_status(order, status)]
        if since:
            chosen = [order for order in chosen if order.updated_at >= datetime.fromisoformat(since)]
        return chosen

    def _products(self) -> list[Body]:
        return [product_body(item) for item in self._books.items.values()]

    def _listed(self, name: str, rows: list[Body], request: Request) -> Reply:
        """A page by ascending id, with the `Link` header that leads to the next."""
        limit = min(int(request.query.get("limit", DEFAULT_LIMIT)), MAX_LIMIT)
        after = int(request.query.get("page_info") or request.query.get("since_id") or 0)
        rows = sorted((row for row in rows if row["id"] > after), key=lambda row: int(row["id"]))
        page = rows[:limit]
        if len(rows) <= limit:
            return _ok({name: page})
        following = dict(request.query) | {"limit": str(limit), "page_info": str(page[-1]["id"])}
        url = f"{self._base_url()}{request.path}?{urlencode(following)}"
        return _ok({name: page}, {"link": f'<{url}>; rel="next"'})


def _in_status(order: SandboxOrder, status: str) -> bool:
    cancelled = order.cancelled_at is not None
    return status == "any" or (status == "cancelled") == cancelled


def _one(name: str, rows: Sequence[Body], ref: str) -> Reply:
    found = next((row for row in rows if str(row["id"]) == ref), None)
    return _ok({name: found}) if found else _not_found()


def _ok(value: Body, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply.json(value, 200, {"x-shopify-shop-api-call-limit": "1/40"} | dict(headers or {}))


def _not_found() -> Reply:
    return Reply.json({"errors": "Not Found"}, 404)
