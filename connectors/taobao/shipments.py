"""Tells the shop that a parcel left, after a look at what it was told before: a line leaves in one parcel."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.kit.carriers import Carriers
from connectors.kit.gateway import Row
from connectors.kit.values import text_id
from connectors.taobao.client import Gateway, rows
from connectors.taobao.feed import trade
from hub.canonical.errors import Conflict, NotFound
from hub.ports.channel import Dispatch
from mappings.engine import table

COMPANIES, SEND = "taobao.logistics.companies.get", "taobao.logistics.offline.send"
READY = frozenset({"WAIT_SELLER_SEND_GOODS", "SELLER_CONSIGNED_PART"})


class Shipments:
    """Parcels of one shop."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._carriers = Carriers(self._listed, ("name", "code"), "code", table("taobao", "carriers").rows)

    def ship(self, dispatch: Dispatch, key: str) -> None:
        """One parcel; a part of the trade names its lines.

        Raises: NotFound; Conflict: the trade may not leave, a line left before, the carrier is unknown or the
                tracking number is missing; Rejected: what the platform says, such as of the number's form.
        """
        found = trade(self._gateway, dispatch.order_ref)
        if found is None:
            raise NotFound(f"the shop has no trade {dispatch.order_ref}")
        if not dispatch.tracking_no:
            raise Conflict(f"parcel {dispatch.shipment_no} has no tracking number; Taobao takes none without")
        lines = {text_id(row.get("oid")): row for row in rows(found.get("orders"))}
        if not self._told_before(dispatch, lines):
            self._send(dispatch, str(found.get("status")), lines)

    def _told_before(self, dispatch: Dispatch, lines: Mapping[str, Row]) -> bool:
        """Whether every line carries this parcel's number. Raises Conflict: one carries another."""
        carried = {line.line_ref: str(lines.get(line.line_ref, {}).get("invoice_no") or "") for line in dispatch.lines}
        if set(carried.values()) == {dispatch.tracking_no}:
            return True
        other = next((number for number in carried.values() if number and number != dispatch.tracking_no), "")
        if other:
            raise Conflict(f"a line of parcel {dispatch.shipment_no} left with {other}; Taobao keeps one parcel a line")
        return False

    def _send(self, dispatch: Dispatch, status: str, lines: Mapping[str, Row]) -> None:
        if status not in READY:
            raise Conflict(f"trade {dispatch.order_ref} may not be shipped at the shop: it is {status}")
        chosen = dict.fromkeys(line.line_ref for line in dispatch.lines)
        waiting = {ref for ref, row in lines.items() if row.get("status") in READY}
        told = {
            "tid": dispatch.order_ref,
            "company_code": self._code(dispatch.carrier),
            "out_sid": dispatch.tracking_no,
        }
        part = status != "WAIT_SELLER_SEND_GOODS" or not waiting <= chosen.keys()
        split = {"is_split": "1", "sub_tid": ",".join(chosen)} if part else {}
        self._gateway.write(SEND, told | split)

    def _listed(self) -> list[Row]:
        return rows(self._gateway.read(COMPANIES, {"fields": "id,code,name"}).get("logistics_companies"))

    def _code(self, carrier: str) -> str:
        """The platform's code of a carrier. Raises Conflict."""
        code = self._carriers.find(carrier)
        if code is None:
            raise Conflict(
                f"Taobao knows no carrier {carrier!r}: name it as its list of carriers does, such as 顺丰速运"
            )
        return code
