"""An Amazon order written by us, after the fields of the model of Orders 2026-01-01."""

from __future__ import annotations

from typing import Any


def eur(value: str) -> dict[str, str]:
    """An amount in EUR."""
    return {"amount": value, "currencyCode": "EUR"}


def part(kind: str, value: str) -> dict[str, Any]:
    """One breakdown of proceeds."""
    return {"type": kind, "subtotal": eur(value)}


def _line(at: int, quantity: int, price: str, total: str, parts: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "orderItemId": f"2500000000000{at}", "quantityOrdered": quantity,
        "product": {"asin": "B000000000", "title": f"Thing {at}", "sellerSku": f"SKU {at}",
                    "price": {"unitPrice": eur(price)}},
        "proceeds": {"proceedsTotal": eur(total), "breakdowns": parts},
        "fulfillment": {"quantityFulfilled": 0, "quantityUnfulfilled": quantity}, **more,
    }  # fmt: skip


def amazon() -> dict[str, Any]:
    """2 x 10.00 + 5.50 goods - 1.50 discount + 4.90 postage + 2.00 gift wrap + 0.95 tax + 1.00 tip = 32.85."""
    first = [part("ITEM", "20.00"), part("DISCOUNT", "-1.50"), part("SHIPPING", "4.90"), part("TAX", "0.95")]
    second = [part("ITEM", "5.50"), part("GIFT_WRAP", "2.00")]
    gift = {"quantityFulfilled": 0, "quantityUnfulfilled": 1, "packing": {"giftOption": {"giftMessage": "Alles Gute"}}}
    asked = {"cancellationRequest": {"requester": "BUYER", "cancelReason": "Found it cheaper"}}
    return {
        "orderId": "302-1234567-7654321",
        "orderAliases": [{"aliasId": "OWN-1", "aliasType": "SELLER_ORDER_ID"}],
        "createdTime": "2026-11-20T09:00:00Z", "lastUpdatedTime": "2026-11-21T10:30:00.250Z",
        "programs": ["PRIME", "AMAZON_BUSINESS"], "associatedOrders": [],
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": "A1PA6795UKMFR9", "marketplaceName": "Amazon.de"},
        "buyer": {"buyerName": "Renée Müller", "buyerEmail": "x@marketplace.amazon.de", "buyerCompanyName": "Müller KG",
                  "buyerPurchaseOrderNumber": "PO-7"},
        "recipient": {
            "deliveryAddress": {
                "name": "Renée Müller", "companyName": "Müller KG", "addressLine1": "Hauptstraße 1", "addressLine2": "",
                "addressLine3": "2. Stock", "city": "Berlin", "districtOrCounty": "Mitte", "stateOrRegion": "BE",
                "postalCode": "10115", "countryCode": "DE", "phone": "+49 30 1234567", "addressType": "RESIDENTIAL",
            },
            "deliveryPreference": {"addressInstruction": "Hinterhof"},
        },
        "proceeds": {"grandTotal": eur("32.85"), "breakdowns": [part("ITEM", "25.50"), part("DELIVERY_TIP", "1.00")]},
        "fulfillment": {
            "fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "MERCHANT", "fulfillmentServiceLevel": "EXPEDITED",
            "shipByWindow": {"earliestDateTime": "2026-11-21T00:00:00Z", "latestDateTime": "2026-11-22T22:59:59Z"},
            "deliverByWindow": {"earliestDateTime": "2026-11-23T00:00:00Z", "latestDateTime": "2026-11-25T22:59:59Z"},
        },
        "orderItems": [
            _line(1, 2, "10.00", "24.35", first),
            _line(2, 1, "5.50", "7.50", second, fulfillment=gift, cancellation=asked),
        ],
        "packages": [],
    }  # fmt: skip


def usd(value: str) -> dict[str, str]:
    """An amount in USD, as Orders v0 writes it."""
    return {"CurrencyCode": "USD", "Amount": value}


def amazon_v0() -> dict[str, Any]:
    """One of Orders v0 with its items: 20.00 goods - 1.50 + 4.90 postage - 0.90 + 2.00 gift wrap + 1.75 tax = 26.25."""
    item = {
        "ASIN": "B000000000", "OrderItemId": "05015851154158", "SellerSKU": "SKU 1", "Title": "Thing 1",
        "QuantityOrdered": 2, "QuantityShipped": 0, "ItemPrice": usd("20.00"), "ItemTax": usd("1.40"),
        "PromotionDiscount": usd("1.50"), "ShippingPrice": usd("4.90"), "ShippingDiscount": usd("0.90"),
        "ShippingTax": usd("0.20"), "BuyerInfo": {"GiftWrapPrice": usd("2.00"), "GiftWrapTax": usd("0.15")},
        "BuyerRequestedCancel": {"IsBuyerRequestedCancel": "true", "BuyerCancelReason": "Found it cheaper"},
    }  # fmt: skip
    return {
        "AmazonOrderId": "902-1845936-5435065", "PurchaseDate": "2026-11-20T09:00:00Z",
        "LastUpdateDate": "2026-11-21T10:30:00Z", "OrderStatus": "Unshipped", "FulfillmentChannel": "MFN",
        "SalesChannel": "Amazon.com", "ShipServiceLevel": "Std US D2D Dom", "OrderTotal": usd("26.25"),
        "MarketplaceId": "ATVPDKIKX0DER", "LatestShipDate": "2026-11-22T07:59:59Z",
        "ShippingAddress": {
            "Name": "Ada Lovelace", "AddressLine1": "1 Cross St.", "City": "Canton", "StateOrRegion": "MI",
            "PostalCode": "48817", "CountryCode": "US",
        },
        "BuyerInfo": {"BuyerEmail": "user@example.com", "BuyerName": "Ada Lovelace"}, "OrderItems": [item],
    }  # fmt: skip
