"""Tells Amazon that a parcel left (`confirmShipment`) or an order is refused (`cancelOrder`), after a look at it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from connectors.amazon.client import Row, Seller
from connectors.kit.values import inside, millis, rows_of
from hub.canonical.errors import Conflict, NotFound
from hub.ports.channel import Dispatch, OrderAnswer
from mappings.engine import table

OTHER = "Other"
SHIPS = frozenset({"UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED"})
"""A shipped order too: its packages may show late, and a package that is told again takes the place of itself."""
LEFT = frozenset({"PARTIALLY_SHIPPED", "SHIPPED"})


class Shipments:
    """Parcels and refusals of one seller."""

    def __init__(self, seller: Seller, settings: Mapping[str, str]) -> None:
        self._seller = seller
        self._carriers = table("amazon", "carriers", settings).rows

    def ship(self, dispatch: Dispatch, key: str) -> None:
        """Confirm one parcel with its lines and pieces. It is known again by its number, or by tracking and pieces.

        Raises: NotFound; Conflict: Amazon ships the order itself, it is not to be shipped (any more), or the parcel
                has no tracking number; Rejected with Amazon's words.
        """
        order, told = self._order(dispatch.order_ref, "FULFILLMENT,PACKAGES"), _package(dispatch, self._carriers)
        if any(_same(row, told) for row in rows_of(order, "packages")):
            return
        _may_ship(order, dispatch)
        body = {"marketplaceId": self._marketplace(order), "packageDetail": told}
        self._seller.ask("confirmShipment", body=body, orderId=dispatch.order_ref)

    def refuse(self, answer: OrderAnswer) -> None:
        """Cancel the order whole: Amazon knows no cancellation of a part, and carries it out a while after it took it.

        One that is cancelled is left alone. Raises: NotFound; Conflict: Amazon ships the order itself, or something of
        it left; Rejected with Amazon's words.
        """
        ref = answer.order_ref
        order = self._order(ref, "CANCELLATION,FULFILLMENT")
        status = inside(order, "fulfillment", "fulfillmentStatus")
        if status == "CANCELLED":
            return
        _may_cancel(order, status, ref)
        self._seller.ask("cancelOrder", body={"cancelReasonCode": _reason(order)}, orderId=ref)

    def _order(self, ref: str, included: str) -> Row:
        """The order as it stands now. Raises NotFound."""
        order = self._seller.order(ref, included)
        if order is None:
            raise NotFound(f"Amazon has no order {ref} of this seller")
        return order

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


def _may_cancel(order: Row, status: object, ref: str) -> None:
    """Raises Conflict."""
    if inside(order, "fulfillment", "fulfilledBy") == "AMAZON":
        raise Conflict(f"Amazon ships order {ref} itself (FBA); it is not yours to refuse")
    if status in LEFT:
        raise Conflict(f"something of order {ref} left, and Amazon cancels no part of an order: use Seller Central")


def _reason(order: Row) -> str:
    """Why, in Amazon's words: the buyer asked for it, of every line, or there is no stock."""
    asked = [bool(inside(row, "cancellation", "cancellationRequest")) for row in rows_of(order, "orderItems")]
    return "BUYER_CANCELLED" if asked and all(asked) else "NO_INVENTORY"


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
        "shipDate": millis(dispatch.shipped_at.replace(microsecond=0)),
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
