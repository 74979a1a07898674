"""Tells the shop that a parcel left or that an order is refused; looks first at what it was told before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.kit.orders.desk import MarkedOrders, parcel_words
from connectors.kit.values import Row, label, rows_of
from connectors.kit.wire.http import Api
from connectors.woocommerce.feed import LIST, ORDERS, order_of
from hub.ports.channel import Dispatch


class Shipments(MarkedOrders):
    """Shipments and refusals of one shop; the marks are meta fields of the order."""

    dead, over = frozenset({"cancelled", "refunded", "failed", "trash"}), frozenset({"completed"})
    done, cancelled = "completed", "cancelled"
    lines = ("line_items", "id", "quantity")

    def __init__(self, api: Api) -> None:
        self._api = api

    def order(self, ref: str) -> Row | None:
        return order_of(self._api, ref)

    def marks(self, order: Row) -> set[str]:
        return {str(row.get("key")) for row in rows_of(order, "meta_data")}

    def change(self, ref: str, state: str, marks: Mapping[str, Any]) -> None:
        told = {"meta_data": [{"key": key, "value": value} for key, value in marks.items()]} if marks else {}
        self._api.call("PUT", f"{ORDERS}/{ref}", json={"status": state, **told} if state else told, retry=True)

    def track(self, dispatch: Dispatch) -> None:
        """With the plug-in for it, else by a note."""
        path = f"/wc-shipment-tracking/v3/orders/{dispatch.order_ref}/shipment-trackings"
        answer = self._api.call("GET", path, accept={404})
        if answer.status == 404:
            self.say(dispatch.order_ref, parcel_words(dispatch))
        elif dispatch.tracking_no not in {str(row.get("tracking_number")) for row in LIST.rows(answer.data)}:
            body = {
                "custom_tracking_provider": dispatch.carrier, "custom_tracking_link": dispatch.tracking_url or "",
                "tracking_number": dispatch.tracking_no, "date_shipped": f"{dispatch.shipped_at:%Y-%m-%d}",
            }  # fmt: skip
            self._api.call("POST", path, json=body)

    def say(self, ref: str, text: str) -> None:
        """A note to the customer, unless it is there already."""
        notes = LIST.rows(self._api.call("GET", f"{ORDERS}/{ref}/notes").data)
        if text not in {label(note.get("note")) for note in notes}:
            self._api.call("POST", f"{ORDERS}/{ref}/notes", json={"note": text, "customer_note": True})
