"""Tells the shop that a parcel left or that an order is refused; looks first at what it was told before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.kit.http import Api
from connectors.kit.parcels import refuse_dead
from hub.canonical.amounts import plain
from hub.canonical.errors import Conflict
from hub.ports.channel import Dispatch, OrderAnswer

DEAD = frozenset({"cancelled", "refused"})


class Shipments:
    """Parcels and refusals of one shop."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def ship(self, dispatch: Dispatch, key: str) -> None:
        """One parcel, once: the shop lists the numbers of those it knows. A known one may turn out to be the last.

        Raises: NotFound; Conflict: the order is cancelled.
        """
        order = self._order(dispatch.order_ref)
        if dispatch.shipment_no in {parcel["number"] for parcel in order["parcels"]}:
            if dispatch.final and order["state"] == "partial":
                path = f"/orders/{dispatch.order_ref}/parcels/{dispatch.shipment_no}"
                self._api.call("PUT", path, json={"last": True})
            return
        refuse_dead(dispatch, order["state"], DEAD)
        body = {
            "number": dispatch.shipment_no,
            "carrier": dispatch.carrier,
            "tracking": dispatch.tracking_no,
            "lines": {line.line_ref: plain(line.quantity) for line in dispatch.lines},
            "last": dispatch.final,
        }
        self._api.call("POST", f"/orders/{dispatch.order_ref}/parcels", json=body)

    def refuse(self, answer: OrderAnswer) -> None:
        """Refuse the whole order; one that is cancelled or refused already stays as it is.

        Raises: NotFound; Conflict: something of it left.
        """
        order = self._order(answer.order_ref)
        if order["state"] in DEAD:
            return
        if order["parcels"]:
            raise Conflict(f"something of order {answer.order_ref} left; it cannot be refused")
        self._api.call("POST", f"/orders/{answer.order_ref}/refusal", json={"reason": answer.reason})

    def _order(self, ref: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._api.call("GET", f"/orders/{ref}").data
        return found
