"""Tells eBay that a parcel left or that an order is refused; looks first at what it was told before."""

from __future__ import annotations

import re
from datetime import UTC
from typing import Any
from urllib.parse import quote

from connectors.ebay.client import ORDERS, Seller, one
from connectors.kit.parcels import known_order
from connectors.kit.values import Row, inside, rows_of
from hub.canonical.errors import BadRecord, Conflict
from hub.ports.channel import Dispatch, OrderAnswer
from mappings.ebay.money import original

LONGEST_COMMENT = 100


class Shipments:
    """Parcels and refusals of one seller. `refund`: whether a refused order is paid back."""

    def __init__(self, seller: Seller, *, refund: bool) -> None:
        self._seller, self._refund = seller, refund

    def ship(self, dispatch: Dispatch, key: str) -> None:
        """One shipping fulfillment for a parcel. It is known again by its tracking number, else by time and lines.

        Raises: Rejected with eBay's words: no such order, no such line, more pieces than were sold.
        """
        path, told = f"{ORDERS}/{quote(dispatch.order_ref, safe='')}/shipping_fulfillment", _fulfillment(dispatch)
        before = one(self._seller.call("GET", path), "getShippingFulfillments")
        if not any(_same(row, told) for row in rows_of(before, "fulfillments")):
            self._seller.call("POST", path, json=told)

    def refuse(self, answer: OrderAnswer) -> None:
        """Pay the order back whole. One that is cancelled or has a refund is left alone.

        Raises: NotFound; Conflict: it is shipped or unpaid, refunds are left to a person, or eBay did not take it.
        """
        order = known_order(self._seller.order, answer.order_ref)
        if _refused(order):
            return
        self._refusable(order, answer.order_ref)
        body = {
            "reasonForRefund": "SELLER_CANCEL",
            "comment": f"It cannot be delivered ({answer.reason})."[:LONGEST_COMMENT],
            "orderLevelRefundAmount": _total(order),
        }
        path = f"{ORDERS}/{quote(answer.order_ref, safe='')}/issue_refund"
        reply = self._seller.call("POST", path, json=body, accept={403})
        if reply.status == 403:
            raise Conflict(
                f"eBay does not take the refund of order {answer.order_ref}: it wants those of EU and UK sellers with "
                "a digital signature (signing_key), and the scope sell.finances; or cancel the order in Seller Hub"
            )
        if one(reply, "issueRefund").get("refundStatus") == "FAILED":
            raise Conflict(f"eBay could not refund order {answer.order_ref}; cancel it in Seller Hub")

    def _refusable(self, order: Row, ref: str) -> None:
        if order.get("orderFulfillmentStatus") != "NOT_STARTED":
            raise Conflict(f"order {ref} is shipped at eBay, whole or in part; it cannot be refused as it is")
        paid = order.get("orderPaymentStatus")
        if paid != "PAID":
            raise Conflict(f"order {ref} is {paid} at eBay, it cannot be paid back whole: cancel it in Seller Hub")
        if not self._refund:
            raise Conflict(f"order {ref} is paid: cancel it in Seller Hub, or set refund_refused to yes")


def _refused(order: Row) -> bool:
    cancelled = inside(order, "cancelStatus", "cancelState") == "CANCELED"
    refunds = rows_of(order, "paymentSummary", "refunds")
    return cancelled or any(refund.get("refundStatus") != "FAILED" for refund in refunds)


def _total(order: Row) -> dict[str, str]:
    """What the buyer paid, in the currency in which the order was made. Raises BadRecord."""
    total = inside(original(order), "pricingSummary", "total")
    if not isinstance(total, dict) or total.get("value") is None or total.get("currency") is None:
        raise BadRecord("pricingSummary.total", total, "expected an amount")
    return {name: str(total[name]) for name in ("value", "currency")}


def _fulfillment(dispatch: Dispatch) -> dict[str, Any]:
    """eBay takes a tracking number only with a carrier, and only letters and digits of it."""
    number = re.sub(r"[^A-Za-z0-9]", "", dispatch.tracking_no)
    tracking = {"trackingNumber": number, "shippingCarrierCode": dispatch.carrier.strip() or "Other"} if number else {}
    lines = [{"lineItemId": line.line_ref, "quantity": int(line.quantity)} for line in dispatch.lines]
    shipped = f"{dispatch.shipped_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
    return {"lineItems": lines, "shippedDate": shipped, **tracking}


def _same(row: Row, told: Row) -> bool:
    """Whether a fulfillment that eBay knows is this parcel."""
    if told.get("trackingNumber"):
        return bool(row.get("shipmentTrackingNumber") == told["trackingNumber"])
    return row.get("shippedDate") == told["shippedDate"] and _pieces(row) == _pieces(told)


def _pieces(fulfillment: Row) -> list[tuple[Any, Any]]:
    return sorted((line.get("lineItemId"), line.get("quantity")) for line in rows_of(fulfillment, "lineItems"))
