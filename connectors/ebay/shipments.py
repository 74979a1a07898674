"""Tells eBay that a parcel left or that an order is refused; looks first at what it was told before."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from connectors.ebay.client import ORDERS, Seller
from connectors.kit.orders.paying_back import RefundDesk
from connectors.kit.values import Row, inside, millis, rows_of
from connectors.kit.wire.paging import only
from hub.canonical.errors import BadRecord, Conflict
from hub.canonical.told import told
from hub.ports.channel import Dispatch, OrderAnswer
from mappings.ebay.money import original

LONGEST_COMMENT = 100


class Shipments(RefundDesk):
    """Parcels and refusals of one seller."""

    title, by_hand = "eBay", told("cancel it in Seller Hub")
    payment, paid = "orderPaymentStatus", "PAID"

    def __init__(self, seller: Seller) -> None:
        super().__init__(seller.order, refund=seller.refund)
        self._call = seller.call

    def ship(self, dispatch: Dispatch, key: str) -> None:
        """One shipping fulfillment for a parcel. It is known again by its tracking number, else by time and lines.

        Raises: Rejected with eBay's words: no such order, no such line, more pieces than were sold.
        """
        path, parcel = f"{ORDERS}/{quote(dispatch.order_ref, safe='')}/shipping_fulfillment", _fulfillment(dispatch)
        before = rows_of(only(self._call("GET", path).data), "fulfillments")
        if not any(_same(row, parcel) for row in before):
            self._call("POST", path, json=parcel)

    def over(self, order: Row) -> bool:
        cancelled = inside(order, "cancelStatus", "cancelState") == "CANCELED"
        refunds = rows_of(order, "paymentSummary", "refunds")
        return cancelled or any(refund.get("refundStatus") != "FAILED" for refund in refunds)

    def left(self, order: Row) -> bool:
        return order.get("orderFulfillmentStatus") != "NOT_STARTED"

    def pay_back(self, order: Row, answer: OrderAnswer) -> None:
        body = {
            "reasonForRefund": "SELLER_CANCEL",
            "comment": f"It cannot be delivered ({answer.reason})."[:LONGEST_COMMENT],
            "orderLevelRefundAmount": _total(order),
        }
        reply = self._call("POST", f"{ORDERS}/{quote(answer.order_ref, safe='')}/issue_refund", json=body, accept={403})
        if reply.status == 403:
            raise Conflict(
                f"eBay does not take the refund of order {answer.order_ref}: it wants those of EU and UK sellers with "
                "a digital signature (signing_key), and the scope sell.finances; or cancel the order in Seller Hub"
            )
        if only(reply.data).get("refundStatus") == "FAILED":
            raise Conflict(f"eBay could not refund order {answer.order_ref}; cancel it in Seller Hub")


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
    shipped = millis(dispatch.shipped_at.replace(microsecond=0))
    return {"lineItems": lines, "shippedDate": shipped, **tracking}


def _same(row: Row, parcel: Row) -> bool:
    """Whether a fulfillment that eBay knows is this parcel."""
    if parcel.get("trackingNumber"):
        return bool(row.get("shipmentTrackingNumber") == parcel["trackingNumber"])
    return row.get("shippedDate") == parcel["shippedDate"] and _pieces(row) == _pieces(parcel)


def _pieces(fulfillment: Row) -> list[tuple[Any, Any]]:
    return sorted((line.get("lineItemId"), line.get("quantity")) for line in rows_of(fulfillment, "lineItems"))
