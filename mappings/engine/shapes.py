"""What a mapping may fill: the fields of the canonical order or refund, and the kind of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hub.canonical.order import (
    Address,
    Buyer,
    Charge,
    FulfilledBy,
    Fulfillment,
    Order,
    OrderLine,
    OrderStatus,
    Payment,
    ShippingCharge,
)
from hub.canonical.refund import Refund, RefundLine

READERS = {
    "text": "_text({v}, {place}, {at})",
    "ref": "_ref({v}, {place}, {at})",
    "some_id": "_some_id({v}, {place}, {at})",
    "number": "_number({v}, {place}, {at})",
    "quantity": "_quantity({v}, {place}, {at})",
    "money": "_money({v}, {place}, {at})",
    "floated": "_floated({v}, {place}, {at})",
    "cents": "_cents({v}, {place}, {at})",
    "time": "_time({v}, {place}, {at}, zone)",
    "utc": "_time({v}, {place}, {at})",
    "epoch": "_epoch({v}, {place}, {at})",
    "flag": "_flag({v}, {place}, {at})",
    "upper": "_upper({v}, {place}, {at})",
    "currency": "_currency({v}, {place}, {at})",
    "country": "_country({v}, {place}, {at})",
    "label": "_label({v}, {place}, {at})",
    "raw": "{v}",
}
"""Kind of value -> the call that reads it."""

ENUMS: Mapping[str, type[StrEnum]] = {
    "status": OrderStatus,
    "payment": Payment,
    "fulfillment": Fulfillment,
    "fulfilled_by": FulfilledBy,
}


CELLS = frozenset({*ENUMS, "number", "quantity", "money", "flag"})
"""Kinds of value as which a table's cells are read when a mapping is loaded; all other cells are texts."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One canonical class: its fields with their kinds, and those without which it cannot be made.

    `unless_empty`: where one of these fields is unknown or zero, the object is left out (a tip of 0.00 is no charge).
    """

    makes: type
    fields: Mapping[str, str]
    required: frozenset[str] = frozenset()
    unless_empty: str | None = None


_ADDRESS = dict.fromkeys(("name", "company", "district", "city", "region", "postal_code", "phone"), "text")

SHAPES: Mapping[str, Shape] = {
    "address": Shape(Address, {**_ADDRESS, "lines": "texts", "country": "upper"}),
    "buyer": Shape(Buyer, {"channel_ref": "ref", "name": "text", "email": "text", "phone": "text", "company": "text"}),
    "shipping": Shape(ShippingCharge, {"method": "text", "amount": "money", "discount": "money", "tax": "money"}),
    "other_charges": Shape(
        Charge, {"kind": "text", "amount": "money", "tax": "money"}, frozenset({"kind", "amount"}), "amount"
    ),
    "lines": Shape(
        OrderLine,
        {
            "channel_ref": "ref",
            "listing_ref": "ref",
            "sku": "text",
            "title": "text",
            "quantity": "quantity",
            "uom": "text",
            "unit_price": "money",
            "discount": "money",
            "tax": "money",
            "total": "money",
        },
        frozenset({"channel_ref", "quantity"}),
    ),
    "order": Shape(
        Order,
        {
            "channel": "text",
            "channel_ref": "ref",
            "number": "text",
            "placed_at": "time",
            "updated_at": "time",
            "status": "status",
            "payment": "payment",
            "fulfillment": "fulfillment",
            "currency": "currency",
            "tax_included": "flag",
            "lines": "lines",
            "shipping": "shipping",
            "other_charges": "other_charges",
            "discount_total": "money",
            "tax_total": "money",
            "refunded_total": "money",
            "total": "money",
            "buyer": "buyer",
            "ship_to": "address",
            "bill_to": "address",
            "ship_by": "time",
            "deliver_by": "time",
            "note": "text",
            "fulfilled_by": "fulfilled_by",
            "sub_orders": "sub_orders",
            "extra": "extra",
        },
        frozenset({"channel_ref", "lines"}),
    ),
    "refund_lines": Shape(
        RefundLine,
        {"listing_ref": "ref", "sku": "text", "title": "text", "quantity": "quantity", "amount": "money"},
    ),
    "refund": Shape(
        Refund,
        {
            "channel_ref": "ref",
            "order_ref": "ref",
            "refunded_at": "time",
            "currency": "currency",
            "amount": "money",
            "shipping": "money",
            "tax": "money",
            "reason": "text",
            "lines": "refund_lines",
        },
        frozenset({"channel_ref", "order_ref", "amount"}),
    ),
}

ROOTS = ("order", "refund")
"""What a file may make; one of them."""
LISTS = frozenset({"lines", "other_charges", "sub_orders", "refund_lines"})
"""Kinds that are lists of objects: written as `each` + `make`, or as a list of such entries."""
