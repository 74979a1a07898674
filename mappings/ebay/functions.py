"""What the YAML of eBay cannot say: prices of one, states put together from several fields, what is still wanted."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from hub.canonical.amounts import LIMIT
from hub.canonical.order import Fulfillment, OrderStatus, Payment
from mappings.engine import readers

Amount = Decimal | None
_ZERO = Decimal(0)


def status(by_cancel: OrderStatus | None, by_fulfillment: OrderStatus | None) -> OrderStatus | None:
    """Cancelled once eBay says so; else as far as it is shipped."""
    return by_cancel if by_cancel is OrderStatus.CANCELLED else by_fulfillment or by_cancel


def payment(paid: Payment | None, status: OrderStatus | None) -> Payment | None:
    """How far the order is paid; one that was cancelled before it was paid is void."""
    return Payment.VOID if status is OrderStatus.CANCELLED and paid is Payment.UNPAID else paid


def unit_price(cost: Amount, quantity: Amount) -> Amount:
    """Price of one before discount: the line's cost is that of all its pieces. To 6 decimals, at least the cost's."""
    if cost is None or not quantity:
        return None
    exact = cost / quantity
    return readers.trimmed(round(exact, 6), max(0, readers.decimal_places(cost))) if abs(exact) < LIMIT else exact


def lowered(amount: Amount) -> Amount:
    """A discount as a positive amount; eBay writes it below 0."""
    return None if amount is None else abs(amount)


def greater(of_order: Amount, of_lines: Amount) -> Amount:
    """What was refunded: eBay tells a refund with the order, with its line, or with both."""
    return max((amount for amount in (of_order, of_lines) if amount is not None), default=None)


def still_wanted(
    quantity: Amount, shipped: Fulfillment | None, paid: Payment | None, cost: Amount, refunded: Amount
) -> Amount:
    """Nothing of a line that was paid back whole before any of it was shipped; else what was ordered."""
    if shipped is not Fulfillment.UNFULFILLED:
        return quantity
    back = paid is Payment.REFUNDED or (refunded is not None and bool(cost) and refunded >= (cost or _ZERO))
    return _ZERO if back else quantity


def earliest(value: Any, place: str, at: tuple[int, ...]) -> datetime | None:
    """By when the first of the lines must be shipped."""
    found = []
    for index, line in enumerate(readers.items(value, place, at)):
        here = f"{place}[{{}}].lineItemFulfillmentInstructions"
        told = readers.obj(line.get("lineItemFulfillmentInstructions"), here, (*at, index)) or {}
        by = (
            readers.time(told.get("shipByDate"), f"{here}.shipByDate", (*at, index)) if told.get("shipByDate") else None
        )
        found += [by] if by else []
    return min(found, default=None)
