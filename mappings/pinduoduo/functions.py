"""What the YAML of Pinduoduo cannot say: ids of gifts, ciphers, refunds before and after shipping."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hub.canonical.order import Fulfillment, OrderStatus, Payment
from mappings.engine import readers

_SEALS = "~$"
"""A cipher stands between two of one of these: names and streets between the first, phones between the second."""
_ASKED = frozenset({"asked", "under_way"})
Amount = Decimal | None


def gift_id(value: Any, place: str, at: tuple[int, ...]) -> str | None:
    """The id of a gift's line: the same thing may be bought in the same order."""
    found = readers.some_id(value, place, at)
    return None if found is None else f"gift:{found}"


def clear(value: Any, place: str, at: tuple[int, ...]) -> str | None:
    """A text that is not encrypted."""
    found = readers.text(value, place, at)
    return None if found is None or _sealed(found) else found


def cipher(value: Any, place: str, at: tuple[int, ...]) -> str | None:
    """A text that is encrypted, as it came."""
    found = readers.text(value, place, at)
    return found if found is not None and _sealed(found) else None


def status(
    told: OrderStatus | None, sent: Fulfillment | None, confirmed: OrderStatus | None, refund: str | None
) -> OrderStatus | None:
    """Cancelled: it never came about, or its money went back before it was sent."""
    gone = refund == "done" and sent is Fulfillment.UNFULFILLED
    return OrderStatus.CANCELLED if gone or confirmed is OrderStatus.CANCELLED else told


def payment(
    status: OrderStatus | None,
    sent: Fulfillment | None,
    confirmed: Payment | None,
    refund: str | None,
    hold: str | None,
    refunded: Amount,
    total: Amount,
    deposit: Payment | None,
) -> Payment | None:
    """How far the order is paid. One that is held waits as if the money were only promised, and so does a deposit.

    After it was sent, a refund may be a part of the money only; where its amount is not known, it is taken for one.
    """
    if refund == "done":
        whole = refunded is not None and total is not None and refunded >= total
        return Payment.REFUNDED if whole or status is OrderStatus.CANCELLED else Payment.PARTIALLY_REFUNDED
    if confirmed is not Payment.PAID:
        return confirmed
    if holds(hold, refund, status, sent):
        return Payment.AUTHORIZED
    return deposit or Payment.PAID


def holds(
    hold: str | None, refund: str | None, status: OrderStatus | None, sent: Fulfillment | None
) -> tuple[str, ...] | None:
    """Names of what forbids to ship the order for now; none once it was sent or cancelled."""
    if status is OrderStatus.CANCELLED or sent is not Fulfillment.UNFULFILLED:
        return None
    return tuple(filter(None, (hold, "refund_asked" if refund in _ASKED else None))) or None


def _sealed(text: str) -> bool:
    return len(text) > 2 and text[0] in _SEALS and text[-1] == text[0]
