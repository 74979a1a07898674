"""Shopify: what each field of a REST or GraphQL order becomes."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from connectors.shopify.orders import read_orders
from hub.canonical.errors import BadRecord
from hub.canonical.order import Fulfillment, Order, OrderStatus, Payment
from tests.mappings.payloads import bag, money_set, shopify_graphql, shopify_rest


def read(body: Any, **settings: str) -> Order:
    (order,) = read_orders(json.dumps(body).encode(), settings)
    return order


def refused(body: Any) -> BadRecord:
    with pytest.raises(BadRecord) as caught:
        read(body)
    return caught.value


def test_an_order_is_read_field_by_field() -> None:
    order = read(shopify_rest())
    first, second = (line for line in order.to_dict()["lines"])
    assert order.channel_ref == "9007199254740993001"
    assert order.number == "#2041"
    assert order.to_dict()["placed_at"] == "2026-10-02T07:15:00Z"
    assert (order.status, order.payment) == (OrderStatus.OPEN, Payment.PARTIALLY_REFUNDED)
    assert order.fulfillment is Fulfillment.UNFULFILLED
    assert first == {
        "channel_ref": "11", "listing_ref": "9000000000000000011", "sku": "A-1", "title": "Thing A-1 - blue",
        "quantity": "3", "uom": None, "unit_price": "10.00", "discount": "3.00", "tax": "5.13", "total": "32.13",
    }  # fmt: skip
    assert second["total"] == "34.12"
    assert order.to_dict()["shipping"] == {"method": "Parcel", "amount": "8.00", "discount": "2.00", "tax": "0.95"}
    assert order.to_dict()["other_charges"] == [{"kind": "tip", "amount": "2.00", "tax": None}]
    assert [str(part) for part in (order.discount_total, order.tax_total, order.refunded_total, order.total)] == [
        "8.00", "10.20", "10.00", "75.20",
    ]  # fmt: skip
    assert order.buyer is not None and order.ship_to is not None
    assert (order.buyer.name, order.buyer.channel_ref) == ("Ada Lovelace", "115310627314723950")
    assert (order.ship_to.name, order.ship_to.lines, order.ship_to.region) == (
        "Charles Babbage",
        ("Lindenstr. 5",),
        "BE",
    )


def test_the_same_order_through_rest_and_graphql_is_equal_to_the_byte() -> None:
    rest, graphql = read(shopify_rest()), read({"data": {"orders": {"nodes": [shopify_graphql()]}}})
    assert graphql.to_dict() == rest.to_dict()
    assert graphql.digest() == rest.digest()
    assert graphql == rest


def test_graphql_edges_read_like_nodes() -> None:
    body = shopify_graphql()
    for name in ("lineItems", "shippingLines"):
        body[name] = {"edges": [{"node": node, "cursor": "x"} for node in body[name]["nodes"]]}
    assert read(body) == read(shopify_graphql())


def test_edits_stand_beside_what_was_ordered() -> None:
    order = read(shopify_rest())
    assert order.extra["current"] == {"11": "2"}
    assert [order.wanted(line) for line in order.lines] == [Decimal(2), Decimal(1)]
    assert [line.quantity for line in order.lines] == [Decimal(3), Decimal(1)]


def test_the_buyers_money_stands_beside_the_shops() -> None:
    assert read(shopify_rest()).extra["presentment"] == {
        "currency": "CHF", "total": "71.44", "tax_total": "9.69", "discount_total": "7.60", "rate": "0.950000",
        "at": "2026-10-02T07:15:00Z",
    }  # fmt: skip
    assert "presentment" not in read({**shopify_rest(), "presentment_currency": "EUR"}).extra


def test_parts_that_miss_the_total_are_named() -> None:
    assert "unexplained" not in read(shopify_rest()).extra
    assert read({**shopify_rest(), "total_price": "75.21"}).extra["unexplained"] == "0.01"


def test_prices_that_hold_the_tax_are_not_taxed_twice() -> None:
    body = {**shopify_rest(), "taxes_included": True, "total_price": "65.00"}
    order = read(body)
    assert order.tax_included is True
    assert [str(line.total) for line in order.lines] == ["27.00", "30.00"]
    assert "unexplained" not in order.extra


def test_amounts_of_graphql_get_the_decimals_of_their_currency() -> None:
    yen = {**shopify_graphql(), "totalPriceSet": bag("1000.0", currency="JPY"), "currencyCode": "JPY"}
    dinar = {**shopify_graphql(), "totalPriceSet": bag("10.5", currency="KWD"), "currencyCode": "KWD"}
    assert read(yen).to_dict()["total"] == "1000"
    assert read(dinar).to_dict()["total"] == "10.500"


@pytest.mark.parametrize(
    ("_case", "fields", "status"),
    [
        ("open", {}, "open"),
        ("archived", {"closed_at": "2026-10-09T00:00:00Z"}, "closed"),
        (
            "cancelled and archived",
            {"cancelled_at": "2026-10-09T00:00:00Z", "closed_at": "2026-10-09T00:00:00Z"},
            "cancelled",
        ),
    ],
)
def test_status_comes_from_two_dates(_case: str, fields: dict[str, str], status: str) -> None:
    assert read({**shopify_rest(), **fields}).status == status


@pytest.mark.parametrize(
    ("word", "payment"),
    [("pending", "unpaid"), ("AUTHORIZED", "authorized"), ("PARTIALLY_PAID", "unpaid"), ("paid", "paid"),
     ("EXPIRED", "unpaid"), ("VOIDED", "void"), ("refunded", "refunded"), (None, None)],
)  # fmt: skip
def test_every_financial_status_has_its_word(word: str | None, payment: str | None) -> None:
    assert read({**shopify_rest(), "financial_status": word}).payment == payment


@pytest.mark.parametrize(
    ("word", "fulfillment"),
    [(None, "unfulfilled"), ("partial", "partial"), ("fulfilled", "fulfilled"), ("restocked", "unfulfilled")],
)
def test_every_fulfillment_status_of_rest_has_its_word(word: str | None, fulfillment: str) -> None:
    assert read({**shopify_rest(), "fulfillment_status": word}).fulfillment == fulfillment


def test_an_unknown_status_names_field_value_and_table() -> None:
    bad = refused({**shopify_rest(), "financial_status": "on_the_moon"})
    assert (bad.field, bad.value) == ("financial_status", "on_the_moon")
    assert "add a row to tables/payment.csv" in bad.why
    assert (
        read({**shopify_rest(), "financial_status": "on_the_moon"}, **{"payment.on_the_moon": "paid"}).payment == "paid"
    )


def test_a_key_that_is_absent_is_unknown_not_unfulfilled() -> None:
    body = shopify_rest()
    del body["fulfillment_status"], body["refunds"], body["line_items"]
    order = read(body)
    assert (order.fulfillment, order.refunded_total, order.lines) == (None, None, ())
    assert order.extra["no_lines"] is True


def test_refunds_in_another_currency_are_not_added_up() -> None:
    body = shopify_rest()
    body["refunds"][0]["transactions"][0]["currency"] = "CHF"
    assert read(body).refunded_total is None


def test_removed_shipping_is_not_charged() -> None:
    body = shopify_rest()
    body["shipping_lines"].append(
        {"title": "Express", "price": "99.00", "discounted_price": "99.00", "is_removed": True}
    )
    assert read(body).shipping == read(shopify_rest()).shipping


def test_duties_are_a_charge_unless_the_prices_hold_them() -> None:
    body = {**shopify_rest(), "original_total_duties_set": money_set("4.00")}
    assert [(charge.kind, str(charge.amount)) for charge in read(body).other_charges] == [
        ("tip", "2.00"),
        ("duty", "4.00"),
    ]
    assert [charge.kind for charge in read({**body, "duties_included": True}).other_charges] == ["tip"]


def test_a_fault_deep_inside_names_its_path() -> None:
    body = shopify_rest()
    body["line_items"][1]["tax_lines"][0]["price"] = "four"
    bad = refused(body)
    assert (bad.field, bad.value) == ("line_items[1].tax_lines[0].price", "four")
    assert bad.why == "expected a number such as 19.90"
    body = shopify_graphql()
    body["lineItems"]["nodes"][1]["originalUnitPriceSet"]["shopMoney"]["amount"] = "four"
    assert refused(body).field == "lineItems.nodes[1].originalUnitPriceSet.shopMoney.amount"


@pytest.mark.parametrize(
    ("_case", "field", "value", "why"),
    [
        ("an object for text", "note", {"a": 1}, "expected text, found an object"),
        ("a list for text", "email", ["x"], "expected text, found a list"),
        ("a flag for an id", "id", True, "expected an id (text or a whole number), found true or false"),
        (
            "a fraction for an id",
            "id",
            1.5,
            "expected an id (text or a whole number), found a fraction or a rounded number",
        ),
        ("a text for a list", "line_items", "none", "expected a list, found text"),
        ("a text for an address", "shipping_address", "Berlin", "expected an object, found text"),
        ("no time", "created_at", "yesterday", "expected an ISO 8601 time such as 2026-11-23T08:00:00Z"),
        ("no currency", "currency", "EURO", "expected a currency of three letters such as EUR"),
        ("an endless number", "total_price", "1e400", "expected a number below 1000000000000"),
    ],
)
def test_a_wrong_type_is_refused_by_name(_case: str, field: str, value: object, why: str) -> None:
    bad = refused({**shopify_rest(), field: value})
    assert (bad.field, bad.why) == (field, why)


def test_a_number_where_text_is_expected_is_taken_by_its_digits() -> None:
    assert read({**shopify_rest(), "note": 12.50}).note == "12.5"
    assert read({**shopify_rest(), "name": 2041}).number == "2041"


def test_a_negative_quantity_is_refused() -> None:
    body = shopify_rest()
    body["line_items"][0]["quantity"] = -1
    assert (refused(body).field, refused(body).why) == ("line_items[0].quantity", "expected a quantity of 0 or more")


def test_two_lines_with_one_id_are_refused() -> None:
    body = shopify_rest()
    body["line_items"][1]["id"] = 11
    assert (refused(body).field, refused(body).value) == ("lines[1].channel_ref", "11")


def test_half_a_character_and_control_characters_do_not_reach_the_order() -> None:
    assert read({**shopify_rest(), "note": "a\ud83dz\x00\x07\r\nb"}).note == "a\ufffdz\nb"


@pytest.mark.parametrize(
    "_case", ["bare", "order", "orders", "list", "metadata", "answer", "node", "connection", "edges"]
)
def test_every_wrapping_holds_the_same_order(_case: str) -> None:
    body, node = shopify_rest(), shopify_graphql()
    wrapped: dict[str, Any] = {
        "bare": body,
        "order": {"order": body},
        "orders": {"orders": [body]},
        "list": [body],
        "metadata": {"name": "orders/create", "related_resource": "Order", "response": body},
        "answer": {"data": {"order": node}, "extensions": {"cost": {}}},
        "node": {"data": {"node": node}},
        "connection": {"nodes": [node], "pageInfo": {}},
        "edges": {"data": {"orders": {"edges": [{"node": node}]}}},
    }
    assert read(wrapped[_case]) == read(body)


@pytest.mark.parametrize(
    ("_case", "body", "field", "said"),
    [
        ("refund", {"id": 1, "order_id": 2, "refund_line_items": []}, "(document)", "looks like a refund"),
        ("fulfillment", {"fulfillment": {"id": 1}}, "(document)", "looks like an envelope with a fulfillment"),
        ("product", {"response": {"id": 1, "variants": []}}, "response", "looks like a product"),
        ("nothing known", {"hello": 1}, "(document)", "this is no order"),
        ("scalar", 7, "(document)", "expected an order"),
        ("GraphQL errors", {"errors": [{"message": "Throttled"}], "data": None}, "errors", "answered with errors"),
    ],
)
def test_what_is_no_order_is_called_by_its_name(_case: str, body: Any, field: str, said: str) -> None:
    bad = refused(body)
    assert bad.field == field
    assert said in bad.why


def test_among_several_orders_the_bad_one_is_named() -> None:
    bad_one = {**shopify_rest(), "total_price": "x"}
    with pytest.raises(BadRecord, match=r"orders\[1\]\.total_price = 'x'"):
        read_orders(json.dumps({"orders": [shopify_rest(), bad_one]}).encode(), {})


def test_a_computed_amount_is_bounded_like_one_that_was_read() -> None:
    body = shopify_rest()
    body["line_items"][0] |= {"price": "999999999999", "quantity": 1000}
    bad = refused(body)
    assert bad.field == "line_items[0].total"
    assert bad.why == "these amounts give a number that is not below 1000000000000"
