"""Parcels: the first one ships the order, further ones are told beside it; each after a look at what was told."""

from __future__ import annotations

from connectors.kit.orders.parcels import ParcelDesk
from connectors.kit.values import Row, rows_of, text_id
from connectors.kit.wire.exact_json import dumps_exact
from connectors.pinduoduo.client import Gateway
from hub.canonical.errors import Conflict
from hub.ports.channel import Dispatch

SEND, FURTHER, CARRIERS = (
    "pdd.logistics.online.send",
    "pdd.order.upload.extra.logistics",
    "pdd.logistics.companies.get",
)
WAITS, NORMAL, SPLIT = "1", "0", "1"
PAID_BACK = frozenset({"3", "4"})


class Shipments(ParcelDesk[Gateway]):
    """Parcels of one shop."""

    title, ours = "Pinduoduo", False
    names, value = ("logistics_company", "code", "id"), "id"

    def _told_before(self, dispatch: Dispatch, found: Row) -> bool:
        further = [row.get("tracking_number") for row in rows_of(found, "extra_delivery_list")]
        return dispatch.tracking_no in {text_id(number) for number in (found.get("tracking_number"), *further)}

    def _tell(self, dispatch: Dispatch, found: Row, key: str) -> None:
        carrier, number = self._carrier(dispatch), str(dispatch.tracking_no)
        if text_id(found.get("order_status")) == WAITS:
            _may_ship(dispatch, found)
            asked = {"logistics_id": carrier, "tracking_number": number}
            told = self._gateway.write(SEND, {"order_sn": dispatch.order_ref, **asked}).get("is_success")
        else:
            track = dumps_exact([{"shipping_id": int(carrier), "tracking_number": number}]).decode()
            asked = {"extra_track_type": SPLIT, "extra_track_list": track}
            told = self._gateway.write(FURTHER, {"order_sn": dispatch.order_ref, **asked}).get("success")
        if told is not True:
            raise Conflict(f"Pinduoduo did not take parcel {dispatch.shipment_no}, and does not say why")

    def _listed(self) -> list[Row]:
        """The carriers that may be used."""
        listed = rows_of(self._gateway.read(CARRIERS, {}), "logistics_companies")
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
