"""Tells Medusa that a parcel left or that an order is refused; looks first at what it was told before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.kit.orders.desk import OrderDesk
from connectors.kit.orders.parcels import refuse_dead
from connectors.kit.values import Row, rows_of
from connectors.kit.wire.http import Api
from connectors.kit.wire.paging import only
from connectors.medusa.client import FIELDS, order_of, order_path
from hub.canonical.errors import ChannelDown, Rejected
from hub.ports.channel import Dispatch, OrderAnswer

MARK = "stockline_parcel"
"""Key in a fulfillment's metadata: the number of the parcel that it is."""


class Shipments(OrderDesk):
    """Shipments and refusals of one server. `location`: gives the id of the location that parcels leave."""

    dead, over = frozenset({"canceled"}), frozenset({"completed"})

    def __init__(self, api: Api, location: Callable[[], str], *, notify: bool) -> None:
        self._api, self._location, self._quiet = api, location, not notify

    def order(self, ref: str) -> Row | None:
        return order_of(self._api, ref)

    def ship(self, dispatch: Dispatch, key: str) -> None:
        """One fulfillment for each parcel, and its shipment with the tracking.

        A refusal may come of a change of the order at the same moment: the order is read anew and told once more.
        Raises: NotFound; Conflict: the order is canceled; Rejected: what Medusa says, such as too many pieces.
        """
        try:
            self._tell(dispatch)
        except Rejected:
            self._tell(dispatch)

    def _tell(self, dispatch: Dispatch) -> None:
        order = self.found(dispatch.order_ref)
        made = _parcel(order, dispatch) or self._fulfill(order, dispatch)
        if made.get("shipped_at"):
            return
        label = {"tracking_number": dispatch.tracking_no, "tracking_url": dispatch.tracking_url or "", "label_url": ""}
        body = self._body(dispatch) | {"labels": [label] if dispatch.tracking_no else []}
        path = f"{order_path(dispatch.order_ref)}/fulfillments/{made['id']}/shipments"
        self._api.call("POST", path, json=body)

    def _fulfill(self, order: Row, dispatch: Dispatch) -> Row:
        refuse_dead(dispatch, order.get("status"), self.dead)
        body = self._body(dispatch) | {"location_id": self._location()}
        path, query = f"{order_path(dispatch.order_ref)}/fulfillments", {"fields": FIELDS}
        made = _parcel(only(self._api.call("POST", path, params=query, json=body).data, "order"), dispatch)
        if made is None:
            raise ChannelDown(f"order {dispatch.order_ref} does not show the fulfillment that was made just now")
        return made

    def _body(self, dispatch: Dispatch) -> dict[str, Any]:
        items = [{"id": line.line_ref, "quantity": line.quantity} for line in dispatch.lines]
        return {"items": items, "metadata": {MARK: dispatch.shipment_no}, "no_notification": self._quiet}

    def left(self, order: Row) -> bool:
        """Whether something of it was fulfilled."""
        return bool(_live(order))

    def cancel(self, order: Row, answer: OrderAnswer) -> None:
        """Cancel the order: Medusa gives back what was paid and ends its reservations."""
        self._api.call("POST", f"{order_path(answer.order_ref)}/cancel")


def _live(order: Row) -> list[Row]:
    return [made for made in rows_of(order, "fulfillments") if not made.get("canceled_at")]


def _parcel(order: Row, dispatch: Dispatch) -> Row | None:
    """The fulfillment that this parcel is already."""
    return next((made for made in _live(order) if (made.get("metadata") or {}).get(MARK) == dispatch.shipment_no), None)
