"""Stock is written by compare-and-set, once, line by line."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from connectors.kit.practice.sandbox import ShopItem
from connectors.kit.practice.server import Reply, Request
from connectors.shopify.connector import Shopify
from connectors.shopify.sandbox import ShopifySandbox
from hub.canonical.errors import TimedOut
from hub.ports.channel import StockAnswer, StockLine
from tests.connectors.shopify.shop import SHOPPER, stock_line


def _writes(shop: ShopifySandbox) -> list[dict[str, Any]]:
    """The variables of each stock mutation that reaches the shop from now on."""
    seen: list[dict[str, Any]] = []
    answer = shop.server._answer

    def listening(request: Request) -> Reply:
        body = json.loads(request.body or b"{}")
        if "inventorySetQuantities" in body.get("query", ""):
            seen.append(body["variables"])
        return answer(request)

    shop.server._answer = listening
    return seen


def _sizes(writes: list[dict[str, Any]]) -> list[int]:
    return [len(write["input"]["quantities"]) for write in writes]


def test_a_number_that_was_never_written_is_read_first(shop: ShopifySandbox, channel: Shopify) -> None:
    writes = _writes(shop)
    line = stock_line(shop, "LAMP", 7)
    assert channel.push_stock([line]) == (StockAnswer(line.listing_ref, ok=True, seen=7),)
    assert writes[0]["input"]["quantities"][0]["changeFromQuantity"] == 20
    assert shop.shown_stock()["LAMP"] == 7


def test_one_stale_line_does_not_hold_the_others_back(shop: ShopifySandbox, channel: Shopify) -> None:
    shop.stock_shelves([ShopItem(f"S-{n}", f"Thing {n}", "1.00", 10) for n in range(6)])
    lines = [stock_line(shop, f"S-{n}", n, last=10) for n in range(6)]
    shop.place_order(SHOPPER, [("S-2", 1), ("S-4", 3)])
    writes = _writes(shop)
    answers = channel.push_stock(lines)
    assert [(answer.ok, answer.stale, answer.seen) for answer in answers] == [
        (True, False, 0), (True, False, 1), (False, True, 9), (True, False, 3), (False, True, 7), (True, False, 5),
    ]  # fmt: skip
    assert [shop.shown_stock()[f"S-{n}"] for n in range(6)] == [0, 1, 9, 3, 7, 5]
    assert _sizes(writes) == [6, 4]


def test_a_stale_line_may_go_again_with_the_number_that_was_seen(shop: ShopifySandbox, channel: Shopify) -> None:
    stale = channel.push_stock([stock_line(shop, "LAMP", 5, last=99)])[0]
    assert (stale.stale, stale.seen) == (True, 20)
    assert channel.push_stock([stock_line(shop, "LAMP", 5, last=20)])[0].ok


def test_a_number_that_already_stands_there_is_no_conflict(shop: ShopifySandbox, channel: Shopify) -> None:
    shop.change_stock_by_hand("LAMP", 5)
    assert channel.push_stock([stock_line(shop, "LAMP", 5, last=20)])[0].ok


def test_a_write_that_timed_out_is_repeated_with_its_key_and_happens_once(
    shop: ShopifySandbox, channel: Shopify
) -> None:
    writes = _writes(shop)
    shop.faults.force("timeout_after_effect", 1)
    assert channel.push_stock([stock_line(shop, "LAMP", 5, last=20)])[0].ok
    assert len(writes) == 2
    assert writes[0] == writes[1]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", writes[0]["key"])


def test_a_sale_between_the_time_out_and_the_repeat_is_not_written_over(shop: ShopifySandbox, channel: Shopify) -> None:
    shop.faults.force("timeout_after_effect", 3)
    with pytest.raises(TimedOut):
        channel.push_stock([stock_line(shop, "LAMP", 5, last=20)])
    shop.place_order(SHOPPER, [("LAMP", 1)])
    channel.push_stock([stock_line(shop, "LAMP", 5, last=20)])
    assert shop.shown_stock()["LAMP"] == 4


def test_a_failed_key_is_not_used_again(shop: ShopifySandbox, channel: Shopify) -> None:
    line = stock_line(shop, "LAMP", 5, last=99)
    assert channel.push_stock([line])[0].stale
    shop.change_stock_by_hand("LAMP", 99)  # now the very same write makes sense
    assert channel.push_stock([line])[0].ok
    assert shop.shown_stock()["LAMP"] == 5


def test_more_than_250_lines_go_in_batches(shop: ShopifySandbox, channel: Shopify) -> None:
    shop.stock_shelves([ShopItem(f"S-{n}", f"Thing {n}", "1.00", 1) for n in range(260)])
    writes = _writes(shop)
    answers = channel.push_stock([stock_line(shop, f"S-{n}", n, last=1) for n in range(260)])
    assert [answer.ok for answer in answers] == [True] * 260
    assert _sizes(writes) == [250, 10]
    assert shop.shown_stock()["S-259"] == 259


def test_the_same_item_twice_ends_with_the_last_number(shop: ShopifySandbox, channel: Shopify) -> None:
    first, last = stock_line(shop, "LAMP", 5, last=20), stock_line(shop, "LAMP", 3, last=20, key="2")
    assert [answer.ok for answer in channel.push_stock([first, last])] == [True, True]
    assert shop.shown_stock()["LAMP"] == 3


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ({}, "pull the listings again"),
        ({"inventory_item_id": "x"}, "pull the listings again"),
        ({"inventory_item_id": "42"}, "gone from Shopify"),
    ],
)
def test_a_line_without_a_usable_place_is_answered_alone(
    shop: ShopifySandbox, channel: Shopify, place: dict[str, str], words: str
) -> None:
    lines = [StockLine("1", 5, "k", place=place), stock_line(shop, "LAMP", 5)]
    answers = channel.push_stock(lines)
    assert [answer.ok for answer in answers] == [False, True]
    assert words in answers[0].why


def test_an_item_that_went_away_is_refused_without_its_neighbors(shop: ShopifySandbox, channel: Shopify) -> None:
    gone = StockLine("1", 5, "k", None, 3, {"inventory_item_id": "42"})
    answers = channel.push_stock([gone, stock_line(shop, "LAMP", 5, last=20)])
    assert [(answer.ok, answer.retry) for answer in answers] == [(False, False), (True, False)]
    assert "INVALID_INVENTORY_ITEM" in answers[0].why


def test_a_number_that_keeps_moving_is_tried_again_later(shop: ShopifySandbox, channel: Shopify) -> None:
    answer = shop.server._answer

    def racing(request: Request) -> Reply:
        if b"inventorySetQuantities" in request.body:
            errors = [{"field": None, "message": "busy", "code": "IDEMPOTENCY_CONCURRENT_REQUEST"}]
            return Reply.json({"data": {"inventorySetQuantities": {"userErrors": errors}}})
        return answer(request)

    shop.server._answer = racing
    got = channel.push_stock([stock_line(shop, "LAMP", 5, last=20)])[0]
    assert (got.ok, got.retry, shop.shown_stock()["LAMP"]) == (False, True, 20)


def test_reading_gives_every_line_its_number_in_order(shop: ShopifySandbox, channel: Shopify) -> None:
    shop.stock_shelves([ShopItem(f"S-{n}", f"Thing {n}", "1.00", n) for n in range(120)])
    gone = StockLine("gone", 0, "k", place={"inventory_item_id": "42"})
    lines = [*(stock_line(shop, f"S-{n}", 0) for n in range(120)), gone, StockLine("none", 0, "k")]
    assert [reading.available for reading in channel.read_stock(lines)] == [*range(120), None, None]


def test_a_negative_number_of_the_shop_is_read_as_it_is(shop: ShopifySandbox, channel: Shopify) -> None:
    shop.place_order(SHOPPER, [("LAMP", 25)])
    assert next(iter(channel.read_stock([stock_line(shop, "LAMP", 0)]))).available == -5
