"""A Taobao trade written by us, after the fields of the platform's metadata."""

from __future__ import annotations

from typing import Any


def _order(oid: int, sku: str, num: int, price: str, payment: str, **more: Any) -> dict[str, Any]:
    return {
        "oid": oid, "num_iid": 520000000000 + oid % 10, "sku_id": str(4000000000000 + oid % 10), "outer_sku_id": sku,
        "title": f"货品 {sku}", "sku_properties_name": "颜色:红色", "num": num, "price": price, "payment": payment,
        "total_fee": payment, "discount_fee": "0.00", "adjust_fee": "0.00", "refund_status": "NO_REFUND",
        "status": "WAIT_SELLER_SEND_GOODS", **more,
    }  # fmt: skip


def taobao() -> dict[str, Any]:
    """Two lines, one of which is refunded: 59.80 - 5.00 of the first, 39.00 - 4.00 of the second, 8.00 postage."""
    first = _order(2981234567890123451, "MUG-RED", 2, "29.90", "59.80", part_mjz_discount="5.00", invoice_no="SF1")
    second = _order(
        2981234567890123452, "TEA", 1, "40.00", "39.00", discount_fee="1.00", part_mjz_discount="4.00",
        refund_status="SUCCESS", refund_id="11", status="TRADE_CLOSED",
    )  # fmt: skip
    return {
        "tid": 2981234567890123450,
        "tid_str": "2981234567890123450",
        "type": "fixed",
        "status": "WAIT_SELLER_SEND_GOODS",
        "payment": "97.80",
        "post_fee": "8.00",
        "total_fee": "99.80",
        "discount_fee": "9.00",
        "adjust_fee": "0.00",
        "created": "2026-11-23 07:58:01",
        "pay_time": "2026-11-23 07:59:00",
        "modified": "2026-11-23 08:00:02",
        "buyer_open_uid": "AAGx_uid",
        "buyer_nick": "r**",
        "buyer_message": "周末配送",
        "seller_memo": "改为发顺丰",
        "receiver_name": "王**",
        "receiver_mobile": "*******3069",
        "receiver_phone": "",
        "receiver_state": "陕西省",
        "receiver_city": "西安市",
        "receiver_district": "新城区",
        "receiver_town": "解放门街道",
        "receiver_address": "解放路***",
        "receiver_zip": "710000",
        "oaid": "1W0xLLJRuX6r==",
        "shipping_type": "express",
        "step_trade_status": None,
        "is_force_dc": False,
        "est_con_time": "付款后48小时内",
        "top_hold": 0,
        "orders": {"order": [first, second]},
        "promotion_details": {"promotion_detail": [{"id": 2981234567890123450, "discount_fee": "9.00"}]},
    }
