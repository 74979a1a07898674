"""Amazon: what a transaction of the Finances API becomes; what of its tree is the buyer's; unknown parts by name."""

from __future__ import annotations

import json
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.amazon.refunds import read_refund
from hub.canonical.errors import BadRecord
from hub.canonical.refund import Refund
from hub.ports.channel import RawRecord
from mappings.engine import OVERRIDES


def read(body: Any, **settings: str) -> Refund:
    (refund,) = read_refund(RawRecord("T1", json.dumps(body).encode(), kind="refund"), settings)
    return refund


def money(amount: float, currency: str = "USD") -> dict[str, Any]:
    return {"currencyAmount": amount, "currencyCode": currency}


def part(kind: str, amount: float, *below: Any, currency: str = "USD") -> dict[str, Any]:
    return {"breakdownType": kind, "breakdownAmount": money(amount, currency), "breakdowns": list(below)}


def item(sku: str, *parts: Any, pieces: int = 1) -> dict[str, Any]:
    context = {"contextType": "ProductContext", "sku": sku, "asin": "B07", "quantityShipped": pieces}
    return {"description": f"Thing {sku}", "totalAmount": money(-1), "contexts": [context], "breakdowns": list(parts)}


MUG = item(
    "MUG-1",
    part("ProductCharges", -20.1, part("OurPricePrincipal", -20.1)),
    part(
        "Tax",
        -0.41,
        part("OurPriceTax", -1.61),
        part("ShippingTax", -0.4),
        part("MarketplaceFacilitatorTax-Principal", 1.6),
    ),
    part("Shipping", -4.99, part("ShippingPrincipal", -4.99)),
    part("PromoRebates", 2, part("OurPriceDiscount", 2)),
    part("AmazonFees", 3.01, part("Commission", 3.76, part("Base", 3.76)), part("RefundCommission", -0.75)),
    pieces=2,
)
TEA = item("TEA-1", part("ProductCharges", -7.5), part("Giftwrap", -1))
REFUND: dict[str, Any] = {
    "sellingPartnerMetadata": {"sellingPartnerId": "A1", "marketplaceId": "ATVPDKIKX0DER"},
    "transactionType": "Refund",
    "transactionId": "b1qD0oAliFkLiqRyGbmeT0DoS2Z2kHzi7TZ92z-vARI",
    "transactionStatus": "RELEASED",
    "relatedIdentifiers": [
        {"relatedIdentifierName": "FINANCIAL_EVENT_GROUP_ID", "relatedIdentifierValue": "4MVa"},
        {"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": "112-1234567-7654321"},
    ],
    "postedDate": "2026-11-24T03:35:13.214Z",
    "description": "Refund Order",
    "totalAmount": money(-30.5),
    "items": [MUG, TEA],
    "breakdowns": [part("Refunded Sales", -33.6), part("Refunded Expenses", 3.01)],
}


def changed(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in {**deepcopy(REFUND), **fields}.items() if value is not ...}


def test_every_field_of_a_refund_is_read() -> None:
    assert read(REFUND).to_dict() == {
        "channel_ref": "b1qD0oAliFkLiqRyGbmeT0DoS2Z2kHzi7TZ92z-vARI", "order_ref": "112-1234567-7654321",
        "refunded_at": "2026-11-24T03:35:13.214000Z", "currency": "USD", "amount": "33.60", "shipping": "4.99",
        "tax": "2.01", "reason": "Refund Order",
        "lines": [
            {"listing_ref": "MUG-1", "sku": "MUG-1", "title": "Thing MUG-1", "quantity": "2", "amount": "25.10"},
            {"listing_ref": "TEA-1", "sku": "TEA-1", "title": "Thing TEA-1", "quantity": "1", "amount": "8.50"},
        ],
    }  # fmt: skip


def test_where_no_item_tells_its_parts_those_of_the_transaction_count() -> None:
    """Amazon writes null for lists that it does not fill (issue 4993 of its models)."""
    bare = {**item("MUG-1"), "breakdowns": None, "relatedIdentifiers": None}
    sums = [
        part("Refunded Sales", -33.6, part("ProductCharges", -30), part("Tax", -3.6)),
        part("Refunded Expenses", 3.01, part("AmazonFees", 3.01)),
    ]
    found = read(changed(items=[bare], breakdowns=sums))
    assert (found.amount, found.tax, found.shipping) == (Decimal("33.60"), Decimal("3.60"), None)
    assert [(line.sku, line.amount) for line in found.lines] == [("MUG-1", None)]
    assert read(changed(items=None, breakdowns={"breakdowns": sums})).amount == Decimal("33.60")


@pytest.mark.parametrize("kind", ["MarketplaceFacilitatorTax-Shipping", "TaxWithholding", "AmazonFees", "Commission"])
def test_what_amazon_keeps_or_pays_itself_was_never_the_buyers(kind: str) -> None:
    body = changed(items=[item("A", part("ProductCharges", -5), part(kind, 4.2))])
    assert read(body).amount == Decimal("5.00")


def test_only_fees_moved() -> None:
    assert read(changed(items=[item("A", part("AmazonFees", 1.2))])).amount == Decimal("0.00")


def test_a_deferred_refund_keeps_its_first_id_when_it_is_released() -> None:
    release = {"relatedIdentifierName": "DEFERRED_TRANSACTION_ID", "relatedIdentifierValue": "first"}
    assert read(changed(relatedIdentifiers=[*REFUND["relatedIdentifiers"], release])).channel_ref == "first"


@pytest.mark.parametrize(
    ("body", "field", "value"),
    [
        (changed(items=[item("A", part("BuyerJoy", -1))]), "items[0].breakdowns[0].breakdownType", "BuyerJoy"),
        (
            changed(items=[TEA, item("A", part("Refunded Sales", -1, part("Odd", -1)))]),
            "items[1].breakdowns[0].breakdowns[0].breakdownType",
            "Odd",
        ),
        (
            changed(items=[item("A", part("ProductCharges", -1, currency="EUR"))]),
            "items[0].breakdowns[0].breakdownAmount.currencyCode",
            "EUR",
        ),
        (changed(relatedIdentifiers=[]), "relatedIdentifiers.relatedIdentifierValue", "null"),
        (changed(transactionId=...), "relatedIdentifiers.relatedIdentifierValue", "null"),
        (changed(items=[], breakdowns=[]), "amount", "null"),
        (changed(postedDate="soon"), "postedDate", "soon"),
        (changed(transactionType="Shipment"), "transactionType", "Shipment"),
        (
            changed(items=[item("A", part("Tax", -1, part("OurPriceTax", "1.5x")))]),  # type: ignore[arg-type]
            "items[0].breakdowns[0].breakdowns[0].breakdownAmount.currencyAmount",
            "1.5x",
        ),
    ],
)
def test_what_cannot_be_read_is_named(body: Any, field: str, value: str) -> None:
    with pytest.raises(BadRecord) as caught:
        read(body)
    assert (caught.value.field, caught.value.value) == (field, value)
    assert caught.value.why


def test_a_row_of_ones_own_says_what_an_unknown_part_is() -> None:
    body = changed(items=[item("A", part("BuyerJoy", -1.25))])
    rows = {OVERRIDES: json.dumps({"files": {}, "tables": {"refund_parts": [["BuyerJoy", "other"]]}})}
    assert read(body, **rows).amount == Decimal("1.25")


NAMES = st.sampled_from(["breakdowns", "breakdownType", "breakdownAmount", "items", "contexts", "currencyAmount"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text()
TREES = st.recursive(LEAVES, lambda below: st.lists(below) | st.dictionaries(NAMES, below))


@given(TREES)
def test_odd_trees_are_read_or_named(odd: Any) -> None:
    for name in ("items", "breakdowns", "totalAmount", "relatedIdentifiers"):
        try:
            read(changed(**{name: odd}))
        except BadRecord as bad:
            assert bad.field
            assert bad.why
