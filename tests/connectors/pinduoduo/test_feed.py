"""Windows of half an hour that end minutes behind now; pages read backwards; orders that change meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl

import pytest

from connectors.kit.practice.server import Request
from connectors.pinduoduo import feed
from connectors.pinduoduo.connector import Pinduoduo
from connectors.pinduoduo.sandbox import PinduoduoSandbox
from hub.canonical.errors import InvariantBroken, Misconfigured
from hub.canonical.order import OrderStatus, Payment
from hub.canonical.times import iso
from tests.connectors.contract import SHOPPER
from tests.connectors.pinduoduo.conftest import Clock, connect


@pytest.fixture
def asked(sandbox: PinduoduoSandbox) -> list[Mapping[str, str]]:
    """The lists of changes that were asked for."""
    found, watch = list[Mapping[str, str]](), sandbox.server.watch

    def both(request: Request, reply: Any) -> None:
        form = dict(parse_qsl(request.body.decode()))
        if form["type"] == feed.CHANGED:
            found.append(form)
        if watch:
            watch(request, reply)

    sandbox.server.watch = both
    return found


def refs(channel: Pinduoduo, cursor: str | None) -> list[str]:
    return [record.ref for page in channel.pull_orders(cursor) for record in page.records]


def seconds(moment: datetime) -> str:
    return str(int(moment.timestamp()))


def test_windows_are_half_an_hour_at_most_join_and_end_three_minutes_behind_now(
    sandbox: PinduoduoSandbox, clock: Clock, asked: list[Mapping[str, str]]
) -> None:
    started = clock.pass_on(minutes=3)
    now = clock.pass_on(minutes=70)
    pages = list(connect(sandbox, clock, behind_s="").pull_orders(iso(started)))
    windows = [(int(form["start_updated_at"]), int(form["end_updated_at"])) for form in asked]
    assert windows[0][0] == int(started.timestamp()) - 120
    assert windows[-1][1] == int(now.timestamp()) - 180
    assert all(end - start <= 1800 for start, end in windows)
    assert all(one[1] == other[0] for one, other in pairwise(windows))
    assert [page.records for page in pages] == [()] * 3
    assert pages[-1].cursor == iso(datetime.fromtimestamp(windows[-1][1], now.tzinfo))


def test_an_order_of_the_last_minutes_waits_and_comes_with_the_next_pull(
    sandbox: PinduoduoSandbox, clock: Clock
) -> None:
    channel = connect(sandbox, clock, behind_s="180")
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    cursor = [page.cursor for page in channel.pull_orders(None)][-1]
    assert refs(channel, None) == []
    clock.pass_on(seconds=181)
    assert refs(channel, cursor) == [ref]


def test_pages_are_read_from_the_last_one_to_the_first(
    sandbox: PinduoduoSandbox, channel: Pinduoduo, clock: Clock, asked: list[Mapping[str, str]]
) -> None:
    placed = []
    for _ in range(250):
        clock.pass_on(seconds=1)
        placed.append(sandbox.place_order(SHOPPER, [("TEA-GREEN", 1)]))
    pages = list(channel.pull_orders(iso(clock.at)))
    assert [form["page"] for form in asked] == ["1", "2", "1"]
    assert {form["page_size"] for form in asked} == {"100"}
    assert [record.ref for page in pages for record in page.records] == placed[-121:]
    assert [page.cursor for page in pages] == [iso(clock.at)] * 2


def test_an_order_that_changes_between_two_pages_hides_no_other(
    sandbox: PinduoduoSandbox, channel: Pinduoduo, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = []
    for _ in range(120):
        clock.pass_on(seconds=1)
        placed.append(sandbox.place_order(SHOPPER, [("TEA-GREEN", 1)]))
    end, answer, calls = clock.at, sandbox.calls.answer, list[str]()

    def restless(name: str, form: Mapping[str, str]) -> dict[str, Any]:
        calls.append(form.get("page", ""))
        if len(calls) == 3:  # between the last page and the first
            clock.pass_on(seconds=1)
            sandbox.cancel_order(placed[0])
            sandbox.cancel_order(placed[60])
        return answer(name, form)

    monkeypatch.setattr(sandbox.calls, "answer", restless)
    first = list(channel.pull_orders(iso(end)))
    assert calls == ["1", "2", "1"]
    found = {record.ref for page in first for record in page.records}
    assert set(placed) - found <= {placed[60]}
    clock.pass_on(seconds=1)
    again = {record.ref: record for page in channel.pull_orders(first[-1].cursor) for record in page.records}
    for ref in (placed[0], placed[60]):
        assert channel.to_orders(again[ref])[0].status is OrderStatus.CANCELLED


def test_a_page_that_comes_twice_is_told(sandbox: PinduoduoSandbox, channel: Pinduoduo) -> None:
    sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    sandbox.calls.loop_pages = True
    with pytest.raises(InvariantBroken, match=r"page \d+ of the orders came twice"):
        list(channel.pull_orders(None))


def test_a_cancelled_order_comes_again_with_what_was_placed_since(
    sandbox: PinduoduoSandbox, channel: Pinduoduo, clock: Clock
) -> None:
    old = sandbox.place_order(SHOPPER, [("TEA-GREEN", 3)])
    clock.pass_on(seconds=1)
    cursor = list(channel.pull_orders(None))[-1].cursor
    clock.pass_on(minutes=10)
    new = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    assert not sandbox.edit_order(old, "TEA-GREEN", 2)
    assert sandbox.cancel_order(old)
    records = [record for page in channel.pull_orders(cursor) for record in page.records]
    assert {record.ref for record in records} == {old, new}
    changed = next(channel.to_orders(record)[0] for record in records if record.ref == old)
    assert (changed.status, changed.wanted(changed.lines[0])) == (OrderStatus.CANCELLED, 0)


def test_an_order_is_what_the_buyer_ordered_with_its_receiver_as_a_cipher(
    sandbox: PinduoduoSandbox, channel: Pinduoduo
) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2), ("TEA-GREEN", 5)])
    record = channel.fetch_order(ref)
    assert record is not None
    (order,) = channel.to_orders(record)
    assert {line.sku: line.quantity for line in order.lines} == {"MUG-RED": 2, "TEA-GREEN": 5}
    assert order.ship_to is not None
    assert (order.ship_to.name, order.ship_to.city) == ("R***", "Berlin")
    assert set(order.extra["encrypted"]) == {"receiver", "phone", "address"}
    assert "unexplained" not in order.extra


def test_a_first_pull_starts_where_the_setting_says_in_beijing(
    sandbox: PinduoduoSandbox, clock: Clock, asked: list[Mapping[str, str]]
) -> None:
    list(connect(sandbox, clock, orders_since="2026-11-23").pull_orders(None))
    assert asked[0]["start_updated_at"] == seconds(datetime.fromisoformat("2026-11-22T16:00:00+00:00"))


@pytest.mark.parametrize(("amount", "payment"), [("5.00", Payment.PARTIALLY_REFUNDED), ("27.70", Payment.REFUNDED)])
def test_a_refund_after_shipping_comes_with_its_amount(
    amount: str, payment: Payment, sandbox: PinduoduoSandbox, channel: Pinduoduo, clock: Clock
) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 2)])
    sandbox.shop.send(sandbox.shop.order(ref), 44, "T1")
    sandbox.refund_order(ref, Decimal(amount))
    clock.pass_on(seconds=1)
    (record,) = [record for page in channel.pull_orders(None) for record in page.records]
    (order,) = channel.to_orders(record)
    assert (order.payment, order.refunded_total, order.status) == (payment, Decimal(amount), OrderStatus.OPEN)


@pytest.mark.parametrize("wrong", ["-1", "x", "3601", "1.5"])
def test_a_delay_that_cannot_be_is_told(wrong: str, sandbox: PinduoduoSandbox, clock: Clock) -> None:
    with pytest.raises(Misconfigured, match=r"behind_s = '.*': expected whole seconds from 0 to 3600"):
        connect(sandbox, clock, behind_s=wrong)


def test_an_order_without_a_number_is_held_and_its_neighbors_go_on(
    sandbox: PinduoduoSandbox, channel: Pinduoduo, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    answer = sandbox.calls.answer

    def nameless(name: str, form: Mapping[str, str]) -> dict[str, Any]:
        told = answer(name, form)
        listed = told["order_sn_increment_get_response"]["order_sn_list"]
        return {"order_sn_increment_get_response": {"order_sn_list": [{"order_sn": ""}, *listed], "total_count": 2}}

    clock.pass_on(seconds=1)
    monkeypatch.setattr(sandbox.calls, "answer", nameless)
    records = [record for page in channel.pull_orders(None) for record in page.records]
    assert [(record.ref, record.problem is None) for record in records] == [("unknown", False), (ref, True)]
