"""What the YAML of Taobao cannot say: what a hold of the platform means, what refunds leave of a line."""

from __future__ import annotations

from decimal import Decimal

from hub.canonical.order import Fulfillment, OrderStatus, Payment

_SENT = (Fulfillment.PARTIAL, Fulfillment.FULFILLED)


def payment(told: Payment | None, holds: str | None, kind: str | None, status: OrderStatus | None) -> Payment | None:
    """How far the trade is paid, before money of lines went back. One that the platform holds back waits as if it were
    not; cash on delivery is promised until the trade is over."""
    if told is Payment.PAID and holds:
        return Payment.UNPAID
    promised = told is Payment.PAID and kind == "cod" and status is OrderStatus.OPEN
    return Payment.AUTHORIZED if promised else told


def left(
    ordered: Decimal | None, status: OrderStatus | None, sent: Fulfillment | None, refund: str | None
) -> Decimal | None:
    """What is still wanted of a line: nothing once it is closed, or its money went back before it was sent.

    Money that goes back after that may be a part of it only: a line that is paid back whole is closed.
    """
    gone = status is OrderStatus.CANCELLED or (refund == "done" and sent not in _SENT)
    return Decimal(0) if gone and ordered is not None else ordered
