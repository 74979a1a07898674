"""Pinduoduo: what each field of an order becomes; yuan, ciphers, holds, and refunds before and after shipping."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.pinduoduo.orders import read_orders
from hub.canonical.errors import BadRecord
from hub.canonical.order import Order
from tests.mappings.payloads import shopify_rest, woo
from tests.mappings.payloads_douyin import douyin
from tests.mappings.payloads_pinduoduo import PHONE, RECEIVER, STREET, item, pinduoduo


def read(body: Any, **settings: str) -> Order:
    (order,) = read_orders(json.dumps(body).encode(), settings)
    return order


def refused(body: Any) -> BadRecord:
    with pytest.raises(BadRecord) as caught:
        read(body)
    return caught.value


def test_an_order_is_read_field_by_field() -> None:
    body = read(pinduoduo()).to_dict()
    empty = {"uom": None, "discount": None, "tax": None, "total": None}
    assert body["lines"] == [
        {"channel_ref": "9007199254740995", "listing_ref": "9007199254740995", "sku": "TEE-RED", "quantity": "2",
         "title": "Thing TEE-RED red,L", "unit_price": "24.95", **empty},
        {"channel_ref": "9007199254740997", "listing_ref": "9007199254740997", "sku": "MUG", "quantity": "1",
         "title": "Thing MUG red,L", "unit_price": "20.00", **empty},
        {"channel_ref": "gift:9007199254740997", "listing_ref": "9007199254740997", "sku": "MUG", "quantity": "1",
         "title": "Thing MUG red,L", "unit_price": "0", **empty},
    ]  # fmt: skip
    assert body["ship_to"] == {
        "name": "张**", "company": None, "lines": ["北山路**号"], "district": "西湖区", "city": "杭州市",
        "region": "浙江省", "postal_code": None, "country": "CN", "phone": "138****0000",
    }  # fmt: skip
    assert body["extra"] == {
        "encrypted": {"receiver": RECEIVER, "phone": PHONE, "address": STREET}, "after_sales": "none",
        "paid_at": "2026-11-23T08:00:09Z", "paid_with": "WEIXIN", "platform_discount": "2.00", "warehouse": "HZ-1",
    }  # fmt: skip
    told = {name: body[name] for name in ("channel_ref", "placed_at", "updated_at", "ship_by", "currency", "note")}
    assert told == {
        "channel_ref": "261123-9007199254740993", "placed_at": "2026-11-23T08:00:00Z",
        "updated_at": "2026-11-23T08:05:00Z", "ship_by": "2026-11-25T08:00:10Z", "currency": "CNY",
        "note": "please ring",
    }  # fmt: skip
    assert (body["status"], body["payment"], body["fulfillment"]) == ("open", "paid", "unfulfilled")


def test_amounts_add_up_whether_they_came_as_text_or_as_numbers() -> None:
    numbers = {"pay_amount": 68.20, "discount_amount": 5, "postage": 3.2, "order_change_amount": 0.9}
    for body in (pinduoduo(), {**pinduoduo(), **numbers}):
        order = read(body).to_dict()
        assert (order["total"], order["discount_total"], order["shipping"]["amount"]) in {
            ("68.20", "5.90", "3.2"),
            ("68.2", "5.9", "3.2"),
        }
        assert order["other_charges"] == [{"kind": "sf_express_fee", "amount": "1.00", "tax": None}]
        assert "unexplained" not in order["extra"]


@pytest.mark.parametrize(
    ("changed", "status", "payment", "fulfillment", "holds"),
    [
        ({}, "open", "paid", "unfulfilled", None),
        ({"risk_control_status": 1}, "open", "authorized", "unfulfilled", ["risk_review"]),
        ({"refund_status": 2}, "open", "authorized", "unfulfilled", ["refund_asked"]),
        ({"refund_status": 3, "risk_control_status": 1}, "open", "authorized", "unfulfilled",
         ["risk_review", "refund_asked"]),
        ({"refund_status": 4}, "cancelled", "refunded", "unfulfilled", None),
        ({"order_status": 2}, "open", "paid", "fulfilled", None),
        ({"order_status": 2, "refund_status": 2, "risk_control_status": 1}, "open", "paid", "fulfilled", None),
        ({"order_status": 2, "refund_status": 4}, "open", "partially_refunded", "fulfilled", None),
        ({"order_status": 3}, "closed", "paid", "fulfilled", None),
        ({"confirm_status": 0}, "open", "unpaid", "unfulfilled", None),
        ({"confirm_status": 2}, "cancelled", "void", "unfulfilled", None),
        ({"step_order_info": {"step_trade_status": 1}}, "open", "authorized", "unfulfilled", None),
        ({"step_trade_status": 0}, "open", "unpaid", "unfulfilled", None),
        ({"step_order_info": {"step_trade_status": 2}}, "open", "paid", "unfulfilled", None),
    ],
)  # fmt: skip
def test_what_the_platforms_numbers_mean_together(
    changed: dict[str, Any], status: str, payment: str, fulfillment: str, holds: list[str] | None
) -> None:
    body = read({**pinduoduo(), **changed}).to_dict()
    assert (body["status"], body["payment"], body["fulfillment"]) == (status, payment, fulfillment)
    assert body["extra"].get("holds") == holds


@pytest.mark.parametrize(
    ("refunds", "refunded", "payment"),
    [
        ([(10, "5.00"), (11, "68.20")], "5.00", "partially_refunded"),
        ([(10, "5.00"), (10, 63.2)], "68.20", "refunded"),
        ([], "0", "partially_refunded"),
        (None, None, "partially_refunded"),
    ],
)
def test_refunds_that_were_paid_add_up(refunds: Any, refunded: str | None, payment: str) -> None:
    listed = refunds and [{"after_sales_status": state, "refund_amount": amount} for state, amount in refunds]
    order = read({**pinduoduo(), "order_status": 2, "refund_status": 4, "refund_list": listed})
    assert order.refunded_total == (None if refunded is None else Decimal(refunded))
    assert str(order.payment) == payment


def test_every_pair_of_known_numbers_is_an_order() -> None:
    after = [0, *range(2, 19), 21, 22, 24, 25, 27, 31, 32]
    for state, refund, risk in itertools.product((1, 2, 3), (1, 2, 3, 4), (0, 1)):
        for one in after:
            numbers = {"order_status": state, "refund_status": refund, "after_sales_status": one}
            assert read({**pinduoduo(), **numbers, "risk_control_status": risk}).extra["after_sales"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("order_status", 0), ("refund_status", 5), ("risk_control_status", 2), ("after_sales_status", 1),
        ("confirm_status", 9),
    ],
)  # fmt: skip
def test_an_unknown_number_is_named_and_a_setting_reads_it(field: str, value: int) -> None:
    body = {**pinduoduo(), field: value}
    bad = refused(body)
    assert (bad.field, bad.value) == (field, str(value))
    assert "tables/" in bad.why
    known = "0" if field in {"risk_control_status", "after_sales_status"} else "1"
    assert read(body, **{f"{field}.{value}": known}) == read({**pinduoduo(), field: int(known)})


def test_a_plain_receiver_of_an_app_that_sees_it_is_the_address() -> None:
    named = {"receiver_name": "张三", "receiver_phone": "13800000000", "receiver_address": "北山路 1 号"}
    order = read({**pinduoduo(), **named})
    assert order.ship_to is not None
    assert (order.ship_to.name, order.ship_to.phone, order.ship_to.lines) == ("张三", "13800000000", ("北山路 1 号",))
    assert "encrypted" not in order.extra


def test_an_order_without_a_phone_while_it_is_reviewed_is_read() -> None:
    blank = {"receiver_name": "", "receiver_phone": "", "receiver_address": "", "receiver_phone_mask": ""}
    order = read({**pinduoduo(), **blank, "risk_control_status": 1})
    assert order.ship_to is not None
    assert order.ship_to.phone is None


def test_two_items_of_one_sku_are_refused_by_name() -> None:
    twice = [item(1, "A", 1, "1.00"), item(1, "A", 2, "1.00")]
    assert refused({**pinduoduo(), "item_list": twice}).field == "lines[1].channel_ref"


def test_further_parcels_are_kept_beside_the_first() -> None:
    parcels = {"tracking_number": "SF1", "extra_delivery_list": [{"logistics_id": 44, "tracking_number": "SF2"}]}
    extra = read({**pinduoduo(), "order_status": 2, **parcels}).extra
    assert (extra["tracking"], list(extra["further_trackings"])) == ("SF1", ["SF2"])


@pytest.mark.parametrize(
    "wrap",
    [
        lambda one: {"order_sn_increment_get_response": {"order_sn_list": [one], "total_count": 1, "has_next": False}},
        lambda one: {"order_info_get_response": {"order_info": one}},
        lambda one: {"order_list_get_response": {"order_list": [one]}},
        lambda one: [one],
    ],
)
def test_an_order_is_found_in_every_envelope(wrap: Any) -> None:
    assert read(wrap(pinduoduo())) == read(pinduoduo())


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"error_response": {"error_code": 10019}}, "an error answer"),
        ({"constants": {}, "interfaces": {}}, "the description of a call"),
        ({"order_sn": "1", "refund_amount": "1.00"}, "what belongs to an order"),
        (item(1, "A", 1, "1.00"), "an item of an order"),
        (douyin(), "an order of Douyin"),
        (shopify_rest(), None),
        (woo(), None),
    ],
)
def test_what_is_no_order_is_called_by_its_name(body: Any, kind: str | None) -> None:
    bad = refused(body)
    assert (bad.value == kind) if kind else bad.why


@pytest.mark.data
def test_each_recorded_file_is_a_description_and_said_to_be_one(shared_data: Path) -> None:
    files = sorted((shared_data / "pinduoduo").glob("*.json"))
    assert files
    for file in files:
        with pytest.raises(BadRecord, match="this looks like the description of a call, not like an order"):
            read_orders(file.read_bytes(), {})
