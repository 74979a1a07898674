"""The GraphQL shape of the books, and the queries; field names are GraphQL's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from graphql import GraphQLError

from connectors.vendure.sandbox.books import (
    TAX_PERCENT,
    Books,
    Fulfillment,
    Item,
    Line,
    Payment,
    Refund,
    SandboxOrder,
)
from connectors.vendure.spec import PERMISSIONS

MOST = 1000
CHANNEL = {"id": "1", "code": "__default_channel__", "token": "default-channel-token"}
SORTS = {"updatedAt": "ASC", "id": "ASC"}
Node = dict[str, Any]


def failure(message: str, code: str) -> GraphQLError:
    """A top-level error with Vendure's kind of code."""
    return GraphQLError(message, extensions={"code": code})


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def net(with_tax: int) -> int:
    """Without tax, rounded half up."""
    return (with_tax * 200 + 100 + TAX_PERCENT) // (2 * (100 + TAX_PERCENT))


class Views:
    """Root of all queries."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.tracks, self.decimals = True, 2
        self.rights = tuple(sorted({word for group in PERMISSIONS for word in group}))
        self.more_places: tuple[str, ...] = ()

    def root(self) -> Node:
        """Resolvers of `Query`."""
        places = [{"id": str(self._books.location_id), "name": "Default Stock Location"}]
        places += [{"id": f"{at + 1}000", "name": name} for at, name in enumerate(self.more_places)]
        user = {"id": "1", "identifier": "hub", "channels": [CHANNEL | {"permissions": self.rights}]}
        return {
            "order": lambda info, id: self._order(id),
            "orders": self._orders,
            "productVariants": self._variants,
            "stockLocations": lambda info, options=None: {"items": places, "totalItems": len(places)},
            "globalSettings": {
                "trackInventory": self.tracks,
                "serverConfig": {"moneyStrategyPrecision": self.decimals},
            },
            "activeChannel": CHANNEL,
            "me": user,
        }

    def _order(self, id_: str) -> Node | None:
        found = self._books.orders.get(int(id_)) if id_.isdigit() else None
        return order_view(found) | {"lines": [self.line(line) for line in found.lines]} if found else None

    def _orders(self, info: Any, options: Mapping[str, Any] | None = None) -> Node:
        options = options or {}
        if dict(options.get("sort") or SORTS) != SORTS:
            raise failure("the sandbox sorts by updatedAt and id", "USER_INPUT_ERROR")
        since, code = (
            ((options.get("filter") or {}).get(field) or {}).get(how)
            for field, how in (("updatedAt", "after"), ("code", "eq"))
        )
        floor = datetime.fromisoformat(since) if since else None
        chosen = [order for order in self._books.orders.values() if floor is None or order.updated_at > floor]
        chosen = [order for order in chosen if code in (None, order.code)]
        chosen.sort(key=lambda order: (order.updated_at, order.id))
        return _page(chosen, options, lambda order: self._order(str(order.id)))

    def _variants(self, info: Any, options: Mapping[str, Any] | None = None) -> Node:
        options = options or {}
        wanted = ((options.get("filter") or {}).get("id") or {}).get("in")
        chosen = [item for item in self._books.items.values() if wanted is None or str(item.id) in wanted]
        return _page(sorted(chosen, key=lambda item: item.id), options, self.variant)

    def line(self, line: Line) -> Node:
        return {
            "id": str(line.id), "productVariant": self.variant(line.item), "unitPriceWithTax": line.item.price,
            "quantity": line.quantity, "orderPlacedQuantity": line.placed, "taxRate": float(TAX_PERCENT),
            "linePriceWithTax": line.total, "proratedLinePrice": net(line.total),
            "proratedLinePriceWithTax": line.total,
        }  # fmt: skip

    def variant(self, item: Item) -> Node:
        level = {
            "stockLocationId": str(self._books.location_id), "stockOnHand": item.on_hand,
            "stockAllocated": item.allocated,
        }  # fmt: skip
        return {
            "id": str(item.id), "sku": item.sku, "name": item.title, "trackInventory": item.track,
            "stockLevels": [level],
        }  # fmt: skip


def _page(rows: Sequence[Any], options: Mapping[str, Any], view: Callable[[Any], Any]) -> Node:
    take, skip = options.get("take") or MOST, options.get("skip") or 0
    if take > MOST:
        raise failure(f"take must be at most {MOST}", "USER_INPUT_ERROR")
    return {"items": [view(row) for row in rows[skip : skip + take]], "totalItems": len(rows)}


def order_view(order: SandboxOrder) -> Node:
    """An order without its lines."""
    return {
        "__typename": "Order", "id": str(order.id), "code": order.code, "type": "Regular", "state": order.state,
        "active": False, "createdAt": stamp(order.placed_at), "updatedAt": stamp(order.updated_at),
        "orderPlacedAt": stamp(order.placed_at), "currencyCode": "EUR", "couponCodes": [], "surcharges": [],
        "total": sum(net(line.total) for line in order.lines) + net(order.shipping), "totalWithTax": order.total,
        "customer": _customer(order), "shippingAddress": _address(order), "billingAddress": {},
        "shippingLines": [_shipping_line(order)], "payments": [payment_view(order.payment)],
        "fulfillments": [fulfillment_view(made) for made in order.fulfillments],
    }  # fmt: skip


def _customer(order: SandboxOrder) -> Node:
    first, _, last = order.shopper.name.partition(" ")
    phone = order.shopper.phone or None
    return {
        "id": "1", "title": None, "firstName": first, "lastName": last, "emailAddress": order.shopper.email,
        "phoneNumber": phone,
    }  # fmt: skip


def _address(order: SandboxOrder) -> Node:
    to = order.shopper
    return {
        "fullName": to.name, "company": "", "streetLine1": to.line, "streetLine2": "", "city": to.city,
        "province": to.region, "postalCode": to.postal_code, "countryCode": to.country, "phoneNumber": to.phone,
    }  # fmt: skip


def _shipping_line(order: SandboxOrder) -> Node:
    method = {"id": "1", "code": "standard-shipping", "name": "Standard Shipping"}
    return {
        "id": "1", "shippingMethod": method, "priceWithTax": order.shipping, "discountedPrice": net(order.shipping),
        "discountedPriceWithTax": order.shipping,
    }  # fmt: skip


def payment_view(payment: Payment) -> Node:
    return {
        "__typename": "Payment", "id": str(payment.id), "updatedAt": stamp(payment.updated_at), "method": "card",
        "amount": payment.amount, "state": payment.state, "refunds": [refund_view(row) for row in payment.refunds],
    }  # fmt: skip


def refund_view(refund: Refund) -> Node:
    return {
        "__typename": "Refund", "id": str(refund.id), "updatedAt": stamp(refund.updated_at), "total": refund.total,
        "state": "Settled", "reason": refund.reason,
    }  # fmt: skip


def fulfillment_view(made: Fulfillment) -> Node:
    lines = [{"orderLineId": str(line.id), "quantity": pieces} for line, pieces in made.takes]
    return {
        "__typename": "Fulfillment", "id": str(made.id), "updatedAt": stamp(made.updated_at), "lines": lines,
        "state": made.state, "method": made.method, "trackingCode": made.tracking,
    }  # fmt: skip
