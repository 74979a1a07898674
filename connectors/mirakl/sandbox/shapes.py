"""The sandbox marketplace's payloads: what OR11, OF21, A01 and the shipments answer, with every required field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.kit.practice.sandbox import Shopper
from connectors.mirakl.sandbox.shop import DEAD, Line, Offer, Order, Parcel

CENT, POSTAGE, RATE = Decimal("0.01"), Decimal("4.90"), Decimal("0.19")
ALPHA3 = {"DE": "DEU", "AT": "AUT", "FR": "FRA", "GB": "GBR", "US": "USA", "CN": "CHN", "NL": "NLD", "ES": "ESP"}
CARRIERS = (("DHL", "DHL Paket"), ("UPS", "UPS"))


def moment(at: datetime) -> str:
    """UTC in milliseconds, as Mirakl writes it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def number(amount: Decimal) -> float:
    """An amount as JSON writes it: a number of two decimals at most."""
    return float(amount.quantize(CENT))


def tax_included(order: Order) -> bool:
    """Every other order's prices hold the tax."""
    return order.number % 2 == 0


def order_body(order: Order) -> dict[str, Any]:
    """An order as OR11 lists it."""
    lines = [_line(order, at, line) for at, line in enumerate(order.lines, start=1)]
    price = sum((_price(line) for line in order.lines), Decimal(0))
    postage = POSTAGE * len(order.lines)
    body: dict[str, Any] = {
        "order_id": order.id, "commercial_id": order.id.rpartition("-")[0], "created_date": moment(order.created),
        "last_updated_date": moment(order.updated), "order_state": order.state, "currency_iso_code": "EUR",
        "order_tax_mode": "TAX_INCLUDED" if tax_included(order) else "TAX_EXCLUDED",
        "can_cancel": order.state not in DEAD and not any(line.shipped for line in order.lines),
        "can_shop_ship": order.state == "SHIPPING", "customer": _customer(order),
        "customer_notification_email": order.shopper.email, "fulfillment": {"center": {"code": "DEFAULT"}},
        "fully_refunded": bool(order.lines) and all(sum(line.refunds) == line.ordered for line in order.lines),
        "has_customer_message": False, "has_incident": False, "has_invoice": False, "leadtime_to_ship": 2,
        "order_lines": lines, "paymentType": "Visa", "payment_type": "Visa", "payment_workflow": "PAY_ON_ACCEPTANCE",
        "price": number(price), "shipping_price": number(postage), "total_price": number(price + postage),
        "total_commission": 0, "shipping_type_code": "STD", "shipping_type_label": "Standard",
        "shipping_zone_code": "DOM1", "shipping_zone_label": "Domestic 1",
        "shipping_deadline": moment(order.created + timedelta(days=2)),
    }  # fmt: skip
    paid = {"customer_debited_date": moment(order.created)} if order.state in {"SHIPPING", "SHIPPED"} else {}
    told = {"shipping_tracking": order.tracking.get("tracking_number")}
    return body | paid | {name: text for name, text in told.items() if text}


def _price(line: Line) -> Decimal:
    return Decimal(line.offer.price) * line.ordered


def _tax(order: Order, amount: Decimal) -> list[dict[str, Any]]:
    tax = amount - amount / (1 + RATE) if tax_included(order) else amount * RATE
    return [{"amount": number(tax), "code": "VAT", "rate": 19.0}]


def _ruled(taxes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Taxes of a line, which say how they change with a part of it."""
    return [{**tax, "tax_calculation_rule": "PROPORTIONAL_TO_AMOUNT"} for tax in taxes]


def _line(order: Order, at: int, line: Line) -> dict[str, Any]:
    price, created = _price(line), moment(order.created)
    return {
        "order_line_id": line.id, "order_line_index": at, "order_line_state": line.state, "quantity": line.ordered,
        "offer_id": line.offer.id, "offer_sku": line.offer.sku, "offer_state_code": "11",
        "product_sku": f"P-{line.offer.id}", "product_title": line.offer.title, "product_medias": [],
        "price": number(price), "price_unit": float(line.offer.price), "shipping_price": number(POSTAGE),
        "total_price": number(price + POSTAGE), "taxes": _ruled(_tax(order, price)),
        "shipping_taxes": _ruled(_tax(order, POSTAGE)),
        "cancelations": [_cancelation(order, line, n, pieces) for n, pieces in enumerate(line.cancelations)],
        "refunds": [_refund(order, line, n, pieces) for n, pieces in enumerate(line.refunds)],
        "can_refund": line.state == "SHIPPED", "category_code": "C1", "category_label": "Things",
        "commission_fee": 0, "commission_rate_vat": 0, "commission_vat": 0, "total_commission": 0,
        "created_date": created, "last_updated_date": moment(order.updated), "description": "",
        "order_line_additional_fields": [],
    }  # fmt: skip


def _cancelation(order: Order, line: Line, at: int, pieces: int) -> dict[str, Any]:
    return {
        "id": f"{line.id}-c{at}", "created_date": moment(order.updated), "quantity": pieces,
        "amount": number(Decimal(line.offer.price) * pieces), "reason_code": "16",
        "commission_amount": 0, "commission_taxes": [], "commission_total_amount": 0,
    }  # fmt: skip


def _refund(order: Order, line: Line, at: int, pieces: int) -> dict[str, Any]:
    amount = Decimal(line.offer.price) * pieces
    return {
        "id": f"{line.id}-r{at}", "order_refund_id": f"{line.id}-g{at}", "created_date": moment(order.updated),
        "quantity": pieces, "amount": number(amount), "taxes": _tax(order, amount), "reason_code": "17",
        "state": "REFUNDED", "refund_state": "REFUNDED", "commission_amount": 0, "commission_tax_amount": 0,
        "commission_taxes": [], "commission_total_amount": 0,
    }  # fmt: skip


def _customer(order: Order) -> dict[str, Any]:
    first, _, last = order.shopper.name.partition(" ")
    place = _address(order.shopper, first, last)
    customer = {"customer_id": f"C-{order.number}", "firstname": first, "lastname": last}
    return {**customer, "billing_address": place, "shipping_address": place}


def _address(shopper: Shopper, first: str, last: str) -> dict[str, str]:
    return {
        "firstname": first, "lastname": last, "street_1": shopper.line, "city": shopper.city, "state": shopper.region,
        "zip_code": shopper.postal_code, "country": shopper.country, "phone": shopper.phone,
        "country_iso_code": ALPHA3.get(shopper.country, shopper.country),
    }  # fmt: skip


def offer_body(offer: Offer, now: datetime) -> dict[str, Any]:
    """An offer as OF21 lists it."""
    codes = [{"reference": offer.barcode, "reference_type": "EAN"}] if offer.barcode else []
    price = float(offer.price)
    return {
        "offer_id": offer.id, "shop_sku": offer.sku, "product_sku": f"P-{offer.id}", "product_title": offer.title,
        "quantity": max(0, offer.quantity), "active": True, "price": price, "total_price": price, "all_prices": [],
        "product_references": codes, "category_code": "C1", "category_label": "Things", "channels": [],
        "currency_iso_code": "EUR", "description": "", "fulfillment": {"center": {"code": "DEFAULT"}},
        "leadtime_to_ship": 2, "logistic_class": {"code": "M", "label": "Medium"}, "max_order_quantity": 0,
        "min_order_quantity": 1, "min_quantity_alert": 0, "min_shipping_price": 0, "min_shipping_price_additional": 0,
        "min_shipping_type": "STD", "min_shipping_zone": "DOM1", "package_quantity": 1, "state_code": "11",
        "shipping_deadline": moment(now + timedelta(days=2)),
    }  # fmt: skip


def account_body(shop_id: int, state: str, now: datetime) -> dict[str, Any]:
    """The shop as A01 tells it."""
    place = {"city": "Berlin", "street_1": "Hafenstraße 2", "country_iso_code": "DEU"}
    return {
        "shop_id": shop_id, "shop_name": "Sandbox", "shop_state": state, "currency_iso_code": "EUR", "channels": [],
        "domains": [], "billing_info": {}, "pro_details": {}, "shipping": {"lead_time_to_ship": 2},
        "contact_informations": {
            "city": "Berlin", "country": "DEU", "email": "shop@example.com", "lastname": "Shop", "street1": "Hafen 2",
        },
        "default_billing_information": {"id": "1", "default_language": "de", "registration_address": place},
        "date_created": moment(now), "last_updated_date": moment(now), "evaluations_count": 0, "free_shipping": False,
        "is_professional": True, "offers_count": 0, "orders_count": 0, "premium": False,
        "payment_details": {"paid_balance": 0, "payable_balance": 0, "pending_balance": 0},
        "payment_method_mandatory": False, "shipping_types": ["STD"], "shipping_zones": ["DOM1"],
        "shop_additional_fields": [],
    }  # fmt: skip


def parcel_body(order: Order, parcel: Parcel) -> dict[str, Any]:
    """One shipment, as ST01 and ST11 tell it."""
    lines = [
        {"order_line_id": line.id, "offer_sku": line.offer.sku, "quantity": pieces, "package_reference": package}
        for line, pieces, package in parcel.lines
    ]
    created = moment(parcel.created)
    body: dict[str, Any] = {
        "id": parcel.id, "order_id": order.id, "created_date": created, "last_updated_date": created,
        "shipped_date": created, "status": "SHIPPED", "status_customer_debit": "NO_DEBIT", "shipment_lines": lines,
    }  # fmt: skip
    return body | ({"tracking": dict(parcel.tracking)} if parcel.tracking else {})
