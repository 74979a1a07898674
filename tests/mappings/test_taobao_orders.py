"""What a Taobao trade becomes: postage of the only line, shares of discounts, refunds of a line, holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.taobao.orders import read_orders
from hub.canonical.errors import BadRecord
from hub.canonical.order import FulfilledBy, Fulfillment, Order, OrderStatus, Payment
from hub.rules.lifecycle import intake
from tests.mappings.payloads_taobao import taobao

FIRST, SECOND = "2981234567890123451", "2981234567890123452"


def read(body: Any) -> Order:
    (order,) = read_orders(json.dumps(body).encode(), {})
    return order


def alone(**line: Any) -> dict[str, Any]:
    """The trade with its first line only, whose payment is the trade's."""
    body = taobao()
    first = body["orders"]["order"][0]
    return {**body, "payment": "62.80", "orders": {"order": [{**first, "payment": "62.80", **line}]}}


def test_a_trade_becomes_an_order_with_exact_yuan_and_ids_as_text() -> None:
    body = read(taobao()).to_dict()
    extra = body.pop("extra")
    lines = body.pop("lines")
    assert body == {
        "channel": "taobao", "channel_ref": "2981234567890123450", "number": "2981234567890123450",
        "placed_at": "2026-11-22T23:58:01Z", "updated_at": "2026-11-23T00:00:02Z", "status": "open",
        "payment": "paid", "fulfillment": "unfulfilled", "currency": "CNY", "tax_included": True,
        "shipping": {"method": "express", "amount": "8.00", "discount": None, "tax": None}, "other_charges": [],
        "discount_total": None, "tax_total": None, "refunded_total": None, "total": "97.80",
        "buyer": {"channel_ref": "AAGx_uid", "name": "r**", "email": None, "phone": None, "company": None},
        "ship_to": {
            "name": "王**", "company": None, "lines": ["解放门街道", "解放路***"], "district": "新城区",
            "city": "西安市", "region": "陕西省", "postal_code": "710000", "country": "CN", "phone": "*******3069",
        },
        "bill_to": None, "ship_by": None, "deliver_by": None, "note": "周末配送", "fulfilled_by": "merchant",
        "sub_orders": [],
    }  # fmt: skip
    assert lines == [
        {"channel_ref": FIRST, "listing_ref": "4000000000001", "sku": "MUG-RED", "title": "货品 MUG-RED 颜色:红色",
         "quantity": "2", "uom": None, "unit_price": "29.90", "discount": "5.00", "tax": None, "total": "54.80"},
        {"channel_ref": SECOND, "listing_ref": "4000000000002", "sku": "TEA", "title": "货品 TEA 颜色:红色",
         "quantity": "1", "uom": None, "unit_price": "40.00", "discount": "5.00", "tax": None, "total": "35.00"},
    ]  # fmt: skip
    assert extra == {
        "current": {SECOND: "0"}, "refunds": {SECOND: "SUCCESS"}, "type": "fixed", "oaid": "1W0xLLJRuX6r==",
        "pay_time": "2026-11-22T23:59:00Z", "promised": "付款后48小时内", "seller_memo": "改为发顺丰",
        "trackings": ["SF1"],
    }  # fmt: skip


def test_parts_that_miss_the_total_are_named() -> None:
    assert read({**taobao(), "payment": "97.81"}).extra["unexplained"] == "0.01"


def test_the_payment_of_the_only_line_holds_the_postage_which_is_told_once() -> None:
    order = read(alone())
    assert (str(order.lines[0].total), str(order.lines[0].discount)) == ("54.80", "5.00")
    assert order.shipping is not None
    assert str(order.shipping.amount) == "8.00"
    assert "unexplained" not in order.extra


@pytest.mark.parametrize(
    ("refund", "line", "wanted"),
    [
        ("NO_REFUND", "WAIT_SELLER_SEND_GOODS", 2),
        ("WAIT_SELLER_AGREE", "WAIT_SELLER_SEND_GOODS", 2),
        ("SELLER_REFUSE_BUYER", "WAIT_SELLER_SEND_GOODS", 2),
        ("CLOSED", "WAIT_SELLER_SEND_GOODS", 2),
        ("SUCCESS", "WAIT_SELLER_SEND_GOODS", 0),
        ("SUCCESS", "TRADE_CLOSED", 0),
        ("NO_REFUND", "TRADE_CLOSED_BY_TAOBAO", 0),
        ("SUCCESS", "WAIT_BUYER_CONFIRM_GOODS", 2),
    ],
)
def test_what_is_wanted_of_a_line_follows_its_state_and_refund(refund: str, line: str, wanted: int) -> None:
    order = read(alone(refund_status=refund, status=line))
    assert order.wanted(order.lines[0]) == wanted


@pytest.mark.parametrize(
    ("status", "told", "asked"),
    [
        ("TRADE_NO_CREATE_PAY", ("open", "unpaid", "unfulfilled"), "unpaid"),
        ("WAIT_BUYER_PAY", ("open", "unpaid", "unfulfilled"), "unpaid"),
        ("PAY_PENDING", ("open", "unpaid", "unfulfilled"), "unpaid"),
        ("PAID_FORBID_CONSIGN", ("open", "unpaid", "unfulfilled"), "unpaid"),
        ("WAIT_SELLER_SEND_GOODS", ("open", "paid", "unfulfilled"), "place"),
        ("SELLER_CONSIGNED_PART", ("open", "paid", "partial"), "place"),
        ("WAIT_BUYER_CONFIRM_GOODS", ("open", "paid", "fulfilled"), "closed"),
        ("TRADE_FINISHED", ("closed", "paid", "fulfilled"), "closed"),
        ("TRADE_CLOSED", ("cancelled", "refunded", None), "cancelled"),
        ("TRADE_CLOSED_BY_TAOBAO", ("cancelled", "void", None), "cancelled"),
    ],
)
def test_every_state_says_whether_something_is_to_be_shipped(status: str, told: tuple[str, ...], asked: str) -> None:
    order = read({**taobao(), "status": status})
    assert (order.status, order.payment, order.fulfillment) == told
    assert intake(order) == asked


@pytest.mark.parametrize("mark", ["top_hold", "team_buy_hold", "share_group_hold", "ofp_hold"])
def test_a_paid_trade_that_the_platform_holds_back_waits(mark: str) -> None:
    order = read({**taobao(), mark: 1})
    assert (order.payment, order.extra["holds"], intake(order)) == (Payment.UNPAID, mark, "unpaid")


def test_cash_on_delivery_is_shipped_before_it_is_paid() -> None:
    order = read({**taobao(), "type": "cod"})
    assert (order.payment, intake(order)) == (Payment.AUTHORIZED, "place")
    assert read({**taobao(), "type": "cod", "status": "TRADE_FINISHED"}).payment is Payment.PAID


def test_what_cainiao_ships_is_not_ours() -> None:
    assert read({**taobao(), "is_force_dc": True}).fulfilled_by is FulfilledBy.CHANNEL


def test_an_item_without_skus_is_its_own_listing_and_a_county_its_own_city() -> None:
    body = alone(sku_id="", outer_sku_id=None, outer_iid="ITEM-1")
    order = read({**body, "receiver_city": "", "receiver_district": "济源市"})
    assert (order.lines[0].listing_ref, order.lines[0].sku) == ("520000000001", "ITEM-1")
    assert order.ship_to is not None
    assert order.ship_to.city == "济源市"


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"status": "AWAITING_DRONE"}, "status", "AWAITING_DRONE"),
        ({"post_fee": "free"}, "post_fee", "free"),
        ({"tid": None, "tid_str": None}, "tid_str", "null"),
    ],
)
def test_what_cannot_be_read_is_named(change: dict[str, Any], field: str, value: str) -> None:
    with pytest.raises(BadRecord) as caught:
        read({**alone(), **change})
    assert (caught.value.field, caught.value.value) == (field, value)


@pytest.mark.parametrize("name", ["status", "refund_status"])
def test_an_unknown_word_of_a_line_is_named(name: str) -> None:
    with pytest.raises(BadRecord) as caught:
        read(alone(**{name: "AWAITING_DRONE"}))
    assert (caught.value.field, caught.value.value) == (f"orders[0].{name}", "AWAITING_DRONE")


def _bare(body: dict[str, Any]) -> dict[str, Any]:
    """As `simplify` gives it: lists without their wrapping."""
    return {**body, "orders": body["orders"]["order"], "promotion_details": []}


@pytest.mark.parametrize(
    "_case",
    ["bare", "simplified", "detail", "list", "simplified list"],
)
def test_a_trade_is_found_however_it_is_wrapped(_case: str) -> None:
    wrapped: dict[str, Any] = {
        "bare": taobao(),
        "simplified": {"trade": _bare(taobao()), "request_id": "x"},
        "detail": {"trade_fullinfo_get_response": {"trade": taobao(), "request_id": "x"}},
        "list": {"trades_sold_get_response": {"trades": {"trade": [taobao()]}, "total_results": 1}},
        "simplified list": {"trades": [_bare(taobao())], "has_next": False},
    }
    assert read(wrapped[_case]) == read(taobao())


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"tid": 1, "status": "WAIT_BUYER_PAY"},
         "a trade without its lines (taobao.trade.fullinfo.get gives the whole one)"),
        ({"error_response": {"code": 27}}, "an error of the platform"),
        ({"topic": "taobao_trade_TradeBuyerPay", "content": "{}"}, "a message of the queue"),
    ],
)  # fmt: skip
def test_what_is_no_trade_is_called_what_it_is(body: dict[str, Any], kind: str) -> None:
    with pytest.raises(BadRecord) as caught:
        read(body)
    assert caught.value.value == kind


@pytest.mark.data
def test_the_metadata_of_the_platform_is_no_trade(shared_data: Path) -> None:
    for file in (shared_data / "taobao" / "top_api").glob("*.json"):
        with pytest.raises(BadRecord, match="the description of a call"):
            read_orders(file.read_bytes(), {})


def test_an_order_over_is_never_open() -> None:
    assert read({**taobao(), "status": "TRADE_FINISHED"}).status is OrderStatus.CLOSED
    assert read({**taobao(), "status": "TRADE_FINISHED"}).fulfillment is Fulfillment.FULFILLED


@pytest.mark.parametrize(
    ("_case", "refunds", "total", "payment"),
    [
        ("one of two was paid", [("SUCCESS", "10.10"), ("CLOSED", "5.00")], "10.10", Payment.PARTIALLY_REFUNDED),
        ("all of it", [("SUCCESS", "60.00"), ("SUCCESS", "37.80")], "97.80", Payment.REFUNDED),
        ("none yet", [("WAIT_SELLER_AGREE", "97.80")], "None", Payment.PAID),
    ],
)
def test_money_that_went_back_is_summed_over_the_refunds_that_were_paid(
    _case: str, refunds: list[tuple[str, str]], total: str, payment: Payment
) -> None:
    told = [{"refund_id": "7", "status": status, "refund_fee": fee} for status, fee in refunds]
    order = read({**taobao(), "status": "TRADE_FINISHED", "stockline_refunds": told})
    assert (str(order.refunded_total), order.payment) == (total, payment)
