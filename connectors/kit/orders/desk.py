"""What a shop is told of its orders, after a look at them: parcels and refusals, as marks where it has no parcels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar

from connectors.kit.orders.parcels import known_order, refuse_dead
from connectors.kit.values import Row, rows_of, text_id
from hub.canonical.amounts import exact, plain
from hub.canonical.errors import Conflict
from hub.ports.channel import Dispatch, OrderAnswer


class OrderDesk(ABC):
    """Tells one shop of parcels (a connector says how) and of refusals.

    state: an order's field with its state.
    dead:  states in which it is over without us: a refusal has nothing to say.
    over:  states in which it can no longer be refused.
    """

    state: ClassVar[str] = "status"
    dead: ClassVar[frozenset[str]]
    over: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def order(self, ref: str) -> Row | None:
        """The order as it stands now; None where the shop knows none."""

    @abstractmethod
    def ship(self, dispatch: Dispatch, key: str) -> None:
        """Tell a parcel, once."""

    @abstractmethod
    def cancel(self, order: Row, answer: OrderAnswer) -> None:
        """Tell the refusal; what of it was told before is not told again."""

    def left(self, order: Row) -> bool:
        """Whether something of the order left."""
        return False

    def ours(self, order: Row) -> bool:
        """Whether we refused it before, and may have been cut off in the middle."""
        return False

    def found(self, ref: str) -> Row:
        """The order as it stands now. Raises NotFound."""
        return known_order(self.order, ref)

    def refuse(self, answer: OrderAnswer) -> None:
        """Refuse the whole order; one that is over is left as it is.

        Raises: NotFound; Conflict: it is too late for that, or something of it left, and a refusal is of all.
        """
        order = self.found(answer.order_ref)
        state, ours = order.get(self.state), self.ours(order)
        if state in self.over:
            raise Conflict(f"order {answer.order_ref} is {state} at the shop; it cannot be refused")
        if state in self.dead and not ours:
            return
        if not ours and self.left(order):
            raise Conflict(f"something of order {answer.order_ref} left; it cannot be refused")
        self.cancel(order, answer)


class MarkedOrders(OrderDesk):
    """Parcels and refusals of a shop that has no parcels of its own: a mark in the order's own fields tells each.

    done, cancelled: states of an order of which all left, and of one that is refused.
    lines: an order's list of lines, and their fields of id and quantity.
    """

    done: ClassVar[str]
    cancelled: ClassVar[str]
    lines: ClassVar[tuple[str, str, str]]
    parcel: ClassVar[str] = "_stockline_shipment_"
    refusal: ClassVar[str] = "_stockline_refused"

    @abstractmethod
    def marks(self, order: Row) -> Collection[str]:
        """The names of an order's own fields."""

    @abstractmethod
    def change(self, ref: str, state: str, marks: Mapping[str, Any]) -> None:
        """Write the state ("": it stays) and these fields in one call."""

    @abstractmethod
    def track(self, dispatch: Dispatch) -> None:
        """Tell the buyer of a parcel's tracking number, unless it was told."""

    @abstractmethod
    def say(self, ref: str, text: str) -> None:
        """Tell the buyer, unless it was told."""

    def ship(self, dispatch: Dispatch, key: str) -> None:
        """Tracking first, then one write: the parcel's mark and the state.

        The mark is named by the parcel's number: where it stands, the parcel was told, and only the state may still
        have to follow: that parcel turned out to be the last.
        An order that the shop raised while its last parcel left stays open: `done` would mean that all of it left.
        Raises: NotFound; Conflict: the order is in a state in which no parcel may be told.
        """
        order = self.found(dispatch.order_ref)
        mark, state = f"{self.parcel}{dispatch.shipment_no}", self.done if self._ends(order, dispatch) else ""
        if mark not in self.marks(order):
            refuse_dead(dispatch, order.get(self.state), self.dead)
            if dispatch.tracking_no:
                self.track(dispatch)
            self.change(dispatch.order_ref, state, {mark: parcel_mark(dispatch, key)})
        elif state:
            self.change(dispatch.order_ref, state, {})

    def _ends(self, order: Row, dispatch: Dispatch) -> bool:
        """Whether the parcel ends an order that is still open."""
        name, ref, pieces = self.lines
        still = dispatch.final and order.get(self.state) not in self.over | self.dead
        return still and not wants_more(dispatch, rows_of(order, name), ref, pieces)

    def left(self, order: Row) -> bool:
        return any(name.startswith(self.parcel) for name in self.marks(order))

    def ours(self, order: Row) -> bool:
        return self.refusal in self.marks(order)

    def cancel(self, order: Row, answer: OrderAnswer) -> None:
        """Cancel the order and tell the buyer why."""
        if order.get(self.state) not in self.dead:
            self.change(answer.order_ref, self.cancelled, {self.refusal: answer.reason})
        self.say(answer.order_ref, f"We are sorry: your order cannot be delivered ({answer.reason}).")


def parcel_mark(dispatch: Dispatch, key: str) -> dict[str, Any]:
    """What is kept of a parcel in an order of a shop that has no parcels of its own: key, carrier, number, pieces."""
    lines = {line.line_ref: plain(line.quantity) for line in dispatch.lines}
    return {"key": key, "carrier": dispatch.carrier, "tracking_no": dispatch.tracking_no, "lines": lines}


def parcel_words(dispatch: Dispatch) -> str:
    """What a customer is told of a parcel, in a shop where only a note can say it."""
    where = f" {dispatch.tracking_url}" if dispatch.tracking_url else ""
    return f"Parcel {dispatch.shipment_no} left with {dispatch.carrier}, tracking number {dispatch.tracking_no}.{where}"


def wants_more(dispatch: Dispatch, rows: Iterable[Row], ref: str, pieces: str) -> bool:
    """Whether the shop wants more of a line now than the hub knew of when the parcel left: an order that was raised.

    Args:   rows: the order's lines at the shop; ref, pieces: their fields of id and quantity.
    Raises: BadRecord: a quantity is no number.
    """
    known: Mapping[str, Any] = {line["channel_ref"]: line["quantity"] for line in dispatch.order.get("lines", ())}
    now = {text_id(row.get(ref)): exact(row.get(pieces) or 0, pieces) for row in rows} if known else {}
    return any(wanted > exact(known.get(line, 0), "quantity") for line, wanted in now.items())
