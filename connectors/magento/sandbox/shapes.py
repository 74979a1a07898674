"""The sandbox shop's payloads: Magento's JSON, amounts as floats, times in UTC without saying so, nothing null."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.magento.sandbox.shop import POSTAGE, Line, Order, Parcel, Product, Shop, tax_on

CURRENCY = "EUR"


def stamp(moment: datetime) -> str:
    """A time as Magento writes it."""
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def amounts(**values: Decimal) -> dict[str, float]:
    """Each amount in the order's and in the shop's currency."""
    return {f"{prefix}{name}": float(value) for name, value in values.items() for prefix in ("", "base_")}


def order(one: Order) -> dict[str, Any]:
    """An order as `GET /V1/orders/{id}` shows it."""
    goods = sum((line.row for line in one.lines), Decimal(0))
    paid = one.total() if one.invoice else Decimal(0)
    first, _, last = one.shopper.name.partition(" ")
    body = {
        "entity_id": one.id, "increment_id": f"{one.id:09d}", "created_at": stamp(one.created),
        "updated_at": stamp(one.updated), "state": one.state, "status": "pending" if one.state == "new" else one.state,
        "store_id": 1, "is_virtual": 0, "order_currency_code": CURRENCY, "base_currency_code": CURRENCY,
        "customer_email": one.shopper.email, "customer_firstname": first, "customer_lastname": last,
        "customer_is_guest": 1, "shipping_description": "Flat Rate - Fixed",
        "items": [*_bundled(one), *_single(one)],
        "billing_address": _address(one, "billing"), "payment": _payment(one),
        "status_histories": [_history(*row, one.id) for row in one.histories],
        **amounts(
            subtotal=goods, tax_amount=one.tax(), discount_amount=Decimal(0), grand_total=one.total(),
            shipping_amount=POSTAGE, shipping_tax_amount=tax_on(POSTAGE), shipping_discount_amount=Decimal(0),
            total_paid=paid, total_invoiced=paid, total_due=one.total() - paid, total_refunded=one.refunded,
        ),
    }  # fmt: skip
    shipping = {"address": _address(one, "shipping"), "method": "flatrate_flatrate"}
    return body | {"extension_attributes": {"shipping_assignments": [{"shipping": shipping, "items": body["items"]}]}}


def _items(line: Line, one: Order) -> list[dict[str, Any]]:
    """The item of a line, and for a variant the item that tells it."""
    product = line.product
    pieces = {
        "qty_ordered": line.ordered, "qty_canceled": line.canceled, "qty_refunded": line.refunded,
        "qty_shipped": line.shipped, "qty_invoiced": line.ordered if one.invoice else 0, "sku": product.sku,
        "name": product.name, "order_id": one.id, "is_virtual": 0,
    }  # fmt: skip
    top = {
        **pieces, "item_id": line.id, "product_id": product.parent or product.id,
        "product_type": "configurable" if product.parent else "simple",
        **amounts(price=product.price, row_total=line.row, tax_amount=tax_on(line.row), discount_amount=Decimal(0),
                  discount_tax_compensation_amount=Decimal(0)),
    }  # fmt: skip
    if not line.part:
        return [top]
    below = {"item_id": line.part, "parent_item_id": line.id, "product_id": product.id, "product_type": "simple"}
    return [top, {**pieces, **below, **amounts(price=Decimal(0), row_total=Decimal(0)), "parent_item": top}]


def _single(one: Order) -> list[dict[str, Any]]:
    """The items of lines that are no part of a bundle."""
    bound = [line for bundle in one.bundles for line in bundle.lines]
    return [item for line in one.lines if line not in bound for item in _items(line, one)]


def _bundled(one: Order) -> list[dict[str, Any]]:
    """The items of bundles, each with those of its parts; a bundle's price is that of its parts."""
    found = []
    for bundle in one.bundles:
        parts = [_items(line, one)[0] for line in bundle.lines]
        summed = ("price", "row_total", "tax_amount", "base_price", "base_row_total", "base_tax_amount")
        frame = {
            "item_id": bundle.id, "product_id": bundle.product.id, "product_type": "bundle", "sku": bundle.product.sku,
            "name": bundle.product.name, "order_id": one.id, "qty_ordered": bundle.count, "qty_shipped": 0,
            **{name: sum(part[name] for part in parts) for name in summed},
        }  # fmt: skip
        own = {"parent_item_id": bundle.id, "parent_item": frame, "product_type": "simple"}
        found += [frame, *[{**part, **own} for part in parts]]
    return found


def _address(one: Order, kind: str) -> dict[str, Any]:
    first, _, last = one.shopper.name.partition(" ")
    return {
        "address_type": kind, "firstname": first, "lastname": last or "-", "street": [one.shopper.line],
        "city": one.shopper.city, "region": one.shopper.region, "region_code": one.shopper.region,
        "postcode": one.shopper.postal_code, "country_id": one.shopper.country, "telephone": one.shopper.phone,
        "email": one.shopper.email,
    }  # fmt: skip


def _payment(one: Order) -> dict[str, Any]:
    told = {"account_status": "", "additional_information": ["Bank Transfer Payment"], "cc_last4": ""}
    return {**told, "method": "banktransfer", "parent_id": one.id, **amounts(amount_ordered=one.total())}


def _history(row: int, at: datetime, said: Mapping[str, Any], order_id: int) -> dict[str, Any]:
    return {**said, "entity_id": row, "created_at": stamp(at), "parent_id": order_id, "entity_name": "order"}


def shipment(parcel: Parcel, one: Order) -> dict[str, Any]:
    """A shipment as a search shows it."""
    tracks = [
        {**track, "order_id": one.id, "parent_id": parcel.id, "weight": 0, "qty": 0, "description": ""}
        for track in parcel.tracks
    ]
    said = {"is_customer_notified": 0, "parent_id": parcel.id, "is_visible_on_front": 0}
    return {
        "entity_id": parcel.id, "order_id": one.id, "increment_id": f"{parcel.id:09d}",
        "created_at": stamp(parcel.created), "tracks": tracks,
        "items": [{"order_item_id": line.id, "qty": pieces, "sku": line.product.sku} for line, pieces in parcel.lines],
        "comments": [{**said, "comment": parcel.comment, "entity_id": parcel.id}] if parcel.comment else [],
        "extension_attributes": {"source_code": parcel.source},
    }  # fmt: skip


def invoice(one: Order) -> dict[str, Any]:
    """The invoice of a paid order."""
    items = [{"order_item_id": line.id, "qty": line.ordered, "sku": line.product.sku} for line in one.lines]
    refunded = {"base_total_refunded": float(one.refunded)} if one.refunded else {}
    return {
        "entity_id": one.invoice, "order_id": one.id, "total_qty": sum(line.ordered for line in one.lines),
        "state": 2, "items": items, **amounts(grand_total=one.total()), **refunded,
    }  # fmt: skip


def product(one: Product) -> dict[str, Any]:
    """A product."""
    ships = {"attribute_code": "shipment_type", "value": "0" if one.together else "1"}
    return {
        "id": one.id, "sku": one.sku, "name": one.name, "attribute_set_id": 4, "price": float(one.price), "status": 1,
        "visibility": 4, "type_id": one.kind, "custom_attributes": [ships] if one.kind == "bundle" else [],
    }  # fmt: skip


def salable(shop: Shop, one: Product) -> dict[str, Any]:
    """What may be sold of a product."""
    if not one.managed:
        return {"sku": one.sku, "qty": None, "is_salable": True}
    number = shop.salable(one.sku)
    return {"sku": one.sku, "qty": number, "is_salable": number > 0}
