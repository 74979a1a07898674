"""What the YAML of Magento cannot say: pieces of lines that ship, discounts that hold tax, other means of payment."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mappings.engine import readers
from mappings.engine.derive import left

Amount = Decimal | None
_ZERO = Decimal(0)
_COUNTED = ("qty_ordered", "qty_canceled", "qty_refunded", "qty_shipped")


def progress(value: Any, place: str, at: tuple[int, ...]) -> tuple[tuple[Decimal, Decimal], ...]:
    """(still wanted, shipped) of each line that goes into a parcel."""
    found = []
    for index, item in enumerate(readers.items(value, place, at)):
        if item.get("stockline") == "line" and not readers.same(item.get("is_virtual"), "1"):
            raw = [(f"{place}[{{}}].{name}", item.get(name)) for name in _COUNTED]
            *counts, sent = (None if one is None else readers.quantity(one, where, (index,)) for where, one in raw)
            found.append((left(*counts) or _ZERO, sent or _ZERO))
    return tuple(found)


def discounts(discount: Amount, tax: Amount, shipping_tax: Amount) -> Amount:
    """The order's discount without the tax in it, as a positive amount; Magento writes it below 0."""
    return None if discount is None else abs(discount) - (tax or _ZERO) - (shipping_tax or _ZERO)


def paid_with(value: Any, place: str, at: tuple[int, ...]) -> Amount:
    """What was paid by other means lowers `grand_total`: told as a charge below 0."""
    amount = readers.money(value, place, at)
    return None if amount is None else -amount
