"""The GraphQL shape of the books, and the queries."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from graphql import GraphQLError

from connectors.shopify.sandbox import rest
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
from connectors.shopify.sandbox.hooks import Hooks, Subscription

MAX_PAGE = 250
NAMED = re.compile(r"name:'((?:[^'\\]|\\.)*)'")
SEARCH = re.compile(r"(updated_at|created_at):>='?([0-9T:.Z+-]+)'?")
Node = dict[str, Any]
View = Callable[[Any], Node]
FIELD_OF = {"UPDATED_AT": "updated_at", "CREATED_AT": "created_at", "PROCESSED_AT": "created_at"}


def failure(message: str, code: str) -> GraphQLError:
    """A top-level error with Shopify's kind of code."""
    return GraphQLError(message, extensions={"code": code})


def gid(kind: str, number: int) -> str:
    return f"gid://shopify/{kind}/{number}"


def number(kind: str, value: str) -> int:
    """The number in a global id of this kind; another kind or form is refused."""
    found = re.fullmatch(rf"gid://shopify/{kind}/([0-9]{{1,19}})", value)
    if not found:
        raise failure(f"Invalid global id '{value}'", "INVALID_VARIABLE")
    return int(found.group(1))


def stamp(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def bag(amount: Decimal) -> Node:
    """Money as GraphQL writes it: 10.00 becomes "10.0"."""
    text = format(amount.normalize(), "f")
    both = {"amount": text if "." in text else f"{text}.0", "currencyCode": CURRENCY}
    return {"shopMoney": both, "presentmentMoney": both}


def connection(rows: Sequence[Any], view: View, key: Callable[[Any], Any]) -> Callable[..., Node]:
    """A connection over sorted rows, whose cursor is the row's key: it survives that rows come and go."""

    def page(info: Any, *, first: int | None = None, after: str | None = None, **_: Any) -> Node:
        if first is None or not 0 < first <= MAX_PAGE:
            raise failure(f"first must be from 1 to {MAX_PAGE}", "BAD_REQUEST")
        floor = _uncursor(after) if after else None
        left = [row for row in rows if floor is None or list(key(row)) > floor]
        return _page(left[:first], len(left) > first, after is not None, view, key)

    return page


def _page(rows: Sequence[Any], more: bool, before: bool, view: View, key: Callable[[Any], Any]) -> Node:
    edges = [{"cursor": _cursor(key(row)), "node": view(row)} for row in rows]
    ends: list[Any] = [edge["cursor"] for edge in edges] or [None]
    info = {"hasNextPage": more, "hasPreviousPage": before, "startCursor": ends[0], "endCursor": ends[-1]}
    return {"edges": edges, "nodes": [edge["node"] for edge in edges], "pageInfo": info}


def _cursor(key: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(key)).encode()).decode()


def _uncursor(text: str) -> list[Any]:
    try:
        return list(json.loads(base64.urlsafe_b64decode(text.encode())))
    except (ValueError, TypeError):
        raise failure("Invalid cursor for current pagination sort.", "BAD_REQUEST") from None


class Views:
    """Root of all queries; field names are GraphQL's."""

    def __init__(self, books: Books, hooks: Hooks) -> None:
        self._books, self._hooks = books, hooks

    def root(self) -> Node:
        """Resolvers of `QueryRoot`."""
        books = self._books
        return {
            "shop": {"id": gid("Shop", books.shop_id), "name": "Sandbox"},
            "order": lambda info, id: self._by_id("Order", id, books.orders, self.order),
            "orders": self._orders,
            "fulfillmentOrder": self._fulfillment_order_by_id,
            "inventoryItem": lambda info, id: self._by_id(
                "InventoryItem", id, books.by_inventory_item, self.inventory_item
            ),
            "location": lambda info, id=None: self.location() if id in {None, self.location()["id"]} else None,
            "locations": connection([books.location_id], lambda _: self.location(), lambda row: (row,)),
            "productVariants": self._variants,
            "productVariant": lambda info, id: self._by_id(
                "ProductVariant", id, {item.variant_id: item for item in books.items.values()}, self.variant
            ),
            "webhookSubscriptions": self._webhook_subscriptions,
        }

    def _by_id(self, kind: str, id_: str, rows: Mapping[int, Any], view: View) -> Node | None:
        row = rows.get(number(kind, id_))
        return view(row) if row else None

    def _variants(self, info: Any, **page: Any) -> Node:
        items = sorted(self._books.items.values(), key=lambda item: item.variant_id)
        return connection(items, self.variant, lambda item: (item.variant_id,))(info, **page)

    def _orders(self, info: Any, *, sortKey: str, reverse: bool, query: str | None = None, **page: Any) -> Node:
        if reverse or (sortKey != "ID" and sortKey not in FIELD_OF):
            raise failure(f"the sandbox does not sort by {sortKey}, reverse {reverse}", "BAD_REQUEST")
        chosen = list(filter(_search(query), self._books.orders.values()))

        def key(order: SandboxOrder) -> tuple[Any, ...]:
            return (order.id,) if sortKey == "ID" else (int(getattr(order, FIELD_OF[sortKey]).timestamp()), order.id)

        return connection(sorted(chosen, key=key), self.order, key)(info, **page)

    def order(self, order: SandboxOrder) -> Node:
        open_ = order.cancelled_at is None
        states = {"partial": "PARTIALLY_FULFILLED", "shipped": "FULFILLED"}
        nothing = bag(Decimal(0))
        return _head(order) | {
            "displayFinancialStatus": "PAID" if open_ else "REFUNDED",
            "displayFulfillmentStatus": states.get(order.state, "UNFULFILLED"),
            "subtotalPriceSet": bag(order.subtotal), "totalPriceSet": bag(order.total), "totalTaxSet": bag(order.tax),
            "totalDiscountsSet": nothing, "totalRefundedSet": bag(order.refunded), "totalTipReceivedSet": nothing,
            "totalShippingPriceSet": bag(SHIPPING_FEE), "originalTotalDutiesSet": None,
            "originalTotalAdditionalFeesSet": None,
            "shippingLines": connection([0], lambda _: _shipping_line(), lambda row: (row,)),
            "lineItems": connection(order.lines, self.line, lambda line: (line.id,)),
            "fulfillments": lambda info, first=None: [self.fulfillment(made) for made in order.fulfillments[:first]],
            "fulfillmentOrders": connection([order], self.fulfillment_order, lambda row: (row.fulfillment_order_id,)),
        }  # fmt: skip

    def line(self, line: Line) -> Node:
        return {
            "id": gid("LineItem", line.id), "sku": line.item.sku, "name": line.item.title, "title": line.item.title,
            "quantity": line.quantity, "currentQuantity": line.current, "unfulfilledQuantity": line.remaining,
            "variant": self.variant(line.item), "originalUnitPriceSet": bag(line.item.price),
            "totalDiscountSet": bag(Decimal(0)), "discountAllocations": [],
            "taxLines": lambda info, first=None: [
                {"title": "Sales tax", "rate": float(TAX_RATE), "priceSet": bag(line.tax)}
            ],
        }  # fmt: skip

    def fulfillment(self, made: Fulfillment) -> Node:
        urls = made.urls + (None,) * len(made.numbers)
        info = [{"company": made.company, "number": n, "url": url} for n, url in zip(made.numbers, urls, strict=False)]
        rows = [
            {"id": gid("FulfillmentLineItem", made.id + at), "quantity": pieces, "lineItem": self.line(line)}
            for at, (line, pieces) in enumerate(made.lines)
        ]
        return {
            "id": gid("Fulfillment", made.id), "legacyResourceId": str(made.id), "status": "SUCCESS",
            "createdAt": stamp(made.created_at), "trackingInfo": lambda _, first=None: info[:first],
            "fulfillmentLineItems": connection(rows, lambda row: row, lambda row: (row["id"],)),
        }  # fmt: skip

    def _fulfillment_order_by_id(self, info: Any, id: str) -> Node | None:
        return self._by_id("FulfillmentOrder", id, self._books.by_fulfillment_order, self.fulfillment_order)

    def fulfillment_order(self, order: SandboxOrder) -> Node:
        status = "CANCELLED" if order.cancelled_at else "CLOSED" if order.done else "OPEN"
        wanted = [line for line in order.lines if line.current or line.shipped]
        return {
            "id": gid("FulfillmentOrder", order.fulfillment_order_id),
            "status": status,
            "assignedLocation": {"name": "Main", "location": self.location()},
            "lineItems": connection(wanted, self._fulfillment_order_line, lambda line: (line.fulfillment_line_id,)),
        }

    def _fulfillment_order_line(self, line: Line) -> Node:
        return {
            "id": gid("FulfillmentOrderLineItem", line.fulfillment_line_id),
            "totalQuantity": line.current,
            "remainingQuantity": line.remaining,
            "lineItem": self.line(line),
        }

    def location(self) -> Node:
        place = self._books.location_id
        return {
            "id": gid("Location", place), "legacyResourceId": str(place), "name": "Main", "isActive": True,
            "fulfillsOnlineOrders": True,
        }  # fmt: skip

    def variant(self, item: Item) -> Node:
        return {
            "id": gid("ProductVariant", item.variant_id), "legacyResourceId": str(item.variant_id),
            "displayName": item.title, "title": "Default Title", "sku": item.sku, "barcode": item.barcode or None,
            "price": rest.money(item.price), "inventoryQuantity": item.available,
            "inventoryItem": self.inventory_item(item),
        }  # fmt: skip

    def inventory_item(self, item: Item) -> Node:
        def level(info: Any, locationId: str) -> Node | None:
            known = number("Location", locationId) == self._books.location_id
            return self._level(item) if known else None

        return {
            "id": gid("InventoryItem", item.inventory_item_id), "legacyResourceId": str(item.inventory_item_id),
            "sku": item.sku, "tracked": True, "inventoryLevel": level,
        }  # fmt: skip

    def _level(self, item: Item) -> Node:
        known = {"available": item.available}

        def quantities(info: Any, names: Sequence[str]) -> list[Node]:
            return [{"name": name, "quantity": known[name]} for name in names if name in known]

        place = f"{self._books.location_id}?inventory_item_id={item.inventory_item_id}"
        return {"id": f"gid://shopify/InventoryLevel/{place}", "quantities": quantities}

    def _webhook_subscriptions(self, info: Any, *, topics: Sequence[str] | None = None, **page: Any) -> Node:
        rows = [made for made in self._hooks.subscriptions if topics is None or made.topic in topics]
        return connection(rows, subscription, lambda made: (made.id,))(info, **page)


def subscription(made: Subscription) -> Node:
    return {
        "id": gid("WebhookSubscription", made.id), "legacyResourceId": str(made.id), "topic": made.topic,
        "uri": made.uri, "format": "JSON", "createdAt": stamp(made.created_at),
    }  # fmt: skip


def _search(query: str | None) -> Callable[[SandboxOrder], bool]:
    """The search syntax that the sandbox knows; anything else is refused rather than ignored."""
    if not query:
        return lambda order: True
    if named := NAMED.fullmatch(query.strip()):
        name = re.sub(r"\\(.)", r"\1", named[1])
        return lambda order: name in f"#{order.number}"
    found = SEARCH.fullmatch(query.strip())
    if not found:
        raise failure(f"the sandbox cannot search for {query!r}", "BAD_REQUEST")
    name, since = found.group(1), datetime.fromisoformat(found.group(2))
    return lambda order: bool(getattr(order, name) >= since)


def _head(order: SandboxOrder) -> Node:
    where = _address(order)
    return {
        "id": gid("Order", order.id), "legacyResourceId": str(order.id), "name": f"#{order.number}",
        "createdAt": stamp(order.created_at), "processedAt": stamp(order.created_at),
        "updatedAt": stamp(order.updated_at), "cancelledAt": stamp(order.cancelled_at), "closedAt": None,
        "cancelReason": order.cancel_reason, "currencyCode": CURRENCY, "presentmentCurrencyCode": CURRENCY,
        "taxesIncluded": False, "dutiesIncluded": False, "test": False, "tags": [], "note": None,
        "email": order.shopper.email, "phone": order.shopper.phone or None, "customAttributes": [],
        "customer": {"id": gid("Customer", order.customer_id)}, "billingAddress": where, "shippingAddress": where,
    }  # fmt: skip


def _address(order: SandboxOrder) -> Node:
    found = rest.address(order.shopper)
    return {
        "name": found["name"], "firstName": found["first_name"], "lastName": found["last_name"], "company": None,
        "address1": found["address1"], "address2": None, "city": found["city"], "province": found["province"],
        "provinceCode": found["province_code"], "country": found["country"], "countryCodeV2": found["country_code"],
        "zip": found["zip"], "phone": found["phone"],
    }  # fmt: skip


def _shipping_line() -> Node:
    fee = bag(SHIPPING_FEE)
    return {
        "title": "Standard", "code": "standard", "originalPriceSet": fee, "discountedPriceSet": fee, "taxLines": [],
    }  # fmt: skip
