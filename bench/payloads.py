"""Orders as Shopify's webhooks send them, made from a seed: equal seeds give equal bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

CITIES = (
    ("New York", "NY", "10001"), ("Los Angeles", "CA", "90012"), ("Chicago", "IL", "60601"), ("Miami", "FL", "33130"),
    ("Dallas", "TX", "75201"), ("Houston", "TX", "77002"), ("Philadelphia", "PA", "19103"), ("Atlanta", "GA", "30303"),
    ("Washington", "DC", "20001"), ("Boston", "MA", "02108"), ("Denver", "CO", "80202"), ("Seattle", "WA", "98101"),
)  # fmt: skip
FIRST = ("Ada", "Bo", "Chen", "Dina", "Emil", "Fay", "Gus", "Hana", "Ivo", "Jun")
LAST = ("Abel", "Brandt", "Costa", "Diaz", "Evans", "Fischer", "Gupta", "Huang", "Ito", "Jansen")
START = datetime(2026, 11, 23, 8, tzinfo=UTC)
FIRST_ID = 5_000_000_000_000


@dataclass(frozen=True, slots=True)
class Mix:
    """What is bought. `skus`: how many SKUs there are; `hot_share`: share of the lines that are for SKU 0."""

    skus: int
    hot_share: float = 0.0


def sku_of(number: int) -> str:
    """The SKU of one item of the bench."""
    return f"SKU-{number:07d}"


def orders(seed: int, start: int, count: int, mix: Mix) -> Iterator[tuple[str, bytes]]:
    """`count` orders numbered from `start`: (Shopify's id, webhook body). One to four lines, 2.5 on average."""
    for number in range(start, start + count):
        draw = Random(f"{seed}:{number}")
        yield str(FIRST_ID + number), json.dumps(_order(draw, number, mix), separators=(",", ":")).encode()


def _order(draw: Random, number: int, mix: Mix) -> dict[str, Any]:
    lines = [_line(draw, number, at, item) for at, item in enumerate(_items(draw, mix))]
    goods = sum(_cents(line["price"]) * line["quantity"] for line in lines)
    tax, shipping = round(goods * 0.08), 490
    placed = (START + timedelta(milliseconds=250 * number)).isoformat()
    place, buyer = _address(draw), f"buyer{number}@example.com"
    return {
        "id": FIRST_ID + number, "admin_graphql_api_id": f"gid://shopify/Order/{FIRST_ID + number}",
        "app_id": 580111, "browser_ip": "203.0.113.7", "buyer_accepts_marketing": False, "cancel_reason": None,
        "cancelled_at": None, "cart_token": None, "checkout_id": FIRST_ID + number + 7, "closed_at": None,
        "confirmed": True, "contact_email": buyer, "created_at": placed, "currency": "USD",
        "current_subtotal_price": _money(goods), "current_total_discounts": "0.00",
        "current_total_price": _money(goods + tax + shipping), "current_total_tax": _money(tax),
        "customer_locale": "en-US", "email": buyer, "estimated_taxes": False, "financial_status": "paid",
        "fulfillment_status": None, "name": f"#{1000 + number}", "note": None, "note_attributes": [],
        "number": number, "order_number": 1000 + number, "payment_gateway_names": ["shopify_payments"],
        "phone": None, "presentment_currency": "USD", "processed_at": placed, "reference": None,
        "source_name": "web", "subtotal_price": _money(goods), "tags": "", "taxes_included": False, "test": False,
        "tax_lines": [{"price": _money(tax), "rate": 0.08, "title": "Sales tax"}],
        "token": f"{draw.getrandbits(128):032x}", "total_discounts": "0.00",
        "total_line_items_price": _money(goods), "total_outstanding": "0.00",
        "total_price": _money(goods + tax + shipping), "total_price_set": _both(goods + tax + shipping),
        "total_tax": _money(tax), "total_tip_received": "0.00", "total_weight": 1200, "updated_at": placed,
        "billing_address": place, "customer": _customer(number, place, buyer), "discount_applications": [],
        "fulfillments": [], "line_items": lines, "refunds": [], "shipping_address": place,
        "shipping_lines": [_shipping(number, shipping)],
    }  # fmt: skip


def _items(draw: Random, mix: Mix) -> Sequence[int]:
    """One to four different items."""
    found: dict[int, None] = {}
    for _ in range(min(draw.choice((1, 2, 3, 4)), mix.skus - 1)):
        item = 0 if draw.random() < mix.hot_share else draw.randrange(1, mix.skus)
        while item in found:
            item = draw.randrange(1, mix.skus)
        found[item] = None
    return tuple(found)


def _line(draw: Random, number: int, at: int, item: int) -> dict[str, Any]:
    price = 500 + item % 97 * 100
    return {
        "id": (FIRST_ID + number) * 8 + at, "admin_graphql_api_id": f"gid://shopify/LineItem/{number}{at}",
        "current_quantity": (quantity := draw.choice((1, 1, 1, 2))), "fulfillable_quantity": quantity,
        "fulfillment_service": "manual", "fulfillment_status": None, "gift_card": False, "grams": 300,
        "name": f"Item {item} - M", "price": _money(price), "price_set": _both(price), "product_exists": True,
        "product_id": 8_000_000 + item, "properties": [], "quantity": quantity, "requires_shipping": True,
        "sku": sku_of(item), "taxable": True, "title": f"Item {item}", "total_discount": "0.00",
        "total_discount_set": _both(0), "variant_id": variant_of(item),
        "variant_inventory_management": "shopify", "variant_title": "M", "vendor": "Bench", "discount_allocations": [],
        "tax_lines": [{"price": _money(round(price * quantity * 0.08)), "rate": 0.08, "title": "Sales tax"}],
    }  # fmt: skip


def variant_of(item: int) -> int:
    """Shopify's id of the variant that sells an item."""
    return 40_000_000 + item


def _address(draw: Random) -> dict[str, Any]:
    city, region, postal_code = draw.choice(CITIES)
    first, last = draw.choice(FIRST), draw.choice(LAST)
    return {
        "first_name": first, "last_name": last, "name": f"{first} {last}", "company": None,
        "address1": f"{draw.randrange(1, 999)} Main Street", "address2": None, "city": city, "zip": postal_code,
        "province": region, "province_code": region, "country": "United States", "country_code": "US",
        "phone": "+1 555 0100", "latitude": None, "longitude": None,
    }  # fmt: skip


def _customer(number: int, place: Mapping[str, Any], email: str) -> dict[str, Any]:
    return {
        "id": 7_000_000_000 + number, "email": email, "first_name": place["first_name"],
        "last_name": place["last_name"], "state": "disabled", "verified_email": True, "tags": "",
        "currency": "USD", "tax_exempt": False, "default_address": {**place, "default": True},
    }  # fmt: skip


def _shipping(number: int, cents: int) -> dict[str, Any]:
    return {
        "id": FIRST_ID + number + 3, "code": "Standard", "discounted_price": _money(cents), "is_removed": False,
        "price": _money(cents), "price_set": _both(cents), "source": "shopify", "title": "Standard",
        "tax_lines": [], "discount_allocations": [],
    }  # fmt: skip


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _cents(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(part)


def _both(cents: int) -> dict[str, Any]:
    money = {"amount": _money(cents), "currency_code": "USD"}
    return {"shop_money": money, "presentment_money": money}
