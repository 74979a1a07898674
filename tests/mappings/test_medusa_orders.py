"""Medusa: what each field of an order becomes; noise in totals, prices with tax, pieces counted, what is no order."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.medusa.orders import read_orders
from hub.canonical.errors import BadRecord
from hub.canonical.order import Order
from tests.mappings.payloads import shopify_rest, woo
from tests.mappings.payloads_magento import magento
from tests.mappings.payloads_medusa import medusa

TOLD = ("channel", "channel_ref", "number", "placed_at", "updated_at", "status", "payment", "fulfillment", "currency")


def read(body: Any, **settings: str) -> Order:
    (order,) = read_orders(json.dumps(body).encode(), settings)
    return order


def refused(body: Any) -> BadRecord:
    with pytest.raises(BadRecord) as caught:
        read(body)
    return caught.value


def test_an_order_is_read_field_by_field() -> None:
    body = read(medusa()).to_dict()
    assert [body[name] for name in TOLD] == [
        "medusa", "order_01J0000000000000000000007A", "42", "2026-11-20T09:00:00Z", "2026-11-21T10:30:00.250000Z",
        "open", "partially_refunded", "partial", "EUR",
    ]  # fmt: skip
    assert body["lines"] == [
        {
            "channel_ref": "1", "listing_ref": "iitem_1", "sku": "SKU-1", "title": "Thing 1 / Red", "quantity": "2",
            "uom": None, "unit_price": "10", "discount": "2.0", "tax": "1.8", "total": "19.8",
        },
        {
            "channel_ref": "2", "listing_ref": "variant_2", "sku": "SKU-2", "title": "Thing 2 / Red", "quantity": "1",
            "uom": None, "unit_price": "10", "discount": "0", "tax": "1", "total": "11",
        },
    ]  # fmt: skip
    assert body["shipping"] == {"method": "Parcel", "amount": "5", "discount": "0.0", "tax": "0.5"}
    assert (body["tax_included"], body["tax_total"], body["total"]) == (False, "3.3", "36.3")
    assert "unexplained" not in body["extra"]


def test_people_and_places_are_read() -> None:
    body = read(medusa()).to_dict()
    assert body["buyer"] == {
        "channel_ref": "cus_9", "name": "Ada Lovelace", "email": "ada@example.com", "phone": "+49301234567",
        "company": "Engines",
    }  # fmt: skip
    assert body["ship_to"] == {
        "name": "Ada Byron", "company": "Engines", "lines": ["Lindenstr. 5", "Hof"], "city": "Berlin", "region": "BE",
        "district": None, "postal_code": "10969", "country": "DE", "phone": "+49301234567",
    }  # fmt: skip


def test_prices_that_hold_tax_are_told_so_and_tax_does_not_come_on_top() -> None:
    body = medusa()
    for item, total in zip(body["items"], (18, 10), strict=True):
        item |= {"is_tax_inclusive": True, "total": total}
    body["shipping_methods"][0]["total"] = 5
    body["total"] = 33
    order = read(body)
    assert order.tax_included
    assert [str(line.discount) for line in order.lines] == ["2", "0"]
    assert "unexplained" not in order.extra


def test_each_line_and_the_postage_hold_tax_or_not_for_themselves() -> None:
    """Prices by region and by currency may be set otherwise: 20.00 with tax, 10.00 and 1.00 on top, 5.00 with tax."""
    body = medusa()
    body["items"][0] |= {"is_tax_inclusive": True, "total": 19}
    body["shipping_methods"][0] |= {"is_tax_inclusive": True, "total": 5}
    body["total"] = 35
    order = read(body)
    assert (order.tax_included, [str(line.discount) for line in order.lines]) == (False, ["1", "0"])
    assert order.shipping is not None and order.shipping.discount == 0


def test_an_order_of_medusa_v1_is_refused_for_its_amounts_are_cents() -> None:
    error = refused({**medusa(), "object": "order"})
    assert (error.field, error.why) == (
        "object", "this is an order of Medusa v1, whose amounts are cents: expected one of v2",
    )  # fmt: skip


def test_a_refund_lowers_medusas_total_and_is_told_as_refunded() -> None:
    """As 2.21 tells a refund of 5.00: the order's total is less by its credit line."""
    order = read({**medusa(), "total": 31.3, "credit_lines": [{"amount": 5, "reference": "payment_collection"}]})
    assert (order.payment, str(order.total), str(order.refunded_total)) == ("partially_refunded", "36.3", "5")
    assert "unexplained" not in order.extra


def test_an_order_canceled_after_an_edit_is_read_though_its_total_is_below_0() -> None:
    """All 47.30 that were paid went back, and the edit had left 36.30 to pay."""
    paid = [{"authorized_amount": 47.3, "captured_amount": 47.3, "refunded_amount": 47.3}]
    body = {**medusa(), "status": "canceled", "total": -11, "payment_collections": paid}
    order = read({**body, "credit_lines": [{"amount": 47.3, "reference": "payment_collection"}]})
    assert (order.status, order.payment, str(order.total)) == ("cancelled", "refunded", "36.3")
    assert "unexplained" not in order.extra


@pytest.mark.parametrize(("captured", "said"), [(30, "paid"), (29, "unpaid")])
def test_store_credit_pays_too(captured: int, said: str) -> None:
    paid = [{"authorized_amount": 0, "captured_amount": captured, "refunded_amount": 0}]
    body = {**medusa(), "total": 30, "payment_collections": paid}
    order = read({**body, "credit_lines": [{"amount": 6.3, "reference": "store credit"}]})
    assert (order.payment, str(order.total)) == (said, "36.3")
    assert "unexplained" not in order.extra


@pytest.mark.parametrize(
    ("told", "said"),
    [("not_paid", "unpaid"), ("awaiting", "unpaid"), ("requires_action", "unpaid"), ("authorized", "authorized"),
     ("partially_authorized", "unpaid"), ("partially_captured", "unpaid"), ("captured", "paid"),
     ("partially_refunded", "partially_refunded"), ("refunded", "refunded"), ("canceled", "void")],
)  # fmt: skip
def test_an_order_without_its_payments_is_paid_as_its_word_says(told: str, said: str) -> None:
    body = medusa() | {"payment_status": told}
    del body["payment_collections"]
    assert read(body).payment == said


def test_an_unknown_word_for_how_far_it_is_paid_is_named() -> None:
    body = medusa() | {"payment_status": "bartered"}
    del body["payment_collections"]
    error = refused(body)
    assert (error.field, error.value) == ("payment_status", "bartered")


def test_a_line_needs_no_count_of_what_was_written_off_or_delivered_but_of_what_was_shipped() -> None:
    body = medusa()
    for item in body["items"]:
        del item["detail"]["written_off_quantity"], item["detail"]["delivered_quantity"]
    assert read(body).fulfillment == "partial"
    del body["items"][1]["detail"]["shipped_quantity"]
    error = refused(body)
    assert (error.field, error.why) == ("items[1].detail.shipped_quantity", "expected a number")


def test_a_line_without_the_names_of_its_product_goes_by_its_own() -> None:
    body = medusa()
    body["items"][0] |= {"product_title": None, "variant_title": None, "subtitle": "Red"}
    assert [line.title for line in read(body).lines] == ["Thing 1 / Red", "Thing 2 / Red"]


@pytest.mark.parametrize(
    ("status", "said"),
    [("pending", "open"), ("requires_action", "open"), ("completed", "closed"), ("archived", "closed"),
     ("canceled", "cancelled")],
)  # fmt: skip
def test_every_status_has_its_meaning(status: str, said: str) -> None:
    assert read({**medusa(), "status": status}).status == said


def test_an_unknown_status_is_named_and_can_be_told_in_the_settings() -> None:
    error = refused({**medusa(), "status": "bartered"})
    assert (error.field, error.value) == ("status", "bartered")
    assert read({**medusa(), "status": "bartered"}, **{"status.bartered": "pending"}).status == "open"


def test_lists_and_answers_hold_orders() -> None:
    for body in ([medusa()], {"order": medusa()}, {"orders": [medusa()], "count": 1, "offset": 0, "limit": 50}):
        assert read(body).number == "42"


@pytest.mark.parametrize("body", [{"status": "draft"}, {"is_draft_order": True}])
def test_a_draft_is_no_order(body: dict[str, Any]) -> None:
    assert refused({**medusa(), **body}).why == "this is a draft, not an order that was placed"


def test_a_cart_is_no_order() -> None:
    body = {name: value for name, value in medusa().items() if name not in {"status", "display_id"}}
    assert refused(body).why == "this is a cart, not an order that was placed"


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (shopify_rest(), "Shopify"),
        (woo(), "WooCommerce"),
        ({"id": "ful_1", "packed_at": None}, "a fulfillment"),
        ({"inventory_items": [{"id": "iitem_1", "location_levels": []}]}, "order"),
        ({"type": "not_found", "message": "Order id not found"}, "an error answer"),
        (magento(), "order"),
    ],
)
def test_what_is_no_order_of_medusa_is_refused(body: Any, what: str) -> None:
    assert what in str(refused(body))


@pytest.mark.parametrize(
    "name", ["items", "shipping_methods", "payment_collections", "credit_lines", "shipping_address"]
)
def test_a_field_of_another_kind_is_a_named_error(name: str) -> None:
    assert refused({**medusa(), name: "?"}).field.startswith(name)
