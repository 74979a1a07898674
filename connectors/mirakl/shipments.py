"""Answers to orders (OR21, OR29) and parcels (OR23 and OR24, or ST01), after a look at what was told before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from connectors.kit.paging import only, token_rows
from connectors.kit.parcels import Carriers, known_order
from connectors.kit.values import Row, rows_of
from connectors.mirakl.client import ORDERS, Seller
from hub.canonical.errors import Conflict
from hub.ports.channel import AnswerLine, Dispatch, OrderAnswer

SHIPMENTS, CARRIERS = "/shipments", "/shipping/carriers"
WAITS, SHIPS = "WAITING_ACCEPTANCE", "SHIPPING"
DEAD = frozenset({"REFUSED", "CANCELED"})
LEFT = frozenset({"SHIPPED", "TO_COLLECT", "RECEIVED", "CLOSED"})
CARRIER_NAMES = ("standard_code", "label", "code")


class Shipments:
    """Answers and parcels of one shop. `several`: whether the marketplace takes several parcels of one order."""

    def __init__(self, seller: Seller, *, several: bool) -> None:
        self._seller, self._several = seller, several
        self._carriers = Carriers(lambda: rows_of(seller.call("GET", CARRIERS).data, "carriers"), CARRIER_NAMES, "code")

    def accept(self, answer: OrderAnswer) -> None:
        """Accept the lines, where the marketplace waits for it. Raises NotFound; Conflict: it ended meanwhile."""
        order = self._order(answer.order_ref)
        state = order.get("order_state")
        if state in DEAD:
            raise Conflict(f"order {answer.order_ref} is {state} at the marketplace; it cannot be accepted")
        if state == WAITS:
            self._put(answer.order_ref, "accept", _decisions(order, answer))

    def refuse(self, answer: OrderAnswer) -> None:
        """Refuse the lines while the marketplace waits for it; cancel the order later.

        Raises: NotFound; Conflict: it is too late for that.
        """
        order = self._order(answer.order_ref)
        state = order.get("order_state")
        if state == WAITS:
            self._put(answer.order_ref, "accept", _decisions(order, answer))
        elif state not in DEAD:
            if order.get("can_cancel") is not True:
                raise Conflict(f"order {answer.order_ref} is {state} at the marketplace; it cannot be cancelled")
            self._put(answer.order_ref, "cancel")

    def ship(self, dispatch: Dispatch, key: str) -> None:
        """Tell a parcel; without several parcels an order is told with its last one.

        One that holds but parts of a listing's units has no line that the marketplace could be told.

        Raises: NotFound; Conflict: the order is not to be shipped (any more), or the marketplace refused the parcel.
        """
        if self._several and dispatch.lines:
            self._ship_parcel(dispatch)
        elif dispatch.final and not self._several:
            self._ship_order(dispatch)

    def _ship_order(self, dispatch: Dispatch) -> None:
        order = self._order(dispatch.order_ref)
        if order.get("order_state") in LEFT:
            return
        _may_ship(dispatch, order)
        tracking = self._tracking(dispatch, "carrier_url")
        if tracking:
            self._put(dispatch.order_ref, "tracking", tracking)
        self._put(dispatch.order_ref, "ship")

    def _ship_parcel(self, dispatch: Dispatch) -> None:
        """One shipment; its lines carry our number as `package_reference`, by which a repetition is recognized."""
        if any(dispatch.shipment_no == line.get("package_reference") for line in self._lines_told(dispatch.order_ref)):
            return
        _may_ship(dispatch, self._order(dispatch.order_ref))
        lines = [
            {"order_line_id": line.line_ref, "quantity": int(line.quantity), "package_reference": dispatch.shipment_no}
            for line in dispatch.lines
        ]
        tracking = self._tracking(dispatch, "tracking_url")
        shipment = {"order_id": dispatch.order_ref, "shipment_lines": lines, "shipped": True}
        told = shipment | ({"tracking": tracking} if tracking else {})
        answer = self._seller.call("POST", SHIPMENTS, json={"shipments": [told]})
        for error in rows_of(answer.data, "shipment_errors"):
            said = str(error.get("message"))[:300]
            raise Conflict(f"the marketplace refused parcel {dispatch.shipment_no}: {said}")

    def _lines_told(self, ref: str) -> Iterator[Row]:
        """The lines of the order's shipments (ST11)."""

        def ask(token: str) -> tuple[list[Row], str]:
            query = {"order_id": ref} | ({"page_token": token} if token else {})
            data = only(self._seller.call("GET", SHIPMENTS, query).data)
            return rows_of(data, "data"), str(data.get("next_page_token") or "")

        return (line for shipment in token_rows(ask, SHIPMENTS) for line in rows_of(shipment, "shipment_lines"))

    def _tracking(self, dispatch: Dispatch, url: str) -> dict[str, str]:
        """The carrier by its code where it is registered, else by name and the tracking's address (field `url`)."""
        code = self._carriers.find(dispatch.carrier) if dispatch.carrier else None
        own = {"carrier_code": code} if code else {"carrier_name": dispatch.carrier, url: dispatch.tracking_url}
        given: dict[str, str | None] = {**own, "tracking_number": dispatch.tracking_no}
        return {name: text for name, text in given.items() if text}

    def _order(self, ref: str) -> Row:
        return known_order(self._seller.order, ref)

    def _put(self, ref: str, verb: str, body: Any = None) -> None:
        self._seller.call("PUT", f"{ORDERS}/{quote(ref, safe='')}/{verb}", json=body)


def _decisions(order: Row, answer: OrderAnswer) -> dict[str, Any]:
    """One decision for each line that the marketplace has: it refuses an answer that leaves one out."""
    promised = {line.line_ref: _keeps(line) for line in answer.lines}
    lines = (str(row.get("order_line_id")) for row in rows_of(order, "order_lines"))
    return {"order_lines": [{"id": ref, "accepted": answer.accepted and promised.get(ref, True)} for ref in lines]}


def _keeps(line: AnswerLine) -> bool:
    return line.promised >= line.ordered


def _may_ship(dispatch: Dispatch, order: Row) -> None:
    state = order.get("order_state")
    if state != SHIPS:
        raise Conflict(
            f"order {dispatch.order_ref} is {state} at the marketplace, which takes parcels of orders in SHIPPING "
            f"only; parcel {dispatch.shipment_no} is not told: replay the message once it is"
        )
