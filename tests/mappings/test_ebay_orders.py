"""eBay: what each field of an order becomes; amounts before conversion, cancellations, refunds, foreign documents."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.ebay.orders import read_orders
from hub.canonical.errors import BadRecord
from hub.canonical.order import Order
from hub.canonical.order_json import order_from_dict
from tests.mappings.payloads import shopify_rest, woo
from tests.mappings.payloads_ebay import ebay, eur
from tests.mappings.payloads_magento import magento

TOLD = ("channel", "channel_ref", "number", "placed_at", "updated_at", "status", "payment", "fulfillment", "currency")


def read(body: Any, **settings: str) -> Order:
    (order,) = read_orders(json.dumps(body).encode(), settings)
    return order


def refused(body: Any) -> BadRecord:
    with pytest.raises(BadRecord) as caught:
        read(body)
    return caught.value


def with_line(**changed: Any) -> dict[str, Any]:
    """The order with its first line changed; None takes a field away."""
    body = ebay()
    line = {**body["lineItems"][0], **changed}
    body["lineItems"][0] = {name: value for name, value in line.items() if value is not None}
    return body


def test_an_order_is_read_field_by_field() -> None:
    body = read(ebay()).to_dict()
    assert [body[name] for name in TOLD] == [
        "ebay", "12-09876-54321", "12-09876-54321", "2026-11-20T09:00:00Z", "2026-11-21T10:30:00.250000Z", "open",
        "partially_refunded", "unfulfilled", "EUR",
    ]  # fmt: skip
    assert body["lines"] == [
        {
            "channel_ref": "10000000000001", "listing_ref": "SKU 1", "sku": "SKU 1", "title": "Thing 1",
            "quantity": "3", "uom": None, "unit_price": "1.40", "discount": "0.40", "tax": "0.80", "total": "4.60",
        },
        {
            "channel_ref": "10000000000002", "listing_ref": "SKU 2", "sku": "SKU 2", "title": "Thing 2",
            "quantity": "2", "uom": None, "unit_price": "1.90", "discount": "0.00", "tax": "0.72", "total": "4.52",
        },
    ]  # fmt: skip
    assert body["shipping"] == {"method": "DE_DHLPaketInternational", "amount": "2.00", "discount": "0.50", "tax": None}
    assert (body["discount_total"], body["tax_total"], body["refunded_total"]) == ("0.90", "1.52", "3.80")
    assert (body["total"], body["tax_included"], body["other_charges"]) == ("10.62", False, [])
    assert (body["ship_by"], body["deliver_by"]) == ("2026-11-27T22:59:59Z", "2026-12-02T08:00:00Z")
    assert (body["fulfilled_by"], body["note"]) == ("merchant", "Ring twice")


def test_people_and_places_are_read() -> None:
    body = read(ebay()).to_dict()
    assert body["buyer"] == {
        "channel_ref": "ada_1815", "name": "A. Byron", "email": "relay@members.example", "phone": "+12175550100",
        "company": None,
    }  # fmt: skip
    assert body["ship_to"] == {
        "name": "Ada Lovelace", "company": "Engines", "lines": ["1 Main St", "Apt 2"], "district": None,
        "city": "Springfield", "region": "IL", "postal_code": "62704", "country": "US", "phone": "+12175550100",
    }  # fmt: skip
    assert body["bill_to"]["city"] == "Chicago"


def test_what_has_no_word_of_its_own_is_kept() -> None:
    assert read(ebay()).extra == {
        "current": {"10000000000002": "0"},
        "presentment": {"currency": "USD", "total": "12.36"},
        "remitted_tax": "0.55",
        "cancel_requests": [
            {"id": "7", "by": "Buyer", "reason": "BUYER_CANCEL_OR_ADDRESS_ISSUE", "state": "REQUESTED"}
        ],
        "cancel_state": "IN_PROGRESS",
        "item_ids": {"10000000000001": "225000000001", "10000000000002": "225000000002"},
        "marketplace": "EBAY_US",
        "sales_record": "77",
    }


def test_converted_amounts_that_do_not_add_up_are_not_read_and_originals_that_do_not_are_named() -> None:
    """The lines cost 9.32 USD, their subtotal is 9.31: in EUR, in which the order was made, all adds up."""
    assert "unexplained" not in read(ebay()).extra
    body = ebay()
    body["pricingSummary"] = {name: eur(one["convertedFromValue"]) for name, one in body["pricingSummary"].items()}
    body["pricingSummary"] |= {"priceSubtotal": eur("7.99"), "total": eur("10.61")}
    order = read(body)
    assert (order.total, order.extra["unexplained"]) == (Decimal("10.61"), "-0.01")
    assert "presentment" not in order.extra


def test_an_amount_of_another_currency_is_refused_by_its_place() -> None:
    bad = refused(with_line(lineItemCost={"value": "4.89", "currency": "GBP"}))
    assert (bad.field, bad.value) == ("lineItems[0].lineItemCost.currency", "GBP")
    assert bad.why == "expected EUR, as in pricingSummary.total"
    bad = refused(with_line(refunds=[{"amount": {"value": "1", "currency": "GBP"}}]))
    assert bad.field == "lineItems[0].refunds[0].amount.currency"


def test_amounts_of_which_only_some_tell_their_origin_are_read_as_they_are_shown() -> None:
    body = with_line(lineItemCost={"value": "4.89", "currency": "USD"})
    body["paymentSummary"] = {}
    order = read(body)
    assert (order.currency, order.total, order.lines[0].unit_price) == ("USD", Decimal("12.36"), Decimal("1.63"))
    assert [str(line.total + line.discount - line.tax) for line in order.lines] == ["4.89", "4.43"]  # type: ignore
    assert (order.extra["unexplained"], "presentment" in order.extra) == ("-0.01", False)


def test_an_amount_of_nothing_may_be_of_any_currency() -> None:
    order = read(with_line(taxes=[{"amount": {"value": "0.0", "currency": "USD"}}]))
    assert (order.currency, order.lines[0].tax) == ("EUR", Decimal("0.0"))


def test_tax_that_ebay_remits_is_in_no_amount() -> None:
    body = ebay()
    del body["pricingSummary"]["tax"]
    body["pricingSummary"]["total"] = eur("9.10", "10.59")
    order = read(body)
    assert (order.tax_total, [line.tax for line in order.lines]) == (Decimal("0.00"), [Decimal("0.00")] * 2)
    assert [str(line.total) for line in order.lines] == ["3.80", "3.80"]
    assert (order.extra["remitted_tax"], "unexplained" in order.extra) == ("0.55", False)


@pytest.mark.parametrize(
    ("_case", "changed", "status", "payment", "fulfillment"),
    [
        ("paid", {"orderPaymentStatus": "PAID"}, "open", "paid", "unfulfilled"),
        ("not paid yet", {"orderPaymentStatus": "PENDING"}, "open", "unpaid", "unfulfilled"),
        ("payment failed", {"orderPaymentStatus": "FAILED"}, "open", "unpaid", "unfulfilled"),
        ("shipped in part", {"orderFulfillmentStatus": "IN_PROGRESS"}, "open", "partially_refunded", "partial"),
        ("shipped", {"orderFulfillmentStatus": "FULFILLED"}, "closed", "partially_refunded", "fulfilled"),
        ("cancelled after it was paid", {"cancelStatus": {"cancelState": "CANCELED"},
         "orderPaymentStatus": "FULLY_REFUNDED"}, "cancelled", "refunded", "unfulfilled"),
        ("cancelled before it was paid", {"cancelStatus": {"cancelState": "CANCELED"},
         "orderPaymentStatus": "PENDING"}, "cancelled", "void", "unfulfilled"),
        ("nothing said", {"cancelStatus": None, "orderPaymentStatus": None, "orderFulfillmentStatus": None}, "open",
         None, None),
    ],
)  # fmt: skip
def test_states_are_put_together(_case: str, changed: Any, status: str, payment: str, fulfillment: str) -> None:
    order = read({**ebay(), **changed})
    assert (order.status, order.payment, order.fulfillment) == (status, payment, fulfillment)


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("orderFulfillmentStatus", {**ebay(), "orderFulfillmentStatus": "ON_A_DRONE"}),
        ("orderPaymentStatus", {**ebay(), "orderPaymentStatus": "ON_A_DRONE"}),
        ("cancelStatus.cancelState", {**ebay(), "cancelStatus": {"cancelState": "ON_A_DRONE"}}),
        ("lineItems[0].lineItemFulfillmentStatus", with_line(lineItemFulfillmentStatus="ON_A_DRONE")),
    ],
)
def test_an_unknown_state_is_named_and_a_setting_may_explain_it(field: str, body: Any) -> None:
    bad = refused(body)
    assert (bad.field, bad.value) == (field, "ON_A_DRONE")
    table = bad.why.partition(":")[0].removeprefix("unknown ")
    known = {"fulfillment": "FULFILLED", "payment": "PAID", "cancel": "CANCELED"}
    assert read(body, **{f"{table}.ON_A_DRONE": known[table]})


@pytest.mark.parametrize(
    ("_case", "changed", "wanted"),
    [
        ("nothing came back", {"refunds": []}, 3),
        ("a part came back", {"refunds": [{"amount": eur("3.79", "4.42")}]}, 3),
        ("all came back, in two times", {"refunds": [{"amount": eur("3.00")}, {"amount": eur("0.80")}]}, 0),
        ("all came back after it was shipped", {"refunds": [{"amount": eur("3.80")}],
         "lineItemFulfillmentStatus": "FULFILLED"}, 3),
        ("a gift", {"lineItemCost": eur("0.00"), "discountedLineItemCost": None, "refunds": []}, 3),
    ],
)  # fmt: skip
def test_a_line_paid_back_whole_before_it_was_shipped_is_not_wanted(_case: str, changed: Any, wanted: int) -> None:
    order = read(with_line(**changed))
    assert order.wanted(order.lines[0]) == wanted


def test_an_order_paid_back_whole_before_it_was_shipped_is_not_wanted() -> None:
    order = read({**ebay(), "orderPaymentStatus": "FULLY_REFUNDED"})
    assert [order.wanted(line) for line in order.lines] == [0, 0]


def test_refunds_are_told_with_the_order_or_with_its_lines_or_both() -> None:
    body = ebay()
    body["paymentSummary"]["refunds"] = [
        {"amount": eur("5.00"), "refundStatus": "REFUNDED"}, {"amount": eur("1.00"), "refundStatus": "FAILED"},
    ]  # fmt: skip
    assert read(body).refunded_total == Decimal("5.00")


def test_a_listing_without_a_sku_is_named_by_its_variation_or_itself() -> None:
    assert read(with_line(sku=None)).lines[0].listing_ref == "225000000001"
    assert read(with_line(sku=None, legacyVariationId="77")).lines[0].listing_ref == "77"


def test_a_line_of_unknown_cost_has_no_total() -> None:
    line = read(with_line(lineItemCost=None, discountedLineItemCost=None)).lines[0]
    assert (line.unit_price, line.discount, line.total) == (None, None, None)


def test_what_ebay_ships_itself_is_fulfilled_by_the_channel() -> None:
    program = {"fulfillmentProgram": {"fulfilledBy": "EBAY"}}
    assert read({**ebay(), "program": program}).fulfilled_by == "channel"


def test_orders_are_found_in_the_answer_to_a_search() -> None:
    body = {"href": "x", "total": 2, "limit": 200, "offset": 0, "orders": [ebay(), {**ebay(), "orderId": "2"}]}
    assert [order.channel_ref for order in read_orders(json.dumps(body).encode(), {})] == ["12-09876-54321", "2"]
    assert read_orders(b'{"orders": [], "total": 0}', {}) == ()


@pytest.mark.parametrize(
    ("said", "body"),
    [
        ("an order of Shopify", shopify_rest()),
        ("an order of WooCommerce", woo()),
        ("an order of Magento", magento()),
        ("a notification", {"metadata": {"topic": "ITEM_AVAILABILITY"}, "notification": {}}),
        ("a refund", {"refundId": "1", "refundStatus": "PENDING"}),
        ("a list of shipping fulfillments", {"fulfillments": [], "total": 0}),
        ("an error answer", {"errors": [{"errorId": 1001}]}),
    ],
)
def test_documents_of_other_kinds_are_called_by_their_names(said: str, body: Any) -> None:
    assert refused(body).why == f"this looks like {said}, not like an order"


@pytest.mark.data
def test_the_recorded_orders_have_these_values(shared_data: Path) -> None:
    raw = (shared_data / "ebay" / "ebay-order-sample-full.json").read_bytes()
    orders = read_orders(raw, {})
    source = json.loads(raw, parse_float=Decimal)["orders"]
    assert [order.channel_ref for order in orders] == [row["orderId"] for row in source]
    assert [str(order.total) for order in orders] == ["12.0", "4.2", "4.2", "12.0", "354.19"]
    assert [order.extra.get("unexplained") for order in orders] == [None] * 5
    assert [order.extra.get("remitted_tax") for order in orders] == ["0.0", "0.27", "0.25", None, None]
    assert orders[4].extra["ship_to_reference"] == "O********U"
    assert [str(line.unit_price) for line in orders[4].lines] == ["30.0", "40.0", "40.0"]
    assert all(order_from_dict(json.loads(json.dumps(order.to_dict()))) == order for order in orders)


@pytest.mark.data
@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("InventoryItemResponse", "an inventory item"),
        ("InventoryItemsResponse", "a list of inventory items"),
        ("InventoryLocationResponse", "an inventory location"),
        ("OfferResponse", "an offer"),
        ("OffersResponse", "a list of offers"),
    ],
)
def test_recorded_documents_of_other_kinds_are_called_by_their_names(file: str, said: str, shared_data: Path) -> None:
    with pytest.raises(BadRecord, match=f"looks like {said},"):
        read_orders((shared_data / "ebay" / "fixtures" / f"{file}.json").read_bytes(), {})
