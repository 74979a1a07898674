"""The payloads of the sandbox shop, with the platform's names; amounts in fen, personal data as ciphers."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import Any

from connectors.douyin.sandbox.shop import CANCELLED, REFUNDED, Line, Order, Package, Sku

COMPANIES = {
    "shunfeng": "顺丰", "yuantong": "圆通快递", "zhongtong": "中通快递", "yunda": "韵达", "ems": "EMS", "dhl": "DHL",
}  # fmt: skip
POSTAGE = 600


def cipher(text: str) -> str:
    """Stands for the platform's cipher: the same text gives the same cipher, which tells nothing of it."""
    return f"#{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}#"


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def order(order: Order, shop_id: int) -> dict[str, Any]:
    """A shop order with its lines and packages. Its first line carries the postage."""
    goods = sum(line.ordered * line.sku.price for line in order.lines)
    status, shopper = order.state, order.shopper
    return {
        "order_id": order.id, "shop_id": shop_id, "shop_name": "Sandbox", "order_level": 2, "order_type": 0,
        "order_status": status, "main_status": _main(status), "create_time": seconds(order.created),
        "pay_time": seconds(order.created), "update_time": seconds(order.updated), "finish_time": 0,
        "exp_ship_time": seconds(order.created) + 172_800, "order_amount": goods + POSTAGE,
        "pay_amount": goods + POSTAGE, "post_amount": POSTAGE, "post_insurance_amount": 0, "modify_amount": 0,
        "promotion_amount": 0, "promotion_platform_amount": 0, "pay_type": 1, "cancel_reason": "", "buyer_words": "",
        "seller_words": "", "doudian_open_id": cipher(shopper.email), "encrypt_post_tel": cipher(shopper.phone),
        "encrypt_post_receiver": cipher(shopper.name), "post_addr": _address(order),
        "logistics_info": [_package(package) for package in order.packages],
        "sku_order_list": [_line(line, order, POSTAGE if at == 0 else 0) for at, line in enumerate(order.lines)],
    }  # fmt: skip


def _main(status: int) -> int:
    """What is cancelled here was paid before: its refund before shipment is done."""
    return REFUNDED if status == CANCELLED else status


def _address(order: Order) -> dict[str, Any]:
    shopper = order.shopper
    return {
        "province": {"name": shopper.region, "id": "110000"}, "city": {"name": shopper.city, "id": "110100"},
        "town": {"name": "", "id": "110108"}, "street": {"name": "", "id": ""}, "encrypt_detail": cipher(shopper.line),
    }  # fmt: skip


def _line(line: Line, order: Order, postage: int) -> dict[str, Any]:
    goods, (state, kind) = line.ordered * line.sku.price, line.after_sale
    return {
        "order_id": line.id, "parent_order_id": order.id, "order_level": 3, "order_status": line.state,
        "main_status": _main(line.state), "create_time": seconds(order.created), "update_time": seconds(order.updated),
        "product_id": line.sku.product, "product_name": line.sku.name, "sku_id": line.sku.id, "out_sku_id": 0,
        "code": line.sku.code, "spec": _spec(line.sku), "item_num": line.ordered, "origin_amount": line.sku.price,
        "sum_amount": goods, "order_amount": goods + postage, "pay_amount": goods + postage, "post_amount": postage,
        "post_insurance_amount": 0, "promotion_amount": 0, "promotion_platform_amount": 0, "modify_amount": 0,
        "after_sale_info": {"after_sale_status": state, "after_sale_type": kind, "refund_status": 3 * (state == 12)},
        "inventory_list": [],
    }  # fmt: skip


def _spec(sku: Sku) -> list[dict[str, str]]:
    return [{"name": "color", "value": sku.spec}] if sku.spec else []


def _package(package: Package) -> dict[str, Any]:
    return {
        "tracking_no": package.tracking, "company": package.company, "company_name": COMPANIES[package.company],
        "ship_time": seconds(package.sent), "delivery_id": package.id,
        "product_info": [_piece(line, pieces) for line, pieces in package.lines],
    }  # fmt: skip


def _piece(line: Line, pieces: int) -> dict[str, Any]:
    return {
        "product_name": line.sku.name, "price": line.sku.price, "outer_sku_id": line.sku.code, "sku_id": line.sku.id,
        "sku_specs": _spec(line.sku), "product_count": pieces, "product_id": line.sku.product, "sku_order_id": line.id,
    }  # fmt: skip


def product(name: str, ref: int) -> dict[str, Any]:
    """One product of the list."""
    return {
        "product_id": ref, "out_product_id": 0, "name": name, "status": 0, "check_status": 3, "product_type": 0,
    }  # fmt: skip


def sku(sku: Sku) -> dict[str, Any]:
    """One SKU; where the shop sells by region, its number stands under the merchant's code of the warehouse."""
    number, warehouse = max(0, sku.stock), sku.warehouse
    return {
        "id": sku.id, "out_sku_id": 0, "product_id": sku.product, "product_id_str": str(sku.product),
        "spec_detail_name1": sku.spec, "spec_detail_name2": "", "spec_detail_name3": "", "price": sku.price,
        "code": sku.code, "create_time": 0, "spec_id": 1, "stock_num": 0 if warehouse else number,
        "sku_type": 1 if warehouse else 0, "stock_map": {warehouse: number} if warehouse else {},
    }  # fmt: skip
