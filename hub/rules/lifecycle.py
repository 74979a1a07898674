"""Which state an order is in, from what its channel says and what its pieces count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hub.canonical.order import FulfilledBy, Fulfillment, Order, OrderStatus, Payment

Intake = Literal["place", "unpaid", "cancelled", "closed"]
State = Literal["waiting", "unpaid", "held", "routed", "partial", "shipped", "cancelled", "refused", "closed"]

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


def is_live(order: Order) -> bool:
    """Whether its pieces are wanted from us: now, or once it is paid."""
    return intake(order) in ("place", "unpaid")


def is_called_off(order: Order) -> bool:
    """Whether none of its pieces is wanted from us: cancelled, its money given back, or fulfilled by the channel."""
    off = order.status is OrderStatus.CANCELLED or order.payment in (Payment.VOID, Payment.REFUNDED)
    return off or order.fulfilled_by is FulfilledBy.CHANNEL


def is_done(order: Order) -> bool:
    """Whether the channel says that nothing has to leave any more (shipped by somebody else, or before we came)."""
    return order.status is OrderStatus.CLOSED or order.fulfillment is Fulfillment.FULFILLED


def order_state(asked: Intake, counts: Counts, *, held: bool, before: str | None = None) -> State:
    """The state that follows. `held`: an open hold stands in the way; `before`: the state until now.

    A refused order stays refused; pieces that left cannot be taken back by a cancellation.
    """
    if before == "refused":
        return "refused"
    if asked in ("cancelled", "closed"):
        return "shipped" if counts.shipped else asked
    if held:  # first: a line that cannot be read counts no pieces yet
        return "held"
    if counts.shipped >= counts.wanted:
        return "shipped" if counts.shipped else "closed"
    if asked == "unpaid" and counts.reserved + counts.shipped == 0:
        return "unpaid"
    if counts.needed:
        return "waiting"
    return "partial" if counts.shipped else "routed"
