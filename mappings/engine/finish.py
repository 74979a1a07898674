"""Laws that hold for every channel's order: lines have their own ids, and what the parts miss of the total is named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from hub.canonical.amounts import plain
from hub.canonical.errors import BadRecord
from hub.canonical.order import Order, OrderLine
from hub.canonical.times import iso
from mappings.engine.readers import clean

_ZERO = Decimal(0)


def finish(order: Order) -> Order:
    """The order with `extra.unexplained` where its parts do not add up. Raises BadRecord: two lines share an id."""
    if len({line.channel_ref for line in order.lines}) != len(order.lines):
        refs = [line.channel_ref for line in order.lines]
        index = next(index for index, ref in enumerate(refs) if ref in refs[:index])
        raise BadRecord(f"lines[{index}].channel_ref", refs[index], "two lines of this order carry the same id")
    missing = unexplained(order)
    return replace(order, extra={**order.extra, "unexplained": plain(missing)}) if missing else order


def unexplained(order: Order) -> Decimal:
    """By how much the parts miss the order's total, in its currency; 0 where they add up or no total is known.

    Parts: goods before discount - discounts + taxes (unless included) + shipping + charges; unknown parts count 0.
    """
    if order.total is None:
        return _ZERO
    goods = sum((_gross(line, order.tax_included) for line in order.lines), _ZERO)
    charges = sum((charge.amount for charge in order.other_charges), _ZERO)
    shipping = order.shipping.amount if order.shipping and order.shipping.amount else _ZERO
    tax = _ZERO if order.tax_included else _taxes(order)
    return order.total - (goods + charges + shipping + tax - _discounts(order))


def _gross(line: OrderLine, tax_included: bool | None) -> Decimal:
    """What the line costs before discount and without tax that is added later."""
    if line.total is not None and line.discount is not None:
        return line.total + line.discount - (_ZERO if tax_included else line.tax or _ZERO)
    return _ZERO if line.unit_price is None else line.unit_price * line.quantity


def _discounts(order: Order) -> Decimal:
    if order.discount_total is not None:
        return order.discount_total
    shipping = order.shipping.discount if order.shipping else None
    return sum((line.discount or _ZERO for line in order.lines), shipping or _ZERO)


def _taxes(order: Order) -> Decimal:
    if order.tax_total is not None:
        return order.tax_total
    shipping = order.shipping.tax if order.shipping else None
    charges = sum((charge.tax or _ZERO for charge in order.other_charges), shipping or _ZERO)
    return sum((line.tax or _ZERO for line in order.lines), charges)


def json_ready(value: Any) -> Any:
    """A value for `extra`: amounts as decimal text, times as ISO 8601, tuples as lists, text that can be written."""
    if value.__class__ is str:
        return value if value.isprintable() else clean(value)
    if value.__class__ in (bool, int) or value is None:
        return value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, (tuple, list)):
        return [json_ready(item) for item in value]
    if isinstance(value, Mapping):
        return {json_ready(str(key)): json_ready(item) for key, item in value.items()}
    if isinstance(value, (str, float)):
        return value
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
