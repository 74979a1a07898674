"""An order of Pinduoduo in our own words and values, with the fields that its list of changes answers."""

from __future__ import annotations

from typing import Any

RECEIVER, PHONE, STREET = "~cipher-of-the-receiver~", "$cipher-of-the-phone$", "~cipher of the street~"


def item(sku_id: int, code: str, pieces: int, price: str, **changed: Any) -> dict[str, Any]:
    """One item; `price` in yuan."""
    sold = {
        "goods_id": 900001, "sku_id": sku_id, "outer_id": code, "outer_goods_id": "G-1", "goods_name": f"Thing {code}",
        "goods_spec": "red,L", "goods_count": pieces, "goods_price": price, "goods_img": "",
    }  # fmt: skip
    return sold | changed


def pinduoduo() -> dict[str, Any]:
    """Two items and a gift; 5.00 off (2.00 of them by the platform), 0.90 off the price, 3.20 postage, 1.00 fee."""
    return {
        "order_sn": "261123-9007199254740993", "order_status": 1, "refund_status": 1, "after_sales_status": 0,
        "risk_control_status": 0, "confirm_status": 1, "group_status": 1, "trade_type": 0, "is_lucky_flag": 1,
        "created_time": "2026-11-23 16:00:00", "confirm_time": "2026-11-23 16:00:10",
        "pay_time": "2026-11-23 16:00:09", "updated_at": "2026-11-23 16:05:00", "last_ship_time": "2026-11-25 16:00:10",
        "goods_amount": "69.00", "discount_amount": "5.00", "platform_discount": "2.00", "seller_discount": "3.00",
        "order_change_amount": "0.90", "postage": "3.2", "pay_amount": "68.20", "pay_type": "WEIXIN",
        "service_fee_detail": [{"service_name": "sf_express_fee", "service_fee": "1.00"}],
        "item_list": [item(9007199254740995, "TEE-RED", 2, "24.95"), item(9007199254740997, "MUG", 1, "20.00")],
        "gift_list": [item(9007199254740997, "MUG", 1, "20.00")],
        "receiver_name": RECEIVER, "receiver_name_mask": "张**", "receiver_phone": PHONE,
        "receiver_phone_mask": "138****0000", "receiver_address": STREET, "receiver_address_mask": "北山路**号",
        "address": STREET, "address_mask": "浙江省杭州市**", "country": "中国", "province": "浙江省", "city": "杭州市",
        "town": "西湖区", "buyer_memo": "please ring", "remark": "", "tracking_number": "", "logistics_id": 0,
        "extra_delivery_list": [], "step_order_info": None, "order_depot_info": {"depot_code": "HZ-1"},
    }  # fmt: skip
