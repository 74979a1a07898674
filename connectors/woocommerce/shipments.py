"""Tells the shop that a parcel left or that an order is refused; looks first at what it was told before."""

from __future__ import annotations

from typing import Any

from connectors.kit.http import Api
from connectors.kit.parcels import refuse_dead
from connectors.kit.values import Row, rows_of, text_id, whole
from connectors.woocommerce.client import label, one, rows
from connectors.woocommerce.feed import ORDERS
from hub.canonical.amounts import exact, plain
from hub.canonical.errors import Conflict
from hub.ports.channel import Dispatch, OrderAnswer

PARCEL = "_stockline_shipment_"
REFUSAL = "_stockline_refused"
DEAD = frozenset({"cancelled", "refunded", "failed", "trash"})
GONE = frozenset({"completed"})


class Shipments:
    """Shipments and refusals of one shop."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def ship(self, dispatch: Dispatch, key: str) -> None:
        """Tracking first (plug-in, else a note to the customer), then one write: the parcel's mark and the status.

        The mark is the meta field `_stockline_shipment_<number>`: where it stands, the parcel was told, and only the
        status may still have to follow: that parcel turned out to be the last.
        An order that the shop raised while its last parcel left stays open: completed would mean that all of it left.
        Raises: NotFound; Conflict: the order is cancelled, refunded or in the trash.
        """
        order = self._order(dispatch.order_ref)
        mark = f"{PARCEL}{dispatch.shipment_no}"
        change: dict[str, Any] = {"status": "completed"} if _ends(order, dispatch) else {}
        if mark not in _meta(order):
            refuse_dead(dispatch, order.get("status"), DEAD)
            self._track(dispatch)
            change["meta_data"] = [{"key": mark, "value": _mark(dispatch, key)}]
        if change:
            self._api.call("PUT", f"{ORDERS}/{dispatch.order_ref}", json=change, retry=True)

    def _track(self, dispatch: Dispatch) -> None:
        if not dispatch.tracking_no:
            return
        path = f"/wc-shipment-tracking/v3/orders/{dispatch.order_ref}/shipment-trackings"
        answer = self._api.call("GET", path, accept={404})
        if answer.status == 404:
            self._note(dispatch.order_ref, _words(dispatch))
        elif dispatch.tracking_no not in {str(row.get("tracking_number")) for row in rows(answer.data)}:
            body = {
                "custom_tracking_provider": dispatch.carrier, "custom_tracking_link": dispatch.tracking_url or "",
                "tracking_number": dispatch.tracking_no, "date_shipped": f"{dispatch.shipped_at:%Y-%m-%d}",
            }  # fmt: skip
            self._api.call("POST", path, json=body)

    def refuse(self, answer: OrderAnswer) -> None:
        """Cancel the order and tell the customer why. An order that the buyer cancelled is left as it is.

        Raises: NotFound; Conflict: it was completed already, or a parcel of it left: the shop's cancellation is of all.
        """
        order = self._order(answer.order_ref)
        ours = REFUSAL in _meta(order)
        if order.get("status") in GONE:
            raise Conflict(f"order {answer.order_ref} is completed at the shop; it cannot be refused")
        if order.get("status") in DEAD and not ours:
            return
        if not ours and any(name.startswith(PARCEL) for name in _meta(order)):
            raise Conflict(f"something of order {answer.order_ref} left; it cannot be refused")
        if order.get("status") not in DEAD:
            change = {"status": "cancelled", "meta_data": [{"key": REFUSAL, "value": answer.reason}]}
            self._api.call("PUT", f"{ORDERS}/{answer.order_ref}", json=change, retry=True)
        self._note(answer.order_ref, f"We are sorry: your order cannot be delivered ({answer.reason}).")

    def _note(self, ref: str, text: str) -> None:
        """A note to the customer, unless it is there already."""
        notes = rows(self._api.call("GET", f"{ORDERS}/{ref}/notes").data)
        if text not in {label(note.get("note")) for note in notes}:
            self._api.call("POST", f"{ORDERS}/{ref}/notes", json={"note": text, "customer_note": True})

    def _order(self, ref: str) -> Row:
        return one(self._api.call("GET", f"{ORDERS}/{ref}").data)


def _ends(order: Row, dispatch: Dispatch) -> bool:
    """Whether the parcel completes an order that is still open."""
    return dispatch.final and order.get("status") not in GONE | DEAD and not _wants_more(order, dispatch)


def _mark(dispatch: Dispatch, key: str) -> Row:
    lines = {line.line_ref: plain(line.quantity) for line in dispatch.lines}
    return {"key": key, "carrier": dispatch.carrier, "tracking_no": dispatch.tracking_no, "lines": lines}


def _wants_more(order: Row, dispatch: Dispatch) -> bool:
    """Whether the shop now wants more than the hub knew of when the parcel left."""
    known = {line["channel_ref"]: exact(line["quantity"], "quantity") for line in dispatch.order.get("lines", ())}
    if not known:
        return False
    wanted = ((text_id(row.get("id")), row.get("quantity")) for row in rows_of(order, "line_items"))
    return any((whole(pieces, "line_items.quantity") or 0) > known.get(ref, 0) for ref, pieces in wanted)


def _words(dispatch: Dispatch) -> str:
    where = f" {dispatch.tracking_url}" if dispatch.tracking_url else ""
    return f"Parcel {dispatch.shipment_no} left with {dispatch.carrier}, tracking number {dispatch.tracking_no}.{where}"


def _meta(order: Row) -> set[str]:
    return {str(row.get("key")) for row in rows_of(order, "meta_data")}
