"""Tells the shop that a parcel left or that an order is refused; looks first at what it was told before."""

from __future__ import annotations

from typing import Any

from connectors.kit.orders.desk import OrderDesk
from connectors.kit.orders.parcels import refuse_dead
from connectors.kit.stock.codes import Sources
from connectors.kit.values import Row, number_of, rows_of, text_id
from connectors.kit.wire.http import Api
from connectors.magento.bundles import shipped_items
from connectors.magento.client import criteria, search
from connectors.magento.feed import ORDERS, order_of
from connectors.magento.stock import PRODUCTS
from hub.canonical.errors import Conflict
from hub.ports.channel import Dispatch, OrderAnswer

CARRIERS = frozenset({"ups", "usps", "fedex", "dhl"})
"""Carrier codes that every Magento has; the others are `custom`, with their name as title."""


class Shipments(OrderDesk):
    """Shipments and refusals of one shop."""

    state, dead = "state", frozenset({"canceled", "closed"})
    over = frozenset({"complete", "holded", "payment_review"})

    def __init__(self, api: Api, sources: Sources, *, notify: bool, refund: bool) -> None:
        self._api, self._sources, self._notify, self._refund = api, sources, notify, refund

    def order(self, ref: str) -> Row | None:
        return order_of(self._api, ref)

    def ship(self, dispatch: Dispatch, key: str) -> None:
        """One shipment per parcel, from the source of its warehouse, with its tracking.

        Its comment names the parcel: where it stands already, the shop was told.
        Raises: NotFound; Conflict: the order is canceled or closed, or a bundle that ships as one is torn apart;
                Rejected: what Magento says, such as a source that has not so many.
        """
        mark = f"Stockline parcel {dispatch.shipment_no}"
        told, _ = search(self._api, "/V1/shipments", criteria("order_id", dispatch.order_ref))
        if any(mark == row.get("comment") for shipment in told for row in rows_of(shipment.get("comments"))):
            return
        order = self.found(dispatch.order_ref)
        refuse_dead(dispatch, order.get("state"), self.dead)
        pieces = {line.line_ref: line.quantity for line in dispatch.lines}
        body = self._shipment(dispatch, mark) | {"items": shipped_items(order, pieces, self._product)}
        self._api.call("POST", f"/V1/order/{dispatch.order_ref}/ship", json=body)

    def _product(self, item: Row) -> Row | None:
        found, _ = search(self._api, PRODUCTS, criteria("entity_id", text_id(item.get("product_id"))))
        return next(iter(found), None)

    def _shipment(self, dispatch: Dispatch, mark: str) -> dict[str, Any]:
        name = dispatch.carrier.strip().lower()
        track = {
            "track_number": dispatch.tracking_no, "title": dispatch.carrier or "Parcel",
            "carrier_code": name if name in CARRIERS else "custom",
        }  # fmt: skip
        return {
            "notify": self._notify,
            "comment": {"comment": mark, "is_visible_on_front": 0},
            "tracks": [track] if dispatch.tracking_no else [],
            "arguments": {"extension_attributes": {"source_code": self._sources.of(dispatch.warehouse)}},
        }

    def cancel(self, order: Row, answer: OrderAnswer) -> None:
        """Tell the buyer why, then cancel; an invoiced order is paid back where the connection says so.

        Raises: Conflict: Magento cannot cancel it as it is.
        """
        ref, text = answer.order_ref, f"Your order cannot be delivered ({answer.reason})."
        if _invoiced(order) and not self._refund:
            raise Conflict(
                f"order {ref} is invoiced, so Magento cannot cancel it: refund it in Magento, or set refund_refused to "
                "online"
            )
        if text not in {row.get("comment") for row in rows_of(order.get("status_histories"))}:
            notify = int(self._notify)
            history = {
                "comment": text, "is_customer_notified": notify, "is_visible_on_front": 1, "parent_id": number_of(ref),
            }  # fmt: skip
            self._api.call("POST", f"{ORDERS}/{ref}/comments", json={"statusHistory": history})
        if _invoiced(order):
            self._pay_back(ref, text)
        elif self._api.call("POST", f"{ORDERS}/{ref}/cancel").data is not True:
            raise Conflict(f"Magento does not cancel order {ref}; cancel it there")

    def _pay_back(self, ref: str, text: str) -> None:
        """An online credit memo of each invoice that has none yet."""
        invoices, _ = search(self._api, "/V1/invoices", criteria("order_id", ref))
        body = {"isOnline": True, "notify": self._notify, "comment": {"comment": text, "is_visible_on_front": 1}}
        for invoice in invoices:
            if not invoice.get("base_total_refunded"):
                self._api.call("POST", f"/V1/invoice/{invoice['entity_id']}/refund", json=body)


def _invoiced(order: Row) -> bool:
    return bool(order.get("total_invoiced") or order.get("total_paid"))
