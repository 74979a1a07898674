"""Orders of a marketplace, which goes by their state: accepted or refused while they wait, shipped once they may be."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from typing import ClassVar

from connectors.kit.orders.parcels import known_order
from connectors.kit.values import Row, rows_of, text_id
from hub.canonical.errors import Conflict
from hub.ports.channel import Dispatch, OrderAnswer


class MarketDesk(ABC):
    """Answers to the orders of one shop, and their parcels, each after a look at the order. A connector says how
    decisions, cancellations and parcels are told.

    state: an order's field of its state.
    waits: the state in which it waits for the seller's word.  ready: the one in which parcels of it are taken.
    left:  states of an order that was told as shipped.  dead: those in which nothing of it is left to be answered.
    lines, line: an order's list of lines, and a line's field of its id.

    Args: look:    id -> the order as it stands now, None where the shop knows none.
          several: whether the marketplace takes several parcels of an order; else it is told once, with its last one.
    """

    state: ClassVar[str]
    waits: ClassVar[str]
    ready: ClassVar[str]
    left: ClassVar[Collection[object]]
    dead: ClassVar[Collection[object]]
    lines: ClassVar[str]
    line: ClassVar[str]

    def __init__(self, look: Callable[[str], Row | None], *, several: bool) -> None:
        self._look, self._several = look, several

    @abstractmethod
    def decide(self, ref: str, accepted: Mapping[str, bool]) -> None:
        """Tell whether each line of an order that waits is accepted."""

    @abstractmethod
    def may_cancel(self, order: Row) -> bool:
        """Whether the order may still be cancelled."""

    @abstractmethod
    def cancel(self, ref: str) -> None:
        """Cancel an order that does not wait any more."""

    @abstractmethod
    def has_parcel(self, dispatch: Dispatch) -> bool:
        """Whether the marketplace has this parcel of the order; only asked where it takes several."""

    @abstractmethod
    def tell_parcel(self, dispatch: Dispatch) -> None:
        """Tell one of several parcels. Raises Conflict: the marketplace refused it."""

    @abstractmethod
    def tell_order(self, dispatch: Dispatch) -> None:
        """Tell the order as shipped, with the tracking of its last parcel."""

    def accept(self, answer: OrderAnswer) -> None:
        """Accept the lines, where the marketplace waits for it. Raises NotFound; Conflict: it ended meanwhile."""
        order = known_order(self._look, answer.order_ref)
        state = order.get(self.state)
        if state in self.dead:
            raise Conflict(f"order {answer.order_ref} is {state} at the marketplace; it cannot be accepted")
        if state == self.waits:
            self.decide(answer.order_ref, self._decisions(order, answer))

    def refuse(self, answer: OrderAnswer) -> None:
        """Refuse the lines while the marketplace waits for it; cancel the order later.

        Raises: NotFound; Conflict: it is too late for that.
        """
        order = known_order(self._look, answer.order_ref)
        state = order.get(self.state)
        if state == self.waits:
            self.decide(answer.order_ref, self._decisions(order, answer))
        elif state not in self.dead:
            if not self.may_cancel(order):
                raise Conflict(f"order {answer.order_ref} is {state} at the marketplace; it cannot be cancelled")
            self.cancel(answer.order_ref)

    def ship(self, dispatch: Dispatch, key: str) -> None:
        """Tell a parcel; without several parcels an order is told with its last one.

        One that holds but parts of a listing's units has no line that the marketplace could be told.

        Raises: NotFound; Conflict: the order is not to be shipped (any more), or the marketplace refused the parcel.
        """
        if self._several and dispatch.lines and not self.has_parcel(dispatch):
            self._refuse_unready(dispatch, known_order(self._look, dispatch.order_ref))
            self.tell_parcel(dispatch)
        elif dispatch.final and not self._several:
            order = known_order(self._look, dispatch.order_ref)
            if order.get(self.state) not in self.left:
                self._refuse_unready(dispatch, order)
                self.tell_order(dispatch)

    def _refuse_unready(self, dispatch: Dispatch, order: Row) -> None:
        state = order.get(self.state)
        if state != self.ready:
            raise Conflict(
                f"order {dispatch.order_ref} is {state} at the marketplace, which takes parcels of orders in "
                f"{self.ready} only; parcel {dispatch.shipment_no} is not told: replay the message once it is"
            )

    def _decisions(self, order: Row, answer: OrderAnswer) -> dict[str, bool]:
        """One decision for each line that the marketplace has, also for those that the answer leaves out.

        Of an order that is accepted, a line that is not promised whole is refused alone.
        """
        short = {line.line_ref for line in answer.lines if line.promised < line.ordered}
        refs = (text_id(row.get(self.line)) for row in rows_of(order, self.lines))
        return {ref: answer.accepted and ref not in short for ref in refs}
