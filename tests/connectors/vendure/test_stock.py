"""On sale is what is on hand less what is allocated: the hub's number is what the shop sells."""

from __future__ import annotations

import pytest

from connectors.kit.practice.sandbox import ShopItem
from connectors.kit.practice.server import Reply, Request
from connectors.vendure.connector import Vendure
from connectors.vendure.sandbox import VendureSandbox
from hub.canonical.errors import InvariantBroken, Misconfigured
from hub.ports.channel import StockAnswer, StockLine
from tests.connectors.vendure.shop import SHOPPER, channel_of, spy, stock_line


def test_what_is_allocated_stays_on_hand_beside_the_number_written(shop: VendureSandbox, channel: Vendure) -> None:
    shop.place_order(SHOPPER, [("LAMP", 3)])
    assert channel.push_stock([stock_line(shop, "LAMP", 7)]) == (StockAnswer(_ref(shop), ok=True, seen=7),)
    lamp = shop.books.items["LAMP"]
    assert (lamp.on_hand, lamp.allocated, lamp.available) == (10, 3, 7)


def _ref(shop: VendureSandbox) -> str:
    return str(shop.books.items["LAMP"].id)


def test_a_sale_between_reading_and_writing_is_not_written_over(shop: VendureSandbox, channel: Vendure) -> None:
    answer = shop.server._answer

    def selling(request: Request) -> Reply:
        if b"mutation SetStock" in request.body:
            shop.server._answer = answer
            shop.place_order(SHOPPER, [("LAMP", 2)])
        return answer(request)

    shop.server._answer = selling
    got = channel.push_stock([stock_line(shop, "LAMP", 7, last=20)])[0]
    assert (got.ok, got.stale, got.seen) == (False, True, 5)
    assert shop.shown_stock()["LAMP"] == 5


def test_stale_lines_are_left_out_of_the_one_mutation(shop: VendureSandbox, channel: Vendure) -> None:
    shop.stock_shelves([ShopItem(f"S-{n}", f"Thing {n}", "1.00", 10) for n in range(6)])
    lines = [stock_line(shop, f"S-{n}", n, last=10) for n in range(6)]
    shop.place_order(SHOPPER, [("S-2", 1), ("S-4", 3)])
    seen = spy(shop)
    answers = channel.push_stock(lines)
    assert [(answer.ok, answer.stale, answer.seen) for answer in answers] == [
        (True, False, 0), (True, False, 1), (False, True, 9), (True, False, 3), (False, True, 7), (True, False, 5),
    ]  # fmt: skip
    assert [shop.shown_stock()[f"S-{n}"] for n in range(6)] == [0, 1, 9, 3, 7, 5]
    assert [len(one["variables"]["input"]) for one in seen if one["operationName"] == "SetStock"] == [4]


def test_a_variant_without_tracking_is_tracked_from_its_first_number_on(shop: VendureSandbox, channel: Vendure) -> None:
    shop.books.items["LAMP"].track = "FALSE"
    shop.books.items["BULB"].track = "INHERIT"
    lines = [stock_line(shop, "LAMP", 7), stock_line(shop, "BULB", 8)]
    assert [reading.available for reading in channel.read_stock(lines)] == [None, 100]
    assert [answer.ok for answer in channel.push_stock(lines)] == [True, True]
    assert [shop.books.items[sku].track for sku in ("LAMP", "BULB")] == ["TRUE", "INHERIT"]
    assert shop.shown_stock() == {"LAMP": 7, "BULB": 8}


def test_a_variant_that_goes_away_between_reading_and_writing_is_tried_again(
    shop: VendureSandbox, channel: Vendure
) -> None:
    lines = [stock_line(shop, "LAMP", 7), stock_line(shop, "BULB", 8)]
    answer = shop.server._answer

    def deleting(request: Request) -> Reply:
        if b"mutation SetStock" in request.body:
            shop.books.items.pop("LAMP", None)
        return answer(request)

    shop.server._answer = deleting
    assert [(got.ok, got.retry) for got in channel.push_stock(lines)] == [(False, True)] * 2
    assert [(got.ok, got.why) for got in channel.push_stock(lines)] == [
        (False, "the shop has no such listing"),
        (True, ""),
    ]


def test_all_listings_are_read_page_by_page(shop: VendureSandbox, channel: Vendure) -> None:
    shop.stock_shelves([ShopItem(f"S-{n}", f"Thing {n}", "1.00", n) for n in range(230)])
    offers = {offer.sku: offer.available for offer in channel.pull_listings()}
    assert offers == {"LAMP": 20, "BULB": 100} | {f"S-{n}": n for n in range(230)}


def test_a_page_of_listings_that_comes_again_stops(shop: VendureSandbox, channel: Vendure) -> None:
    shop.stock_shelves([ShopItem(f"S-{n}", f"Thing {n}", "1.00", n) for n in range(230)])
    answer = shop.server._answer
    first: list[Reply] = []

    def again(request: Request) -> Reply:
        if b"query Variants" in request.body:
            first.append(answer(request))
            return first[0]
        return answer(request)

    shop.server._answer = again
    with pytest.raises(InvariantBroken, match="the page after the first 100 came twice"):
        list(channel.pull_listings())


def test_reading_gives_every_line_its_number_in_order(shop: VendureSandbox, channel: Vendure) -> None:
    gone = StockLine("4711", 0, "k")
    lines = [stock_line(shop, "BULB", 0), gone, stock_line(shop, "LAMP", 0)]
    assert [reading.available for reading in channel.read_stock(lines)] == [100, None, 20]


def test_the_only_location_is_taken_and_a_choice_is_asked_for(shop: VendureSandbox) -> None:
    assert next(iter(channel_of(shop, location_id="").pull_listings())).place == {
        "location_id": shop.settings["location_id"]
    }
    shop.views.more_places = ("Leipzig",)
    with pytest.raises(Misconfigured, match=r"location_id is not set and the shop has .*Leipzig = "):
        list(channel_of(shop, location_id="").pull_listings())
