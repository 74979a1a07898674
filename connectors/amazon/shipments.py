"""Tells Amazon that a parcel left (`confirmShipment`), after a look at the packages that the order has already."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from connectors.amazon.client import Row, Seller
from connectors.kit.values import rows_of
from hub.canonical.errors import Conflict, NotFound
from hub.ports.channel import Dispatch
from mappings.engine import table

OTHER = "Other"
SHIPS = frozenset({"UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED"})
"""A shipped order too: its packages may show late, and a package that is told again takes the place of itself."""


class Shipments:
    """Parcels of one seller."""

    def __init__(self, seller: Seller, settings: Mapping[str, str]) -> None:
        self._seller = seller
        self._carriers = table("amazon", "carriers", settings).rows

    def ship(self, dispatch: Dispatch, key: str) -> None:
        """Confirm one parcel with its lines and pieces. It is known again by its number, or by tracking and pieces.

        Raises: NotFound; Conflict: Amazon ships the order itself, it is not to be shipped (any more), or the parcel
                has no tracking number; Rejected with Amazon's words.
        """
        order, told = self._seller.order(dispatch.order_ref, "FULFILLMENT,PACKAGES"), _package(dispatch, self._carriers)
        if order is None:
            raise NotFound(f"Amazon has no order {dispatch.order_ref} of this seller")
        if any(_same(row, told) for row in rows_of(order, "packages")):
            return
        _may_ship(order, dispatch)
        body = {"marketplaceId": self._marketplace(order), "packageDetail": told}
        self._seller.ask("confirmShipment", body=body, orderId=dispatch.order_ref)

    def _marketplace(self, order: Row) -> str:
        sold = order.get("salesChannel")
        return str((sold.get("marketplaceId") if isinstance(sold, dict) else "") or self._seller.marketplaces[0])


def _may_ship(order: Row, dispatch: Dispatch) -> None:
    """Raises Conflict."""
    found = order.get("fulfillment")
    fulfillment = found if isinstance(found, dict) else {}
    status = fulfillment.get("fulfillmentStatus")
    if fulfillment.get("fulfilledBy") == "AMAZON":
        raise Conflict(f"Amazon ships order {dispatch.order_ref} itself (FBA); it takes no parcel of yours")
    if status not in SHIPS:
        raise Conflict(f"order {dispatch.order_ref} is {status} at Amazon; parcel {dispatch.shipment_no} is not told")
    if not dispatch.tracking_no.strip():
        raise Conflict(f"parcel {dispatch.shipment_no} has no tracking number; Amazon takes none without")


def _package(dispatch: Dispatch, carriers: Mapping[str, Mapping[str, object]]) -> dict[str, Any]:
    """A parcel as Amazon takes it. A reference is a number there: it is made of ours, and the same each time."""
    reference = int(hashlib.sha256(dispatch.shipment_no.encode()).hexdigest()[:12], 16) + 1
    name = dispatch.carrier.strip()
    code = carriers.get(name.lower(), {}).get("code") or OTHER
    return {
        "packageReferenceId": str(reference),
        "carrierCode": code,
        **({"carrierName": name or OTHER} if code == OTHER else {}),
        "trackingNumber": dispatch.tracking_no.strip(),
        "shipDate": f"{dispatch.shipped_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z",
        "orderItems": [{"orderItemId": line.line_ref, "quantity": int(line.quantity)} for line in dispatch.lines],
    }


def _same(row: Row, told: Row) -> bool:
    """Whether a package that Amazon knows is this parcel."""
    if str(row.get("packageReferenceId")) == told["packageReferenceId"]:
        return True
    pieces = [
        sorted((str(one.get("orderItemId")), one.get("quantity")) for one in rows_of(each, name))
        for each, name in ((row, "packageItems"), (told, "orderItems"))
    ]
    return row.get("trackingNumber") == told["trackingNumber"] and pieces[0] == pieces[1]
