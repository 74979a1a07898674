"""What the YAML of eBay cannot say: payment and refunds put together from several fields, what is still wanted."""

from __future__ import annotations

from decimal import Decimal

from hub.canonical.order import Fulfillment, OrderStatus, Payment

Amount = Decimal | None
_ZERO = Decimal(0)


def payment(paid: Payment | None, status: OrderStatus | None) -> Payment | None:
    """How far the order is paid; one that was cancelled before it was paid is void."""
    return Payment.VOID if status is OrderStatus.CANCELLED and paid is Payment.UNPAID else paid


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
