"""Joins an order with the refunds that its channel told apart from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from hub.canonical.order import Order, Payment
from hub.canonical.refund import Refund, Telling

KEY = "money_back"
"""Where in an order's `extra` its refunds stand, each as `Refund.to_dict` without the order's own id."""
OWN = "payment_told"
"""Where in `extra` the payment stands that the order told itself, while its refunds make it another."""
_NEVER = datetime.min.replace(tzinfo=UTC)


def with_refunds(order: Order, refunds: Iterable[Refund]) -> Order:
    """The order with all refunds that were told of it; one without any is as it was.

    Args:    refunds: all that are known of this order, in any order, each once.
    Returns: `refunded_total` is their exact sum, None where one is in another currency than the order, whose worth
             nobody knows; `payment` is refunded where the sum reaches the total, partly refunded where anything went
             back, else what the order itself told (kept in `extra.payment_told` while it is another), so a refund that
             was taken back leaves no trace; `extra.money_back` lists them, oldest first. A line of a refund names its
             order line (`line`) where only one can be meant. Nothing else changes: what is wanted of the lines is the
             order's own word. Joined again it is the same, also after other refunds.
    """
    told = sorted(refunds, key=lambda one: (one.refunded_at or _NEVER, one.channel_ref))
    if not told:
        return order
    total = _total(order, told)
    own = _own_payment(order)
    payment = _payment(order, own, total)
    extra = {name: value for name, value in order.extra.items() if name != OWN}
    extra |= {KEY: [_told(order, one) for one in told]} | ({OWN: own and str(own)} if payment != own else {})
    return replace(order, refunded_total=total, payment=payment, extra=extra)


def _total(order: Order, told: Sequence[Refund]) -> Decimal | None:
    """What went back in all, in the order's currency; what names no currency is in it."""
    moved = [one for one in told if one.amount]
    currencies = {one.currency for one in moved if one.currency} | ({order.currency} if order.currency else set())
    return None if len(currencies) > 1 else sum((one.amount for one in moved), Decimal("0.00"))


def _own_payment(order: Order) -> Payment | None:
    told = order.extra.get(OWN, order.payment)
    return None if told is None else Payment(told)


def _payment(order: Order, own: Payment | None, total: Decimal | None) -> Payment | None:
    if total is None:
        return Payment.PARTIALLY_REFUNDED
    if total <= 0:
        return own
    whole = order.total is not None and total >= order.total
    return Payment.REFUNDED if whole else Payment.PARTIALLY_REFUNDED


def _told(order: Order, refund: Refund) -> dict[str, Any]:
    body = {name: value for name, value in refund.to_dict().items() if name != "order_ref" and value is not None}
    return body | {"lines": [_line(order, row) for row in body["lines"]]}


def _line(order: Order, row: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: value for name, value in row.items() if value is not None}
    meant = [line.channel_ref for line in order.lines if _means(row, line.listing_ref, line.sku)]
    return {"line": meant[0], **known} if len(meant) == 1 else known


def _means(row: Mapping[str, Any], listing_ref: str | None, sku: str | None) -> bool:
    """Whether a refund's line is about such an order line: by its listing where both name one, else by its SKU."""
    if row["listing_ref"] and listing_ref:
        return bool(row["listing_ref"] == listing_ref)
    return bool(row["sku"]) and row["sku"] == sku


def told_again(one: Telling, other: Telling) -> Telling:
    """What is kept of a refund that is told twice: the words of the newer message, and the first time that it bore.

    It is the same whichever of them is read first: the newer is told so by the channel's own times, or came later.
    """
    older, newer = (other, one) if _is_newer(one, other) else (one, other)
    before, after = older.refund, newer.refund
    times = [refund.refunded_at for refund in (before, after) if refund.refunded_at]
    messages = tuple(sorted({*older.messages, *newer.messages}))
    return replace(newer, refund=replace(after, refunded_at=min(times, default=None)), messages=messages)


def _is_newer(one: Telling, other: Telling) -> bool:
    if one.said_at and other.said_at and one.said_at != other.said_at:
        return one.said_at > other.said_at
    return (one.received_at, one.message_id) > (other.received_at, other.message_id)
