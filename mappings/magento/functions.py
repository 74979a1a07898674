"""What the YAML of Magento cannot say: how far an order is shipped and paid, and discounts that hold tax."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hub.canonical.order import Fulfillment, OrderStatus, Payment
from mappings.engine import readers

Amount = Decimal | None
_ZERO = Decimal(0)


def left(ordered: Amount, canceled: Amount, refunded: Amount) -> Amount:
    """What is still wanted of a line, not below 0."""
    return None if ordered is None else max(_ZERO, ordered - (canceled or _ZERO) - (refunded or _ZERO))


def progress(value: Any, place: str, at: tuple[int, ...]) -> tuple[tuple[Decimal, Decimal], ...]:
    """(still wanted, shipped) of each line that goes into a parcel."""
    found = []
    for index, item in enumerate(readers.items(value, place, at)):
        if item.get("stockline") == "line" and not readers.same(item.get("is_virtual"), "1"):
            names = ("qty_ordered", "qty_canceled", "qty_refunded", "qty_shipped")
            ordered, canceled, refunded, shipped = (
                readers.quantity(item.get(name), f"{place}[{{}}].{name}", (index,))
                if item.get(name) is not None
                else None
                for name in names
            )
            found.append((left(ordered, canceled, refunded) or _ZERO, shipped or _ZERO))
    return tuple(found)


def fulfillment(lines: tuple[tuple[Decimal, Decimal], ...] | None) -> Fulfillment | None:
    """How far the order is shipped; unknown where nothing of it ships."""
    if not lines:
        return None
    if not any(shipped for _, shipped in lines):
        return Fulfillment.UNFULFILLED
    done = all(shipped >= wanted for wanted, shipped in lines)
    return Fulfillment.FULFILLED if done else Fulfillment.PARTIAL


def discounts(discount: Amount, tax: Amount, shipping_tax: Amount) -> Amount:
    """The order's discount without the tax in it, as a positive amount; Magento writes it below 0."""
    return None if discount is None else abs(discount) - (tax or _ZERO) - (shipping_tax or _ZERO)


def paid_with(value: Any, place: str, at: tuple[int, ...]) -> Amount:
    """What was paid by other means lowers `grand_total`: told as a charge below 0."""
    amount = readers.money(value, place, at)
    return None if amount is None else -amount


def payment(
    status: OrderStatus | None, total: Amount, paid: Amount, due: Amount, refunded: Amount, authorized: Amount
) -> Payment | None:
    """How far the order is paid: refunds first, then what was paid, then what was only authorized."""
    if refunded:
        return Payment.REFUNDED if refunded >= (paid or total or _ZERO) else Payment.PARTIALLY_REFUNDED
    if paid is None and due is None and total is None:
        return None
    rest = due if due is not None else (total or _ZERO) - (paid or _ZERO)
    if paid and rest <= 0:
        return Payment.PAID
    if status is OrderStatus.CANCELLED:
        return Payment.VOID
    if rest <= 0:
        return Payment.PAID
    return Payment.AUTHORIZED if authorized else Payment.UNPAID
