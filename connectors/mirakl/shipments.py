"""Answers to orders (OR21, OR29) and parcels (OR23 and OR24, or ST01), after a look at what was told before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from connectors.kit.orders.market import MarketDesk
from connectors.kit.orders.parcels import Carriers
from connectors.kit.values import Row, filled, rows_of
from connectors.kit.wire.paging import TokenPaging
from connectors.mirakl.client import ORDERS, Seller
from hub.canonical.errors import Conflict
from hub.ports.channel import Dispatch

SHIPMENTS, CARRIERS = "/shipments", "/shipping/carriers"
CARRIER_NAMES = ("standard_code", "label", "code")
BY_TOKEN = TokenPaging("page_token", "next_page_token")


class Shipments(MarketDesk):
    """Answers and parcels of one shop."""

    state, waits, ready = "order_state", "WAITING_ACCEPTANCE", "SHIPPING"
    left, dead = frozenset({"SHIPPED", "TO_COLLECT", "RECEIVED", "CLOSED"}), frozenset({"REFUSED", "CANCELED"})
    lines, line = "order_lines", "order_line_id"

    def __init__(self, seller: Seller) -> None:
        super().__init__(seller.order, several=seller.several)
        self._seller = seller
        self._carriers = Carriers(lambda: rows_of(seller.call("GET", CARRIERS).data, "carriers"), CARRIER_NAMES, "code")

    def decide(self, ref: str, accepted: Mapping[str, bool]) -> None:
        self._put(ref, "accept", {"order_lines": [{"id": line, "accepted": yes} for line, yes in accepted.items()]})

    def may_cancel(self, order: Row) -> bool:
        return order.get("can_cancel") is True

    def cancel(self, ref: str) -> None:
        self._put(ref, "cancel")

    def has_parcel(self, dispatch: Dispatch) -> bool:
        """Whether a line of the order's shipments (ST11) carries our number."""
        told = BY_TOKEN.every(self._seller.asks(SHIPMENTS, {"order_id": dispatch.order_ref}), "data")
        lines = (line for shipment in told for line in rows_of(shipment, "shipment_lines"))
        return any(dispatch.shipment_no == line.get("package_reference") for line in lines)

    def tell_parcel(self, dispatch: Dispatch) -> None:
        """One shipment; its lines carry our number as `package_reference`, by which a repetition is recognized."""
        lines = [
            {"order_line_id": line.line_ref, "quantity": int(line.quantity), "package_reference": dispatch.shipment_no}
            for line in dispatch.lines
        ]
        shipment = {"order_id": dispatch.order_ref, "shipment_lines": lines, "shipped": True}
        told = filled({**shipment, "tracking": self._tracking(dispatch, "tracking_url")})
        answer = self._seller.call("POST", SHIPMENTS, json={"shipments": [told]})
        for error in rows_of(answer.data, "shipment_errors"):
            said = str(error.get("message"))[:300]
            raise Conflict(f"the marketplace refused parcel {dispatch.shipment_no}: {said}")

    def tell_order(self, dispatch: Dispatch) -> None:
        tracking = self._tracking(dispatch, "carrier_url")
        if tracking:
            self._put(dispatch.order_ref, "tracking", tracking)
        self._put(dispatch.order_ref, "ship")

    def _tracking(self, dispatch: Dispatch, url: str) -> dict[str, str]:
        """The carrier by its code where it is registered, else by name and the tracking's address (field `url`)."""
        code = self._carriers.find(dispatch.carrier) if dispatch.carrier else None
        own = {"carrier_code": code} if code else {"carrier_name": dispatch.carrier, url: dispatch.tracking_url}
        return filled({**own, "tracking_number": dispatch.tracking_no})

    def _put(self, ref: str, verb: str, body: Any = None) -> None:
        self._seller.call("PUT", f"{ORDERS}/{quote(ref, safe='')}/{verb}", json=body)
