"""Stock by file: what is wrong with a line comes back to its listing, and a slow file is not sent twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.kit.practice.server import Reply, Request
from connectors.kit.stock.imports import refusals
from connectors.mirakl.connector import Mirakl
from connectors.mirakl.sandbox import MiraklSandbox
from connectors.mirakl.stock import Stock
from hub.canonical.errors import ChannelDown, Throttled
from hub.ports.channel import StockAnswer, StockLine
from tests.connectors.contract import SHOPPER
from tests.connectors.mirakl.conftest import connect

IMPORTS = "/api/offers/stock/imports"


@pytest.fixture
def asked(sandbox: MiraklSandbox) -> Iterator[list[str]]:
    """The stock imports that were asked for, as `METHOD last part of the path`."""
    found, watch = list[str](), sandbox.server.watch

    def both(request: Request, reply: Reply) -> None:
        if request.path.startswith(IMPORTS):
            found.append(f"{request.method} {request.path.rpartition('/')[2]}")
        if watch:
            watch(request, reply)

    sandbox.server.watch = both
    yield found
    sandbox.server.watch = watch


def lines(channel: Mirakl, **numbers: int) -> list[StockLine]:
    offers = {str(offer.sku).replace("-", "_"): offer for offer in channel.pull_listings()}
    return [
        StockLine(offers[sku].listing_ref, number, f"stock:1:{sku}:1", offers[sku].sku, place=offers[sku].place)
        for sku, number in numbers.items()
    ]


def test_one_file_carries_all_numbers_of_a_batch(sandbox: MiraklSandbox, channel: Mirakl, asked: list[str]) -> None:
    answers = channel.push_stock(lines(channel, MUG_RED=7, TEA_GREEN=0, MUG_BLUE=40))
    assert [(answer.ok, answer.seen) for answer in answers] == [(True, 7), (True, 0), (True, 40)]
    assert asked == ["POST imports", "GET status"]
    (sent,) = sandbox.imports.all.values()
    assert sent.rows == [["MUG-RED", "7", "", ""], ["TEA-GREEN", "0", "", ""]]  # MUG-BLUE showed 40 already


def test_a_number_that_is_right_already_sends_no_file(
    sandbox: MiraklSandbox, channel: Mirakl, asked: list[str]
) -> None:
    assert channel.push_stock(lines(channel, MUG_RED=40))[0].ok
    assert asked == []


def test_a_refused_line_comes_back_to_its_listing_and_its_neighbors_are_fine(
    sandbox: MiraklSandbox, channel: Mirakl
) -> None:
    answers = channel.push_stock(lines(channel, MUG_RED=5, MUG_BLUE=2_000_000, TEA_GREEN=6))
    assert [answer.ok for answer in answers] == [True, False, True]
    assert answers[1].why == ("the marketplace refused it: The quantity '2000000' must be a number from 0 to 1000000")
    assert not answers[1].retry
    assert dict(sandbox.shown_stock()) == {"MUG-RED": 5, "MUG-BLUE": 40, "TEA-GREEN": 6}


def test_a_listing_without_an_offers_sku_is_refused_and_asks_nothing(channel: Mirakl, asked: list[str]) -> None:
    (answer,) = channel.push_stock([StockLine("x1", 5, "k")])
    assert answer == StockAnswer("x1", False, "this is no offer of Mirakl: read the listings again")
    assert asked == []


def test_a_slow_file_is_asked_for_again_before_another_is_sent(
    sandbox: MiraklSandbox, channel: Mirakl, asked: list[str]
) -> None:
    sandbox.imports.polls = 3
    told = lines(channel, MUG_RED=7)
    (first,) = channel.push_stock(told)
    (number,) = sandbox.imports.all
    assert first.why == f"the marketplace is still at stock import {number}"
    assert (first.ok, first.retry) == (False, True)
    (second,) = channel.push_stock(told)
    assert second == StockAnswer(told[0].listing_ref, True, seen=7)
    assert asked == ["POST imports", "GET status", "GET status", "GET status", "GET status"]
    assert sandbox.shown_stock()["MUG-RED"] == 7


def test_a_newer_number_waits_for_the_slow_file_and_then_goes_out(sandbox: MiraklSandbox, channel: Mirakl) -> None:
    sandbox.imports.polls = 4
    told = lines(channel, MUG_RED=7)
    newer = [replace(told[0], available=6)]
    assert channel.push_stock(told)[0].retry
    assert channel.push_stock(newer)[0].retry
    sandbox.imports.polls = 0
    assert channel.push_stock(newer)[0].ok
    assert (len(sandbox.imports.all), sandbox.shown_stock()["MUG-RED"]) == (2, 6)


def test_what_a_slow_file_refused_is_told_when_it_is_asked_for_again(sandbox: MiraklSandbox, channel: Mirakl) -> None:
    sandbox.imports.polls = 3
    told = lines(channel, MUG_RED=2_000_000)
    assert channel.push_stock(told)[0].retry
    sandbox.imports.polls = 0
    (answer,) = channel.push_stock(told)
    assert (answer.ok, answer.retry) == (False, False)
    assert "must be a number" in answer.why
    assert len(sandbox.imports.all) == 1


def test_another_number_goes_out_after_a_slow_file_refused_the_former(sandbox: MiraklSandbox, channel: Mirakl) -> None:
    sandbox.imports.polls = 3
    told = lines(channel, MUG_RED=2_000_000)
    assert channel.push_stock(told)[0].retry
    sandbox.imports.polls = 0
    assert channel.push_stock([replace(told[0], available=7)])[0].ok
    assert sandbox.shown_stock()["MUG-RED"] == 7


def test_a_file_that_could_not_be_read_is_tried_again(sandbox: MiraklSandbox, channel: Mirakl) -> None:
    sandbox.imports.fail_next = 1
    told = lines(channel, MUG_RED=7)
    (answer,) = channel.push_stock(told)
    assert (answer.ok, answer.retry) == (False, True)
    assert answer.why.startswith("the marketplace could not read stock import ")
    assert channel.push_stock(told)[0].ok


def test_a_file_that_the_marketplace_forgot_is_sent_again(sandbox: MiraklSandbox, channel: Mirakl) -> None:
    sandbox.imports.polls = 9
    told = lines(channel, MUG_RED=7)
    assert channel.push_stock(told)[0].retry
    sandbox.imports.all.clear()
    sandbox.imports.polls = 0
    assert channel.push_stock(told)[0].ok


@pytest.mark.parametrize(
    ("changed", "why", "retry"),
    [
        ({"status": "SLEEPING"}, "status of stock import {} = 'SLEEPING': the hub does not know it", False),
        (
            {"has_error_report": True, "lines_in_error": 2},
            "1 lines of stock import {} failed without being named",
            True,
        ),
    ],
)
def test_an_outcome_that_is_not_understood_is_named(
    changed: dict[str, Any], why: str, retry: bool, sandbox: MiraklSandbox, channel: Mirakl,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    told, status = lines(channel, MUG_RED=7, MUG_BLUE=2_000_000), sandbox.imports.status
    monkeypatch.setattr(sandbox.imports, "status", lambda found, shop: {**status(found, shop), **changed})
    answer = channel.push_stock(told)[0]
    (number,) = sandbox.imports.all
    assert (answer.ok, answer.why, answer.retry) == (False, why.format(number), retry)


def test_the_platforms_own_gaps_hold_where_nothing_else_was_agreed(sandbox: MiraklSandbox, asked: list[str]) -> None:
    channel = connect(sandbox, call_gaps="")
    told = lines(channel, MUG_RED=7)
    assert channel.push_stock(told)[0].ok
    with pytest.raises(Throttled) as kept:
        channel.push_stock([replace(told[0], available=6)])
    assert kept.value.retry_after is not None
    assert 30 < kept.value.retry_after <= 60
    assert asked == ["POST imports", "GET status"]


def test_orders_are_polled_once_a_minute_however_often_they_are_asked_for(sandbox: MiraklSandbox) -> None:
    channel = connect(sandbox, call_gaps="")
    sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    assert len(list(channel.pull_orders(None))) == 1
    with pytest.raises(Throttled, match="our own limit keeps this call back for"):
        list(channel.pull_orders(None))


def test_the_error_file_is_read_with_its_heading_or_by_place() -> None:
    def read_report(text: str) -> dict[str, str]:
        return refusals(text, Stock.columns[0], Stock.ref_at)

    named = '"error-line";"error-message";"quantity";"offer-sku"\n"2";"Too many";"9";"A;1"\n'
    assert read_report(named) == {"A;1": "the marketplace refused it: Too many"}
    assert read_report("line;error;sku;quantity\n2;Gone;B;9\n3;cut off\n") == {"B": "the marketplace refused it: Gone"}
    assert read_report("") == {}


def test_an_answer_that_is_no_object_is_the_channels_fault(
    sandbox: MiraklSandbox, channel: Mirakl, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, sandbox.server.watch = lines(channel, MUG_RED=7), None
    monkeypatch.setattr(sandbox.server, "_answer", lambda request: Reply.json([]))
    with pytest.raises(ChannelDown, match="the shop sent something else than one object"):
        channel.push_stock(told)
