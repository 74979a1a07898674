"""Douyin Shop: what each field of an order becomes; fen, ciphers, two words for one state, and refunds included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.douyin.orders import read_orders
from hub.canonical.errors import BadRecord
from hub.canonical.order import Order
from tests.mappings.payloads import shopify_rest, woo
from tests.mappings.payloads_douyin import DETAIL, PHONE, RECEIVER, douyin, line
from tests.mappings.payloads_magento import magento


def read(body: Any, **settings: str) -> Order:
    (order,) = read_orders(json.dumps(body).encode(), settings)
    return order


def refused(body: Any) -> BadRecord:
    with pytest.raises(BadRecord) as caught:
        read(body)
    return caught.value


def with_line(**changed: Any) -> dict[str, Any]:
    return {**douyin(), "sku_order_list": [line("6900000000000000001", "TEE-RED", 2, 2990, **changed)]}


def test_an_order_is_read_field_by_field() -> None:
    body = read(douyin()).to_dict()
    assert body["lines"] == [
        {
            "channel_ref": "6900000000000000001", "listing_ref": "1700000000000000001", "sku": "TEE-RED",
            "title": "Thing TEE-RED red", "quantity": "2", "uom": None, "unit_price": "29.90", "discount": "5.00",
            "tax": None, "total": "54.80",
        },
        {
            "channel_ref": "6900000000000000002", "listing_ref": "1700000000000000001", "sku": "MUG",
            "title": "Thing MUG red", "quantity": "1", "uom": None, "unit_price": "10.10", "discount": "0.00",
            "tax": None, "total": "10.10",
        },
    ]  # fmt: skip
    told = ("channel_ref", "number", "placed_at", "updated_at", "status", "payment", "fulfillment", "currency")
    assert [body[name] for name in told] == [
        "6900000000000000001", "6900000000000000001", "2025-12-01T00:00:00Z", "2025-12-01T00:01:40Z", "open", "paid",
        "unfulfilled", "CNY",
    ]  # fmt: skip
    assert (body["total"], body["discount_total"], body["shipping"]["amount"]) == ("71.40", "5.00", "6.00")
    assert body["other_charges"] == [{"kind": "postage_insurance", "amount": "0.50", "tax": None}]
    assert (body["ship_by"], body["note"]) == ("2025-12-03T00:00:00Z", "please ring")
    assert body["buyer"]["channel_ref"] == "#open/id+1==#"
    assert (body["extra"]["platform_discount"], body["extra"]["price_change"]) == ("1.50", "0.00")


def test_the_parts_add_up_to_the_total() -> None:
    assert "unexplained" not in read(douyin()).extra
    assert read({**douyin(), "pay_amount": 7141}).extra["unexplained"] == "0.01"


def test_personal_data_stay_ciphers_and_the_place_is_in_clear() -> None:
    order = read(douyin())
    assert order.ship_to is not None
    place = order.ship_to
    assert (place.region, place.city, place.district, place.lines, place.country) == (
        "浙江省", "杭州市", "西湖区", ("北山街道",), "CN",
    )  # fmt: skip
    assert (place.name, place.phone) == (None, None)
    assert order.extra["encrypted"] == {"receiver": RECEIVER, "phone": PHONE, "address": DETAIL}


def test_what_stands_in_place_of_a_cipher_is_never_in_a_message() -> None:
    assert read({**douyin(), "encrypt_post_tel": {"tel": "13800138000"}}).extra["encrypted"] == {
        "receiver": RECEIVER, "address": DETAIL,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("main", "order", "told"),
    [
        (1, 1, ("open", "unpaid", "unfulfilled")),
        (103, 1, ("open", "unpaid", "unfulfilled")),
        (105, 2, ("open", "paid", "unfulfilled")),
        (101, 101, ("open", "paid", "partial")),
        (3, 3, ("open", "paid", "fulfilled")),
        (5, 5, ("closed", "paid", "fulfilled")),
        (21, 4, ("cancelled", "refunded", None)),
        (22, 4, ("cancelled", "refunded", "fulfilled")),
        (39, 5, ("closed", "refunded", "fulfilled")),
        (4, 4, ("cancelled", "refunded", None)),
        (None, "2", ("open", "paid", "unfulfilled")),
    ],
)
def test_the_finer_word_wins_and_what_either_cancels_is_cancelled(main: Any, order: Any, told: Any) -> None:
    body = read({**douyin(), "main_status": main, "order_status": order}).to_dict()
    assert (body["status"], body["payment"], body["fulfillment"]) == told


def test_an_order_cancelled_before_it_was_paid_is_void() -> None:
    assert read({**douyin(), "main_status": 4, "order_status": 4, "pay_time": 0}).payment == "void"


@pytest.mark.parametrize("field", ["order_status", "main_status"])
def test_an_unknown_state_is_refused_by_name_until_a_setting_names_it(field: str) -> None:
    bad = refused({**douyin(), field: 77})
    assert (bad.field, bad.value) == (field, "77")
    assert "status.csv" in bad.why
    assert read({**douyin(), field: 77}, **{"status.77": "2"}).status == "open"


def test_a_line_that_is_cancelled_is_no_longer_wanted() -> None:
    for changed in ({"order_status": 4, "main_status": 4}, {"main_status": 21}):
        order = read(with_line(**changed))
        assert [order.wanted(one) for one in order.lines] == [0], changed


@pytest.mark.parametrize(("status", "kind"), [(12, 2), (12, 4), (51, 5), (53, 2)])
def test_a_line_whose_refund_before_shipment_is_done_is_no_longer_wanted(status: int, kind: int) -> None:
    order = read(with_line(after_sale_info={"after_sale_status": status, "after_sale_type": kind, "refund_status": 3}))
    assert [order.wanted(one) for one in order.lines] == [0]


@pytest.mark.parametrize(("status", "kind"), [(6, 2), (12, 0), (12, 1), (28, 2)])
def test_a_refund_that_is_open_refused_or_after_shipment_leaves_the_line_as_it_is(status: int, kind: int) -> None:
    order = read(with_line(after_sale_info={"after_sale_status": status, "after_sale_type": kind, "refund_status": 1}))
    assert [order.wanted(one) for one in order.lines] == [2]
    assert order.extra["after_sale"] == {"6900000000000000001": str(status)}


@pytest.mark.parametrize("value", ["12.5", 0.1, True, "x", [1]])
def test_an_amount_that_is_no_whole_fen_is_refused_by_name(value: Any) -> None:
    assert refused({**douyin(), "pay_amount": value}).field == "pay_amount"
    assert refused(with_line(origin_amount=value)).field == "sku_order_list[0].origin_amount"


def test_amounts_and_ids_keep_every_digit() -> None:
    order = read({**with_line(sku_id=9007199254740993123), "pay_amount": "123456789012"})
    assert (order.lines[0].listing_ref, order.to_dict()["total"]) == ("9007199254740993123", "1234567890.12")


@pytest.mark.parametrize("value", [1764547200000, -5, 1.5, "soon"])
def test_a_time_that_is_no_second_is_refused_by_name(value: Any) -> None:
    assert refused({**douyin(), "create_time": value}).field == "create_time"


def test_a_line_without_a_code_takes_the_outer_number_and_zero_is_none() -> None:
    assert read(with_line(code="", out_sku_id=88)).lines[0].sku == "88"
    assert read(with_line(code="", out_sku_id=0)).lines[0].sku is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (shopify_rest(), "Shopify"),
        (woo(), "WooCommerce"),
        (magento(), "Magento"),
        ({"tag": 110, "msgId": "1", "data": {"p_id": 1}}, "a pushed message"),
        (line("1", "A", 1, 1), "a line of an order"),
        ({"order_id": "1", "logistics_code": "SF1"}, "a parcel"),
    ],
)
def test_what_is_no_order_is_refused_by_its_kind(body: dict[str, Any], kind: str) -> None:
    assert kind in refused(body).why


@pytest.mark.parametrize("wrap", [{"shop_order_list": [douyin()], "total": 1}, {"shop_order_detail": douyin()}])
def test_the_answers_of_search_and_detail_are_read(wrap: dict[str, Any]) -> None:
    assert read({"code": 10000, "msg": "success", "data": wrap}) == read(douyin())
    assert read({"err_no": 0, "message": "success", "data": wrap}) == read(douyin())


@pytest.mark.data
def test_the_recorded_search_is_read(shared_data: Path) -> None:
    (order,) = read_orders((shared_data / "douyin" / "models" / "OrderSearchListResponse.json").read_bytes(), {})
    body = order.to_dict()
    assert (body["channel_ref"], body["total"], body["payment"]) == ("4781320682406083640", "5.00", "unpaid")
    (first,) = body["lines"]
    assert (first["listing_ref"], first["sku"], first["quantity"], first["unit_price"]) == (
        "3254535", "djfafj", "2", "1.00",
    )  # fmt: skip
    assert (body["ship_to"]["district"], body["ship_to"]["name"]) == ("海淀区", None)


@pytest.mark.data
def test_every_other_recorded_document_is_refused_by_name(shared_data: Path) -> None:
    files = sorted((shared_data / "douyin").rglob("*.json"))
    assert len(files) > 60
    read_ones = [file.name for file in files if _orders(file)]
    assert read_ones == ["OrderSearchListResponse.json"]


def _orders(file: Path) -> int:
    try:
        return len(read_orders(file.read_bytes(), {}))
    except BadRecord as bad:
        assert bad.field and bad.why
        return 0
