"""The canonical order: what every channel's order becomes (docs: the design, section 4)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from hub.canonical.amounts import plain
from hub.canonical.times import iso


class OrderStatus(StrEnum):
    OPEN = "open"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class Payment(StrEnum):
    UNPAID = "unpaid"
    AUTHORIZED = "authorized"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    VOID = "void"


class Fulfillment(StrEnum):
    UNFULFILLED = "unfulfilled"
    PARTIAL = "partial"
    FULFILLED = "fulfilled"


class FulfilledBy(StrEnum):
    MERCHANT = "merchant"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line as the channel wrote it. `quantity` is what was ordered, in the channel's unit `uom`."""

    channel_ref: str
    quantity: Decimal
    listing_ref: str | None = None
    sku: str | None = None
    title: str | None = None
    uom: str | None = None
    unit_price: Decimal | None = None
    discount: Decimal | None = None
    tax: Decimal | None = None
    total: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Address:
    name: str | None = None
    company: str | None = None
    lines: tuple[str, ...] = ()
    district: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Buyer:
    channel_ref: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    company: str | None = None


@dataclass(frozen=True, slots=True)
class ShippingCharge:
    method: str | None = None
    amount: Decimal | None = None
    discount: Decimal | None = None
    tax: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    kind: str
    amount: Decimal
    tax: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One order of one channel; unknown is None, never a guess.

    `extra` holds what has no word of its own. Three of its keys mean something to the hub:
    `current`: {line channel_ref: quantity still wanted after edits and refunds} (lines not named: as ordered);
    `unexplained`: decimal text, by how much the parts miss `total`; `presentment`: the buyer's money where it differs.
    """

    channel: str
    channel_ref: str
    lines: tuple[OrderLine, ...]
    number: str | None = None
    placed_at: datetime | None = None
    updated_at: datetime | None = None
    status: OrderStatus = OrderStatus.OPEN
    payment: Payment | None = None
    fulfillment: Fulfillment | None = None
    currency: str | None = None
    tax_included: bool | None = None
    shipping: ShippingCharge | None = None
    other_charges: tuple[Charge, ...] = ()
    discount_total: Decimal | None = None
    tax_total: Decimal | None = None
    refunded_total: Decimal | None = None
    total: Decimal | None = None
    buyer: Buyer | None = None
    ship_to: Address | None = None
    bill_to: Address | None = None
    ship_by: datetime | None = None
    deliver_by: datetime | None = None
    note: str | None = None
    fulfilled_by: FulfilledBy = FulfilledBy.MERCHANT
    sub_orders: tuple[Mapping[str, Any], ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def wanted(self, line: OrderLine) -> Decimal:
        """How much of `line` is still wanted, in the channel's unit; 0 on a cancelled order."""
        if self.status is OrderStatus.CANCELLED:
            return Decimal(0)
        current = self.extra.get("current", {}).get(line.channel_ref)
        return line.quantity if current is None else Decimal(str(current))

    def to_dict(self) -> dict[str, Any]:
        """The order as JSON-ready values, keys in the documented order."""
        return {name: _plain(getattr(self, name)) for name in _KEYS}

    def digest(self) -> str:
        """Hex SHA-256 of the canonical JSON: equal content, equal digest."""
        body = json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(body.encode()).hexdigest()


_KEYS = (
    "channel", "channel_ref", "number", "placed_at", "updated_at", "status", "payment", "fulfillment", "currency",
    "tax_included", "lines", "shipping", "other_charges", "discount_total", "tax_total", "refunded_total", "total",
    "buyer", "ship_to", "bill_to", "ship_by", "deliver_by", "note", "fulfilled_by", "sub_orders", "extra",
)  # fmt: skip
_LINE_KEYS = (
    "channel_ref", "listing_ref", "sku", "title", "quantity", "uom", "unit_price", "discount", "tax", "total",
)  # fmt: skip


def _plain(value: Any) -> Any:
    """One canonical value as JSON-ready data."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, OrderLine):
        return {name: _plain(getattr(value, name)) for name in _LINE_KEYS}
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
