"""WooCommerce payloads with missing fields and PHP's dirty types: exact values, or one exact refusal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.woocommerce.orders import read_orders
from hub.canonical.errors import BadRecord
from tests.mappings.payloads import shopify_rest, woo

RAW = json.dumps(woo()).encode()
LINE: dict[str, Any] = {
    "id": 31, "name": "Tea", "product_id": 93, "variation_id": 0, "quantity": 2, "subtotal": "20.00", "total": "16.00",
    "total_tax": "1.28", "price": 8, "sku": "TEA",
}  # fmt: skip
TIME = "expected an ISO 8601 time such as 2026-11-23T08:00:00Z"
COUNTED = "expected a time as text, found a number: read seconds since 1970 with as: epoch"
NUMBER = "expected a number such as 19.90"
LOW = "expected a quantity of 0 or more"
LIST, OBJECT = "expected a list, found ", "expected an object, found "
STATUS = "unknown status: add a row to tables/status.csv, or the setting status."


def read(raw: bytes, **settings: str) -> list[dict[str, Any]]:
    """Canonical orders that survive being written as UTF-8 JSON."""
    orders = [order.to_dict() for order in read_orders(raw, settings)]
    return list(json.loads(json.dumps(orders, ensure_ascii=False).encode()))


def one(fields: dict[str, Any], **settings: str) -> dict[str, Any]:
    (order,) = read(json.dumps({**woo(), **fields}).encode(), **settings)
    return order


def refused(raw: bytes, **settings: str) -> tuple[str, str, str]:
    with pytest.raises(BadRecord) as caught:
        read_orders(raw, settings)
    return caught.value.field, caught.value.value, caught.value.why


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"id": "5120"}, {"channel_ref": "5120"}),
        ({"id": 2**70}, {"channel_ref": "1180591620717411303424"}),
        ({"id": 5120.0}, {"channel_ref": "5120"}),
        ({"number": "INV-1/A"}, {"number": "INV-1/A"}),
        ({"number": ""}, {"number": "5120"}),
        ({"number": 77}, {"number": "77"}),
        ({"status": "wc-completed"}, {"status": "closed", "fulfillment": "fulfilled"}),
        ({"status": "Processing"}, {"status": "open"}),
        ({"status": None}, {"status": "open", "payment": None, "fulfillment": None}),
        ({"currency": "eur"}, {"currency": "EUR"}),
        ({"currency": ""}, {"currency": None}),
        ({"total": 44.24, "total_tax": 3.24}, {"total": "44.24", "tax_total": "3.24"}),
        ({"total": ""}, {"total": None}),
        ({"total": "-5.00"}, {"total": "-5.00"}),
        ({"total_tax": ""}, {"tax_total": None}),
        ({"discount_total": 4}, {"discount_total": "4"}),
        ({"date_created_gmt": "2026-06-01 14:00:00"}, {"placed_at": "2026-06-01T14:00:00Z"}),
        ({"date_created_gmt": "2026-06-01T14:00:00+00:00"}, {"placed_at": "2026-06-01T14:00:00Z"}),
        ({"date_created_gmt": "0000-00-00 00:00:00"}, {"placed_at": "2026-06-01T10:00:00Z"}),
        ({"date_created_gmt": None, "date_created": ""}, {"placed_at": None}),
        ({"billing": []}, {"bill_to": None, "buyer": None}),
        ({"billing": "", "customer_id": 7},
         {"buyer": {"channel_ref": "7", "name": None, "email": None, "phone": None, "company": None}}),
        ({"shipping": []}, {"ship_to": None}),
        ({"shipping": dict.fromkeys(woo()["shipping"], "")}, {"ship_to": None}),
        ({"customer_id": ""}, {"buyer": {"channel_ref": None, "name": "Grace Hopper", "email": "grace@example.com",
                                         "phone": "555-0100", "company": "Navy"}}),
        ({"shipping_lines": [], "shipping_total": "", "shipping_tax": ""},
         {"shipping": {"method": None, "amount": "0.00", "discount": None, "tax": "0.00"}}),
        ({"shipping_lines": {"5": {"method_title": "Post &amp; go", "total": "1.00"}}, "shipping_total": None,
          "shipping_tax": None},
         {"shipping": {"method": "Post & go", "amount": "1.00", "discount": None, "tax": None}}),
        ({"fee_lines": [{"name": "Less", "total": "-3.00", "total_tax": "-0.20"}]},
         {"other_charges": [{"kind": "fee", "amount": "-3.00", "tax": "-0.20"}]}),
        ({"fee_lines": [{"name": "Box", "amount": "2.00", "total": ""}]},
         {"other_charges": [{"kind": "fee", "amount": "2.00", "tax": None}]}),
        ({"fee_lines": [{"name": "Box", "total": "0.00"}]}, {"other_charges": []}),
        ({"fee_lines": {}}, {"other_charges": []}),
        ({"refunds": []}, {"refunded_total": "0.00", "payment": "paid"}),
        ({"refunds": None}, {"refunded_total": None, "payment": "paid"}),
        ({"refunds": ""}, {"refunded_total": "0.00"}),
        ({"refunds": [{"total": "5.00"}]}, {"refunded_total": "5.00", "payment": "partially_refunded"}),
        ({"refunds": [{"total": None}]}, {"refunded_total": None}),
        ({"refunds": [{"total": "-44.24"}], "status": "cancelled"}, {"payment": "refunded", "status": "cancelled"}),
        ({"date_paid": "", "date_paid_gmt": "", "refunds": []}, {"payment": "unpaid"}),
        ({"customer_note": " 谢谢 👍 "}, {"note": "谢谢 👍"}),
        ({"meta_data": ["x", None, 5, {"value": {"deep": [1]}}]}, {"number": "5120"}),
        ({"tax_lines": False, "meta_data": False}, {"number": "5120"}),
        ({"prices_include_tax": True}, {"tax_included": False}),
    ],
)  # fmt: skip
def test_a_strange_field_is_read_exactly(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    found = one(fields)
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"product_id": 0}, {"listing_ref": None, "sku": "TEA"}),
        ({"product_id": "", "variation_id": ""}, {"listing_ref": None}),
        ({"product_id": "93", "variation_id": "94"}, {"listing_ref": "94"}),
        ({"sku": 12345}, {"sku": "12345"}),
        ({"sku": ""}, {"sku": None}),
        ({"name": "&quot;Big&quot; &#8211; &eacute;"}, {"title": '"Big" – é'}),
        ({"name": "", "parent_name": "Parent"}, {"title": "Parent"}),
        ({"quantity": "2.000"}, {"quantity": "2", "unit_price": "10.00"}),
        ({"quantity": 0}, {"quantity": "0", "unit_price": "8", "total": "17.28"}),
        ({"quantity": 3}, {"unit_price": "6.666667", "discount": "4.00"}),
        ({"price": ""}, {"unit_price": "10.00"}),
        ({"total": "20.00", "price": 10}, {"unit_price": "10.00", "discount": "0.00", "total": "21.28"}),
        ({"subtotal": "600", "total": "600", "total_tax": "0", "price": 300}, {"unit_price": "300", "total": "600"}),
        ({"subtotal": "1.250", "total": "1.250", "total_tax": "0.000", "price": 0.625}, {"unit_price": "0.625"}),
        ({"subtotal": ""}, {"unit_price": "8.00", "discount": None, "total": "17.28"}),
        ({"subtotal": None, "total": None}, {"unit_price": "8", "discount": None, "total": None}),
        ({"total_tax": ""}, {"tax": None, "total": None}),
    ],
)
def test_a_strange_line_is_read_exactly(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    (found,) = one({"line_items": [{**LINE, **fields}]})["lines"]
    assert {name: found[name] for name in expected} == expected


def test_lines_may_be_an_object_with_numbers_for_keys() -> None:
    assert one({"line_items": {"0": LINE, "4": {**LINE, "id": 32}}})["lines"] == one(
        {"line_items": [LINE, {**LINE, "id": 32}]}
    )["lines"]  # fmt: skip


@pytest.mark.parametrize("lines", [None, "absent", []])
def test_lines_that_are_not_told_are_marked(lines: Any) -> None:
    body = {**woo(), "line_items": lines}
    if lines == "absent":
        del body["line_items"]
    (order,) = read(json.dumps(body).encode())
    assert (order["lines"], order["extra"].get("no_lines")) == ([], None if lines == [] else True)


def test_what_the_amounts_cannot_say_is_in_extra() -> None:
    extra = one({"prices_include_tax": True, "fee_lines": [{"name": "Gift &amp; wrap", "total": "3.00"}]})["extra"]
    assert extra == {
        "coupons": ["tea4"], "fees": ["Gift & wrap"], "payment_method": "Cash & carry", "prices_include_tax": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "created", "placed_at"),
    [
        ("Europe/Berlin", "2026-06-01T10:00:00", "2026-06-01T08:00:00Z"),
        ("Europe/Berlin", "2026-12-01T10:00:00", "2026-12-01T09:00:00Z"),
        ("Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:30:00Z"),
        ("Etc/GMT-2", "2026-12-01T10:00:00", "2026-12-01T08:00:00Z"),
        ("", "2026-06-01T10:00:00", "2026-06-01T10:00:00Z"),
        ("Europe/Berlin", "2026-06-01T10:00:00Z", "2026-06-01T10:00:00Z"),
    ],
)
def test_site_dates_are_in_the_sites_zone(zone: str, created: str, placed_at: str) -> None:
    assert one({"date_created_gmt": None, "date_created": created}, zone=zone)["placed_at"] == placed_at


@pytest.mark.parametrize(
    ("fields", "field", "value", "why"),
    [
        ({"id": 0}, "id", "null", "is required"),
        ({"id": "0"}, "id", "null", "is required"),
        ({"id": None}, "id", "null", "is required"),
        ({"id": 1.5}, "id", "1.5", "expected an id (text or a whole number), found a fraction or a rounded number"),
        ({"status": "partial-shipped"}, "status", "partial-shipped", STATUS + "partial-shipped=<a value it has>"),
        ({"status": ["x"]}, "status", "['x']", "expected text, found a list"),
        ({"currency": "$"}, "currency", "$", "expected a currency of three letters such as EUR"),
        ({"total": "1.234,50"}, "total", "1.234,50", NUMBER),
        ({"total": "NaN"}, "total", "NaN", "expected a number below 1000000000000"),
        ({"date_created_gmt": 1780322400}, "date_created_gmt", "1780322400", COUNTED),
        ({"date_created_gmt": {"date": "x"}}, "date_created_gmt", "{'date': 'x'}", TIME),
        ({"billing": False}, "billing", "False", OBJECT + "true or false"),
        ({"shipping": ["x"]}, "shipping", "['x']", OBJECT + "a list"),
        ({"billing": {"phone": {"a": 1}}}, "billing.phone", "{'a': 1}", "expected text, found an object"),
        ({"line_items": False}, "line_items", "False", LIST + "true or false"),
        ({"line_items": {"a": LINE}}, "line_items", str({"a": LINE})[:200], LIST + "an object"),
        ({"line_items": [[]]}, "line_items[0]", "[]", "expected an object"),
        ({"line_items": [LINE, LINE]}, "lines[1].channel_ref", "31", "two lines of this order carry the same id"),
        ({"line_items": [{**LINE, "id": 0}]}, "line_items[0].id", "null", "is required"),
        ({"line_items": [{**LINE, "quantity": ""}]}, "line_items[0].quantity", "null", "is required"),
        ({"line_items": [{**LINE, "quantity": "2 pcs"}]}, "line_items[0].quantity", "2 pcs", NUMBER),
        ({"line_items": [{**LINE, "quantity": -2}]}, "line_items[0].quantity", "-2", LOW),
        ({"line_items": [{**LINE, "sku": False}]}, "line_items[0].sku", "False",
         "expected text, found true or false"),
        ({"line_items": [{**LINE, "total_tax": "x"}]}, "line_items[0].total_tax", "x", NUMBER),
        ({"coupon_lines": ["tea4"]}, "coupon_lines[0]", "tea4", OBJECT + "text"),
        ({"refunds": [None]}, "refunds[0]", "null", "expected an object"),
        ({"fee_lines": [{"total": "x"}]}, "fee_lines[0].total", "x", NUMBER),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_exactly(fields: dict[str, Any], field: str, value: str, why: str) -> None:
    assert refused(json.dumps({**woo(), **fields}).encode()) == (field, value, why)


def test_a_setting_names_a_status_in_any_case_and_a_wrong_one_is_told() -> None:
    assert one({"status": "Pre-Ordered"}, **{"status.pre-ordered": "completed"})["status"] == "closed"
    assert refused(json.dumps({**woo(), "status": "odd"}).encode(), **{"status.odd": "odder"}) == (
        "status", "odd", "the setting status.odd says 'odder', which tables/status.csv does not have either",
    )  # fmt: skip


@pytest.mark.parametrize("body", [[], {"data": []}, {"create": [], "update": [], "delete": []}])
def test_an_answer_without_orders_is_an_empty_array(body: Any) -> None:
    assert read(json.dumps(body).encode()) == []


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"data": None}, "data", "there is no order here: it is null"),
        ({"update": [{"id": 9, "error": {"code": "x"}}]}, "update[0]", "an error in the answer to a batch"),
        ({"create": [woo(), {"id": 0, "error": {}}]}, "create[1]", "an error in the answer to a batch"),
        ({**woo(), "refunded_by": 3}, "(document)", "a refund"),
        (shopify_rest(), "(document)", "an order of Shopify"),
        ({"data": [woo(), {**woo(), "total": "x"}]}, "data[1].total", NUMBER),
    ],
)
def test_a_stranger_is_called_by_its_name(body: Any, field: str, said: str) -> None:
    found = refused(json.dumps(body).encode())
    assert found[0] == field
    assert said in found[2]


@pytest.mark.parametrize(
    ("_case", "raw"),
    [
        ("mark behind a blank line", b"\r\n\xef\xbb\xbf" + RAW),
        ("two marks", b"\xef\xbb\xbf\xef\xbb\xbf" + RAW),
        ("UTF-16", RAW.decode().encode("utf-16")),
        ("one line of NDJSON", RAW + b"\r\n"),
    ],
)
def test_what_plug_ins_put_around_an_answer_does_no_harm(_case: str, raw: bytes) -> None:
    assert read(raw) == read(RAW)


def test_a_php_warning_before_the_answer_is_told() -> None:
    found = refused(b"<br />\n<b>Warning</b>: x in y.php\n" + RAW)
    assert (found[0], found[2]) == ("(document)", "not valid JSON: this is XML or HTML")
    assert refused(b"webhook_id=12")[2] == "not valid JSON: Expecting value at line 1 column 1"
