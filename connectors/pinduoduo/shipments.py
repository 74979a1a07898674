"""Parcels: the first one ships the order, further ones are told beside it; each after a look at what was told."""

from __future__ import annotations

import time
from collections.abc import Callable

from connectors.kit.carriers import Carriers
from connectors.kit.exact_json import dumps_exact
from connectors.kit.gateway import Row
from connectors.kit.values import text_id
from connectors.pinduoduo.client import Gateway, rows
from connectors.pinduoduo.feed import order
from hub.canonical.errors import Conflict, NotFound
from hub.ports.channel import Dispatch

SEND, FURTHER, CARRIERS = (
    "pdd.logistics.online.send",
    "pdd.order.upload.extra.logistics",
    "pdd.logistics.companies.get",
)
WAITS, NORMAL, SPLIT = "1", "0", "1"
PAID_BACK = frozenset({"3", "4"})


class Shipments:
    """Parcels of one shop. `clock`: monotonic seconds."""

    def __init__(self, gateway: Gateway, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._gateway = gateway
        self._carriers = Carriers(self._listed, ("logistics_company", "code", "id"), "id", clock=clock)

    def ship(self, dispatch: Dispatch, key: str) -> None:
        """Tell a parcel, unless its tracking number was told before.

        Raises: NotFound; Conflict: it has no tracking number or known carrier, or the order must not be shipped.
        """
        found = order(self._gateway, dispatch.order_ref)
        if found is None:
            raise NotFound(f"the shop has no order {dispatch.order_ref}, or it is older than three months")
        if not dispatch.tracking_no:
            raise Conflict(f"parcel {dispatch.shipment_no} has no tracking number; Pinduoduo takes none without one")
        if dispatch.tracking_no in _told(found):
            return
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

    def _carrier(self, dispatch: Dispatch) -> str:
        """The platform's number of the carrier, by its number, code or name there. Raises Conflict."""
        found = self._carriers.find(dispatch.carrier)
        if found is None:
            raise Conflict(
                f"Pinduoduo knows no carrier {dispatch.carrier!r}; parcel {dispatch.shipment_no} is not told: name the "
                "carrier by its name or code there, and replay the message"
            )
        return found

    def _listed(self) -> list[Row]:
        """The carriers that may be used."""
        listed = rows(self._gateway.read(CARRIERS, {}), "logistics_companies")
        return [row for row in listed if text_id(row.get("available")) == "1"]


def _told(found: Row) -> set[str]:
    further = [row.get("tracking_number") for row in rows(found, "extra_delivery_list")]
    return {text_id(number) for number in (found.get("tracking_number"), *further)} - {""}


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
