"""What the YAML of Mirakl cannot say: discounts that the price shows, what left, what was paid."""

from __future__ import annotations

from decimal import Decimal

from hub.canonical.order import Fulfillment, Payment

Amount = Decimal | None
_ZERO = Decimal(0)


def discount(unit_price: Amount, quantity: Amount, price: Amount, promised: Amount) -> Amount:
    """What promotions took off the line's price; 0 where the price does not show it."""
    if unit_price is None or quantity is None or price is None or not promised:
        return _ZERO
    return promised if unit_price * quantity - price == promised else _ZERO


def fulfillment(by_state: Fulfillment | None, departed: Decimal) -> Fulfillment | None:
    """How far the order is shipped: some of its lines may have left while it is still shipping."""
    return Fulfillment.PARTIAL if by_state is Fulfillment.UNFULFILLED and departed else by_state


def payment(
    by_state: Payment | None, workflow: str | None, debited_at: object, refunded: Amount, fully: bool | None
) -> Payment | None:
    """Refunds first, then whether the customer was debited; only what is paid on acceptance is paid before it ships."""
    if by_state in {None, Payment.VOID, Payment.REFUNDED, Payment.UNPAID}:
        return by_state
    if fully:
        return Payment.REFUNDED
    if refunded:
        return Payment.PARTIALLY_REFUNDED
    if debited_at:
        return Payment.PAID
    return Payment.AUTHORIZED if workflow == "later" else by_state
