"""Refuses orders of a marketplace that takes payment itself: one that cannot be delivered is paid back whole."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from connectors.kit.orders.parcels import known_order
from connectors.kit.values import Row
from hub.canonical.errors import Conflict
from hub.ports.channel import OrderAnswer


class RefundDesk(ABC):
    """Refusals of one shop, each after a look at the order. A connector says how an order is paid back.

    title:   the marketplace's name.
    by_hand: what a person does instead, such as "cancel it in Seller Hub".
    payment, paid: an order's field of its payment, and what it says of one that is paid and had no refund.

    Args: look:   id -> the order as it stands now, None where the shop knows none.
          refund: whether orders are paid back (the setting `REFUND_REFUSED`); else a person does it.
    """

    title: ClassVar[str]
    by_hand: ClassVar[str]
    payment: ClassVar[str]
    paid: ClassVar[str]

    def __init__(self, look: Callable[[str], Row | None], *, refund: bool) -> None:
        self._look, self._refund = look, refund

    @abstractmethod
    def over(self, order: Row) -> bool:
        """Whether it is cancelled, or money of it went back: it is left alone, for that may have been us."""

    @abstractmethod
    def left(self, order: Row) -> bool:
        """Whether anything of it was shipped."""

    @abstractmethod
    def pay_back(self, order: Row, answer: OrderAnswer) -> None:
        """Pay it back whole. Raises Conflict: the marketplace did not take it."""

    def refuse(self, answer: OrderAnswer) -> None:
        """Pay the order back whole. One that is over is left alone.

        Raises: NotFound; Conflict: it is shipped or unpaid, refunds are left to a person, or the refund was not taken.
        """
        order, ref = known_order(self._look, answer.order_ref), answer.order_ref
        if self.over(order):
            return
        if self.left(order):
            raise Conflict(f"order {ref} is shipped at {self.title}, whole or in part; it cannot be refused as it is")
        paid = order.get(self.payment)
        if paid != self.paid:
            raise Conflict(f"order {ref} is {paid} at {self.title}, it cannot be paid back whole: {self.by_hand}")
        if not self._refund:
            raise Conflict(f"order {ref} is paid: {self.by_hand}, or set refund_refused to yes")
        self.pay_back(order, answer)
