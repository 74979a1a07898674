"""Tells the shop that a parcel left, after a look at what it was told before: a line leaves in one parcel."""

from __future__ import annotations

from connectors.kit.orders.parcels import ParcelDesk
from connectors.kit.top.router import rows
from connectors.kit.values import Row, text_id
from connectors.taobao.client import Gateway
from hub.canonical.errors import Conflict
from hub.ports.channel import Dispatch

COMPANIES, SEND = "taobao.logistics.companies.get", "taobao.logistics.offline.send"
READY = frozenset({"WAIT_SELLER_SEND_GOODS", "SELLER_CONSIGNED_PART"})


class Shipments(ParcelDesk[Gateway]):
    """Parcels of one shop; one with a part of the trade names its lines."""

    title = "Taobao"

    def _told_before(self, dispatch: Dispatch, found: Row) -> bool:
        """Whether every line carries this parcel's number. Raises Conflict: one carries another."""
        lines = {text_id(row.get("oid")): str(row.get("invoice_no") or "") for row in rows(found, "orders")}
        carried = [lines.get(line.line_ref, "") for line in dispatch.lines]
        if set(carried) == {dispatch.tracking_no}:
            return True
        other = next((number for number in carried if number and number != dispatch.tracking_no), "")
        if other:
            raise Conflict(f"a line of parcel {dispatch.shipment_no} left with {other}; Taobao keeps one parcel a line")
        return False

    def _tell(self, dispatch: Dispatch, found: Row, key: str) -> None:
        status = str(found.get("status"))
        if status not in READY:
            raise Conflict(f"trade {dispatch.order_ref} may not be shipped at the shop: it is {status}")
        chosen = dict.fromkeys(line.line_ref for line in dispatch.lines)
        waiting = {text_id(row.get("oid")) for row in rows(found, "orders") if row.get("status") in READY}
        part = status != "WAIT_SELLER_SEND_GOODS" or not waiting <= chosen.keys()
        split = {"is_split": "1", "sub_tid": ",".join(chosen)} if part else {}
        told = {"company_code": self._carrier(dispatch), "out_sid": dispatch.tracking_no, **split}
        self._gateway.write(SEND, {"tid": dispatch.order_ref, **told})

    def _listed(self) -> list[Row]:
        return rows(self._gateway.read(COMPANIES, {"fields": "id,code,name"}), "logistics_companies")
