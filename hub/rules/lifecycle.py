"""Which state an order is in, from what its channel says and what its pieces count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from hub.canonical.order import FulfilledBy, Fulfillment, Order, OrderStatus, Payment

Intake = Literal["place", "unpaid", "cancelled", "closed"]
State = Literal["waiting", "unpaid", "held", "routed", "partial", "shipped", "cancelled", "refused", "closed"]

UNSETTLED = frozenset({Payment.UNPAID, Payment.AUTHORIZED})
"""Payment states in which an order may have to be paid within a time."""
OVER = frozenset({"shipped", "cancelled", "refused", "closed"})
"""States in which nothing more happens by itself."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Sums over an order's pieces, in base units; `wanted` counts at least what of each piece has left already."""

    wanted: int
    reserved: int
    shipped: int

    @property
    def needed(self) -> int:
        """Pieces that still have to be found."""
        return max(0, self.wanted - self.reserved - self.shipped)


def intake(order: Order) -> Intake:
    """What the channel's words ask of us: find stock, wait for the money, or nothing."""
    if order.status is OrderStatus.CANCELLED or order.payment is Payment.VOID:
        return "cancelled"
    if is_called_off(order) or is_done(order):
        return "closed"
    if order.payment is Payment.UNPAID:
        return "unpaid"
    return "place"


def is_live(asked: Intake) -> bool:
    """Whether the order's pieces are wanted from us: now, or once it is paid."""
    return asked in ("place", "unpaid")


def is_called_off(order: Order) -> bool:
    """Whether none of its pieces is wanted from us: cancelled, its money given back, or fulfilled by the channel."""
    off = order.status is OrderStatus.CANCELLED or order.payment in (Payment.VOID, Payment.REFUNDED)
    return off or order.fulfilled_by is FulfilledBy.CHANNEL


def is_done(order: Order) -> bool:
    """Whether the channel says that nothing has to leave any more (shipped by somebody else, or before we came)."""
    return order.status is OrderStatus.CLOSED or order.fulfillment is Fulfillment.FULFILLED


SoftHold = Literal["", "runs", "over"]
"""Whether an order that is not paid yet keeps stock: it never did, it does, or its time is over."""


def soft_hold(payment: str | None, soft_until: datetime | None, now: datetime) -> SoftHold:
    """How an order stands that has (or had) a time in which to be paid; "" once it is paid, or where it had none."""
    if soft_until is None or payment not in UNSETTLED:
        return ""
    return "runs" if now < soft_until else "over"


def order_state(
    asked: Intake, counts: Counts, *, held: bool, before: str | None = None, soft: SoftHold = "", off: bool = False,
    kept: bool = False,
) -> State:  # fmt: skip
    """The state that follows. `held`: an open hold stands in the way; `before`: the state until now.

    An order that we ended ourselves (`off`: its channel was told that we do not deliver) stays refused, or cancelled,
    whatever the channel says of it later; pieces that left cannot be taken back by a cancellation. While an unpaid
    order's soft hold runs, stock is found for it as for any other, and it stays unpaid. While pieces are `kept` until
    the rest is there, it waits: planning it opens them once nothing lacks.
    """
    asked = "unpaid" if soft and asked == "place" else asked
    if off and before in ("refused", "cancelled"):
        return "refused" if before == "refused" else "cancelled"
    if asked in ("cancelled", "closed"):
        return "shipped" if counts.shipped else asked
    if held:  # first: a line that cannot be read counts no pieces yet
        return "held"
    if counts.shipped >= counts.wanted:
        return "shipped" if counts.shipped else "closed"
    if asked == "unpaid" and (soft or counts.reserved + counts.shipped == 0):
        return "waiting" if soft == "runs" and counts.needed else "unpaid"
    if counts.needed or kept:
        return "waiting"
    return "partial" if counts.shipped else "routed"
