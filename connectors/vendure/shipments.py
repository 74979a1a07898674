"""Tells Vendure what was shipped or refused; looks first what it knows already, so that repeating does nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from connectors.kit.orders.desk import OrderDesk
from connectors.kit.orders.parcels import whole_pieces
from connectors.kit.orders.room import named, pieces_of
from connectors.kit.values import Row
from connectors.vendure.client import GraphQL, refused
from connectors.vendure.documents import CANCEL, CANCEL_PAYMENT, FULFILL, MOVE_FULFILLMENT, REFUND, SHIPPABLE
from hub.canonical.errors import Conflict
from hub.ports.channel import Dispatch, OrderAnswer

CANCELLED = "Cancelled"
WAITING = frozenset({"Created", "Pending"})
LEFT = "Shipped"
NO_PARTS: Mapping[str, Any] = {"lines": [], "shipping": 0, "adjustment": 0}
"""Vendure 3 takes the refund of an amount only beside these, which it calls deprecated."""


class ShippingDesk(OrderDesk):
    """Shipments and refusals of one shop. `handler`: code of the fulfillment handler that takes the tracking."""

    state, dead = "state", frozenset({CANCELLED})

    def __init__(self, graph: GraphQL, handler: str) -> None:
        self._graph, self._handler = graph, handler

    def order(self, ref: str) -> Row | None:
        found: Row | None = self._graph.query(SHIPPABLE, {"id": ref})["order"]
        return found

    def ship(self, dispatch: Dispatch, key: str) -> None:
        """Create the fulfillment that the parcel still lacks, then say that it left. Vendure takes no `key`.

        A parcel that left just before the buyer took pieces off the order holds more than is left there: what has room
        is told.
        Raises: NotFound: no such order. Conflict: there is no room for any of it (cancelled), or Vendure refused.
        """
        order = self.found(dispatch.order_ref)
        tracking = dispatch.tracking_no or dispatch.shipment_no
        ours = [made for made in _live(order) if made["trackingCode"] == tracking]
        missing = whole_pieces(dispatch.lines) - _told(ours)
        waiting = [made["id"] for made in ours if made["state"] in WAITING]
        if missing:
            takes = (pieces_of(order["lines"], "id", "quantity") - _told(_live(order))) & missing
            if not takes and not ours:
                lines, state = named(missing), order["state"]
                raise Conflict(f"Vendure has no room for this shipment: too many are {lines} (the order is {state})")
            if takes:
                waiting.append(self._fulfill(dispatch, tracking, takes))
        for made in waiting:
            self._move(made, dispatch)

    def _fulfill(self, dispatch: Dispatch, tracking: str, takes: Counter[str]) -> str:
        arguments = [{"name": "method", "value": dispatch.carrier}, {"name": "trackingCode", "value": tracking}]
        wanted = {
            "lines": [{"orderLineId": ref, "quantity": pieces} for ref, pieces in sorted(takes.items())],
            "handler": {"code": self._handler, "arguments": arguments},
        }
        made = self._graph.mutate(FULFILL, {"input": wanted})
        refused(made, "Fulfillment", f"shipment {dispatch.shipment_no}")
        return str(made["id"])

    def _move(self, fulfillment: str, dispatch: Dispatch) -> None:
        moved = self._graph.mutate(MOVE_FULFILLMENT, {"id": fulfillment, "state": LEFT})
        refused(moved, "Fulfillment", f"to mark shipment {dispatch.shipment_no} as shipped")

    def left(self, order: Row) -> bool:
        return any(_live(order))

    def cancel(self, order: Row, answer: OrderAnswer) -> None:
        """Give the money back, then cancel the whole order with its shipping.

        Money first: a cancelled order then tells that all of it was done, or that the shop does it itself.
        Raises: Conflict: Vendure refused.
        """
        for payment in order["payments"] or ():
            self._give_back(payment, answer)
        wanted = {"orderId": answer.order_ref, "cancelShipping": True, "reason": answer.reason}
        refused(self._graph.mutate(CANCEL, {"input": wanted}), "Order", f"to cancel order {answer.order_ref}")

    def _give_back(self, payment: Row, answer: OrderAnswer) -> None:
        """Cancel what is only authorized; refund what was paid and not refunded yet."""
        what = f"to give payment {payment['id']} of order {answer.order_ref} back"
        if payment["state"] == "Authorized":
            refused(self._graph.mutate(CANCEL_PAYMENT, {"id": payment["id"]}), "Payment", what)
        left = payment["amount"] - sum(row["total"] for row in payment["refunds"] if row["state"] != "Failed")
        if payment["state"] == "Settled" and left > 0:
            wanted = {"paymentId": payment["id"], "amount": left, "reason": answer.reason, **NO_PARTS}
            refused(self._graph.mutate(REFUND, {"input": wanted}), "Refund", what)


def _live(order: Row) -> Iterator[Row]:
    return (made for made in order["fulfillments"] or () if made["state"] != CANCELLED)


def _told(fulfillments: Iterable[Row]) -> Counter[str]:
    """Line id -> pieces in these fulfillments."""
    return pieces_of((row for made in fulfillments for row in made["lines"]), "orderLineId", "quantity")
