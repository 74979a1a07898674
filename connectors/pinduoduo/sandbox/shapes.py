"""What the sandbox shop shows: orders, goods and carriers with the fields that the platform's description has."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connectors.pinduoduo.sandbox.shop import DISCOUNT, PAID_BACK, POSTAGE, WAITS, Order, Sku

CHINA = ZoneInfo("Asia/Shanghai")
CARRIERS = ((44, "顺丰快递", "SF", 1), (85, "圆通快递", "YTO", 1), (331, "DHL", "DHL", 1), (7, "停用快递", "GONE", 0))
"""Number, name, code, and whether it may be used."""


def stamp(moment: datetime | None) -> str:
    """A time as the platform writes it: Beijing's, without saying so."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def order_body(order: Order) -> dict[str, Any]:
    """One order, as both the list of changes and the detail show it."""
    return {
        **_state(order),
        **_amounts(order),
        **_receiver(order),
        "item_list": [_item(line.sku, line.count) for line in order.lines],
    }


def _state(order: Order) -> dict[str, Any]:
    first, *further = order.tracks or [(0, "")]
    return {
        "order_sn": order.sn, "order_status": order.status, "refund_status": order.refund,
        "after_sales_status": order.after_sales, "risk_control_status": order.risk, "confirm_status": 1,
        "group_status": 1, "is_lucky_flag": 1, "trade_type": 0, "created_time": stamp(order.created),
        "confirm_time": stamp(order.created), "pay_time": stamp(order.created), "updated_at": stamp(order.updated),
        "last_ship_time": "", "shipping_time": "" if order.status == WAITS else stamp(order.updated),
        "logistics_id": first[0], "tracking_number": first[1], "buyer_memo": "", "remark": "",
        "extra_delivery_list": [{"logistics_id": carrier, "tracking_number": number} for carrier, number in further],
        "gift_list": [], "service_fee_detail": [], "step_order_info": None, "order_depot_info": None,
    }  # fmt: skip


def _amounts(order: Order) -> dict[str, Any]:
    """`goods_amount - discount_amount + postage` is what is paid; some amounts are texts, as they are in life."""
    return {
        "goods_amount": str(order.goods_amount), "discount_amount": str(DISCOUNT), "postage": str(POSTAGE),
        "platform_discount": str(DISCOUNT), "seller_discount": "0", "capital_free_discount": "0",
        "order_change_amount": "0", "pay_amount": str(order.pay_amount), "pay_type": "WEIXIN",
        "pay_no": f"pay-{order.sn}",
    }  # fmt: skip


def _receiver(order: Order) -> dict[str, Any]:
    """Ciphers while the order waits and is not reviewed; else nothing but what has stars."""
    shopper, open_ = order.shopper, order.status == WAITS and not order.risk
    named = {"name": shopper.name, "phone": shopper.phone, "address": shopper.line}
    seals = {"name": "~", "phone": "$", "address": "~"}
    ciphers = {
        f"receiver_{name}": f"{seals[name]}{text.encode().hex()}{seals[name]}" if open_ and text else ""
        for name, text in named.items()
    }
    masks = {f"receiver_{name}_mask": f"{text[:1]}***" for name, text in named.items()}
    return {
        **ciphers, **masks, "address": ciphers["receiver_address"], "address_mask": masks["receiver_address_mask"],
        "country": "中国", "country_id": 0, "province": shopper.region, "province_id": 1, "city": shopper.city,
        "city_id": 2, "town": "", "town_id": 0,
    }  # fmt: skip


def _item(sku: Sku, count: int) -> dict[str, Any]:
    return {
        "goods_id": sku.goods_id, "sku_id": sku.sku_id, "outer_id": sku.outer_id, "outer_goods_id": "",
        "goods_name": sku.title, "goods_spec": "", "goods_count": count, "goods_price": sku.price, "goods_img": "",
    }  # fmt: skip


def refunds_body(order: Order) -> list[dict[str, Any]]:
    """The refunds of one order; one that was taken back by the buyer comes before the one that was paid."""
    if order.refund != PAID_BACK:
        return []
    about = {"order_sn": order.sn, "after_sales_type": 2, "order_amount": str(order.pay_amount), "speed_refund_flag": 0}
    return [
        {**about, "id": 1, "after_sales_status": 11, "refund_amount": str(order.pay_amount)},
        {**about, "id": 2, "after_sales_status": order.after_sales, "refund_amount": str(order.back)},
    ]


def goods_body(sku: Sku) -> dict[str, Any]:
    """One of the shop's goods in the list."""
    shown = {
        "sku_id": sku.sku_id, "outer_id": sku.outer_id, "outer_goods_id": "", "spec": "", "is_sku_onsale": 1,
        "sku_quantity": max(0, sku.quantity), "reserve_quantity": 0,
    }  # fmt: skip
    return {
        "goods_id": sku.goods_id, "goods_name": sku.title, "is_more_sku": 0, "is_onsale": 1, "thumb_url": "",
        "image_url": "", "goods_quantity": max(0, sku.quantity), "goods_reserve_quantity": 0, "sku_list": [shown],
    }  # fmt: skip


def detail_body(sku: Sku) -> dict[str, Any]:
    """One of the shop's goods by itself."""
    shown = {
        "sku_id": sku.sku_id, "out_sku_sn": sku.outer_id, "quantity": str(max(0, sku.quantity)), "is_onsale": 1,
        "reserve_quantity": 0, "price": int(Decimal(sku.price) * 100), "spec": [],
    }  # fmt: skip
    return {"goods_id": sku.goods_id, "goods_name": sku.title, "status": 1, "sku_list": [shown]}


def carriers_body() -> list[dict[str, Any]]:
    """The carriers that the platform knows."""
    return [
        {"id": number, "logistics_company": name, "code": code, "available": usable}
        for number, name, code, usable in CARRIERS
    ]
