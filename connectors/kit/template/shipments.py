"""Tells the shop that a parcel left or that an order is refused; looks first at what it was told before."""

from __future__ import annotations

from connectors.kit.orders.desk import OrderDesk
from connectors.kit.orders.parcels import refuse_dead
from connectors.kit.values import Row
from connectors.kit.wire.http import Api
from connectors.kit.wire.paging import known
from hub.canonical.amounts import plain
from hub.ports.channel import Dispatch, OrderAnswer


class Shipments(OrderDesk):
    """Parcels and refusals of one shop."""

    state = "state"
    dead = frozenset({"cancelled", "refused"})

    def __init__(self, api: Api) -> None:
        self._api = api

    def order(self, ref: str) -> Row | None:
        """One order as it stands now; None where the shop knows none."""
        return known(self._api.call, f"/orders/{ref}")

    def ship(self, dispatch: Dispatch, key: str) -> None:
        """One parcel, once: the shop lists the numbers of those it knows. A known one may turn out to be the last.

        Raises: NotFound; Conflict: the order is cancelled.
        """
        order = self.found(dispatch.order_ref)
        if dispatch.shipment_no in {parcel["number"] for parcel in order["parcels"]}:
            if dispatch.final and order["state"] == "partial":
                path = f"/orders/{dispatch.order_ref}/parcels/{dispatch.shipment_no}"
                self._api.call("PUT", path, json={"last": True})
            return
        refuse_dead(dispatch, order["state"], self.dead)
        body = {
            "number": dispatch.shipment_no,
            "carrier": dispatch.carrier,
            "tracking": dispatch.tracking_no,
            "lines": {line.line_ref: plain(line.quantity) for line in dispatch.lines},
            "last": dispatch.final,
        }
        self._api.call("POST", f"/orders/{dispatch.order_ref}/parcels", json=body)

    def left(self, order: Row) -> bool:
        """Whether a parcel of it left: then it can no longer be refused."""
        return bool(order["parcels"])

    def cancel(self, order: Row, answer: OrderAnswer) -> None:
        """Refuse the whole order."""
        self._api.call("POST", f"/orders/{answer.order_ref}/refusal", json={"reason": answer.reason})
