"""The sandbox account's payloads: Amazon's JSON, amounts as text with their currency, times in UTC."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.amazon.sandbox.shop import MARKETPLACE, POSTAGE, SELLER, Line, Listing, Order, Package

CURRENCY = "EUR"


def stamp(moment: datetime) -> str:
    """A time as Amazon writes it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def money(value: Decimal) -> dict[str, str]:
    """An amount as Amazon writes it."""
    return {"amount": str(value), "currencyCode": CURRENCY}


def order(one: Order, included: Collection[str]) -> dict[str, Any]:
    """An order with the datasets that were asked for. A pending one tells neither address nor prices."""
    body: dict[str, Any] = {
        "orderId": one.id, "createdTime": stamp(one.created), "lastUpdatedTime": stamp(one.updated), "programs": [],
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": MARKETPLACE, "marketplaceName": "Amazon.de"},
        "orderItems": [_line(one, line, included) for line in one.lines],
    }  # fmt: skip
    more = {
        "BUYER": ("buyer", {"buyerName": one.shopper.name, "buyerEmail": one.shopper.email}),
        "RECIPIENT": ("recipient", {"deliveryAddress": _address(one)}),
        "PROCEEDS": ("proceeds", {"grandTotal": money(one.goods + POSTAGE)}),
        "FULFILLMENT": ("fulfillment", _fulfillment(one)),
        "PACKAGES": ("packages", [package(each) for each in one.packages.values()]),
    }
    hidden = {"BUYER", "RECIPIENT", "PROCEEDS"} if one.pending else set()
    return body | dict(value for name, value in more.items() if name in included and name not in hidden)


def _address(one: Order) -> dict[str, str]:
    to = one.shopper
    told = {
        "name": to.name, "addressLine1": to.line, "city": to.city, "stateOrRegion": to.region,
        "postalCode": to.postal_code, "countryCode": to.country, "phone": to.phone,
    }  # fmt: skip
    return {name: text for name, text in told.items() if text}


def _fulfillment(one: Order) -> dict[str, Any]:
    window = {"earliestDateTime": stamp(one.created), "latestDateTime": stamp(one.created + timedelta(days=2))}
    return {
        "fulfillmentStatus": one.status, "fulfilledBy": one.by, "fulfillmentServiceLevel": "STANDARD",
        "shipByWindow": window,
    }  # fmt: skip


def _line(one: Order, line: Line, included: Collection[str]) -> dict[str, Any]:
    product: dict[str, Any] = {"asin": "B000000000", "title": line.listing.title, "sellerSku": line.listing.sku}
    product |= {} if one.pending else {"price": {"unitPrice": money(line.listing.price)}}
    body: dict[str, Any] = {"orderItemId": line.id, "quantityOrdered": line.ordered, "product": product}
    if "PROCEEDS" in included and not one.pending:
        goods, postage = line.listing.price * line.ordered, POSTAGE if line is one.lines[0] else Decimal(0)
        parts = [{"type": "ITEM", "subtotal": money(goods)}, {"type": "SHIPPING", "subtotal": money(postage)}]
        body["proceeds"] = {"proceedsTotal": money(goods + postage), "breakdowns": parts}
    if "FULFILLMENT" in included:
        body["fulfillment"] = {"quantityFulfilled": line.shipped, "quantityUnfulfilled": line.left}
    return body | ({"cancellation": told} if "CANCELLATION" in included and (told := _cancellation(one, line)) else {})


def _cancellation(one: Order, line: Line) -> dict[str, Any]:
    asked = {"cancellationRequest": {"requester": "BUYER", "cancelReason": one.asked}} if one.asked else {}
    done = {"cancelledBy": one.ended_by, "cancelReason": one.reason or "ORDERED_BY_MISTAKE"}
    return asked | ({"cancellationExecution": done} if line.cancelled else {})


def package(one: Package) -> dict[str, Any]:
    """A package as Amazon shows it."""
    return {
        "packageReferenceId": one.reference, "carrier": one.carrier, "shipTime": one.shipped,
        "trackingNumber": one.tracking, "packageStatus": {"status": "SHIPPED"},
        "packageItems": [{"orderItemId": ref, "quantity": count} for ref, count in one.pieces.items()],
    }  # fmt: skip


def listing(one: Listing, included: Collection[str]) -> dict[str, Any]:
    """A listing with the datasets that were asked for."""
    body: dict[str, Any] = {"sku": one.sku}
    if "summaries" in included:
        body["summaries"] = [
            {
                "marketplaceId": MARKETPLACE, "asin": "B000000000", "productType": "KITCHEN", "status": ["BUYABLE"],
                "itemName": one.title, "createdDate": stamp(one.created), "lastUpdatedDate": stamp(one.created),
            }
        ]  # fmt: skip
    if "fulfillmentAvailability" in included:
        place = {"fulfillmentChannelCode": "AMAZON_EU"} if one.fba else {"fulfillmentChannelCode": "DEFAULT"}
        body["fulfillmentAvailability"] = [place | ({} if one.fba else {"quantity": max(0, one.quantity)})]
    return body


def _short(status: str) -> str:
    """A state in the words of Orders v0, which notifications speak: PARTIALLY_SHIPPED -> PartiallyShipped."""
    return status.title().replace("_", "").replace("Cancelled", "Canceled")


def change(one: Order, kind: str, number: int, now: datetime) -> dict[str, Any]:
    """An ORDER_CHANGE notification."""
    ref = f"d0e9e693-c3ad-4373-979f-{number:012d}"
    summary = {
        "MarketplaceId": MARKETPLACE, "OrderStatus": _short(one.status), "PurchaseDate": stamp(one.created),
        "DestinationPostalCode": one.shopper.postal_code, "FulfillmentType": "MFN", "OrderType": "StandardOrder",
        "NumberOfItemsShipped": sum(line.shipped for line in one.lines),
        "NumberOfItemsUnshipped": sum(line.left for line in one.lines), "OrderPrograms": [], "ShippingPrograms": [],
        "OrderItems": [
            {"OrderItemId": line.id, "SellerSKU": line.listing.sku, "SupplySourceId": "supply-1",
             "Quantity": line.ordered, "QuantityShipped": line.shipped}
            for line in one.lines
        ],
    }  # fmt: skip
    told = {
        "NotificationLevel": "OrderLevel", "SellerId": SELLER, "AmazonOrderId": one.id, "OrderChangeType": kind,
        "OrderChangeTrigger": {"TimeOfOrderChange": stamp(one.updated), "ChangeReason": kind}, "Summary": summary,
    }  # fmt: skip
    return {
        "NotificationVersion": "1.0", "NotificationType": "ORDER_CHANGE", "PayloadVersion": "1.0",
        "EventTime": stamp(one.updated), "Payload": {"OrderChangeNotification": told},
        "NotificationMetadata": {
            "ApplicationId": "app-id-1", "SubscriptionId": "subscription-1", "PublishTime": stamp(now),
            "NotificationId": ref,
        },
    }  # fmt: skip
