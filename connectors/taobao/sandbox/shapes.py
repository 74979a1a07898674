"""Payloads of the sandbox shop, in the platform's fields."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.taobao.sandbox.gate import CHINA
from connectors.taobao.sandbox.shop import POSTAGE, UNPAID, Line, Message, Sku, Trade

COMPANIES = (
    ("SF", "顺丰速运"), ("ZTO", "中通快递"), ("YTO", "圆通速递"), ("STO", "申通快递"), ("YUNDA", "韵达快递"),
    ("EMS", "EMS"), ("POST", "中国邮政"), ("DHL", "DHL"), ("OTHER", "其他"),
)  # fmt: skip


def stamp(moment: datetime) -> str:
    """A time of Beijing."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def _yuan(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _goods(line: Line) -> Decimal:
    return line.sku.price * line.ordered


def paid(trade: Trade) -> Decimal:
    """What the buyer pays: goods and postage."""
    return sum((_goods(line) for line in trade.lines), POSTAGE)


def trade(one: Trade) -> dict[str, Any]:
    """The whole trade, names and streets masked."""
    shopper = one.shopper
    alone = len(one.lines) == 1
    told = {} if one.status == UNPAID else {"pay_time": stamp(one.created)}
    return {
        "tid": one.tid, "tid_str": str(one.tid), "type": one.kind, "status": one.status, **told,
        "created": stamp(one.created), "modified": stamp(one.modified), "payment": _yuan(paid(one)),
        "post_fee": _yuan(POSTAGE), "total_fee": _yuan(paid(one) - POSTAGE), "discount_fee": "0.00",
        "adjust_fee": "0.00", "buyer_open_uid": "AAG" + str(one.tid)[-6:], "buyer_nick": shopper.name[:1] + "**",
        "receiver_name": shopper.name[:1] + "**", "receiver_mobile": "*******" + shopper.phone[-4:],
        "receiver_state": shopper.region, "receiver_city": shopper.city, "receiver_address": shopper.line[:3] + "***",
        "receiver_zip": shopper.postal_code, "oaid": f"oaid-{one.tid}==", "shipping_type": "express",
        "orders": {"order": [_order(line, paid(one) if alone else _goods(line)) for line in one.lines]},
    }  # fmt: skip


def _order(line: Line, payment: Decimal) -> dict[str, Any]:
    sku = line.sku
    own = {"sku_id": str(sku.id), "outer_sku_id": sku.code} if sku.id else {}
    values = {"sku_properties_name": f"颜色:{sku.value}"} if sku.value else {}
    asked = {"refund_id": line.refund_id} if line.refund_id else {}
    sent = {"logistics_company": line.company, "invoice_no": line.tracking} if line.tracking else {}
    return {
        "oid": line.oid, "oid_str": str(line.oid), "num_iid": sku.item, "outer_iid": sku.code, **own, **values, **sent,
        "title": sku.name, "num": line.ordered, "price": _yuan(sku.price), "total_fee": _yuan(_goods(line)),
        "payment": _yuan(payment), "discount_fee": "0.00", "adjust_fee": "0.00", "part_mjz_discount": "0.00",
        "refund_status": line.refund, "status": line.status, **asked,
    }  # fmt: skip


def refund(line: Line) -> dict[str, Any]:
    """The refund of a line."""
    return {
        "refund_id": line.refund_id, "oid": line.oid, "status": line.refund, "refund_fee": _yuan(line.back),
        "refund_phase": "onsale", "has_good_return": False,
    }  # fmt: skip


def item(skus: Sequence[Sku]) -> dict[str, Any]:
    """An item with its SKUs; one without has its number and code itself."""
    first = skus[0]
    body: dict[str, Any] = {
        "num_iid": first.item, "title": first.name, "outer_id": first.code,
        "num": sum(max(0, sku.stock) for sku in skus),
    }  # fmt: skip
    return body if not first.id else {**body, "outer_id": "", "skus": {"sku": [_sku(sku) for sku in skus]}}


def _sku(sku: Sku) -> dict[str, Any]:
    return {
        "sku_id": sku.id, "outer_id": sku.code, "quantity": max(0, sku.stock), "price": _yuan(sku.price),
        "properties": "1627207:28326", "properties_name": f"1627207:28326:颜色:{sku.value}",
    }  # fmt: skip


def message(one: Message) -> dict[str, Any]:
    """A message of the queue."""
    return {
        "id": one.id, "topic": one.topic, "content": one.content, "user_nick": one.nick, "user_id": 1,
        "pub_app_key": "12497914", "pub_time": stamp(one.sent),
    }  # fmt: skip
