"""What the sandbox shop answers: orders, fulfillments, inventory items and locations in Medusa's fields."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.kit.practice.sandbox import Shopper
from connectors.medusa.sandbox.books import POSTAGE, Books, Item, Line, Made, Order, tax_on

CHANNEL = "sc_01000000000000000000000001"
REGION = "reg_01000000000000000000000001"


def stamp(at: datetime | None) -> str | None:
    """A time as Medusa writes it."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z" if at else None


def _sums(net: Decimal, tax: Decimal) -> dict[str, float]:
    """The totals of something without discounts, whose price holds no tax."""
    three = {"total": float(net + tax), "subtotal": float(net), "tax_total": float(tax)}
    return {**three, **{f"original_{name}": value for name, value in three.items()}}


def _undiscounted(net: Decimal, tax: Decimal) -> dict[str, float]:
    return {**_sums(net, tax), "discount_total": 0, "discount_tax_total": 0}


def order(one: Order) -> dict[str, Any]:
    """An order with everything that the connector asks for."""
    at = {"created_at": stamp(one.placed_at), "updated_at": stamp(one.updated_at)}
    goods, post = _sums(one.subtotal - POSTAGE, one.goods_tax), _sums(POSTAGE, tax_on(POSTAGE))
    totals = {
        **_undiscounted(one.subtotal, one.price - one.subtotal),
        **{f"item_{name}": value for name, value in goods.items() if not name.startswith("original")},
        **{f"original_item_{name}": value for name, value in goods.items() if not name.startswith("original")},
        **{f"shipping_{name}": value for name, value in post.items() if not name.startswith("original")},
        **{f"original_shipping_{name}": value for name, value in post.items() if not name.startswith("original")},
        "gift_card_total": 0,
        "gift_card_tax_total": 0,
        "total": float(one.price - one.refunded),
    }
    return {
        "id": one.id, "display_id": one.number, "version": 1, "status": "canceled" if one.canceled_by else "pending",
        "region_id": REGION, "customer_id": "cus_01", "sales_channel_id": CHANNEL, "email": one.shopper.email,
        "currency_code": "eur", "metadata": None, **at, **totals,
        "items": [_line(line, at) for line in one.lines],
        "shipping_methods": [
            {"id": f"{one.id}-post", "order_id": one.id, "name": "Parcel", "amount": float(POSTAGE),
             "is_tax_inclusive": False, "shipping_option_id": "so_01", "data": {}, "metadata": None, "tax_lines": [],
             "adjustments": [], **_undiscounted(POSTAGE, tax_on(POSTAGE)), **at},
        ],
        "payment_status": "refunded" if one.refunded >= one.paid else "captured",
        "fulfillment_status": "fulfilled" if one.made else "not_fulfilled",
        "payment_collections": [_paid(one)],
        "credit_lines": [_credit(one, number, amount) for number, amount in enumerate(one.credits, start=1)],
        "fulfillments": [_made(made) for made in one.made],
        "summary": _summary(one),
        "shipping_address": _address(one.shopper, f"{one.id}-to", at),
        "billing_address": _address(one.shopper, f"{one.id}-bill", at),
    }  # fmt: skip


def _line(line: Line, at: dict[str, Any]) -> dict[str, Any]:
    item, sums = line.item, _undiscounted(line.net, tax_on(line.net))
    detail = {
        "id": f"{line.id}-d", "item_id": line.id, "quantity": line.quantity, "fulfilled_quantity": line.fulfilled,
        "shipped_quantity": line.shipped, "delivered_quantity": 0, "return_requested_quantity": 0,
        "return_received_quantity": 0, "return_dismissed_quantity": 0, "written_off_quantity": 0, "metadata": None,
        **at,
    }  # fmt: skip
    words = ("subtitle", "thumbnail", "product_description", "product_subtitle", "product_type", "product_collection",
             "product_handle", "variant_barcode", "variant_option_values", "metadata")  # fmt: skip
    return {
        **dict.fromkeys(words), "id": line.id, "title": item.title, "variant_id": item.variant, "product_id": "prod_01",
        "product_title": item.title, "variant_sku": item.sku, "variant_title": "Default", "requires_shipping": True,
        "is_discountable": True, "is_tax_inclusive": False, "unit_price": float(item.price), "quantity": line.quantity,
        "tax_lines": [], "adjustments": [], "detail": detail, **at, **sums, "item_total": sums["total"],
        "item_subtotal": sums["subtotal"], "item_tax_total": sums["tax_total"], "refundable_total": sums["total"],
        "refundable_total_per_unit": sums["total"] / line.quantity, "variant": _variant(item, at),
    }  # fmt: skip


def _variant(item: Item, at: dict[str, Any]) -> dict[str, Any]:
    words = ("barcode", "ean", "upc", "hs_code", "origin_country", "mid_code", "material", "weight", "length",
             "height", "width", "deleted_at")  # fmt: skip
    link = {"variant_id": item.variant, "inventory_item_id": item.id, "required_quantity": 1}
    return {
        **dict.fromkeys(words), "id": item.variant, "title": "Default", "sku": item.sku, "prices": [], "options": [],
        "allow_backorder": False, "manage_inventory": True, "inventory_items": [link], **at,
    }  # fmt: skip


def _paid(one: Order) -> dict[str, Any]:
    amount = float(one.paid)
    return {
        "id": f"{one.id}-pay", "currency_code": "eur", "region_id": REGION, "amount": amount,
        "authorized_amount": amount, "captured_amount": amount, "refunded_amount": float(one.refunded),
        "status": "authorized", "payment_providers": [],
    }  # fmt: skip


def _credit(one: Order, number: int, amount: Decimal) -> dict[str, Any]:
    at = stamp(one.updated_at)
    return {
        "id": f"{one.id}-credit-{number}", "order_id": one.id, "version": number + 1, "amount": float(amount),
        "reference": "payment_collection", "reference_id": f"{one.id}-pay", "metadata": None, "created_at": at,
        "updated_at": at, "deleted_at": None,
    }  # fmt: skip


def _summary(one: Order) -> dict[str, Any]:
    whole, names = float(one.price), ("fulfilled_total", "returned_total", "return_request_total", "write_off_total")
    told = {"total": whole, "subtotal": float(one.subtotal), "total_tax": float(one.price - one.subtotal)}
    paid = {"ordered_total": whole, "paid_total": float(one.paid), "refunded_total": float(one.refunded)}
    return {**told, **paid, **dict.fromkeys(names, 0)}


def _made(made: Made) -> dict[str, Any]:
    labels = [
        {**label, "id": f"{made.id}-{number}", "fulfillment_id": made.id, "created_at": stamp(made.at),
         "updated_at": stamp(made.at), "deleted_at": None}
        for number, label in enumerate(made.labels, start=1)
    ]  # fmt: skip
    return {
        "id": made.id, "location_id": "sloc", "packed_at": stamp(made.at), "shipped_at": stamp(made.shipped_at),
        "delivered_at": None, "canceled_at": None, "data": {}, "provider_id": "manual_manual",
        "shipping_option_id": "so_01", "metadata": made.metadata, "created_at": stamp(made.at),
        "updated_at": stamp(made.shipped_at or made.at), "requires_shipping": True, "labels": labels,
    }  # fmt: skip


def _address(who: Shopper, ref: str, at: dict[str, Any]) -> dict[str, Any]:
    first, _, last = who.name.partition(" ")
    return {
        "id": ref, "customer_id": "cus_01", "first_name": first, "last_name": last, "phone": who.phone, "company": "",
        "address_1": who.line, "address_2": "", "city": who.city, "country_code": who.country.lower(),
        "province": who.region, "postal_code": who.postal_code, "metadata": None, **at,
    }  # fmt: skip


def item(one: Item, books: Books) -> dict[str, Any]:
    """An inventory item with its level, where it has one."""
    level = {
        "id": f"{one.id}-l", "inventory_item_id": one.id, "location_id": books.location,
        "stocked_quantity": one.stocked, "reserved_quantity": one.reserved,
        "available_quantity": one.stocked - one.reserved, "incoming_quantity": 0,
        "created_at": "2026-01-01T00:00:00.000Z", "updated_at": "2026-01-01T00:00:00.000Z", "deleted_at": None,
        "metadata": None,
    }  # fmt: skip
    levels = [level] if one.leveled else []
    return {"id": one.id, "sku": one.sku, "title": one.title, "requires_shipping": True, "location_levels": levels}


def location(books: Books, name: str, *, linked: bool) -> dict[str, Any]:
    """A stock location; `linked`: a sales channel sells from it."""
    day = "2026-01-01T00:00:00.000Z"
    channel = {
        "id": CHANNEL, "name": "Shop", "description": "", "is_disabled": False, "metadata": None, "created_at": day,
        "updated_at": day, "deleted_at": None,
    }  # fmt: skip
    return {"id": books.location, "name": name, "address_id": "laddr_01", "sales_channels": [channel] if linked else []}
