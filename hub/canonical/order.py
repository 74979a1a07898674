"""The canonical order: what every channel's order becomes (docs: the design, section 4)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec
import orjson
from msgspec import Struct

from hub.canonical.amounts import plain
from hub.canonical.lazy import lazy
from hub.canonical.refs import Ref
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


class OrderLine(Struct, frozen=True, kw_only=True):
    """One line as the channel wrote it. `quantity` is what was ordered, in the channel's unit `uom`."""

    channel_ref: Ref
    listing_ref: str | None = None
    sku: str | None = None
    title: str | None = None
    quantity: Decimal
    uom: str | None = None
    unit_price: Decimal | None = None
    discount: Decimal | None = None
    tax: Decimal | None = None
    total: Decimal | None = None


class Address(Struct, frozen=True):
    name: str | None = None
    company: str | None = None
    lines: tuple[str, ...] = ()
    district: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    phone: str | None = None


class Buyer(Struct, frozen=True):
    channel_ref: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    company: str | None = None


class ShippingCharge(Struct, frozen=True):
    method: str | None = None
    amount: Decimal | None = None
    discount: Decimal | None = None
    tax: Decimal | None = None


class Charge(Struct, frozen=True):
    kind: str
    amount: Decimal
    tax: Decimal | None = None


class Order(Struct, frozen=True, kw_only=True, dict=True):
    """One order of one channel, its fields in the order of its JSON; unknown is None, never a guess.

    A changed copy is made by `msgspec.structs.replace`. Times are in UTC.

    `extra` holds what has no word of its own. Five of its keys mean something to the hub:
    `current`: {line channel_ref: quantity still wanted after edits and refunds} (lines not named: as ordered);
    `unexplained`: decimal text, by how much the parts miss `total`; `presentment`: the buyer's money where it differs;
    `money_back`: the refunds that the channel told apart from the order (`hub.rules.refunds`); `payment_told`: what the
    order itself told of its payment, where they make it another.
    """

    channel: Ref
    channel_ref: Ref
    number: str | None = None
    placed_at: datetime | None = None
    updated_at: datetime | None = None
    status: OrderStatus = OrderStatus.OPEN
    payment: Payment | None = None
    fulfillment: Fulfillment | None = None
    currency: str | None = None
    tax_included: bool | None = None
    lines: tuple[OrderLine, ...]
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
    extra: Mapping[str, Any] = msgspec.field(default_factory=dict)

    def wanted(self, line: OrderLine) -> Decimal:
        """How much of `line` is still wanted, in the channel's unit; 0 on a cancelled order."""
        if self.status is OrderStatus.CANCELLED:
            return Decimal(0)
        current = self.extra.get("current", {}).get(line.channel_ref)
        return line.quantity if current is None else Decimal(str(current))

    def to_dict(self) -> dict[str, Any]:
        """The order as JSON-ready values, keys in the documented order."""
        return {name: as_plain(getattr(self, name)) for name in self.__struct_fields__}

    def to_json(self) -> str:
        """`to_dict` as JSON text with sorted keys, made once.

        Raises: TypeError: half a character, or what has no JSON.
        """
        return self._json

    def digest(self) -> str:
        """Hex SHA-256 of `to_json`: equal content, equal digest. Made once."""
        return self._digest

    @lazy
    def _json(self) -> str:
        """Written as a whole where every number is written the way `plain` does, else value by value."""
        try:
            body = _ENCODER.encode(self)
        except UnicodeEncodeError:
            body = b"E+"
        if b"E+" in body or b"E-" in body or b'"-0"' in body:  # an exponent, or a zero below nothing: a Decimal's way
            body = orjson.dumps(self.to_dict(), option=orjson.OPT_SORT_KEYS)
        return body.decode()

    @lazy
    def _digest(self) -> str:
        return hashlib.sha256(self._json.encode()).hexdigest()


def as_plain(value: Any) -> Any:
    """A value of an order, or of a refund, as JSON-ready data."""
    if value is None or value.__class__ in (str, int, bool):
        return value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, Struct):
        return {name: as_plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, (tuple, list)):
        return [as_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): as_plain(item) for key, item in value.items()}
    return value


def _as_dict(value: Any) -> dict[str, Any]:
    """What the encoder does not know: other mappings than dictionaries, as one. Raises TypeError for all else."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON")


_ENCODER = msgspec.json.Encoder(enc_hook=_as_dict, order="sorted")
