"""Orders by date of change: several pages, a first pull, cancellations in full, refunds, access tokens that end."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
from responses import matchers

from connectors.ebay.connector import Ebay
from connectors.ebay.sandbox import EbaySandbox
from hub.canonical.errors import AuthFailed, BadRecord, ChannelDown, Misconfigured
from hub.canonical.order import OrderStatus
from hub.ports.channel import Connection
from tests.connectors.contract import SHOPPER
from tests.connectors.ebay.conftest import connect

HOST = "https://api.ebay.com"
ORDERS = f"{HOST}/sell/fulfillment/v1/order"
KEYS = {"client_secret": "s", "refresh_token": "r"}
EMPTY = {"orders": [], "total": 0}


def remote(**settings: str) -> Ebay:
    responses.post(f"{HOST}/identity/v1/oauth2/token", json={"access_token": "t", "expires_in": 7200})
    return Ebay(Connection(1, "e", "ebay", {"client_id": "me", **settings}, KEYS))


def pulled(channel: Ebay, cursor: str | None = None) -> list[str]:
    return [record.ref for page in channel.pull_orders(cursor) for record in page.records]


def asked() -> list[str]:
    calls = [call.request for call in responses.calls if str(call.request.url).startswith(ORDERS)]
    return [str(call.params["filter"]) for call in calls]  # type: ignore[attr-defined]


@pytest.mark.parametrize("count", [199, 200, 201])
def test_more_orders_than_a_page_holds_come_once_each(count: int, sandbox: EbaySandbox, channel: Ebay) -> None:
    placed = [sandbox.place_order(SHOPPER, [("TEA-GREEN", 1)]) for _ in range(count)]
    assert sorted(pulled(channel)) == sorted(placed)


@responses.activate
def test_a_first_pull_reads_ninety_days_ten_at_a_time_and_only_the_last_ten_have_no_end() -> None:
    responses.get(ORDERS, json=EMPTY)
    before = datetime.now(UTC)
    assert pulled(remote()) == []
    spans = [text.removeprefix("lastmodifieddate:[").removesuffix("]").split("..") for text in asked()]
    assert len(spans) == 9
    assert [end for _, end in spans[:-1]] == [start for start, _ in spans[1:]]
    assert spans[-1][1] == ""
    assert abs(before - timedelta(days=90) - datetime.fromisoformat(spans[0][0])) < timedelta(minutes=5)


@responses.activate
def test_the_merchant_may_say_where_the_first_pull_starts_but_ebay_keeps_two_years() -> None:
    responses.get(ORDERS, json=EMPTY)
    pulled(remote(orders_since="2019-01-01"))
    assert datetime.now(UTC) - datetime.fromisoformat(asked()[0][18:42]) < timedelta(days=730)
    responses.calls.reset()
    since = f"{datetime.now(UTC) - timedelta(days=3):%Y-%m-%d}"
    pulled(remote(orders_since=since))
    assert asked() == [f"lastmodifieddate:[{since}T00:00:00.000Z..]"]


@responses.activate
def test_a_pull_starts_two_minutes_before_its_cursor() -> None:
    responses.get(ORDERS, json=EMPTY)
    recent = (datetime.now(UTC) - timedelta(hours=1)).replace(microsecond=0)
    pulled(remote(), recent.isoformat())
    (only,) = responses.calls[1:]
    query = {"filter": f"lastmodifieddate:[{recent - timedelta(minutes=2):%Y-%m-%dT%H:%M:%S}.000Z..]"}
    assert only.request.params == query | {"limit": "200", "offset": "0"}


def test_a_cancelled_order_is_read_alone_because_lists_leave_out_who_asked(sandbox: EbaySandbox, channel: Ebay) -> None:
    kept, gone = (sandbox.place_order(SHOPPER, [("MUG-RED", 1)]) for _ in range(2))
    assert sandbox.cancel_order(gone)
    found = {
        order.channel_ref: order
        for page in channel.pull_orders(None)
        for record in page.records
        for order in channel.to_orders(record)
    }
    assert (found[kept].status, "cancel_requests" in found[kept].extra) == (OrderStatus.OPEN, False)
    assert found[gone].status is OrderStatus.CANCELLED
    assert [(one["by"], one["reason"]) for one in found[gone].extra["cancel_requests"]] == [
        ("Buyer", "ORDER_PLACED_BY_MISTAKE")
    ]


def test_the_next_pull_has_what_was_placed_and_paid_back_since(sandbox: EbaySandbox, channel: Ebay) -> None:
    old = sandbox.place_order(SHOPPER, [("TEA-GREEN", 3), ("MUG-RED", 1)])
    cursor = list(channel.pull_orders(None))[-1].cursor
    new = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    assert sandbox.refund_line(old, "TEA-GREEN")
    later = [
        order for page in channel.pull_orders(cursor) for record in page.records for order in channel.to_orders(record)
    ]
    assert {order.channel_ref for order in later} == {old, new}
    order = next(order for order in later if order.channel_ref == old)
    assert {line.sku: order.wanted(line) for line in order.lines} == {"TEA-GREEN": 0, "MUG-RED": 1}


def test_an_access_token_that_ended_is_renewed_without_anybody_noticing(sandbox: EbaySandbox, channel: Ebay) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    assert pulled(channel) == [ref]
    sandbox.login.forget()
    assert pulled(channel) == [ref]
    assert sandbox.login.given == 2


def test_one_token_serves_many_calls(sandbox: EbaySandbox, channel: Ebay) -> None:
    for _ in range(3):
        pulled(channel)
    assert sandbox.login.given == 1


def test_a_scope_that_was_taken_away_needs_a_person(sandbox: EbaySandbox, channel: Ebay) -> None:
    sandbox.login.granted.discard("sell.fulfillment")
    with pytest.raises(AuthFailed, match="Insufficient permissions"):
        pulled(channel)


@responses.activate
@pytest.mark.parametrize("body", [[], "text", None, 5])
def test_an_answer_that_is_no_list_is_tried_again(body: Any) -> None:
    responses.get(ORDERS, json=body)
    with pytest.raises(ChannelDown, match="sent something else than a list of orders"):
        pulled(remote())


@responses.activate
def test_an_order_without_an_id_is_held_and_its_neighbors_are_not() -> None:
    rows = [{"orderId": "1-1", "lastModifiedDate": "2026-11-01T00:00:00.000Z"}, {"lineItems": []}]
    responses.get(ORDERS, json={"orders": rows, "total": 2})
    since = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
    (page,) = remote(orders_since=since).pull_orders(None)
    assert [record.ref for record in page.records if record.problem is None] == ["1-1"]
    (bad,) = [record.problem for record in page.records if record.problem]
    assert isinstance(bad, BadRecord)
    assert bad.field == "orderId"


@responses.activate
def test_an_order_that_cannot_be_read_alone_is_taken_from_the_list() -> None:
    row = {"orderId": "1-1", "cancelStatus": {"cancelState": "IN_PROGRESS", "cancelRequests": []}}
    responses.get(
        ORDERS, json={"orders": [row], "total": 1}, match=[matchers.query_param_matcher({}, strict_match=False)]
    )
    responses.get(f"{ORDERS}/1-1", status=404, json={"errors": []})
    since = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
    (page,) = remote(orders_since=since).pull_orders(None)
    assert [json.loads(record.raw) for record in page.records] == [row]


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("client_id", {"client_id": " "}),
        ("client_secret", {"client_secret": ""}),
        ("refresh_token", {"refresh_token": ""}),
    ],
)
def test_a_key_that_is_missing_is_named(name: str, changed: dict[str, str], sandbox: EbaySandbox) -> None:
    with pytest.raises(Misconfigured, match=f"^{name} must be set"):
        connect(sandbox, **changed)
