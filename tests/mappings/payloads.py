"""Payloads written by us, after the fields that the channels' documentation lists."""

from __future__ import annotations

from typing import Any


def money_set(shop: str, presentment: str | None = None, currency: str = "EUR", other: str = "EUR") -> dict[str, Any]:
    """A REST `*_set`: shop money and presentment money."""
    return {
        "shop_money": {"amount": shop, "currency_code": currency},
        "presentment_money": {"amount": presentment or shop, "currency_code": other},
    }


def shopify_rest() -> dict[str, Any]:
    """Two lines (one edited from 3 to 2), a code on the whole order, cheaper shipping, paid in another currency."""
    return {
        "id": 9007199254740993001,
        "admin_graphql_api_id": "gid://shopify/Order/9007199254740993001",
        "name": "#2041",
        "order_number": 2041,
        "created_at": "2026-10-02T09:15:00+02:00",
        "processed_at": "2026-10-02T09:15:00+02:00",
        "updated_at": "2026-10-03T18:00:01+02:00",
        "cancelled_at": None,
        "closed_at": None,
        "financial_status": "partially_refunded",
        "fulfillment_status": None,
        "currency": "EUR",
        "presentment_currency": "CHF",
        "taxes_included": False,
        "duties_included": False,
        "test": False,
        "tags": "vip, gift",
        "note": "Ring twice",
        "email": "ada@example.com",
        "phone": "+49301234567",
        "total_price": "75.20",
        "total_price_set": money_set("75.20", "71.44", other="CHF"),
        "total_tax": "10.20",
        "total_tax_set": money_set("10.20", "9.69", other="CHF"),
        "total_discounts": "8.00",
        "total_discounts_set": money_set("8.00", "7.60", other="CHF"),
        "total_tip_received": "2.00",
        "note_attributes": [{"name": "Gift wrap", "value": "yes"}],
        "customer": {"id": 115310627314723950, "first_name": "Ada", "last_name": "Lovelace"},
        "billing_address": _rest_address("Ada Lovelace"),
        "shipping_address": _rest_address("Charles Babbage"),
        "line_items": [
            _rest_line(11, "A-1", quantity=3, current=2, price="10.00", discount="3.00", tax="5.13"),
            _rest_line(12, "B-2", quantity=1, current=1, price="33.00", discount="3.00", tax="4.12"),
        ],
        "shipping_lines": [
            {
                "id": 7,
                "title": "Parcel",
                "price": "8.00",
                "discounted_price": "6.00",
                "is_removed": False,
                "tax_lines": [{"title": "VAT", "rate": 0.19, "price": "0.95"}],
            }
        ],
        "refunds": [
            {
                "id": 91,
                "transactions": [
                    {"id": 1, "kind": "refund", "status": "success", "amount": "10.00", "currency": "EUR"},
                    {"id": 2, "kind": "refund", "status": "failure", "amount": "99.00", "currency": "EUR"},
                ],
            }
        ],
    }


def _rest_address(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "first_name": name.split()[0],
        "last_name": name.split()[1],
        "company": None,
        "address1": "Lindenstr. 5",
        "address2": "",
        "city": "Berlin",
        "province": "Berlin",
        "province_code": "BE",
        "zip": "10969",
        "country": "Germany",
        "country_code": "DE",
        "phone": None,
        "latitude": 52.5,
        "longitude": 13.4,
    }


def _rest_line(
    ref: int, sku: str, *, quantity: int, current: int, price: str, discount: str, tax: str
) -> dict[str, Any]:
    return {
        "id": ref,
        "variant_id": 9000000000000000000 + ref,
        "sku": sku,
        "title": f"Thing {sku}",
        "name": f"Thing {sku} - blue",
        "quantity": quantity,
        "current_quantity": current,
        "price": price,
        "total_discount": "0.00",
        "discount_allocations": [{"amount": discount, "discount_application_index": 0}],
        "tax_lines": [{"title": "VAT", "rate": 0.19, "price": tax}],
    }


def bag(shop: str, presentment: str | None = None, currency: str = "EUR", other: str = "EUR") -> dict[str, Any]:
    """A MoneyBag as the GraphQL API writes it: 10.0 for 10.00."""
    return {
        "shopMoney": {"amount": _graphql_digits(shop), "currencyCode": currency},
        "presentmentMoney": {"amount": _graphql_digits(presentment or shop), "currencyCode": other},
    }


def _graphql_digits(amount: str) -> str:
    return amount[:-1] if amount.endswith("0") and "." in amount else amount


def shopify_graphql() -> dict[str, Any]:
    """The order of `shopify_rest`, as the GraphQL API shows it."""
    rest = shopify_rest()
    return {
        "id": rest["admin_graphql_api_id"],
        "legacyResourceId": str(rest["id"]),
        "name": rest["name"],
        "createdAt": "2026-10-02T07:15:00Z",
        "updatedAt": "2026-10-03T16:00:01Z",
        "cancelledAt": None,
        "closedAt": None,
        "displayFinancialStatus": "PARTIALLY_REFUNDED",
        "displayFulfillmentStatus": "UNFULFILLED",
        "currencyCode": "EUR",
        "presentmentCurrencyCode": "CHF",
        "taxesIncluded": False,
        "test": False,
        "tags": ["vip", "gift"],
        "note": "Ring twice",
        "email": "ada@example.com",
        "phone": "+49301234567",
        "totalPriceSet": bag("75.20", "71.44", other="CHF"),
        "totalTaxSet": bag("10.20", "9.69", other="CHF"),
        "totalDiscountsSet": bag("8.00", "7.60", other="CHF"),
        "totalRefundedSet": bag("10.00", "9.50", other="CHF"),
        "totalTipReceivedSet": bag("2.00"),
        "originalTotalDutiesSet": None,
        "customAttributes": [{"key": "Gift wrap", "value": "yes"}],
        "customer": {"id": "gid://shopify/Customer/115310627314723950"},
        "billingAddress": _graphql_address(rest["billing_address"]),
        "shippingAddress": _graphql_address(rest["shipping_address"]),
        "lineItems": {
            "nodes": [_graphql_line(line) for line in rest["line_items"]],
            "pageInfo": {"hasNextPage": False},
        },
        "shippingLines": {
            "nodes": [
                {
                    "title": "Parcel",
                    "originalPriceSet": bag("8.00"),
                    "discountedPriceSet": bag("6.00"),
                    "taxLines": [{"title": "VAT", "priceSet": bag("0.95")}],
                }
            ]
        },
    }


def _graphql_address(rest: dict[str, Any]) -> dict[str, Any]:
    names = {"first_name": "firstName", "last_name": "lastName", "province_code": "provinceCode"}
    names["country_code"] = "countryCodeV2"
    return {names.get(name, name): value for name, value in rest.items() if not name.endswith("itude")}


def _graphql_line(rest: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/LineItem/{rest['id']}",
        "sku": rest["sku"],
        "name": rest["name"],
        "title": rest["title"],
        "quantity": rest["quantity"],
        "currentQuantity": rest["current_quantity"],
        "variant": {"id": f"gid://shopify/ProductVariant/{rest['variant_id']}"},
        "originalUnitPriceSet": bag(rest["price"]),
        "totalDiscountSet": bag("0.00"),
        "discountAllocations": [{"allocatedAmountSet": bag(rest["discount_allocations"][0]["amount"])}],
        "taxLines": [{"title": "VAT", "priceSet": bag(rest["tax_lines"][0]["price"])}],
    }


def woo() -> dict[str, Any]:
    """A product line with a coupon, a variation, a fee and a refund; the shop stands in New York (UTC-4 in June)."""
    return {
        "id": 5120,
        "parent_id": 0,
        "number": "5120",
        "status": "processing",
        "currency": "USD",
        "prices_include_tax": False,
        "date_created": "2026-06-01T10:00:00",
        "date_created_gmt": "2026-06-01T14:00:00",
        "date_modified": "2026-06-02T08:30:00",
        "date_modified_gmt": "2026-06-02T12:30:00",
        "date_paid": "2026-06-01T10:01:00",
        "date_paid_gmt": "2026-06-01T14:01:00",
        "discount_total": "4.00",
        "shipping_total": "6.50",
        "shipping_tax": "0.52",
        "total_tax": "3.24",
        "total": "44.24",
        "customer_id": 0,
        "customer_note": "",
        "payment_method": "cod",
        "payment_method_title": "Cash &amp; carry",
        "billing": {
            "first_name": "Grace",
            "last_name": "Hopper",
            "company": "Navy",
            "address_1": "1 Main St",
            "address_2": "",
            "city": "Arlington",
            "state": "VA",
            "postcode": "22202",
            "country": "us",
            "email": "grace@example.com",
            "phone": "555-0100",
        },
        "shipping": {
            "first_name": "Grace",
            "last_name": "Hopper",
            "company": "",
            "address_1": "1 Main St",
            "address_2": "Unit 7",
            "city": "Arlington",
            "state": "VA",
            "postcode": "22202",
            "country": "US",
        },
        "line_items": [
            {
                "id": 31,
                "name": "Tea &ndash; black &amp; strong",
                "product_id": 93,
                "variation_id": 0,
                "quantity": 2,
                "subtotal": "20.00",
                "subtotal_tax": "1.60",
                "total": "16.00",
                "total_tax": "1.28",
                "price": 8,
                "sku": "TEA",
                "meta_data": [{"id": 1, "key": "wrap", "value": {"deep": ["of", 1, None]}}],
            },
            {
                "id": 32,
                "name": "Cup, blue",
                "product_id": 22,
                "variation_id": 23,
                "quantity": "1",
                "subtotal": "15.50",
                "total": "15.50",
                "total_tax": "1.24",
                "price": "15.5",
                "sku": "",
                "meta_data": [],
            },
        ],
        "tax_lines": [],
        "shipping_lines": [{"id": 33, "method_title": "Flat rate", "total": "6.50", "total_tax": "0.52"}],
        "fee_lines": [{"id": 34, "name": "Box", "total": "3.00", "total_tax": "0.20"}],
        "coupon_lines": [{"id": 35, "code": "tea4", "discount": "4"}],
        "refunds": [{"id": 36, "reason": "", "total": "-5.00"}],
        "meta_data": [{"id": 1, "key": "a", "value": [1, {"b": None}]}, {"id": 2, "key": "c", "value": False}],
    }


def vendure() -> dict[str, Any]:
    """An order of Vendure's Admin API: two lines, one discounted and cancelled in part, a surcharge and a refund."""
    address = {
        "fullName": "Ada Lovelace", "company": "Analytical Ltd", "streetLine1": "Lindenstr. 5", "streetLine2": "",
        "city": "Berlin", "province": "BE", "postalCode": "10115", "countryCode": "DE", "phoneNumber": "+49 30 1",
    }  # fmt: skip
    refund = {"id": "5", "state": "Settled", "total": 2380, "updatedAt": "2026-06-03T08:00:00.000Z"}
    payment = {
        "id": "4",
        "state": "Settled",
        "amount": 11305,
        "method": "card",
        "updatedAt": "2026-06-01T14:00:01.000Z",
    }
    return {
        "id": "7", "code": "QZJ5BM2KXP4T8W3N", "type": "Regular", "state": "PartiallyShipped", "active": False,
        "createdAt": "2026-06-01T13:50:00.000Z", "updatedAt": "2026-06-02T09:30:00.000Z",
        "orderPlacedAt": "2026-06-01T14:00:00.250Z", "currencyCode": "EUR", "couponCodes": ["SPRING"],
        "totalWithTax": 8925, "total": 7500,
        "customer": {
            "id": "3", "title": None, "firstName": "Ada", "lastName": "Lovelace", "emailAddress": "ada@example.com",
            "phoneNumber": None,
        },
        "shippingAddress": address, "billingAddress": {"fullName": None, "company": None, "countryCode": None},
        "lines": [
            {
                "id": "11", "quantity": 2, "orderPlacedQuantity": 3, "unitPriceWithTax": 2975, "linePriceWithTax": 5950,
                "proratedLinePriceWithTax": 4760, "proratedLinePrice": 4000, "taxRate": 19,
                "productVariant": {"id": "21", "sku": "TEA-1", "name": "Green tea"},
            },
            {
                "id": "12", "quantity": 1, "orderPlacedQuantity": 1, "unitPriceWithTax": 3332, "linePriceWithTax": 3332,
                "proratedLinePriceWithTax": 3332, "proratedLinePrice": 2800, "taxRate": 19,
                "productVariant": {"id": "22", "sku": "CUP-1", "name": "Cup"},
            },
        ],
        "surcharges": [{"id": "31", "description": "Gift wrap", "sku": None, "price": 200, "priceWithTax": 238}],
        "shippingLines": [
            {
                "id": "41", "priceWithTax": 714, "discountedPriceWithTax": 595, "discountedPrice": 500,
                "shippingMethod": {"code": "std", "name": "Standard"},
            }
        ],
        "payments": [payment | {"refunds": [refund]}],
        "fulfillments": [
            {
                "id": "51", "state": "Shipped", "method": "DHL", "trackingCode": "T1",
                "updatedAt": "2026-06-02T09:30:00.000Z", "lines": [{"orderLineId": "11", "quantity": 1}],
            }
        ],
    }  # fmt: skip
