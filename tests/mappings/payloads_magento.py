"""A Magento order written by us, after the fields of Adobe's specification."""

from __future__ import annotations

from typing import Any


def _item(item: int, sku: str, kind: str, qty: float, price: float, tax: float, **more: Any) -> dict[str, Any]:
    return {
        "item_id": item, "product_id": 1000 + item, "sku": sku, "name": f"Thing {sku}", "product_type": kind,
        "is_virtual": 0, "qty_ordered": qty, "qty_canceled": 0, "qty_refunded": 0, "qty_shipped": 0, "price": price,
        "row_total": round(price * qty, 4), "tax_amount": tax, "discount_amount": 0,
        "discount_tax_compensation_amount": 0, **more,
    }  # fmt: skip


def _address(kind: str, name: str) -> dict[str, Any]:
    return {
        "address_type": kind, "firstname": "Ada", "lastname": name, "company": "Engines", "city": "Berlin",
        "street": ["Lindenstr. 5", "Hof"], "postcode": "10969", "country_id": "DE", "region": "Berlin",
        "region_code": "BER", "region_id": 82, "telephone": "+49301234567", "email": "ada@example.com",
    }  # fmt: skip


def magento() -> dict[str, Any]:
    """A variant with a discount that holds tax, a bundle of two parts, a service; partly shipped and refunded.

    39.00 goods - 2.00 discount + 5.00 postage + 7.98 tax = 49.98, of which 9.98 were paid with a gift card.
    """
    configurable = _item(
        11, "TEE-RED", "configurable", 2, 10, 3.42, discount_amount=2.38, discount_tax_compensation_amount=0.38,
        qty_shipped=1, qty_refunded=1,
    )  # fmt: skip
    bundle = _item(13, "SET-A-B", "bundle", 1, 15, 2.85)
    return {
        "entity_id": 900719925474099300,
        "increment_id": "000000042",
        "state": "processing",
        "status": "processing",
        "created_at": "2026-10-02 07:15:00",
        "updated_at": "2026-10-03 16:00:01",
        "order_currency_code": "EUR",
        "base_currency_code": "USD",
        "base_grand_total": 44,
        "grand_total": 40,
        "subtotal": 39,
        "tax_amount": 7.98,
        "discount_amount": -2.38,
        "discount_tax_compensation_amount": 0.38,
        "shipping_amount": 5,
        "shipping_tax_amount": 0.95,
        "shipping_discount_amount": 0,
        "shipping_discount_tax_compensation_amount": 0,
        "shipping_description": "DHL - Parcel",
        "total_paid": 40,
        "total_due": 0,
        "total_refunded": 11.9,
        "coupon_code": "TEN",
        "customer_id": 7,
        "customer_is_guest": 0,
        "customer_email": "ada@example.com",
        "customer_firstname": "Ada",
        "customer_lastname": "Lovelace",
        "customer_note": "Ring twice",
        "store_id": 1,
        "items": [
            configurable,
            _item(12, "TEE-RED", "simple", 2, 0, 0, parent_item_id=11, parent_item=configurable),
            bundle,
            _item(14, "A", "simple", 1, 5, 0.95, parent_item_id=13, parent_item=bundle),
            _item(15, "B", "simple", 2, 5, 1.9, parent_item_id=13, parent_item=bundle),
            _item(16, "WARRANTY", "virtual", 1, 4, 0.76, is_virtual=1),
        ],
        "billing_address": _address("billing", "Lovelace"),
        "payment": {"method": "checkmo", "amount_ordered": 40, "additional_information": ["Check"]},
        "status_histories": [],
        "extension_attributes": {
            "shipping_assignments": [
                {"shipping": {"address": _address("shipping", "Byron"), "method": "dhl"}, "items": []}
            ],
            "gift_cards_amount": 9.98,
        },
    }
