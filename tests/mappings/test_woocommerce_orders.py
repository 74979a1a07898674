"""WooCommerce: what each field of an order becomes, dirty types and site zones included."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from connectors.woocommerce.orders import read_orders
from hub.canonical.errors import BadRecord, Misconfigured
from hub.canonical.order import Order
from tests.mappings.payloads import woo


def read(body: Any, **settings: str) -> Order:
    (order,) = read_orders(json.dumps(body).encode(), settings)
    return order


def refused(body: Any) -> BadRecord:
    with pytest.raises(BadRecord) as caught:
        read(body)
    return caught.value


def test_an_order_is_read_field_by_field() -> None:
    order = read(woo())
    body = order.to_dict()
    assert (order.channel_ref, order.number, order.status, order.currency) == ("5120", "5120", "open", "USD")
    assert body["lines"] == [
        {
            "channel_ref": "31", "listing_ref": "93", "sku": "TEA", "title": "Tea – black & strong", "quantity": "2",
            "uom": None, "unit_price": "10.00", "discount": "4.00", "tax": "1.28", "total": "17.28",
        },
        {
            "channel_ref": "32", "listing_ref": "23", "sku": None, "title": "Cup, blue", "quantity": "1",
            "uom": None, "unit_price": "15.50", "discount": "0.00", "tax": "1.24", "total": "16.74",
        },
    ]  # fmt: skip
    assert body["shipping"] == {"method": "Flat rate", "amount": "6.50", "discount": None, "tax": "0.52"}
    assert body["other_charges"] == [{"kind": "fee", "amount": "3.00", "tax": "0.20"}]
    assert (body["discount_total"], body["tax_total"], body["refunded_total"], body["total"]) == (
        "4.00",
        "3.24",
        "5.00",
        "44.24",
    )
    assert order.buyer is not None and order.bill_to is not None and order.ship_to is not None
    assert (order.buyer.channel_ref, order.buyer.name, order.bill_to.country) == (None, "Grace Hopper", "US")
    assert order.ship_to.lines == ("1 Main St", "Unit 7")
    assert dict(order.extra) == {"coupons": ["tea4"], "fees": ["Box"], "payment_method": "Cash & carry"}


def test_the_parts_add_up_to_the_total() -> None:
    assert "unexplained" not in read(woo()).extra
    assert read({**woo(), "total": "44.25"}).extra["unexplained"] == "0.01"


def test_universal_dates_are_preferred_and_site_dates_need_the_zone() -> None:
    body = woo()
    assert read(body).to_dict()["placed_at"] == "2026-06-01T14:00:00Z"
    del body["date_created_gmt"]
    assert read(body, zone="America/New_York").to_dict()["placed_at"] == "2026-06-01T14:00:00Z"
    assert read(body).to_dict()["placed_at"] == "2026-06-01T10:00:00Z"


def test_an_unknown_zone_is_a_setting_to_mend() -> None:
    with pytest.raises(Misconfigured, match="setting zone = 'Mars/Olympus': expected an IANA time zone"):
        read(woo(), zone="Mars/Olympus")


def test_numbers_as_text_and_decimal_quantities_are_exact() -> None:
    body = woo()
    body["line_items"][0] |= {"quantity": "1.5", "subtotal": "12.00", "total": "12.00", "price": 8}
    body["id"] = "5120"
    line = read(body).lines[0]
    assert (line.quantity, line.unit_price) == (Decimal("1.5"), Decimal(8))


def test_a_price_with_php_noise_does_not_hold_the_order() -> None:
    raw = json.dumps(woo()).replace('"price": 8,', '"price": 7.999999999999999112,').encode()
    body = woo()
    body["line_items"][0] |= {"subtotal": "16.00"}
    raw = json.dumps(body).replace('"price": 8,', '"price": 7.999999999999999112,').encode()
    (order,) = read_orders(raw, {})
    assert order.lines[0].unit_price == Decimal(8)


@pytest.mark.parametrize(
    ("_case", "fields", "payment"),
    [
        ("processing and paid", {"refunds": []}, "paid"),
        ("cash on delivery", {"refunds": [], "date_paid": None, "date_paid_gmt": None}, "unpaid"),
        ("part given back", {}, "partially_refunded"),
        ("all given back", {"refunds": [{"id": 1, "total": "-44.24"}]}, "refunded"),
        ("waiting", {"status": "pending", "refunds": [], "date_paid": None, "date_paid_gmt": None}, "unpaid"),
        ("refunded", {"status": "refunded", "refunds": []}, "refunded"),
    ],
)
def test_payment_comes_from_refunds_dates_and_status(_case: str, fields: dict[str, Any], payment: str) -> None:
    assert read({**woo(), **fields}).payment == payment


@pytest.mark.parametrize(
    ("word", "status"),
    [("pending", "open"), ("processing", "open"), ("on-hold", "open"), ("completed", "closed"),
     ("cancelled", "cancelled"), ("refunded", "closed"), ("failed", "open"), ("trash", "cancelled"),
     ("checkout-draft", "open")],
)  # fmt: skip
def test_every_status_has_its_word(word: str, status: str) -> None:
    assert read({**woo(), "status": word}).status == status


def test_a_plugins_status_is_held_until_a_row_or_a_setting_names_it() -> None:
    bad = refused({**woo(), "status": "pre-ordered"})
    assert (bad.field, bad.value) == ("status", "pre-ordered")
    assert (
        bad.why == "unknown status: add a row to tables/status.csv, or the setting status.pre-ordered=<a value it has>"
    )
    assert read({**woo(), "status": "pre-ordered"}, **{"status.pre-ordered": "on-hold"}).status == "open"


def test_php_writes_empty_objects_as_lists_and_lists_with_gaps_as_objects() -> None:
    body = woo()
    lines = {"3": body["line_items"][0], "7": body["line_items"][1]}
    order = read({**body, "shipping": [], "billing": "", "line_items": lines})
    assert (order.ship_to, order.bill_to) == (None, None)
    assert order.lines == read(body).lines


@pytest.mark.parametrize("_case", ["bare", "data", "list", "batch", "example"])
def test_every_wrapping_holds_the_same_order(_case: str) -> None:
    example = {"section": "Retrieve", "kind": "response", "value": woo()}
    request = {"section": "Create", "kind": "request", "value": {"set_paid": True, "billing": {}, "line_items": []}}
    note = {"section": "Notes", "kind": "response", "value": {"id": 1, "author": "x", "note": "y"}}
    wrapped: dict[str, Any] = {
        "bare": woo(),
        "data": {"data": woo()},
        "list": [woo()],
        "batch": {"create": [woo()], "update": [], "delete": []},
        "example": [request, example, note],
    }
    assert read(wrapped[_case]) == read(woo())


@pytest.mark.parametrize(
    ("_case", "body", "said"),
    [
        ("refund", {"data": {"id": 1, "amount": "1", "reason": "", "refunded_by": 1, "line_items": []}}, "a refund"),
        ("product", {"id": 1, "regular_price": "1"}, "a product"),
        ("error", {"code": "rest_forbidden", "message": "no", "data": {"status": 401}}, "an error answer"),
        ("request", {"payment_method": "bacs", "line_items": [], "billing": {}}, "a request to make an order"),
        ("only an id", {"id": 7}, "none of the fields"),
    ],
)
def test_what_is_no_order_is_called_by_its_name(_case: str, body: Any, said: str) -> None:
    assert said in refused(body).why
