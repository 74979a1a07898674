"""A shop order of Douyin Shop in our own words and values, with the fields that its search answers."""

from __future__ import annotations

from typing import Any

RECEIVER, PHONE, DETAIL = ("#cipher-of-the-receiver#", "$cipher-of-the-phone$", "~cipher of the detailed address~")


def line(ref: str, sku: str, pieces: int, price: int, **changed: Any) -> dict[str, Any]:
    """One line; `price` in fen."""
    sent = {
        "order_id": ref, "parent_order_id": "6900000000000000001", "order_status": 2, "main_status": 2,
        "product_id": 3473196049974326311, "sku_id": 1700000000000000001, "out_sku_id": 0, "code": sku,
        "product_name": f"Thing {sku}", "spec": [{"name": "color", "value": "red"}], "item_num": pieces,
        "origin_amount": price, "sum_amount": pieces * price, "promotion_amount": 0, "post_amount": 0,
        "post_insurance_amount": 0, "order_amount": pieces * price, "pay_amount": pieces * price,
        "inventory_list": [{"warehouse_id": "1", "out_warehouse_id": "BER", "inventory_type": 1, "count": pieces}],
        "after_sale_info": {"after_sale_status": 0, "after_sale_type": 0, "refund_status": 0},
    }  # fmt: skip
    return sent | changed


def douyin() -> dict[str, Any]:
    """Two lines; 6.00 postage on the first, 5.00 off it (1.50 of them paid by the platform), 0.50 insurance."""
    first = line(
        "6900000000000000001", "TEE-RED", 2, 2990,
        promotion_amount=500, post_amount=600, post_insurance_amount=50, pay_amount=6130,
    )  # fmt: skip
    return {
        "order_id": "6900000000000000001", "shop_id": 77001, "order_status": 2, "main_status": 2, "order_type": 0,
        "create_time": 1764547200, "pay_time": 1764547260, "update_time": 1764547300, "exp_ship_time": 1764720000,
        "finish_time": 0, "order_amount": 7640, "pay_amount": 7140, "post_amount": 600, "post_insurance_amount": 50,
        "promotion_amount": 500, "promotion_platform_amount": 200, "platform_cost_amount": 150, "modify_amount": 0,
        "doudian_open_id": "#open/id+1==#", "buyer_words": "please ring", "seller_words": "", "cancel_reason": "",
        "encrypt_post_receiver": RECEIVER, "encrypt_post_tel": PHONE,
        "post_addr": {
            "province": {"name": "浙江省", "id": "330000"}, "city": {"name": "杭州市", "id": "330100"},
            "town": {"name": "西湖区", "id": "330106"}, "street": {"name": "北山街道", "id": "330106001"},
            "encrypt_detail": DETAIL,
        },
        "logistics_info": [],
        "sku_order_list": [first, line("6900000000000000002", "MUG", 1, 1010)],
    }  # fmt: skip
