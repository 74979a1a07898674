"""Tells the shop that a parcel left: one package each, after a look at those that it knows."""

from __future__ import annotations

import uuid
from typing import Any

from connectors.douyin.client import Gateway
from connectors.kit.orders.parcels import ParcelDesk
from connectors.kit.values import Row, rows_of
from hub.canonical.errors import Conflict
from hub.ports.channel import Dispatch

COMPANIES, SHIP = "order.logisticsCompanyList", "order.logisticsAddSinglePack"
OVER = frozenset({4, 21, 22, 39})


class Shipments(ParcelDesk[Gateway]):
    """Packages of one shop."""

    title = "Douyin"

    def _told_before(self, dispatch: Dispatch, found: Row) -> bool:
        return dispatch.tracking_no in {parcel.get("tracking_no") for parcel in rows_of(found, "logistics_info")}

    def _tell(self, dispatch: Dispatch, found: Row, key: str) -> None:
        """One package with its lines, pieces and tracking number; the hub's key makes its `request_id`."""
        if OVER & {found.get("order_status"), found.get("main_status")}:
            raise Conflict(f"order {dispatch.order_ref} is cancelled or refunded at the shop; the parcel is not told")
        pieces = [{"shipped_order_id": line.line_ref, "shipped_num": int(line.quantity)} for line in dispatch.lines]
        package: dict[str, Any] = {
            "order_id_list": [dispatch.order_ref], "shipped_order_info": pieces,
            "company_code": self._carrier(dispatch), "logistics_code": dispatch.tracking_no,
            "request_id": str(uuid.uuid5(uuid.NAMESPACE_URL, key)), "is_refund_reject": False,
        }  # fmt: skip
        self._gateway.write(SHIP, package, retry=True)

    def _listed(self) -> list[Row]:
        return rows_of(self._gateway.read(COMPANIES, {}))
