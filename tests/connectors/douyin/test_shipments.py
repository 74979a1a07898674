"""Packages: pieces of lines, one request once, carriers by any of their names, orders with an open refund."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.douyin.connector import Douyin
from connectors.douyin.sandbox import DouyinSandbox
from hub.canonical.errors import Conflict, NotFound, Rejected
from hub.canonical.order import Fulfillment, Order
from hub.ports.base_channel import ChannelUnsupported
from hub.ports.channel import Dispatch, DispatchLine, OrderAnswer
from tests.connectors.contract import SHOPPER

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def read(channel: Douyin, ref: str) -> Order:
    record = channel.fetch_order(ref)
    assert record is not None
    (order,) = channel.to_orders(record)
    return order


def parcel(order: Order, pieces: dict[int, int], number: str = "S1", **changed: Any) -> Dispatch:
    """`pieces`: place of the line -> how many of it."""
    taken = tuple(DispatchLine(order.lines[at].channel_ref, Decimal(count)) for at, count in pieces.items())
    given = Dispatch(order.channel_ref, order.number, number, "SF Express", f"SF-{number}", NOW, taken, False)
    return replace(given, **changed)


def test_one_line_may_leave_in_several_packages(sandbox: DouyinSandbox, channel: Douyin) -> None:
    order = read(channel, sandbox.place_order(SHOPPER, [("MUG-RED", 3), ("TEA-GREEN", 1)]))
    for number, pieces in (("S1", {0: 1}), ("S2", {0: 2, 1: 1})):
        channel.push_shipment(parcel(order, pieces, number), key=f"ship:1:{number}")
        told = read(channel, order.channel_ref)
        assert told.fulfillment == (Fulfillment.PARTIAL if number == "S1" else Fulfillment.FULFILLED)
    assert told.extra["trackings"] == ["SF-S1", "SF-S2"]
    (book,) = sandbox.book()
    assert [line.shipped for line in book.lines] == [3, 1]


def test_the_platform_itself_keeps_a_request_from_being_done_twice(sandbox: DouyinSandbox, channel: Douyin) -> None:
    """The same key makes the same request id: even where the order does not show the package yet."""
    order = read(channel, sandbox.place_order(SHOPPER, [("MUG-RED", 3)]))
    one = parcel(order, {0: 1})
    channel.push_shipment(one, key="ship:1:S1")
    channel._shipping._tell(one, {}, "ship:1:S1")  # type: ignore[attr-defined]
    channel._shipping._tell(replace(one, tracking_no="SF-S9"), {}, "ship:1:S9")  # type: ignore[attr-defined]
    (book,) = sandbox.book()
    assert (book.trackings, book.lines[0].shipped) == (("SF-S1", "SF-S9"), 2)


@pytest.mark.parametrize("carrier", ["顺丰", "shunfeng", " ShunFeng ", "SF", "sf express"])
def test_a_carrier_is_found_by_any_of_its_names(carrier: str, sandbox: DouyinSandbox, channel: Douyin) -> None:
    order = read(channel, sandbox.place_order(SHOPPER, [("MUG-RED", 1)]))
    channel.push_shipment(parcel(order, {0: 1}, carrier=carrier), key="ship:1:S1")
    (package,) = sandbox.shop.orders[order.channel_ref].packages
    assert package.company == "shunfeng"


@pytest.mark.parametrize("carrier", ["Pigeon", "", "J&T"])
def test_a_carrier_that_the_platform_does_not_know_is_told_and_nothing_sent(
    carrier: str, sandbox: DouyinSandbox, channel: Douyin
) -> None:
    order = read(channel, sandbox.place_order(SHOPPER, [("MUG-RED", 1)]))
    with pytest.raises(Conflict, match="knows no carrier"):
        channel.push_shipment(parcel(order, {0: 1}, carrier=carrier), key="ship:1:S1")
    assert sandbox.book()[0].trackings == ()


def test_a_parcel_without_tracking_number_is_told_and_nothing_sent(sandbox: DouyinSandbox, channel: Douyin) -> None:
    order = read(channel, sandbox.place_order(SHOPPER, [("MUG-RED", 1)]))
    with pytest.raises(Conflict, match="parcel S1 has no tracking number"):
        channel.push_shipment(parcel(order, {0: 1}, tracking_no=""), key="ship:1:S1")
    assert sandbox.book()[0].trackings == ()


def test_an_order_that_is_cancelled_or_unknown_takes_no_parcel(sandbox: DouyinSandbox, channel: Douyin) -> None:
    order = read(channel, sandbox.place_order(SHOPPER, [("MUG-RED", 1)]))
    assert sandbox.cancel_order(order.channel_ref)
    with pytest.raises(Conflict, match="is cancelled or refunded at the shop"):
        channel.push_shipment(parcel(order, {0: 1}), key="ship:1:S1")
    with pytest.raises(NotFound, match="has no order 404"):
        channel.push_shipment(parcel(order, {0: 1}, order_ref="404"), key="ship:1:S2")
    assert sandbox.book()[0].trackings == ()


def test_a_buyer_who_asked_for_the_money_back_is_not_shipped_to(sandbox: DouyinSandbox, channel: Douyin) -> None:
    order = read(channel, sandbox.place_order(SHOPPER, [("MUG-RED", 1)]))
    sandbox.ask_refund(order.channel_ref, "MUG-RED")
    assert read(channel, order.channel_ref).extra["after_sale"] == {order.lines[0].channel_ref: "6"}
    with pytest.raises(Rejected, match="订单存在未完结的售后单"):
        channel.push_shipment(parcel(order, {0: 1}), key="ship:1:S1")
    assert sandbox.book()[0].trackings == ()


def test_a_line_refunded_before_it_left_is_no_longer_wanted_and_the_rest_ships(
    sandbox: DouyinSandbox, channel: Douyin
) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2), ("TEA-GREEN", 1)])
    assert sandbox.refund_order(ref, "MUG-RED")
    order = read(channel, ref)
    assert [order.wanted(line) for line in order.lines] == [0, 1]
    channel.push_shipment(parcel(order, {1: 1}), key="ship:1:S1")
    assert sandbox.book()[0].state == "shipped"


def test_the_platform_lets_no_merchant_refuse_an_order(channel: Douyin) -> None:
    word = OrderAnswer("1", "1", False, "out of stock", (), NOW)
    with pytest.raises(ChannelUnsupported, match="douyin does not declare refuse_order"):
        channel.answer_order(word, key="answer:1")
