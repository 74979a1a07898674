"""Tells the shop that a parcel left: one package each, after a look at those that it knows."""

from __future__ import annotations

import uuid
from typing import Any

from connectors.douyin.client import Gateway
from connectors.douyin.feed import order
from connectors.kit.carriers import Carriers
from connectors.kit.gateway import Row
from connectors.kit.values import rows_of
from hub.canonical.errors import Conflict, NotFound
from hub.ports.channel import Dispatch
from mappings.engine import table

COMPANIES, SHIP = "order.logisticsCompanyList", "order.logisticsAddSinglePack"
OVER = frozenset({4, 21, 22, 39})


class Shipments:
    """Packages of one shop."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._carriers = Carriers(self._listed, ("name", "code"), "code", table("douyin", "carriers").rows)

    def ship(self, dispatch: Dispatch, key: str) -> None:
        """One package with its lines, pieces and tracking number; the hub's key makes its `request_id`.

        Raises: NotFound; Conflict: the order is over, the carrier is unknown or the tracking number is missing;
                Rejected: what the platform says, such as of an order with an open refund.
        """
        found = order(self._gateway, dispatch.order_ref)
        if found is None:
            raise NotFound(f"the shop has no order {dispatch.order_ref}")
        if not dispatch.tracking_no:
            raise Conflict(f"parcel {dispatch.shipment_no} has no tracking number; Douyin takes none without")
        if dispatch.tracking_no in {parcel.get("tracking_no") for parcel in rows_of(found.get("logistics_info"))}:
            return
        if OVER & {found.get("order_status"), found.get("main_status")}:
            raise Conflict(f"order {dispatch.order_ref} is cancelled or refunded at the shop; the parcel is not told")
        self._tell(dispatch, key)

    def _tell(self, dispatch: Dispatch, key: str) -> None:
        pieces = [{"shipped_order_id": line.line_ref, "shipped_num": int(line.quantity)} for line in dispatch.lines]
        package: dict[str, Any] = {
            "order_id_list": [dispatch.order_ref], "shipped_order_info": pieces,
            "company_code": self._code(dispatch.carrier), "logistics_code": dispatch.tracking_no,
            "request_id": str(uuid.uuid5(uuid.NAMESPACE_URL, key)), "is_refund_reject": False,
        }  # fmt: skip
        self._gateway.write(SHIP, package, retry=True)

    def _listed(self) -> list[Row]:
        return rows_of(self._gateway.read(COMPANIES, {}))

    def _code(self, carrier: str) -> str:
        """The platform's code of a carrier. Raises Conflict."""
        code = self._carriers.find(carrier)
        if code is None:
            raise Conflict(f"Douyin knows no carrier {carrier!r}: name it as its list of carriers does, such as 顺丰")
        return code
