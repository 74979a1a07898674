"""An eBay order written by us, after the fields of eBay's specification."""

from __future__ import annotations

from typing import Any


def eur(value: str, shown: str | None = None) -> dict[str, str]:
    """An amount in EUR; `shown`: as a site in USD shows it."""
    if shown is None:
        return {"value": value, "currency": "EUR"}
    return {"value": shown, "currency": "USD", "convertedFromValue": value, "convertedFromCurrency": "EUR"}


def _line(at: int, cost: dict[str, str], quantity: int, **more: Any) -> dict[str, Any]:
    return {
        "lineItemId": f"1000000000000{at}", "legacyItemId": f"22500000000{at}", "sku": f"SKU {at}",
        "quantity": quantity, "title": f"Thing {at}", "lineItemCost": cost, "total": cost,
        "listingMarketplaceId": "EBAY_US", "lineItemFulfillmentStatus": "NOT_STARTED", "taxes": [], "refunds": [],
        "appliedPromotions": [],
        "lineItemFulfillmentInstructions": {"shipByDate": f"2026-11-2{9 - at}T22:59:59.000Z"}, **more,
    }  # fmt: skip


def ebay() -> dict[str, Any]:
    """Sold in EUR, shown in USD, where the lines cost 9.32 and their subtotal is 9.31.

    4.20 + 3.80 = 8.00 goods, - 0.40 discount + 2.00 postage - 0.50 postage discount + 1.52 tax = 10.62.
    """
    summary = {
        "priceSubtotal": eur("8.00", "9.31"), "priceDiscount": eur("-0.40", "-0.47"),
        "deliveryCost": eur("2.00", "2.33"), "deliveryDiscount": eur("-0.50", "-0.58"), "tax": eur("1.52", "1.77"),
        "total": eur("10.62", "12.36"),
    }  # fmt: skip
    address = {
        "addressLine1": "1 Main St", "addressLine2": "Apt 2", "city": "Springfield", "stateOrProvince": "IL",
        "postalCode": "62704", "countryCode": "US",
    }  # fmt: skip
    step = {
        "shippingServiceCode": "DE_DHLPaketInternational",
        "shipTo": {
            "fullName": "Ada Lovelace", "companyName": "Engines", "contactAddress": address,
            "primaryPhone": {"phoneNumber": "+12175550100"}, "email": "relay@members.example",
        },
    }  # fmt: skip
    taxes = ([{"amount": eur("0.80", "0.93"), "taxType": "VAT"}], [{"amount": eur("0.72", "0.84"), "taxType": "VAT"}])
    remitted = [{"taxType": "STATE_SALES_TAX", "amount": eur("0.55", "0.64"), "collectionMethod": "NET"}]
    back = [{"refundId": "9", "refundDate": "2026-11-21T10:00:00.000Z", "amount": eur("3.80", "4.43")}]
    lines = [
        _line(1, eur("4.20", "4.89"), 3, discountedLineItemCost=eur("3.80", "4.42"), taxes=taxes[0],
              ebayCollectAndRemitTaxes=remitted),
        _line(2, eur("3.80", "4.43"), 2, taxes=taxes[1], refunds=back),
    ]  # fmt: skip
    asked = {
        "cancelRequestId": "7", "cancelInitiator": "Buyer", "cancelReason": "BUYER_CANCEL_OR_ADDRESS_ISSUE",
        "cancelRequestState": "REQUESTED",
    }  # fmt: skip
    return {
        "orderId": "12-09876-54321", "creationDate": "2026-11-20T09:00:00.000Z",
        "lastModifiedDate": "2026-11-21T10:30:00.250Z", "orderFulfillmentStatus": "NOT_STARTED",
        "orderPaymentStatus": "PARTIALLY_REFUNDED", "sellerId": "engines",
        "buyer": {
            "username": "ada_1815",
            "buyerRegistrationAddress": {"fullName": "A. Byron", "contactAddress": {**address, "city": "Chicago"}},
        },
        "pricingSummary": summary,
        "cancelStatus": {
            "cancelState": "IN_PROGRESS",
            "cancelRequests": [asked],
        },
        "paymentSummary": {"totalDueSeller": eur("6.82"), "payments": [], "refunds": []},
        "fulfillmentStartInstructions": [
            {"fulfillmentInstructionsType": "SHIP_TO", "maxEstimatedDeliveryDate": "2026-12-02T08:00:00.000Z",
             "shippingStep": step}
        ],
        "fulfillmentHrefs": [], "lineItems": lines, "buyerCheckoutNotes": "Ring twice", "salesRecordReference": "77",
    }  # fmt: skip
