"""The canonical order: what every channel's order becomes (docs: the design, section 4)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import orjson

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
    _told: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def wanted(self, line: OrderLine) -> Decimal:
        """How much of `line` is still wanted, in the channel's unit; 0 on a cancelled order."""
        if self.status is OrderStatus.CANCELLED:
            return Decimal(0)
        current = self.extra.get("current", {}).get(line.channel_ref)
        return line.quantity if current is None else Decimal(str(current))

    def to_dict(self) -> dict[str, Any]:
        """The order as JSON-ready values, keys in the documented order."""
        return {
            "channel": self.channel, "channel_ref": self.channel_ref, "number": self.number,
            "placed_at": _time(self.placed_at), "updated_at": _time(self.updated_at), "status": str(self.status),
            "payment": _word(self.payment), "fulfillment": _word(self.fulfillment), "currency": self.currency,
            "tax_included": self.tax_included, "lines": [_line(line) for line in self.lines],
            "shipping": _shipping(self.shipping), "other_charges": [_charge(each) for each in self.other_charges],
            "discount_total": _number(self.discount_total), "tax_total": _number(self.tax_total),
            "refunded_total": _number(self.refunded_total), "total": _number(self.total), "buyer": _buyer(self.buyer),
            "ship_to": _address(self.ship_to), "bill_to": _address(self.bill_to), "ship_by": _time(self.ship_by),
            "deliver_by": _time(self.deliver_by), "note": self.note, "fulfilled_by": str(self.fulfilled_by),
            "sub_orders": [_plain(each) for each in self.sub_orders], "extra": _plain(self.extra),
        }  # fmt: skip

    def to_json(self) -> str:
        """`to_dict` as JSON text, made once. Raises TypeError: half a character, or a number beyond 64 bits."""
        found: str | None = self._told.get("json")
        if found is None:
            found = self._told["json"] = orjson.dumps(self._values()).decode()
        return found

    def _values(self) -> dict[str, Any]:
        """`to_dict`, made once; for reading only."""
        found: dict[str, Any] | None = self._told.get("values")
        if found is None:
            found = self._told["values"] = self.to_dict()
        return found

    def digest(self) -> str:
        """Hex SHA-256 of the canonical JSON with sorted keys: equal content, equal digest. Made once."""
        found: str | None = self._told.get("digest")
        if found is None:
            body = orjson.dumps(self._values(), option=orjson.OPT_SORT_KEYS)
            found = self._told["digest"] = hashlib.sha256(body).hexdigest()
        return found


def _number(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _time(value: datetime | None) -> str | None:
    return None if value is None else iso(value)


def _word(value: StrEnum | None) -> str | None:
    return None if value is None else str(value)


def _line(line: OrderLine) -> dict[str, Any]:
    return {
        "channel_ref": line.channel_ref, "listing_ref": line.listing_ref, "sku": line.sku, "title": line.title,
        "quantity": plain(line.quantity), "uom": line.uom, "unit_price": _number(line.unit_price),
        "discount": _number(line.discount), "tax": _number(line.tax), "total": _number(line.total),
    }  # fmt: skip


def _shipping(charge: ShippingCharge | None) -> dict[str, Any] | None:
    if charge is None:
        return None
    amounts = {"amount": _number(charge.amount), "discount": _number(charge.discount), "tax": _number(charge.tax)}
    return {"method": charge.method, **amounts}


def _charge(charge: Charge) -> dict[str, Any]:
    return {"kind": charge.kind, "amount": plain(charge.amount), "tax": _number(charge.tax)}


def _buyer(buyer: Buyer | None) -> dict[str, Any] | None:
    if buyer is None:
        return None
    words = {"channel_ref": buyer.channel_ref, "name": buyer.name, "email": buyer.email, "phone": buyer.phone}
    return {**words, "company": buyer.company}


def _address(place: Address | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {
        "name": place.name, "company": place.company, "lines": list(place.lines), "district": place.district,
        "city": place.city, "region": place.region, "postal_code": place.postal_code, "country": place.country,
        "phone": place.phone,
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """A value of `extra` or of a sub-order as JSON-ready data."""
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
    return value
