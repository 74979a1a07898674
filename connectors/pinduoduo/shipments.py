"""Parcels: the first one ships the order, further ones are told beside it; each after a look at what was told."""

from __future__ import annotations

import time
from collections.abc import Callable

from connectors.kit.exact_json import dumps_exact
from connectors.kit.gateway import Row
from connectors.kit.parcels import Carriers, ParcelDesk
from connectors.kit.values import text_id
from connectors.pinduoduo.client import Gateway, rows
from connectors.pinduoduo.feed import order
from hub.canonical.errors import Conflict
from hub.ports.channel import Dispatch

SEND, FURTHER, CARRIERS = (
    "pdd.logistics.online.send",
    "pdd.order.upload.extra.logistics",
    "pdd.logistics.companies.get",
)
WAITS, NORMAL, SPLIT = "1", "0", "1"
PAID_BACK = frozenset({"3", "4"})


class Shipments(ParcelDesk):
    """Parcels of one shop. `clock`: monotonic seconds."""

    title = "Pinduoduo"

    def __init__(self, gateway: Gateway, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(Carriers(self._listed, ("logistics_company", "code", "id"), "id", clock=clock))
        self._gateway = gateway

    def _order(self, ref: str) -> Row | None:
        return order(self._gateway, ref)

    def _told_before(self, dispatch: Dispatch, found: Row) -> bool:
        further = [row.get("tracking_number") for row in rows(found, "extra_delivery_list")]
        return dispatch.tracking_no in {text_id(number) for number in (found.get("tracking_number"), *further)}

    def _tell(self, dispatch: Dispatch, found: Row, key: str) -> None:
        carrier = self._carrier(dispatch)
        if text_id(found.get("order_status")) == WAITS:
            _may_ship(dispatch, found)
            self._send(dispatch, carrier)
        else:
            self._tell_further(dispatch, carrier)

    def _send(self, dispatch: Dispatch, carrier: str) -> None:
        asked = {"order_sn": dispatch.order_ref, "logistics_id": carrier, "tracking_number": str(dispatch.tracking_no)}
        if self._gateway.write(SEND, asked).get("is_success") is not True:
            raise _refused(dispatch)

    def _tell_further(self, dispatch: Dispatch, carrier: str) -> None:
        track = [{"shipping_id": int(carrier), "tracking_number": dispatch.tracking_no}]
        asked = {
            "order_sn": dispatch.order_ref, "extra_track_type": SPLIT, "extra_track_list": dumps_exact(track).decode()
        }  # fmt: skip
        if self._gateway.write(FURTHER, asked).get("success") is not True:
            raise _refused(dispatch)

    def _listed(self) -> list[Row]:
        """The carriers that may be used."""
        listed = rows(self._gateway.read(CARRIERS, {}), "logistics_companies")
        return [row for row in listed if text_id(row.get("available")) == "1"]


def _may_ship(dispatch: Dispatch, found: Row) -> None:
    """Raises Conflict: the platform looks at the order, or its money goes back."""
    risk, refund = str(found.get("risk_control_status") or NORMAL), str(found.get("refund_status"))
    why = "the platform reviews its risk" if risk != NORMAL else "its money goes back" if refund in PAID_BACK else ""
    if why:
        raise Conflict(
            f"order {dispatch.order_ref} must not be shipped: {why}; parcel {dispatch.shipment_no} is not told: replay "
            "the message once it may"
        )


def _refused(dispatch: Dispatch) -> Conflict:
    return Conflict(f"Pinduoduo did not take parcel {dispatch.shipment_no}, and does not say why")
