"""The way back: canonical JSON, as stored and served, to `Order`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from hub.canonical.amounts import exact
from hub.canonical.order import (
    Address,
    Buyer,
    Charge,
    FulfilledBy,
    Fulfillment,
    Order,
    OrderLine,
    OrderStatus,
    Payment,
    ShippingCharge,
)
from hub.canonical.times import parse_time


def order_from_dict(body: Mapping[str, Any]) -> Order:
    """`Order.to_dict` read back. Raises BadRecord where a number or time is not one."""
    return Order(
        channel=body["channel"],
        channel_ref=body["channel_ref"],
        number=body.get("number"),
        placed_at=_time(body, "placed_at"),
        updated_at=_time(body, "updated_at"),
        status=OrderStatus(body.get("status") or "open"),
        payment=Payment(body["payment"]) if body.get("payment") else None,
        fulfillment=Fulfillment(body["fulfillment"]) if body.get("fulfillment") else None,
        currency=body.get("currency"),
        tax_included=body.get("tax_included"),
        lines=tuple(_line(row) for row in body["lines"]),
        shipping=_shipping(body.get("shipping")),
        other_charges=tuple(_charge(row) for row in body.get("other_charges") or ()),
        discount_total=_number(body, "discount_total"),
        tax_total=_number(body, "tax_total"),
        refunded_total=_number(body, "refunded_total"),
        total=_number(body, "total"),
        buyer=Buyer(**body["buyer"]) if body.get("buyer") else None,
        ship_to=_address(body.get("ship_to")),
        bill_to=_address(body.get("bill_to")),
        ship_by=_time(body, "ship_by"),
        deliver_by=_time(body, "deliver_by"),
        note=body.get("note"),
        fulfilled_by=FulfilledBy(body.get("fulfilled_by") or "merchant"),
        sub_orders=tuple(body.get("sub_orders") or ()),
        extra=body.get("extra") or {},
    )


def _number(body: Mapping[str, Any], name: str) -> Decimal | None:
    return None if body.get(name) is None else exact(body[name], name)


def _time(body: Mapping[str, Any], name: str) -> datetime | None:
    return None if body.get(name) is None else parse_time(body[name], name)


def _line(row: Mapping[str, Any]) -> OrderLine:
    return OrderLine(
        channel_ref=row["channel_ref"],
        quantity=exact(row["quantity"], "quantity"),
        listing_ref=row.get("listing_ref"),
        sku=row.get("sku"),
        title=row.get("title"),
        uom=row.get("uom"),
        unit_price=_number(row, "unit_price"),
        discount=_number(row, "discount"),
        tax=_number(row, "tax"),
        total=_number(row, "total"),
    )


def _shipping(row: Mapping[str, Any] | None) -> ShippingCharge | None:
    if row is None:
        return None
    return ShippingCharge(row.get("method"), *(_number(row, name) for name in ("amount", "discount", "tax")))


def _charge(row: Mapping[str, Any]) -> Charge:
    return Charge(row["kind"], exact(row["amount"], "other_charges.amount"), _number(row, "tax"))


def _address(row: Mapping[str, Any] | None) -> Address | None:
    return None if row is None else Address(**{**row, "lines": tuple(row.get("lines") or ())})
