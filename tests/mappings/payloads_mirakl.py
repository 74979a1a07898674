"""A Mirakl order written by us, after the fields of Mirakl's specification."""

from __future__ import annotations

from typing import Any


def _place(lastname: str) -> dict[str, Any]:
    return {
        "civility": "Mrs", "firstname": "Ada", "lastname": lastname, "company": "Engines", "company_2": "Hall 3",
        "street_1": "Lindenstr. 5", "street_2": "Hof", "zip_code": "10969", "city": "Berlin", "state": "BE",
        "country": "Deutschland", "country_iso_code": "DEU", "phone": "+49301234567",
    }  # fmt: skip


def _line(at: int, **more: Any) -> dict[str, Any]:
    return {
        "order_line_id": f"X7-A-{at}", "order_line_index": at, "offer_id": 9007199254740993 + at,
        "offer_sku": f"SKU-{at}", "product_sku": f"MP{at}", "product_title": f"Thing {at}", "quantity": 2,
        "price_unit": 10.5, "price": 21.0, "shipping_price": 2.45, "total_price": 23.45,
        "order_line_state": "SHIPPING", "taxes": [{"amount": 3.99, "code": "VAT", "rate": 19.0}],
        "shipping_taxes": [{"amount": 0.47, "code": "VAT"}], "fees": [], "promotions": [], "cancelations": [],
        "refunds": [], **more,
    }  # fmt: skip


def mirakl() -> dict[str, Any]:
    """Three lines without tax in their prices: one partly cancelled and refunded, one with a promotion, one refused.

    21.00 + (21.00 - 3.00) + 21.00 goods + 7.35 postage + 0.50 deposit = 67.85; + 11.97 + 1.41 tax = 81.23.
    """
    shipping = {**_place("Byron"), "additional_info": "Second bell"}
    gone = {
        "id": "r1", "quantity": 1, "amount": 5.25, "shipping_amount": 1.0, "taxes": [{"amount": 1.0, "code": "VAT"}],
        "shipping_taxes": [{"amount": 0.19, "code": "VAT"}], "fees": [{"amount": 0.25, "code": "DEPOSIT"}],
        "refund_state": "REFUNDED",
    }  # fmt: skip
    lines = [
        _line(1, quantity=4, price_unit=5.25, cancelations=[{"id": "c1", "quantity": 1}], refunds=[gone],
              order_line_state="SHIPPED", fees=[{"amount": 0.5, "code": "DEPOSIT"}]),
        _line(2, price=18.0, promotions=[{"id": "P", "deduced_amount": 2.0}, {"id": "Q", "deduced_amount": 1.0}]),
        _line(3, order_line_state="REFUSED"),
    ]  # fmt: skip
    return {
        "order_id": "X7-A", "commercial_id": "X7", "order_state": "SHIPPING", "order_tax_mode": "TAX_EXCLUDED",
        "created_date": "2026-11-20T09:00:00Z", "last_updated_date": "2026-11-21T10:30:00.250Z",
        "currency_iso_code": "EUR", "channel": {"code": "DE", "label": "Deutschland"},
        "customer": {
            "customer_id": "C9", "firstname": "Ada", "lastname": "Byron", "billing_address": _place("Lovelace"),
            "shipping_address": shipping, "organization": {"name": "Engines GmbH"},
        },
        "customer_notification_email": "n@notification.example", "customer_debited_date": "2026-11-20T10:00:00Z",
        "can_cancel": False, "can_shop_ship": True, "fulfillment": {"center": {"code": "DEFAULT"}},
        "delivery_date": {"earliest": "2026-11-24T00:00:00Z", "latest": "2026-11-26T00:00:00Z"},
        "fully_refunded": False,
        "shipping_deadline": "2026-11-22T22:59:59Z", "order_lines": lines, "payment_workflow": "PAY_ON_ACCEPTANCE",
        "price": 60.0, "shipping_price": 7.35, "total_price": 67.85, "shipping_type_code": "STD",
        "shipping_type_label": "Standard", "shipping_pudo_id": "P1", "quote_id": None,
        "references": {"order_reference_for_customer": "web-7", "order_reference_for_seller": None},
        "order_additional_fields": [
            {"code": "gift", "type": "BOOLEAN", "value": "true"},
            {"code": "marks", "type": "MULTIPLE_VALUES_LIST", "value": ["a", "b"]},
        ],
    }  # fmt: skip
