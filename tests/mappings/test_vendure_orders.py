"""Vendure: what each field of an order becomes; whole numbers of money, what is wanted now, late refunds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.vendure.orders import read_orders
from hub.canonical.errors import BadRecord, Misconfigured
from hub.canonical.order import Order, OrderStatus, Payment
from tests.mappings.payloads import shopify_graphql, vendure, woo


def read(body: Any, **settings: str) -> Order:
    (order,) = read_orders(json.dumps(body).encode(), settings)
    return order


def refused(body: Any) -> BadRecord:
    with pytest.raises(BadRecord) as caught:
        read(body)
    return caught.value


def changed(**fields: Any) -> dict[str, Any]:
    return vendure() | fields


def test_an_order_is_read_field_by_field() -> None:
    order = read(vendure())
    body = order.to_dict()
    assert (order.channel_ref, order.number, order.status, order.currency) == ("7", "QZJ5BM2KXP4T8W3N", "open", "EUR")
    assert (body["payment"], body["fulfillment"], body["tax_included"]) == ("partially_refunded", "partial", True)
    assert body["lines"] == [
        {
            "channel_ref": "11", "listing_ref": "21", "sku": "TEA-1", "title": "Green tea", "quantity": "2",
            "uom": None, "unit_price": "29.75", "discount": "11.90", "tax": "7.60", "total": "47.60",
        },
        {
            "channel_ref": "12", "listing_ref": "22", "sku": "CUP-1", "title": "Cup", "quantity": "1",
            "uom": None, "unit_price": "33.32", "discount": "0.00", "tax": "5.32", "total": "33.32",
        },
    ]  # fmt: skip
    assert body["shipping"] == {"method": "Standard", "amount": "7.14", "discount": "1.19", "tax": "0.95"}
    assert body["other_charges"] == [{"kind": "fee", "amount": "2.38", "tax": "0.38"}]
    assert (body["tax_total"], body["refunded_total"], body["total"]) == ("14.25", "23.80", "89.25")
    assert body["buyer"] == {
        "channel_ref": "3", "name": "Ada Lovelace", "email": "ada@example.com", "phone": "+49 30 1", "company": None,
    }  # fmt: skip
    assert body["ship_to"] == {
        "name": "Ada Lovelace", "company": "Analytical Ltd", "lines": ["Lindenstr. 5"], "district": None,
        "city": "Berlin", "region": "BE", "postal_code": "10115", "country": "DE", "phone": "+49 30 1",
    }  # fmt: skip
    assert body["bill_to"] is None
    assert body["extra"] == {
        "state": "PartiallyShipped", "coupons": ["SPRING"], "fees": ["Gift wrap"], "payment_method": "card",
        "ordered": {"11": "3"},
    }  # fmt: skip


def test_the_newest_part_dates_the_order_because_a_refund_does_not() -> None:
    body = read(vendure()).to_dict()
    assert (body["placed_at"], body["updated_at"]) == ("2026-06-01T14:00:00.250000Z", "2026-06-03T08:00:00Z")
    assert read(changed(payments=None, fulfillments=None)).to_dict()["updated_at"] == "2026-06-02T09:30:00Z"


def test_a_part_without_a_proper_date_is_named_with_its_place() -> None:
    body = vendure()
    body["payments"][0]["refunds"][0]["updatedAt"] = "soon"
    assert (refused(body).field, refused(body).value) == ("payments[0].refunds[0].updatedAt", "soon")


@pytest.mark.parametrize(
    ("decimals", "total", "price"), [("0", "8925", "2975"), ("2", "89.25", "29.75"), ("3", "8.925", "2.975")]
)
def test_the_setting_says_how_many_digits_are_decimals(decimals: str, total: str, price: str) -> None:
    body = read(vendure(), money_decimals=decimals).to_dict()
    assert (body["total"], body["lines"][0]["unit_price"]) == (total, price)


def test_a_setting_that_is_no_number_of_decimals_is_named() -> None:
    with pytest.raises(Misconfigured, match="money_decimals = 'x': expected a number from 0 to 4"):
        read(vendure(), money_decimals="x")


@pytest.mark.parametrize(
    ("state", "status", "fulfillment"),
    [
        ("PaymentAuthorized", "open", "unfulfilled"),
        ("PaymentSettled", "open", "unfulfilled"),
        ("Modifying", "open", None),
        ("ArrangingAdditionalPayment", "open", None),
        ("PartiallyShipped", "open", "partial"),
        ("Shipped", "closed", "fulfilled"),
        ("PartiallyDelivered", "open", "partial"),
        ("Delivered", "closed", "fulfilled"),
        ("Cancelled", "cancelled", None),
    ],
)
def test_each_state_of_vendures_default_process_has_its_meaning(
    state: str, status: str, fulfillment: str | None
) -> None:
    order = read(changed(state=state))
    assert (order.status, order.fulfillment) == (status, fulfillment)


def test_a_state_of_a_process_of_their_own_is_refused_until_a_setting_names_it() -> None:
    assert (refused(changed(state="Picking")).field, refused(changed(state="Picking")).value) == ("state", "Picking")
    assert read(changed(state="Picking"), **{"status.Picking": "PaymentSettled"}).status is OrderStatus.OPEN


def _paid(*payments: tuple[str, int], refunds: tuple[tuple[str, int], ...] = ()) -> list[dict[str, Any]]:
    rows = [{"state": state, "amount": amount, "refunds": []} for state, amount in payments]
    for state, total in refunds:
        rows[0]["refunds"].append({"state": state, "total": total})  # type: ignore[attr-defined]
    return rows


@pytest.mark.parametrize(
    ("state", "payments", "payment", "refunded"),
    [
        ("PaymentSettled", _paid(("Settled", 8925)), Payment.PAID, "0.00"),
        ("PaymentSettled", _paid(("Settled", 4000), ("Settled", 4925)), Payment.PAID, "0.00"),
        ("PaymentSettled", _paid(("Declined", 8925), ("Settled", 8925)), Payment.PAID, "0.00"),
        ("PaymentAuthorized", _paid(("Authorized", 8925)), Payment.AUTHORIZED, "0.00"),
        ("ArrangingAdditionalPayment", _paid(("Settled", 8924)), Payment.UNPAID, "0.00"),
        ("Modifying", None, Payment.UNPAID, "0.00"),
        ("Cancelled", _paid(("Cancelled", 8925)), Payment.VOID, "0.00"),
        ("Cancelled", _paid(("Settled", 8925)), Payment.PAID, "0.00"),
        ("Shipped", _paid(("Settled", 8925), refunds=(("Pending", 1), ("Settled", 2))), "partially_refunded", "0.03"),
        ("Shipped", _paid(("Settled", 8925), refunds=(("Failed", 8925),)), Payment.PAID, "0.00"),
        ("Cancelled", _paid(("Settled", 8925), refunds=(("Settled", 8925),)), Payment.REFUNDED, "89.25"),
    ],
)
def test_how_far_it_is_paid_comes_from_payments_and_refunds(
    state: str, payments: Any, payment: str, refunded: str
) -> None:
    order = read(changed(state=state, payments=payments))
    assert (order.payment, order.to_dict()["refunded_total"]) == (payment, refunded)


@pytest.mark.parametrize(
    ("state", "payment"),
    [("PaymentSettled", "paid"), ("PaymentAuthorized", "authorized"), ("Cancelled", "void"), ("Shipped", None)],
)
def test_an_order_without_its_payments_is_paid_as_its_state_says(state: str, payment: str | None) -> None:
    body = changed(state=state)
    del body["payments"]
    assert read(body).payment == payment


def test_amounts_of_an_order_without_its_parts_are_those_that_it_tells_itself() -> None:
    body = changed(shippingWithTax=595)
    del body["shippingLines"]
    for line in body["lines"]:
        del line["proratedLinePriceWithTax"]
    order = read(body).to_dict()
    assert order["shipping"] == {"method": None, "amount": "5.95", "discount": None, "tax": None}
    assert [line["total"] for line in order["lines"]] == ["59.50", "33.32"]


def test_parts_and_total_add_up_and_what_does_not_is_named() -> None:
    assert "unexplained" not in read(vendure()).extra
    assert read(changed(totalWithTax=9000)).extra["unexplained"] == "0.75"


@pytest.mark.parametrize(
    "envelope",
    [
        lambda order: {"data": {"order": order}},
        lambda order: {"data": {"orders": {"items": [order], "totalItems": 1}}},
        lambda order: {"orders": {"items": [order]}},
        lambda order: [order],
        lambda order: {"data": {"orderByCode": order}},
    ],
)
def test_an_order_is_found_in_every_answer_that_holds_one(envelope: Any) -> None:
    assert read(envelope(vendure())) == read(vendure())


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        (changed(state="AddingItems", orderPlacedAt=None), "state", "a cart or a draft"),
        (changed(state="Draft"), "state", "a cart or a draft"),
        (changed(type="Aggregate"), "type", "several sellers"),
        ({"errors": [{"message": "forbidden"}], "data": None}, "errors", "answered with errors"),
        ({"data": {"order": None}}, "data.order", "it is null"),
        ({"data": {"productVariants": {"items": []}}}, "data", "this is no order"),
        ({"id": "1", "state": "Shipped", "trackingCode": "T1"}, "(document)", "looks like a fulfillment"),
        (shopify_graphql(), "(document)", "looks like an order of Shopify"),
        (woo(), "(document)", "looks like an order of WooCommerce"),
        (changed(state=["Shipped"]), "state", "expected text"),
        (changed(lines=[{"id": "1", "quantity": None}]), "lines[0].quantity", "is required"),
        (changed(totalWithTax="a lot"), "totalWithTax", "expected a number"),
    ],
)
def test_what_is_no_placed_order_is_refused_by_name(body: Any, field: str, words: str) -> None:
    assert refused(body).field == field
    assert words in f"{refused(body).why}"
