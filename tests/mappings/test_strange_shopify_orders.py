"""Shopify payloads with missing fields, strange types, huge ids, odd encodings: exact values, or one exact refusal."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from connectors.shopify.orders import read_orders
from hub.canonical.errors import BadRecord
from tests.mappings.payloads import bag, money_set, shopify_graphql, shopify_rest, woo

RAW = json.dumps(shopify_rest()).encode()
LINE = {"id": 1, "variant_id": 2, "sku": "A", "name": "Tea", "quantity": 2, "price": "5.00", "tax_lines": []}
REFUND = {"kind": "refund", "status": "success"}
IDS = "expected an id (text or a whole number), found "
TIME = "expected an ISO 8601 time such as 2026-11-23T08:00:00Z"
COUNTED = "expected a time as text, found a number: read seconds since 1970 with as: epoch"
NUMBER = "expected a number such as 19.90"
ORDER_ID = "expected the id of an order, 450789469 or gid://shopify/Order/450789469"


def read(raw: bytes) -> list[dict[str, Any]]:
    """Canonical orders that survive being written as UTF-8 JSON."""
    orders = [order.to_dict() for order in read_orders(raw, {})]
    return list(json.loads(json.dumps(orders, ensure_ascii=False).encode()))


def one(**fields: Any) -> dict[str, Any]:
    (order,) = read(json.dumps({**shopify_rest(), **fields}).encode())
    return order


def line(**fields: Any) -> dict[str, Any]:
    """The only line of an order without discount and tax of its own, which its fields change."""
    (found,) = one(line_items=[{**LINE, **fields}])["lines"]
    return dict(found)


def refused(raw: bytes) -> tuple[str, str, str]:
    with pytest.raises(BadRecord) as caught:
        read_orders(raw, {})
    return caught.value.field, caught.value.value, caught.value.why


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"id": 9223372036854775807}, {"channel_ref": "9223372036854775807"}),
        ({"id": 2**63}, {"channel_ref": "9223372036854775808"}),
        ({"id": 10**39}, {"channel_ref": "1" + "0" * 39}),
        ({"id": "820982911946154508"}, {"channel_ref": "820982911946154508"}),
        ({"id": 450789469.0}, {"channel_ref": "450789469"}),
        ({"id": None}, {"channel_ref": "9007199254740993001"}),
        ({"id": 0}, {"channel_ref": "9007199254740993001"}),
        ({"id": "gid://shopify/Order/77"}, {"channel_ref": "77"}),
        ({"name": None}, {"number": "2041"}),
        ({"name": None, "order_number": None}, {"number": None}),
        ({"name": "#😀 مرحبا"}, {"number": "#😀 مرحبا"}),
        ({"note": "a\x00b\ud83d"}, {"note": "ab\ufffd"}),
        ({"note": 12.50}, {"note": "12.5"}),
        ({"currency": "usd"}, {"currency": "USD"}),
        ({"currency": ""}, {"currency": None}),
        ({"created_at": "2026-10-02T09:15:00.123456789+02:00"}, {"placed_at": "2026-10-02T07:15:00.123456Z"}),
        ({"created_at": "2026-10-02 09:15:00 +0200"}, {"placed_at": "2026-10-02T07:15:00Z"}),
        ({"created_at": "2026-10-02"}, {"placed_at": "2026-10-02T00:00:00Z"}),
        ({"created_at": ""}, {"placed_at": "2026-10-02T07:15:00Z"}),
        ({"created_at": "0000-00-00 00:00:00", "processed_at": None}, {"placed_at": None}),
        ({"cancelled_at": ""}, {"status": "open"}),
        ({"closed_at": "2026-10-09T00:00:00Z"}, {"status": "closed"}),
        ({"financial_status": " Paid "}, {"payment": "paid"}),
        ({"financial_status": ""}, {"payment": None}),
        ({"taxes_included": "false"}, {"tax_included": False}),
        ({"total_price": None}, {"total": "75.20"}),
        ({"total_price": "", "total_price_set": None}, {"total": None}),
        ({"total_price": 75.2}, {"total": "75.2"}),
        ({"customer": None, "billing_address": None, "shipping_address": None, "email": None, "phone": None},
         {"buyer": None, "ship_to": None, "bill_to": None}),
        ({"customer": [], "shipping_address": [], "billing_address": ""}, {"ship_to": None, "bill_to": None}),
        ({"shipping_lines": []}, {"shipping": None}),
        ({"shipping_lines": None}, {"shipping": None}),
        ({"shipping_lines": [{"title": "A", "price": "5.00"}]},
         {"shipping": {"method": "A", "amount": "5.00", "discount": None, "tax": None}}),
        ({"total_tip_received": "0.00"}, {"other_charges": []}),
        ({"total_tip_received": None}, {"other_charges": []}),
        ({"refunds": None}, {"refunded_total": None}),
        ({"refunds": []}, {"refunded_total": "0.00"}),
        ({"refunds": [{"id": 1}]}, {"refunded_total": None}),
        ({"refunds": [{"transactions": [{"kind": "refund", "status": "pending", "amount": "3"}]}]},
         {"refunded_total": "0.00"}),
        ({"refunds": [{"transactions": [{**REFUND, "amount": "3.1", "currency": "eur"}]}]}, {"refunded_total": "3.10"}),
        ({"original_total_duties_set": money_set("4.00"), "total_tip_received": "0"},
         {"other_charges": [{"kind": "duty", "amount": "4.00", "tax": None}]}),
    ],
)  # fmt: skip
def test_a_strange_field_is_read_exactly(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    found = one(**fields)
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"discount": None, "tax": "0.00", "total": None}),
        ({"discount_allocations": []}, {"discount": "0.00", "total": "10.00"}),
        ({"total_discount": "1.50"}, {"discount": "1.50", "total": "8.50"}),
        ({"total_discount": "9", "discount_allocations": [{"amount": "1"}, {"amount": "2.5"}]}, {"discount": "3.5"}),
        ({"variant_id": None, "sku": None}, {"listing_ref": None, "sku": None}),
        ({"variant_id": 9223372036854775807}, {"listing_ref": "9223372036854775807"}),
        ({"sku": 12345}, {"sku": "12345"}),
        ({"name": None, "title": "Title"}, {"title": "Title"}),
        ({"quantity": "3", "total_discount": "0.00"}, {"quantity": "3", "total": "15.00"}),
        ({"quantity": 1.5, "total_discount": "0.00"}, {"quantity": "1.5", "total": "7.50"}),
        ({"quantity": 0, "total_discount": "0.00"}, {"quantity": "0", "total": "0.00"}),
        ({"price": "1000", "total_discount": "0"}, {"unit_price": "1000", "total": "2000.00"}),
        ({"price": "5.250", "total_discount": "0.000"}, {"unit_price": "5.250", "total": "10.500"}),
        ({"price": "-5.00", "total_discount": "0.00"}, {"unit_price": "-5.00", "total": "-10.00"}),
        ({"price": None}, {"unit_price": None, "total": None}),
    ],
)
def test_a_strange_line_is_read_exactly(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    found = line(**fields)
    assert {name: found[name] for name in expected} == expected


def test_an_order_without_any_discount_or_tax_has_lines_without_them() -> None:
    bare = {name: value for name, value in LINE.items() if name != "tax_lines"}
    (found,) = one(line_items=[bare], total_discounts="0.00", total_tax="0.00")["lines"]
    assert (found["discount"], found["tax"], found["total"]) == ("0.00", "0.00", "10.00")
    (found,) = one(line_items=[bare], total_discounts="1.00", total_tax="1.00")["lines"]
    assert (found["discount"], found["tax"], found["total"]) == (None, None, None)


def test_whether_prices_hold_the_tax_is_never_guessed() -> None:
    assert [each["total"] for each in one(taxes_included=None)["lines"]] == [None, None]
    body = {**shopify_graphql(), "taxesIncluded": None}
    assert [each["total"] for each in read(json.dumps(body).encode())[0]["lines"]] == [None, None]


@pytest.mark.parametrize("lines", [None, "absent"])
def test_lines_that_are_not_told_are_marked(lines: Any) -> None:
    body = {**shopify_rest(), "line_items": None}
    if lines == "absent":
        del body["line_items"]
    (order,) = read(json.dumps(body).encode())
    assert (order["lines"], order["extra"]["no_lines"]) == ([], True)
    assert "no_lines" not in one(line_items=[])["extra"]


@pytest.mark.parametrize(
    ("fields", "field", "value", "why"),
    [
        ({"id": 0, "admin_graphql_api_id": 0}, "id", "null", "is required"),
        ({"id": -5}, "id", "-5", ORDER_ID),
        ({"id": "gid://shopify/DraftOrder/7"}, "id", "gid://shopify/DraftOrder/7", ORDER_ID),
        ({"id": 1.5}, "id", "1.5", IDS + "a fraction or a rounded number"),
        ({"id": 1e17}, "id", "1E+17", IDS + "a fraction or a rounded number"),
        ({"id": True}, "id", "True", IDS + "true or false"),
        ({"id": {}}, "id", "{}", IDS + "an object"),
        ({"id": "4 5"}, "id", "4 5", "expected an id: at most 200 characters, no blanks"),
        ({"id": None, "admin_graphql_api_id": None}, "id", "null", "is required"),
        ({"created_at": 1759389300}, "created_at", "1759389300", COUNTED),
        ({"created_at": "Fri, 02 Oct 2026 09:15:00 GMT"}, "created_at", "Fri, 02 Oct 2026 09:15:00 GMT", TIME),
        ({"created_at": "0001-01-01T00:00:00Z"}, "created_at", "0001-01-01T00:00:00Z", "expected a year from 1970 on"),
        ({"cancelled_at": "junk"}, "cancelled_at", "junk", TIME),
        ({"closed_at": True}, "closed_at", "True", TIME),
        ({"total_price": "1,299.00"}, "total_price", "1,299.00", NUMBER),
        ({"total_price": "$10"}, "total_price", "$10", NUMBER),
        ({"total_price": "１２"}, "total_price", "１２", NUMBER),
        ({"total_price": [1]}, "total_price", "[1]", "expected a number"),
        ({"currency": "EURO"}, "currency", "EURO", "expected a currency of three letters such as EUR"),
        ({"taxes_included": 2}, "taxes_included", "2", "expected true or false"),
        ({"financial_status": ["paid"]}, "financial_status", "['paid']", "expected text, found a list"),
        ({"email": {"a": 1}}, "email", "{'a': 1}", "expected text, found an object"),
        ({"customer": 0}, "customer", "0", "expected an object, found a number"),
        ({"customer": [1]}, "customer", "[1]", "expected an object, found a list"),
        ({"tags": 3}, "tags", "3", "expected a list, found a number"),
        ({"note_attributes": {"a": "b"}}, "note_attributes", "{'a': 'b'}", "expected a list, found an object"),
        ({"line_items": "none"}, "line_items", "none", "expected a list, found text"),
        ({"line_items": [None]}, "line_items[0]", "null", "expected an object"),
        ({"line_items": [LINE, {**LINE, "id": 0}]}, "line_items[1].id", "null", "is required"),
        ({"line_items": [{**LINE, "quantity": None}]}, "line_items[0].quantity", "null", "is required"),
        ({"line_items": [{**LINE, "quantity": True}]}, "line_items[0].quantity", "True", "expected a number"),
        ({"line_items": [{**LINE, "price": "five"}]}, "line_items[0].price", "five", NUMBER),
        ({"line_items": [{**LINE, "current_quantity": -1}]}, "line_items[0].current_quantity", "-1",
         "expected a quantity of 0 or more"),
        ({"refunds": [{"transactions": [{**REFUND, "amount": "x"}]}]},
         "refunds[0].transactions[0].amount", "x", NUMBER),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_exactly(fields: dict[str, Any], field: str, value: str, why: str) -> None:
    assert refused(json.dumps({**shopify_rest(), **fields}).encode()) == (field, value, why)


@pytest.mark.parametrize(
    ("_case", "raw"),
    [
        ("UTF-8", RAW),
        ("byte order mark", b"\xef\xbb\xbf" + RAW),
        ("two marks after blanks", b"\r\n\xef\xbb\xbf\xef\xbb\xbf" + RAW),
        ("UTF-16", RAW.decode().encode("utf-16")),
        ("UTF-16 without a mark", RAW.decode().encode("utf-16-be")),
        ("UTF-32", RAW.decode().encode("utf-32")),
        ("zero bytes behind it", RAW + b"\x00\x00\x1a\r\n"),
        ("one line of NDJSON", RAW + b"\n"),
        ("a key twice with one value", RAW[:-1] + b', "total_price": "75.20"}'),
        ("in an event of a bus", b'{"detail": {"payload": ' + RAW + b"}}"),
    ],
)
def test_an_odd_encoding_holds_the_same_order(_case: str, raw: bytes) -> None:
    assert read(raw) == read(RAW)


def test_text_in_windows_1252_is_read_and_half_broken_utf8_is_refused() -> None:
    text = json.dumps({**shopify_rest(), "note": "Über €"}, ensure_ascii=False)
    assert read(text.encode("cp1252"))[0]["note"] == "Über €"
    mixed = text.encode() + "谢".encode()[:2]
    assert refused(mixed)[2].startswith("cannot be read as utf-8: byte ")


def test_several_documents_on_lines_of_their_own_are_several_orders() -> None:
    second = json.dumps({**shopify_rest(), "id": 7}, indent=1).encode()
    assert [order["channel_ref"] for order in read(RAW + b"\r\n" + second)] == ["9007199254740993001", "7"]


@pytest.mark.parametrize(
    ("_case", "raw", "field", "why"),
    [
        ("gzip", gzip.compress(RAW), "(document)", "this is a gzip file: give the document itself"),
        ("ZIP", b"PK\x03\x04" + bytes(40), "(document)", "this is a ZIP file: give the document itself"),
        ("HTML", b"<html>502</html>", "(document)", "not valid JSON: this is XML or HTML"),
        ("X12", b"ISA*00*", "(document)", "not valid JSON: this is X12 (map it with `stockline map x12`)"),
        ("comma", RAW[:-1] + b",}", "(document)",
         f"not valid JSON: Expecting property name enclosed in double quotes at line 1 column {len(RAW) + 1}"),
        ("two on one line", RAW + RAW, "(document)", f"not valid JSON: Extra data at line 1 column {len(RAW) + 1}"),
        ("another id", RAW[:-1] + b', "id": 7}', "id",
         "stands twice in one object, before as '9007199254740993001': send one"),
        ("nesting", b'{"a":' * 5000 + b"1" + b"}" * 5000, "(document)", "nested too deeply to be an order"),
        ("long", b'{"id": 1, "total_price": "1", "note": "' + b"x" * 10_000_000 + b'"}', "note",
         "expected at most 100000 characters"),
        ("text", json.dumps(RAW.decode()).encode(), "(document)", "expected an order (a JSON object)"),
    ],
)  # fmt: skip
def test_what_is_no_json_of_an_order_says_what_it_is(_case: str, raw: bytes, field: str, why: str) -> None:
    found = refused(raw)
    assert (found[0], found[2]) == (field, why)


@pytest.mark.parametrize("body", [[], {"orders": []}, {"data": {"orders": {"edges": [], "pageInfo": {}}}}])
def test_a_page_without_orders_is_an_empty_array(body: Any) -> None:
    assert read(json.dumps(body).encode()) == []


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"order": None}, "order", "there is no order here: it is null"),
        ({"data": {"order": None}}, "data.order", "there is no order here: it is null"),
        ({"data": {"orders": {"edges": [{"node": None}]}}}, "data.orders.edges[0].node", "it is null"),
        ({"data": {"orders": {"nodes": [None]}}, "errors": [{"message": "x"}]}, "data.orders.nodes[0]", "an order"),
        ({"errors": "[API] Invalid API key"}, "errors", "answered with errors"),
        ({"draft_order": {}}, "(document)", "looks like an envelope with a draft order"),
        ({**shopify_rest(), "order_id": None, "invoice_url": "x"}, "(document)", "looks like a draft order"),
        ({**shopify_rest(), "abandoned_checkout_url": "x"}, "(document)", "looks like an abandoned checkout"),
        ({"id": "c1", "token": "c1", "line_items": [LINE]}, "(document)", "looks like a cart"),
        (woo() | {"order_key": "wc_order_x"}, "(document)", "looks like an order of WooCommerce"),
    ],
)
def test_a_stranger_is_called_by_its_name(body: Any, field: str, said: str) -> None:
    found = refused(json.dumps(body).encode())
    assert found[0] == field
    assert said in found[2]


def _graphql(change: Callable[[dict[str, Any]], object]) -> bytes:
    body = shopify_graphql()
    change(body)
    return json.dumps({"data": {"order": body}}).encode()


@pytest.mark.parametrize(
    ("_case", "change", "field", "why"),
    [
        ("cut lines", lambda b: b["lineItems"].update(pageInfo={"hasNextPage": True}),
         "lineItems.pageInfo.hasNextPage",
         "the order has more lines than stand here: read the next pages of lineItems, too"),
        ("a plain list", lambda b: b.update(lineItems=[]) or b.update(lineItems=[{}]), "lineItems",
         "expected an object, found a list"),
        ("no line", lambda b: b["lineItems"]["nodes"].append(None), "lineItems.nodes[2]", "expected an object"),
        ("text for money", lambda b: b.update(totalPriceSet="75.20"), "totalPriceSet",
         "expected an object, found text"),
        ("a draft", lambda b: b.update(id="gid://shopify/DraftOrder/7", legacyResourceId=None), "id", ORDER_ID),
    ],
)  # fmt: skip
def test_a_broken_node_names_its_path(
    _case: str, change: Callable[[dict[str, Any]], object], field: str, why: str
) -> None:
    found = refused(_graphql(change))
    assert (found[0], found[2]) == (field, why)


def test_a_connection_that_comes_as_nodes_and_as_edges_holds_each_order_once() -> None:
    node = shopify_graphql()
    body = {"data": {"orders": {"nodes": [node], "edges": [{"node": node}]}}}
    assert len(read(json.dumps(body).encode())) == 1


def test_a_money_bag_without_the_shops_money_is_unknown() -> None:
    (order,) = read(_graphql(lambda b: b.update(totalPriceSet={"shopMoney": None}, totalTaxSet=bag("1"))))
    assert (order["total"], order["tax_total"]) == (None, "1.00")
