"""Shipments: the parcels that left."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from hub.api.order_words import SkuPieces
from hub.api.parts import Id, IdIn, Out, Page, Paging, PathId, Served, Text, Time, page, resource, scope_of
from hub.reports.shipments import find_shipments, read_shipment
from hub.rules.permissions import Principal
from hub.web.auth import require

router = resource("shipments")


class ShipmentFilter(Paging):
    order_id: IdIn | None = None
    warehouse: Text = ""
    tracking_no: Text = ""


class ShipmentOut(Out):
    id: Id
    order_id: Id
    number: str
    fulfillment_order_id: Id
    warehouse: str
    carrier: str
    tracking_no: str
    tracking_url: str | None
    shipped_at: Time
    lines: list[SkuPieces]


@router.get("")
def list_shipments(
    asked: Annotated[ShipmentFilter, Query()],
    services: Served,
    who: Annotated[Principal, Depends(require("picks.read"))],
) -> Page[ShipmentOut]:
    """Parcels, newest first; the warehouse role sees those of its own warehouses."""
    found, following = find_shipments(
        services.ctx.db, scope=scope_of(who, asked.warehouse), order_id=asked.order_id, tracking_no=asked.tracking_no,
        after=asked.cursor, limit=asked.limit,
    )  # fmt: skip
    return page(Page[ShipmentOut], found, following)


@router.get("/{shipment_id}")
def get_shipment(
    shipment_id: PathId, services: Served, who: Annotated[Principal, Depends(require("picks.read"))]
) -> ShipmentOut:
    """One parcel."""
    return ShipmentOut.model_validate(read_shipment(services.ctx.db, shipment_id, who.warehouses))
