"""What the YAML of Douyin cannot say: ciphers, and two words for one order's state."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from hub.canonical.order import OrderStatus, Payment

_BEFORE_SHIPMENT = frozenset({"2", "4", "5"})
"""Kinds of after-sale: refund before shipment, cancelled by the system, cancelled by the buyer."""
_DONE = frozenset({"12", "51", "53"})


def cipher(value: Any, place: str, at: tuple[int, ...]) -> str | None:
    """A cipher of personal data, kept as it came. What is no text is left out, so that no message ever shows it."""
    return value if isinstance(value, str) and value.isprintable() and value else None


def state(main: OrderStatus | None, order: OrderStatus | None) -> OrderStatus | None:
    """`main_status` is the finer word; what is cancelled by either is cancelled."""
    return OrderStatus.CANCELLED if OrderStatus.CANCELLED in (main, order) else main or order


def payment(told: Payment | None, paid_at: datetime | None) -> Payment | None:
    """How far the order is paid; what was paid and is cancelled went back."""
    return Payment.REFUNDED if told is Payment.VOID and paid_at else told


def wanted(
    ordered: Decimal | None, main: OrderStatus | None, order: OrderStatus | None, kind: str | None, after: str | None
) -> Decimal | None:
    """What is still wanted of a line: nothing once it is cancelled or its refund before shipment is done."""
    gone = state(main, order) is OrderStatus.CANCELLED or (kind in _BEFORE_SHIPMENT and after in _DONE)
    return Decimal(0) if gone and ordered is not None else ordered
