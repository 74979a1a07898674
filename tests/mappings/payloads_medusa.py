"""A Medusa order written by us, after the fields of Medusa's specification."""

from __future__ import annotations

from typing import Any


def _item(ref: str, pieces: int, price: float, tax: float, total: float, shipped: int, **more: Any) -> dict[str, Any]:
    return {
        "id": ref, "title": f"Thing {ref}", "product_title": f"Thing {ref}", "variant_title": "Red",
        "variant_id": f"variant_{ref}", "variant_sku": f"SKU-{ref}", "requires_shipping": True,
        "is_tax_inclusive": False, "unit_price": price, "quantity": pieces, "tax_total": tax, "total": total,
        "detail": {
            "quantity": pieces, "fulfilled_quantity": shipped, "shipped_quantity": shipped, "delivered_quantity": 0,
            "written_off_quantity": 0,
        },
        "variant": {"inventory_items": [{"inventory_item_id": f"iitem_{ref}", "required_quantity": 1}]}, **more,
    }  # fmt: skip


def _address(name: str) -> dict[str, Any]:
    return {
        "first_name": "Ada", "last_name": name, "company": "Engines", "address_1": "Lindenstr. 5", "address_2": "Hof",
        "city": "Berlin", "province": "BE", "postal_code": "10969", "country_code": "de", "phone": "+49301234567",
    }  # fmt: skip


def medusa() -> dict[str, Any]:
    """Two lines, one with 2.00 taken off and one of two inventory items; one piece left, 5.00 paid back.

    30.00 goods - 2.00 discount + 5.00 postage + 3.30 tax = 36.30.
    """
    kit = [{"inventory_item_id": "iitem_3", "required_quantity": 1}, {"inventory_item_id": "iitem_4"}]
    return {
        "id": "order_01J0000000000000000000007A", "display_id": 42, "status": "pending", "version": 2,
        "created_at": "2026-11-20T09:00:00.000Z", "updated_at": "2026-11-21T10:30:00.250Z", "email": "ada@example.com",
        "currency_code": "eur", "customer_id": "cus_9", "region_id": "reg_1", "sales_channel_id": "sc_1",
        "payment_status": "partially_refunded", "fulfillment_status": "fulfilled", "total": 36.3, "tax_total": 3.3,
        "items": [
            _item("1", 2, 10, 1.7999999999999998, 19.8, 1),
            _item("2", 1, 10, 1, 11, 0, variant={"inventory_items": kit}),
        ],
        "shipping_methods": [{"name": "Parcel", "amount": 5, "tax_total": 0.5, "total": 5.5}],
        "payment_collections": [{"authorized_amount": 36.3, "captured_amount": 36.3, "refunded_amount": 5}],
        "fulfillments": [],
        "shipping_address": _address("Byron"),
        "billing_address": _address("Lovelace"),
    }  # fmt: skip
