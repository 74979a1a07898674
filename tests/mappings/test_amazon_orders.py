"""Amazon: what each field of an order becomes; exact money, pending and FBA orders, cancellations, other documents."""

from __future__ import annotations

import json
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.amazon.orders import read_orders
from hub.canonical.errors import BadRecord
from hub.canonical.order import FulfilledBy, Order
from tests.mappings.payloads_amazon import amazon, amazon_v0, eur, part


def read(body: dict[str, Any], **settings: str) -> Order:
    (order,) = read_orders(json.dumps(body).encode(), settings)
    return order


def changed(name: str, value: Any) -> dict[str, Any]:
    """The order with one field (a.b.0.c) set, or taken away where `value` is Ellipsis."""
    body = deepcopy(amazon())
    *way, last = [int(step) if step.isdigit() else step for step in name.split(".")]
    place: Any = body
    for step in way:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return body


def test_every_field_of_an_order_is_read() -> None:
    body = read(amazon()).to_dict()
    lines = body.pop("lines")
    extra = body.pop("extra")
    assert body == {
        "channel": "amazon", "channel_ref": "302-1234567-7654321", "number": "302-1234567-7654321",
        "placed_at": "2026-11-20T09:00:00Z", "updated_at": "2026-11-21T10:30:00.250000Z", "status": "open",
        "payment": "paid", "fulfillment": "unfulfilled", "currency": "EUR", "tax_included": False,
        "shipping": {"method": "EXPEDITED", "amount": "4.90", "discount": None, "tax": None},
        "other_charges": [
            {"kind": "gift_wrap", "amount": "2.00", "tax": None},
            {"kind": "delivery_tip", "amount": "1.00", "tax": None},
        ],
        "discount_total": "1.50", "tax_total": "0.95", "refunded_total": None, "total": "32.85",
        "buyer": {
            "channel_ref": None, "name": "Renée Müller", "email": "x@marketplace.amazon.de", "phone": None,
            "company": "Müller KG",
        },
        "ship_to": {
            "name": "Renée Müller", "company": "Müller KG", "lines": ["Hauptstraße 1", "2. Stock"], "district": "Mitte",
            "city": "Berlin", "region": "BE", "postal_code": "10115", "country": "DE", "phone": "+49 30 1234567",
        },
        "bill_to": None, "ship_by": "2026-11-22T22:59:59Z", "deliver_by": "2026-11-25T22:59:59Z", "note": "Hinterhof",
        "fulfilled_by": "merchant", "sub_orders": [],
    }  # fmt: skip
    assert lines == [
        {
            "channel_ref": "25000000000001", "listing_ref": "SKU 1", "sku": "SKU 1", "title": "Thing 1",
            "quantity": "2", "uom": None, "unit_price": "10.00", "discount": "1.50", "tax": "0.95", "total": None,
        },
        {
            "channel_ref": "25000000000002", "listing_ref": "SKU 2", "sku": "SKU 2", "title": "Thing 2",
            "quantity": "1", "uom": None, "unit_price": "5.50", "discount": None, "tax": None, "total": None,
        },
    ]  # fmt: skip
    assert extra == {
        "cancel_requests": {"25000000000002": "Found it cheaper"}, "marketplace": "A1PA6795UKMFR9",
        "sales_channel": "AMAZON", "programs": ["PRIME", "AMAZON_BUSINESS"], "seller_order_id": "OWN-1",
        "purchase_order": "PO-7", "gift_messages": {"25000000000002": "Alles Gute"},
    }  # fmt: skip


def test_what_the_parts_miss_of_the_total_is_named_to_the_cent() -> None:
    assert read(changed("proceeds.grandTotal", eur("32.88"))).extra["unexplained"] == "0.03"


def test_a_discount_counts_whatever_its_sign() -> None:
    body = amazon()
    body["orderItems"][0]["proceeds"]["breakdowns"][1] = part("DISCOUNT", "1.50")
    assert read(body) == read(amazon())


def test_money_is_never_a_float() -> None:
    body = changed("orderItems.0.product.price.unitPrice.amount", "0.1")
    assert read(body).lines[0].unit_price == Decimal("0.1")


def test_a_line_without_price_costs_what_its_items_bring() -> None:
    assert read(changed("orderItems.0.product.price", ...)).lines[0].unit_price == Decimal("10.00")


@pytest.mark.parametrize(
    ("status", "read_as"),
    [
        ("PENDING_AVAILABILITY", ("open", "unpaid", "unfulfilled")),
        ("PENDING", ("open", "unpaid", "unfulfilled")),
        ("UNSHIPPED", ("open", "paid", "unfulfilled")),
        ("PARTIALLY_SHIPPED", ("open", "paid", "partial")),
        ("SHIPPED", ("closed", "paid", "fulfilled")),
        ("CANCELLED", ("cancelled", "void", None)),
        ("UNFULFILLABLE", ("cancelled", None, "unfulfilled")),
    ],
)
def test_every_status_of_the_model_is_known(status: str, read_as: tuple[str, str, str]) -> None:
    order = read(changed("fulfillment.fulfillmentStatus", status))
    assert (order.status, order.payment, order.fulfillment) == read_as


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fulfillment.fulfillmentStatus", "ON_A_DRONE"),
        ("fulfillment.fulfilledBy", "A_NEIGHBOR"),
        ("orderItems.0.quantityOrdered", "two"),
        ("proceeds.grandTotal.amount", "ten"),
        ("createdTime", "yesterday"),
    ],
)
def test_an_unknown_value_is_named(field: str, value: str) -> None:
    with pytest.raises(BadRecord) as caught:
        read(changed(field, value))
    assert (caught.value.field, caught.value.value) == (field.replace(".0.", "[0]."), value)


def test_a_setting_says_what_an_unknown_status_is() -> None:
    body = changed("fulfillment.fulfillmentStatus", "ON_A_DRONE")
    assert read(body, **{"status.ON_A_DRONE": "SHIPPED"}).status == "closed"


def test_an_order_that_amazon_ships_is_fulfilled_by_the_channel() -> None:
    assert read(changed("fulfillment.fulfilledBy", "AMAZON")).fulfilled_by is FulfilledBy.CHANNEL


def test_a_pending_order_has_neither_price_nor_address() -> None:
    body = changed("fulfillment.fulfillmentStatus", "PENDING")
    for name in ("proceeds", "recipient", "buyer"):
        del body[name]
    for line in body["orderItems"]:
        del line["proceeds"], line["product"]["price"]
    order = read(body)
    assert (order.total, order.currency, order.ship_to, order.payment) == (None, None, None, "unpaid")
    assert [(line.sku, line.quantity) for line in order.lines] == [("SKU 1", 2), ("SKU 2", 1)]


def test_cancelled_pieces_are_not_wanted_any_more() -> None:
    body = amazon()
    body["orderItems"][0]["fulfillment"] = {"quantityFulfilled": 0, "quantityUnfulfilled": 1}
    assert "current" not in read(body).extra
    body["orderItems"][0]["cancellation"] = {"cancellationExecution": {"cancelledBy": "MERCHANT"}}
    order = read(body)
    assert order.extra["current"] == {"25000000000001": "1"}
    assert [order.wanted(line) for line in order.lines] == [1, 1]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"AmazonOrderId": "1", "OrderItems": []}, "items of an order of Orders v0"),
        ({"AmazonOrderId": "1", "BuyerEmail": "x"}, "a part of an order of Orders v0"),
        ({"NotificationType": "ORDER_CHANGE", "Payload": {}}, "a notification"),
        ({"feedId": "1", "processingStatus": "DONE"}, "a feed"),
        ({"errors": [{"code": "InvalidInput"}]}, "an error answer"),
        ({"sku": "A", "summaries": []}, "a listing"),
    ],
)
def test_a_document_that_is_no_order_is_called_what_it_is(body: dict[str, Any], kind: str) -> None:
    with pytest.raises(BadRecord) as caught:
        read(body)
    assert caught.value.value == kind


# ---- Orders v0 ----


def test_an_order_of_v0_is_read_with_its_items_and_adds_up() -> None:
    order = read(amazon_v0())
    assert (order.channel_ref, order.status, order.payment, order.currency, order.total) == (
        "902-1845936-5435065", "open", "paid", "USD", Decimal("26.25"),
    )  # fmt: skip
    (line,) = order.lines
    assert (line.channel_ref, line.sku, line.quantity, line.unit_price, line.discount, line.tax) == (
        "05015851154158", "SKU 1", 2, Decimal("10.00"), Decimal("1.50"), Decimal("1.40"),
    )  # fmt: skip
    assert order.extra == {
        "marketplace": "ATVPDKIKX0DER", "sales_channel": "Amazon.com",
        "cancel_requests": {"05015851154158": "Found it cheaper"},
    }  # fmt: skip


def test_an_order_of_v0_without_its_items_is_not_placed() -> None:
    body = amazon_v0()
    del body["OrderItems"]
    order = read(body)
    assert (order.lines, order.extra["no_lines"]) == ((), True)


@pytest.mark.parametrize(
    ("status", "read_as"),
    [
        ("PendingAvailability", ("open", "unpaid", "unfulfilled")),
        ("Pending", ("open", "unpaid", "unfulfilled")),
        ("Unshipped", ("open", "paid", "unfulfilled")),
        ("InvoiceUnconfirmed", ("open", "paid", "unfulfilled")),
        ("PartiallyShipped", ("open", "paid", "partial")),
        ("Shipped", ("closed", "paid", "fulfilled")),
        ("Canceled", ("cancelled", "void", None)),
        ("Unfulfillable", ("cancelled", None, "unfulfilled")),
    ],
)
def test_every_status_of_v0_is_known(status: str, read_as: tuple[str, str, str]) -> None:
    order = read(amazon_v0() | {"OrderStatus": status})
    assert (order.status, order.payment, order.fulfillment) == read_as


def test_an_order_of_v0_that_amazon_ships_is_fulfilled_by_the_channel() -> None:
    assert read(amazon_v0() | {"FulfillmentChannel": "AFN"}).fulfilled_by is FulfilledBy.CHANNEL
    with pytest.raises(BadRecord) as caught:
        read(amazon_v0() | {"FulfillmentChannel": "XFN"})
    assert (caught.value.field, caught.value.value) == ("FulfillmentChannel", "XFN")


@pytest.mark.data
def test_every_order_of_amazons_static_sandbox_is_read(shared_data: Path) -> None:
    raw = (shared_data / "amazon" / "sandbox_pairs_shared.json").read_bytes()
    orders = [order for order in read_orders(raw, {}) if order.lines]
    assert [(order.channel_ref, order.currency, order.total, order.fulfilled_by) for order in orders] == [
        ("250-1234567-8901234", "JPY", Decimal(19940), "channel"),
        ("171-2345678-9012345", "BRL", Decimal("1599.90"), "merchant"),
        ("171-9876543-2109876", "BRL", Decimal("299.90"), "merchant"),
        ("114-9876543-1234567", "USD", Decimal("49.99"), "merchant"),
    ]
    assert [order.extra.get("unexplained") for order in orders] == [None] * 4
    without = [order for order in read_orders(raw, {}) if not order.lines]
    assert [(order.channel_ref, order.extra["no_lines"]) for order in without] == [
        ("902-1845936-5435065", True), ("902-8745147-1934268", True), ("902-3159896-1390916", True),
        ("902-1845936-5435065", True), ("902-3159896-1390916", True),
    ]  # fmt: skip


@pytest.mark.data
def test_items_of_v0_put_into_their_order_make_its_total(shared_data: Path) -> None:
    pairs = json.loads((shared_data / "amazon" / "sandbox_pairs_shared.json").read_text(encoding="utf-8"))
    found = {pair["operationId"]: pair["response"]["payload"] for pair in pairs if pair["status"] == "200"
             and pair["model"] == "ordersV0.json" and "902-1845936-5435065" in json.dumps(pair["response"])
             and pair["operationId"] in {"getOrder", "getOrderItems"}}  # fmt: skip
    order = read(found["getOrder"] | {"OrderItems": found["getOrderItems"]["OrderItems"]})
    assert (order.total, "unexplained" in order.extra) == (Decimal("11.01"), False)


def test_amounts_of_another_currency_are_not_summed() -> None:
    place = "orderItems[0].product.price.unitPrice.currencyCode"
    for body, field, why in (
        (changed("orderItems.0.product.price.unitPrice.currencyCode", "USD"), place, "expected EUR, as in proceeds."),
        (
            {**amazon_v0(), "OrderTotal": {"CurrencyCode": "JPY", "Amount": "9"}},
            "ItemPrice.CurrencyCode",
            "expected JPY",
        ),
    ):
        with pytest.raises(BadRecord) as caught:
            read(body)
        assert caught.value.field.endswith(field)
        assert caught.value.why.startswith(why)


def test_a_currency_in_small_letters_and_one_of_nothing_are_no_other_currency() -> None:
    assert read(changed("proceeds.grandTotal.currencyCode", "eur")).currency == "EUR"
    assert read({**amazon_v0(), "OrderTotal": {"CurrencyCode": "JPY", "Amount": "0.00"}}).total == 0
