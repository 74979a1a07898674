"""Mirakl: what each field of an order becomes; prices with and without tax, cancelled, refunded and refused lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.mirakl.orders import read_orders
from hub.canonical.errors import BadRecord
from hub.canonical.order import Order
from tests.mappings.payloads import shopify_rest, woo
from tests.mappings.payloads_magento import magento
from tests.mappings.payloads_mirakl import mirakl

TOLD = ("channel", "channel_ref", "number", "placed_at", "updated_at", "status", "payment", "fulfillment", "currency")


def read(body: Any, **settings: str) -> Order:
    (order,) = read_orders(json.dumps(body).encode(), settings)
    return order


def refused(body: Any) -> BadRecord:
    with pytest.raises(BadRecord) as caught:
        read(body)
    return caught.value


def test_an_order_is_read_field_by_field() -> None:
    body = read(mirakl()).to_dict()
    assert [body[name] for name in TOLD] == [
        "mirakl", "X7-A", "X7-A", "2026-11-20T09:00:00Z", "2026-11-21T10:30:00.250000Z", "open", "partially_refunded",
        "partial", "EUR",
    ]  # fmt: skip
    assert body["lines"][:2] == [
        {
            "channel_ref": "X7-A-1", "listing_ref": "9007199254740994", "sku": "SKU-1", "title": "Thing 1",
            "quantity": "4", "uom": None, "unit_price": "5.25", "discount": "0", "tax": "3.99", "total": "24.99",
        },
        {
            "channel_ref": "X7-A-2", "listing_ref": "9007199254740995", "sku": "SKU-2", "title": "Thing 2",
            "quantity": "2", "uom": None, "unit_price": "10.5", "discount": "3.0", "tax": "3.99", "total": "21.99",
        },
    ]  # fmt: skip
    assert body["shipping"] == {"method": "Standard", "amount": "7.35", "discount": None, "tax": "1.41"}
    assert body["other_charges"] == [{"kind": "DEPOSIT", "amount": "0.5", "tax": None}]
    assert (body["tax_included"], body["tax_total"], body["total"]) == (False, "13.38", "81.23")
    assert (body["ship_by"], body["deliver_by"]) == ("2026-11-22T22:59:59Z", "2026-11-26T00:00:00Z")
    assert (body["fulfilled_by"], body["note"]) == ("merchant", None)


def test_people_and_places_are_read() -> None:
    body = read(mirakl()).to_dict()
    assert body["buyer"] == {
        "channel_ref": "C9", "name": "Ada Byron", "email": "n@notification.example", "phone": "+49301234567",
        "company": "Engines GmbH",
    }  # fmt: skip
    assert body["ship_to"] == {
        "name": "Ada Byron", "company": "Engines, Hall 3", "lines": ["Lindenstr. 5", "Hof", "Second bell"],
        "district": None, "city": "Berlin", "region": "BE", "postal_code": "10969", "country": "DE",
        "phone": "+49301234567",
    }  # fmt: skip
    assert (body["bill_to"]["name"], body["bill_to"]["lines"]) == ("Ada Lovelace", ["Lindenstr. 5", "Hof"])


def test_what_has_no_word_of_its_own_is_kept() -> None:
    assert dict(read(mirakl()).extra) == {
        "current": {"X7-A-1": "2", "X7-A-3": "0"}, "state": "SHIPPING", "commercial_id": "X7", "sales_channel": "DE",
        "payment_workflow": "PAY_ON_ACCEPTANCE", "refunds": {"r1": "done"}, "shipping_type": "STD",
        "pickup_point": "P1", "fulfillment_center": "DEFAULT", "reference_for_customer": "web-7",
        "custom_fields": {"gift": "true", "marks": ["a", "b"]},
    }  # fmt: skip


def test_what_was_cancelled_refunded_or_refused_is_not_wanted_any_more() -> None:
    order = read(mirakl())
    assert [order.wanted(line) for line in order.lines] == [2, 2, 0]
    assert order.to_dict()["refunded_total"] == "7.69"


def test_prices_that_hold_tax_get_none_added() -> None:
    order = read({**mirakl(), "order_tax_mode": "TAX_INCLUDED"}).to_dict()
    assert (order["tax_included"], order["total"], order["refunded_total"]) == (True, "67.85", "6.50")
    assert [line["total"] for line in order["lines"]] == ["21.0", "18.0", "21.0"]
    assert "unexplained" not in order["extra"]


def test_an_order_that_waits_has_no_address_yet() -> None:
    body = {**mirakl(), "order_state": "WAITING_ACCEPTANCE"}
    body["customer"] = {**body["customer"], "shipping_address": None, "billing_address": None}
    order = read(body)
    assert (order.ship_to, order.bill_to, order.buyer and order.buyer.name) == (None, None, "Ada Byron")


@pytest.mark.parametrize(
    ("state", "status", "fulfillment"),
    [
        ("STAGING", "open", "partial"),
        ("WAITING_ACCEPTANCE", "open", "partial"),
        ("WAITING_DEBIT", "open", "partial"),
        ("SHIPPED", "open", "fulfilled"),
        ("TO_COLLECT", "open", "fulfilled"),
        ("received", "closed", "fulfilled"),
        ("CLOSED", "closed", "fulfilled"),
        ("REFUSED", "cancelled", None),
        ("CANCELED", "cancelled", None),
        ("WAITING_REFUND", "closed", None),
    ],
)
def test_every_state_has_its_word(state: str, status: str, fulfillment: str | None) -> None:
    body = read({**mirakl(), "order_state": state}).to_dict()
    assert (body["status"], body["fulfillment"]) == (status, fulfillment)


_UNPAID = {"customer_debited_date": None, "order_lines": [], "order_state": "SHIPPING"}


@pytest.mark.parametrize(
    ("_case", "fields", "payment"),
    [
        ("refunded in part", {}, "partially_refunded"),
        ("refunded whole", {"fully_refunded": True}, "refunded"),
        ("debited", {"order_lines": []}, "paid"),
        ("paid on acceptance", _UNPAID, "paid"),
        ("on delivery", {**_UNPAID, "payment_workflow": "PAY_ON_DELIVERY"}, "authorized"),
        ("without a workflow", {**_UNPAID, "payment_workflow": None}, "paid"),
        ("waits for us", {**_UNPAID, "order_state": "WAITING_ACCEPTANCE"}, "authorized"),
        ("waits for the marketplace", {**_UNPAID, "order_state": "STAGING"}, "unpaid"),
        ("refused", {"order_state": "REFUSED"}, "void"),
    ],
)
def test_payment_comes_from_refunds_debit_and_workflow(_case: str, fields: dict[str, Any], payment: str) -> None:
    assert read({**mirakl(), **fields}).to_dict()["payment"] == payment


@pytest.mark.parametrize(
    ("center", "state", "may_ship", "by"),
    [
        ("DEFAULT", "SHIPPING", False, "merchant"),
        ("CENTER-9", "SHIPPING", False, "channel"),
        ("CENTER-9", "SHIPPING", True, "merchant"),
        ("CENTER-9", "WAITING_ACCEPTANCE", False, "merchant"),
        (None, "SHIPPING", False, "merchant"),
    ],
)
def test_the_marketplace_ships_what_lies_in_its_own_center(
    center: str | None, state: str, may_ship: bool, by: str
) -> None:
    told = {"fulfillment": {"center": {"code": center}}, "order_state": state, "can_shop_ship": may_ship}
    assert read({**mirakl(), **told}).to_dict()["fulfilled_by"] == by


def test_a_promotion_that_the_price_does_not_show_is_no_discount() -> None:
    body = mirakl()
    body["order_lines"][1]["price"] = 21.0
    assert read(body).to_dict()["lines"][1]["discount"] == "0"


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("order_state", "AWAITING_DRONE", "order_state"),
        ("order_tax_mode", "TAX_SOMETIMES", "order_tax_mode"),
        ("currency_iso_code", "EURO", "currency_iso_code"),
        ("total_price", "many", "total_price"),
        ("order_id", 1.5, "order_id"),
    ],
)
def test_a_value_that_matters_and_is_unknown_is_named(field: str, value: Any, named: str) -> None:
    bad = refused({**mirakl(), field: value})
    assert (bad.field, bad.value) == (named, str(value))


@pytest.mark.parametrize(
    ("field", "value"),
    [("order_line_state", "LOST"), ("quantity", -1), ("price", "x"), ("offer_id", 1.5), ("quantity", None)],
)
def test_a_bad_value_of_a_line_is_named_with_its_place(field: str, value: Any) -> None:
    body = mirakl()
    body["order_lines"][2][field] = value
    bad = refused(body)
    assert bad.field == f"order_lines[2].{field}"


def test_an_unknown_state_is_held_until_a_setting_names_it() -> None:
    body = {**mirakl(), "order_state": "PACKING"}
    body["order_lines"][1]["order_line_state"] = "PACKING"
    assert refused(body).why.startswith("unknown status: add a row to tables/status.csv")
    order = read(body, **{"status.PACKING": "SHIPPING", "line_status.PACKING": "SHIPPING"})
    assert (str(order.status), order.extra["state"]) == ("open", "PACKING")


def test_fields_that_nobody_knows_are_passed_over() -> None:
    body = mirakl()
    body["order_lines"][0]["new_field"] = body["newer_field"] = {"deep": [1, {"x": None}]}
    assert read(body) == read(mirakl())


@pytest.mark.parametrize("_case", ["bare", "list", "page", "example"])
def test_every_wrapping_holds_the_same_order(_case: str) -> None:
    answer = {"orders": [mirakl()], "total_count": 1}
    example = {"operationId": "OR11", "where": "response 200", "value": answer}
    other = {"operationId": "ST01", "where": "request", "value": {"shipments": [{"order_id": "X7-A"}]}}
    wrapped = {"bare": mirakl(), "list": [mirakl()], "page": answer, "example": [other, example]}[_case]
    assert read(wrapped) == read(mirakl())


def test_an_empty_page_holds_no_orders() -> None:
    assert read_orders(b'{"orders": [], "total_count": 0}', {}) == ()


@pytest.mark.parametrize(
    ("_case", "body", "said"),
    [
        ("woocommerce", woo(), "an order of WooCommerce"),
        ("shopify", shopify_rest(), "an order of Shopify"),
        ("magento", magento(), "an order of Magento"),
        ("shipment", {"order_id": "X", "shipment_lines": []}, "a shipment"),
        ("offer", {"offer_id": 1, "shop_sku": "A"}, "an offer"),
        ("acceptance", {"order_lines": [{"id": "X-1", "accepted": True}]}, "an answer to accepting or shipping"),
        ("import", {"import_id": "5", "status": "COMPLETE"}, "a stock import"),
        ("error", {"message": "Unauthorized", "status": 401}, "an error answer"),
    ],
)
def test_what_is_no_order_is_called_by_its_name(_case: str, body: Any, said: str) -> None:
    assert refused(body).why == f"this looks like {said}, not like an order"


@pytest.mark.data
def test_the_documented_order_has_these_values_and_the_other_examples_are_passed_over(shared_data: Path) -> None:
    (order,) = read_orders((shared_data / "mirakl" / "examples_shared.json").read_bytes(), {})
    body = order.to_dict()
    assert (body["channel_ref"], body["status"], body["payment"]) == ("Order_00010-A", "closed", "partially_refunded")
    assert (body["total"], body["tax_total"], body["refunded_total"]) == ("213", "40", "14.21")
    assert body["lines"][0]["listing_ref"] == "2130"
    assert body["ship_to"]["country"] == "US"
    assert body["extra"]["unexplained"] == "-0.65"  # the example's total forgets its own fee
