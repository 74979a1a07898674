"""The sandbox account's payloads: eBay's JSON, amounts as text with their currency, times in UTC with milliseconds."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.ebay.sandbox.shop import POSTAGE, Item, Line, Order, Parcel

CURRENCY, MARKETPLACE = "EUR", "EBAY_DE"


def stamp(moment: datetime) -> str:
    """A time as eBay writes it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def amount(value: Decimal) -> dict[str, str]:
    """An amount as eBay writes it."""
    return {"value": str(value), "currency": CURRENCY}


def order(one: Order, *, listed: bool = False) -> dict[str, Any]:
    """An order as `getOrder` shows it; in a list (`getOrders`) its requests to cancel are left out."""
    goods = sum((line.cost for line in one.lines), Decimal(0))
    return {
        "orderId": one.id, "creationDate": stamp(one.created), "lastModifiedDate": stamp(one.modified),
        "orderFulfillmentStatus": one.shipping, "orderPaymentStatus": _payment(one), "sellerId": "stockline",
        "buyer": {"username": one.shopper.email.partition("@")[0]},
        "pricingSummary": {
            "priceSubtotal": amount(goods), "deliveryCost": amount(POSTAGE), "total": amount(one.total),
        },
        "cancelStatus": _cancel(one, listed=listed),
        "paymentSummary": {
            "totalDueSeller": amount(one.total - one.refunded),
            "refunds": [
                {"amount": amount(back), "refundDate": stamp(at), "refundId": ref, "refundStatus": "REFUNDED"}
                for ref, back, at in one.refunds
            ],
            "payments": [
                {"paymentMethod": "EBAY", "amount": amount(one.total), "paymentDate": stamp(one.created),
                 "paymentStatus": "PAID"}
            ] if one.paid else [],
        },
        "fulfillmentStartInstructions": [_instruction(one)], "fulfillmentHrefs": [],
        "lineItems": [_line(line) for line in one.lines],
    }  # fmt: skip


def _payment(one: Order) -> str:
    if not one.paid:
        return "PENDING"
    if not one.refunded:
        return "PAID"
    return "FULLY_REFUNDED" if one.refunded >= one.total else "PARTIALLY_REFUNDED"


def _cancel(one: Order, *, listed: bool) -> dict[str, Any]:
    request = {
        "cancelRequestId": f"5{one.id[:2]}", "cancelInitiator": "Buyer", "cancelReason": one.cancel_reason,
        "cancelRequestState": "COMPLETED", "cancelRequestedDate": stamp(one.modified),
    }  # fmt: skip
    none = listed or one.cancel == "NONE_REQUESTED"
    return {"cancelState": one.cancel, "cancelRequests": [] if none else [request]}


def _instruction(one: Order) -> dict[str, Any]:
    to = one.shopper
    address = {
        "addressLine1": to.line, "city": to.city, "stateOrProvince": to.region, "postalCode": to.postal_code,
        "countryCode": to.country,
    }  # fmt: skip
    contact = {"fullName": to.name, "contactAddress": address, "email": to.email}
    contact |= {"primaryPhone": {"phoneNumber": to.phone}} if to.phone else {}
    step = {"shipTo": contact, "shippingServiceCode": "DE_DHLPaket"}
    return {"fulfillmentInstructionsType": "SHIP_TO", "shippingStep": step}


def _line(line: Line) -> dict[str, Any]:
    refunds = [{"amount": amount(line.refunded), "refundId": f"9{line.id}"}] if line.refunded else []
    done = "FULFILLED" if line.shipped >= line.ordered else "IN_PROGRESS" if line.shipped else "NOT_STARTED"
    return {
        "lineItemId": line.id, "legacyItemId": str(line.item.number), "sku": line.item.sku, "title": line.item.title,
        "lineItemCost": amount(line.cost), "quantity": line.ordered, "soldFormat": "FIXED_PRICE",
        "listingMarketplaceId": MARKETPLACE, "purchaseMarketplaceId": MARKETPLACE, "lineItemFulfillmentStatus": done,
        "total": amount(line.cost), "deliveryCost": {"shippingCost": amount(Decimal("0.0"))}, "appliedPromotions": [],
        "taxes": [], "refunds": refunds, "properties": {"buyerProtection": True},
    }  # fmt: skip


def fulfillment(parcel: Parcel) -> dict[str, Any]:
    """A shipping fulfillment as eBay shows it."""
    tracking = {"shipmentTrackingNumber": parcel.tracking, "shippingCarrierCode": parcel.carrier}
    return {
        "fulfillmentId": parcel.id, "shippedDate": parcel.shipped,
        "lineItems": [{"lineItemId": line.id, "quantity": count} for line, count in parcel.lines],
        **(tracking if parcel.tracking else {}),
    }  # fmt: skip


def item(one: Item) -> dict[str, Any]:
    """An inventory item as eBay shows it."""
    product = {"title": one.title} | ({"ean": [one.barcode]} if one.barcode else {})
    return {
        "sku": one.sku, "locale": "en_US", "condition": "NEW", "product": product,
        "availability": {"shipToLocationAvailability": {"quantity": one.quantity}},
    }  # fmt: skip
