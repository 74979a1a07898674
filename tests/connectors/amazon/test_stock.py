"""Stock by patches and by feeds: refusals, numbers that show late, FBA listings, odd SKUs, many listings."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.amazon import stock as stock_module
from connectors.amazon.connector import Amazon
from connectors.amazon.feeds import read_report, unpacked
from connectors.amazon.sandbox import AmazonSandbox
from connectors.amazon.sandbox.shop import Listing
from connectors.kit.practice.sandbox import ShopItem
from hub.canonical.errors import ChannelDown, InvariantBroken
from hub.ports.channel import StockAnswer, StockLine
from tests.connectors.amazon.conftest import connect
from tests.connectors.amazon.test_feed import watch

PATCH = "/listings/2021-08-01/items/A3STOCKLINE/MUG-RED"
LATE = "Amazon has taken the number and does not show it yet"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers and feeds are asked for as often as else, without the pauses."""
    monkeypatch.setattr(stock_module, "LOOKS_S", (0.0, 0.0))
    monkeypatch.setattr(stock_module.Stock, "waits_s", (0.0, 0.0))


def line(sku: str, number: int, last_sent: int | None = None) -> StockLine:
    return StockLine(sku, number, f"stock:1:{sku}:1", sku, last_sent, {"sku": sku})


def by_feed(sandbox: AmazonSandbox) -> Amazon:
    return connect(sandbox, feed_from="2")


def test_a_patch_merges_the_quantity_and_leaves_the_rest_of_the_listing(
    sandbox: AmazonSandbox, channel: Amazon
) -> None:
    seen = watch(sandbox)
    assert channel.push_stock([line("MUG-RED", 7)]) == (StockAnswer("MUG-RED", True, seen=7),)
    (patch,) = [request for request in seen if request.method == "PATCH"]
    value = [{"fulfillment_channel_code": "DEFAULT", "quantity": 7}]
    assert (patch.path, patch.query, json.loads(patch.body)) == (
        PATCH,
        {"marketplaceIds": "A1PA6795UKMFR9"},
        {
            "productType": "KITCHEN",
            "patches": [{"op": "merge", "path": "/attributes/fulfillment_availability", "value": value}],
        },
    )


def test_a_patch_that_is_invalid_is_refused_in_amazons_words(sandbox: AmazonSandbox, channel: Amazon) -> None:
    sandbox.feeds.stubborn = {"MUG-RED"}
    refused, taken = channel.push_stock([line("MUG-RED", 7), line("MUG-BLUE", 8)])
    assert refused == StockAnswer("MUG-RED", False, "Amazon refused it: The attributes are invalid.")
    assert (taken.ok, sandbox.shown_stock()["MUG-RED"]) == (True, 40)


def test_a_number_that_amazon_shows_late_is_looked_at_again_and_not_written_again(sandbox: AmazonSandbox) -> None:
    channel, sandbox.shop.late = connect(sandbox), 4
    seen = watch(sandbox)
    first = channel.push_stock([line("MUG-RED", 7, 40)])
    assert first == (StockAnswer("MUG-RED", False, LATE, retry=True, seen=40),)
    assert channel.push_stock([line("MUG-RED", 7, 40)])[0].ok
    assert len([request for request in seen if request.method == "PATCH"]) == 1


def test_a_number_that_was_shown_and_sold_is_written_again(sandbox: AmazonSandbox, channel: Amazon) -> None:
    assert channel.push_stock([line("MUG-RED", 7, 40)])[0].ok
    sandbox.change_stock_by_hand("MUG-RED", 6)
    assert channel.push_stock([line("MUG-RED", 7, 6)])[0].ok
    assert sandbox.shown_stock()["MUG-RED"] == 7


def test_a_number_that_never_shows_is_written_again_after_a_quarter_of_an_hour(sandbox: AmazonSandbox) -> None:
    channel, now = connect(sandbox), [0.0]
    channel._stock._taken.clock = lambda: now[0]  # type: ignore[attr-defined]
    sandbox.shop.late, seen = 1000, watch(sandbox)
    for now[0] in (0.0, 899.0, 901.0):
        assert channel.push_stock([line("MUG-RED", 7, 40)])[0].retry
    assert len([request for request in seen if request.method == "PATCH"]) == 2


def test_many_numbers_go_as_one_feed(sandbox: AmazonSandbox) -> None:
    seen = watch(sandbox)
    answers = by_feed(sandbox).push_stock([line("MUG-RED", 7), line("MUG-BLUE", 8)])
    assert answers == (StockAnswer("MUG-RED", True, seen=7), StockAnswer("MUG-BLUE", True, seen=8))
    assert len(sandbox.feeds.all) == 1
    assert [request for request in seen if request.method == "PATCH"] == []


def test_what_a_feed_refuses_is_told_with_its_line_and_the_others_are_taken(sandbox: AmazonSandbox) -> None:
    answers = by_feed(sandbox).push_stock([line("MUG-RED", 2_000_000), line("MUG-BLUE", 8)])
    assert answers == (
        StockAnswer("MUG-RED", False, "Amazon refused it: 'quantity' must be from 0 to 1000000."),
        StockAnswer("MUG-BLUE", True, seen=8),
    )


def test_a_feed_under_way_is_waited_for_before_anything_else_is_written(sandbox: AmazonSandbox) -> None:
    channel, sandbox.feeds.polls = by_feed(sandbox), 6
    lines = [line("MUG-RED", 2_000_000), line("MUG-BLUE", 8)]
    why = f"Amazon is still at feed {_feed(channel.push_stock(lines))}"
    assert channel.push_stock([line("TEA-GREEN", 1)]) == (StockAnswer("TEA-GREEN", False, why, retry=True),)
    refused, taken = channel.push_stock(lines)
    assert (refused.ok, refused.retry, refused.why) == (
        False, False, "Amazon refused it: 'quantity' must be from 0 to 1000000.",
    )  # fmt: skip
    assert (taken.ok, len(sandbox.feeds.all)) == (True, 1)


def _feed(answers: tuple[StockAnswer, ...]) -> str:
    assert [answer.retry for answer in answers] == [True, True]
    return answers[0].why.rpartition(" ")[2]


def test_a_feed_that_fails_is_tried_again(sandbox: AmazonSandbox) -> None:
    channel, sandbox.feeds.fatal = by_feed(sandbox), True
    first, second = channel.push_stock([line("MUG-RED", 7), line("MUG-BLUE", 8)])
    assert (first.retry, second.retry) == (True, True)
    assert first.why.endswith("is FATAL at Amazon")
    sandbox.feeds.fatal = False
    assert [answer.ok for answer in channel.push_stock([line("MUG-RED", 7), line("MUG-BLUE", 8)])] == [True, True]


@pytest.mark.parametrize(
    ("_case", "issues", "invalid", "refused", "why"),
    [
        ("by SKU", [{"sku": "B", "message": "bad"}], 1, {"B": "bad"}, ""),
        ("by number", [{"messageId": 1, "message": "bad"}], 1, {"A": "bad"}, ""),
        ("twice", [{"sku": "B", "message": "x"}, {"sku": "B", "message": "y"}], 1, {"B": "x; y"}, ""),
        ("a warning", [{"sku": "B", "message": "hm", "severity": "WARNING"}], 0, {}, ""),
        ("the whole feed", [{"message": "no JSON"}], 0, {}, "feed 9: no JSON"),
        ("unnamed", [], 2, {}, "feed 9: 2 messages of it were refused without being named"),
    ],
)
def test_a_processing_report_is_read_message_by_message(
    _case: str, issues: list[dict[str, Any]], invalid: int, refused: dict[str, str], why: str
) -> None:
    body = {"issues": [{"severity": "ERROR", **issue} for issue in issues], "summary": {"messagesInvalid": invalid}}
    report = read_report(json.dumps(body).encode(), "9", ["A", "B"])
    assert (report.refused, report.why) == (refused, why)


@pytest.mark.parametrize(
    "call",
    [lambda: read_report(b"<xml/>", "9", []), lambda: unpacked(b"not packed"), lambda: unpacked(_packed(), most=9)],
)
def test_a_report_that_cannot_be_read_is_worth_another_try(call: Callable[[], object]) -> None:
    with pytest.raises(ChannelDown):
        call()


def _packed() -> bytes:
    return gzip.compress(b"0123456789")


def test_listings_of_amazons_own_stock_are_left_out_and_never_written(sandbox: AmazonSandbox, channel: Amazon) -> None:
    sandbox.shop.listing("MUG-RED").fba = True
    assert {offer.sku for offer in channel.pull_listings()} == {"MUG-BLUE", "TEA-GREEN"}
    why = "Amazon keeps and ships this stock itself (FBA); the hub writes no number there"
    assert channel.push_stock([line("MUG-RED", 7)]) == (StockAnswer("MUG-RED", False, why),)
    assert sandbox.shown_stock()["MUG-RED"] == 40


def test_a_sku_with_a_comma_is_read_alone(sandbox: AmazonSandbox, channel: Amazon) -> None:
    sandbox.stock_shelves([ShopItem("A,B", "Both", "1.00", 3), ShopItem("C", "C", "1.00", 4)])
    assert [answer.ok for answer in channel.push_stock([line("A,B", 5), line("C", 6), line("D,E", 1)])] == [
        True, True, False,
    ]  # fmt: skip
    assert dict(sandbox.shown_stock()) == {"A,B": 5, "C": 6}


def test_more_than_twenty_numbers_are_read_twenty_at_a_time(sandbox: AmazonSandbox, channel: Amazon) -> None:
    sandbox.stock_shelves([ShopItem(f"S{at:02}", "x", "1.00", at) for at in range(45)])
    found = list(channel.read_stock([line(f"S{at:02}", 0) for at in range(45)]))
    assert [reading.available for reading in found] == list(range(45))


def many(sandbox: AmazonSandbox, count: int, at_once: int) -> None:
    """So many listings, of which `at_once` were made in the same minute."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    sandbox.shop.listings = {
        f"S{at:04}": Listing(f"S{at:04}", "x", Decimal(1), at, start + timedelta(minutes=at // at_once))
        for at in range(count)
    }
    sandbox.routes.rates["searchListingsItems"] = 1000.0


@pytest.mark.parametrize("count", [999, 1000, 1001, 1500])
def test_more_listings_than_one_search_gives_come_once_each(
    count: int, sandbox: AmazonSandbox, channel: Amazon
) -> None:
    many(sandbox, count, at_once=7)
    assert [offer.listing_ref for offer in channel.pull_listings()] == sorted(sandbox.shop.listings)


def test_a_thousand_listings_of_one_moment_cannot_be_passed_and_that_is_said(
    sandbox: AmazonSandbox, channel: Amazon
) -> None:
    many(sandbox, 1100, at_once=1100)
    with pytest.raises(InvariantBroken) as caught:
        list(channel.pull_listings())
    assert str(caught.value).startswith("1000 listings or more were made at 2026-01-01T00:00:00")
