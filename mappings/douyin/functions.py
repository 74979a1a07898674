"""What the YAML of Douyin cannot say: fen, seconds since 1970, ciphers, and two words for one order's state."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hub.canonical.errors import BadRecord
from hub.canonical.order import OrderStatus, Payment
from mappings.engine import readers

_LATEST = 221_845_392_000
"""Seconds; the year 9000. A time in milliseconds lies beyond it."""
_BEFORE_SHIPMENT = frozenset({"2", "4", "5"})
"""Kinds of after-sale: refund before shipment, cancelled by the system, cancelled by the buyer."""
_DONE = frozenset({"12", "51", "53"})


def fen(value: Any, place: str, at: tuple[int, ...]) -> Decimal | None:
    """An amount in fen as yuan with two decimals: 2990 -> 29.90. A fraction of a fen is refused."""
    number = readers.number(value, place, at)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise BadRecord(place.format(*at), value, "expected whole fen")
    return number.to_integral_value().scaleb(-2)


def epoch(value: Any, place: str, at: tuple[int, ...]) -> datetime | None:
    """Seconds since 1970; 0 means never."""
    number = readers.number(value, place, at)
    if not number:
        return None
    if number != number.to_integral_value() or not 0 < number < _LATEST:
        raise BadRecord(place.format(*at), value, "expected seconds since 1970")
    return datetime.fromtimestamp(int(number), UTC)


def cipher(value: Any, place: str, at: tuple[int, ...]) -> str | None:
    """A cipher of personal data, kept as it came. What is no text is left out, so that no message ever shows it."""
    return value if isinstance(value, str) and value.isprintable() and value else None


def state(main: OrderStatus | None, order: OrderStatus | None) -> OrderStatus | None:
    """`main_status` is the finer word; what is cancelled by either is cancelled."""
    return OrderStatus.CANCELLED if OrderStatus.CANCELLED in (main, order) else main or order


def payment(main: Payment | None, order: Payment | None, paid_at: datetime | None) -> Payment | None:
    """How far the order is paid; what was paid and is cancelled went back."""
    found = main or order
    return Payment.REFUNDED if found is Payment.VOID and paid_at else found


def wanted(
    ordered: Decimal | None, main: OrderStatus | None, order: OrderStatus | None, kind: str | None, after: str | None
) -> Decimal | None:
    """What is still wanted of a line: nothing once it is cancelled or its refund before shipment is done."""
    gone = state(main, order) is OrderStatus.CANCELLED or (kind in _BEFORE_SHIPMENT and after in _DONE)
    return Decimal(0) if gone and ordered is not None else ordered
