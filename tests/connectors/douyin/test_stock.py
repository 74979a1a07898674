"""Stock: products with several SKUs, a region's warehouse, a key told before, a number that will not go."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.douyin.connector import Douyin
from connectors.douyin.sandbox import DouyinSandbox
from connectors.kit.practice.sandbox import ShopItem
from connectors.kit.practice.server import Reply, Request
from hub.canonical.errors import InvariantBroken
from hub.ports.channel import StockLine
from tests.connectors.douyin.conftest import connect


def line(channel: Douyin, sku: str, number: int, key: str = "stock:1:x:1", sent: int | None = None) -> StockLine:
    offer = next(offer for offer in channel.pull_listings() if offer.sku == sku)
    return StockLine(offer.listing_ref, number, key, sku, sent, offer.place)


def test_every_sku_of_a_product_is_a_listing_with_its_specification(channel: Douyin) -> None:
    offers = list(channel.pull_listings())
    assert [(offer.sku, offer.title, offer.available) for offer in offers] == [
        ("MUG-RED", "Mug red", 40), ("MUG-BLUE", "Mug blue", 40), ("TEA-GREEN", "Green tea 测试", 300),
    ]  # fmt: skip
    products = [offer.place["product_id"] for offer in offers]
    assert products[0] == products[1] != products[2]


def test_more_products_than_a_page_holds_are_all_listed(sandbox: DouyinSandbox, channel: Douyin) -> None:
    sandbox.stock_shelves([ShopItem(f"S{at}", f"Thing {at}", "1.00", at) for at in range(198)])
    assert len({offer.listing_ref for offer in channel.pull_listings()}) == 201


def test_a_cursor_that_points_at_itself_stops(sandbox: DouyinSandbox, channel: Douyin) -> None:
    sandbox.server.watch = None
    page = {"data": [{"product_id": 1, "status": 2}], "cursor_id": "c1"}
    sandbox.routes.answers["product.listV2"] = lambda params: page
    with pytest.raises(InvariantBroken, match=r"product\.listV2: the page after c1 came before"):
        list(channel.pull_listings())


def test_stock_with_steps_is_refused_with_what_to_mend(sandbox: DouyinSandbox, channel: Douyin) -> None:
    wanted = line(channel, "MUG-RED", 7)
    rows = [{"id": int(wanted.listing_ref), "product_id": 1, "sku_type": 10, "stock_num": 40}]
    sandbox.routes.answers["sku.list"] = lambda params: rows
    (answer,) = channel.push_stock([wanted])
    assert (answer.ok, "its stock has steps" in answer.why, sandbox.shown_stock()["MUG-RED"]) == (False, True, 40)


def test_a_key_that_was_told_before_is_not_told_again_but_read_back(sandbox: DouyinSandbox, channel: Douyin) -> None:
    """The number moved after the first telling: a retry of that telling must not undo the sale."""
    first = line(channel, "MUG-RED", 7)
    assert channel.push_stock([first])[0].ok
    sandbox.change_stock_by_hand("MUG-RED", 5)
    (again,) = channel.push_stock([first])
    assert (again.ok, again.seen, sandbox.shown_stock()["MUG-RED"]) == (False, 5, 5)
    (newer,) = channel.push_stock([line(channel, "MUG-RED", 7, "stock:1:x:2")])
    assert (newer.ok, sandbox.shown_stock()["MUG-RED"]) == (True, 7)


def test_a_number_that_the_platform_refuses_is_told_for_its_line_alone(channel: Douyin, sandbox: DouyinSandbox) -> None:
    bad, good = line(channel, "MUG-RED", -1), line(channel, "MUG-BLUE", 3, "stock:1:y:1")
    refused, written = channel.push_stock([bad, good])
    assert (refused.ok, refused.retry, "40004" in refused.why) == (False, False, True)
    assert (written.ok, sandbox.shown_stock()["MUG-BLUE"]) == (True, 3)


def test_a_sku_sold_by_region_needs_the_warehouse(watched: Any) -> None:
    sandbox: DouyinSandbox = watched(DouyinSandbox(warehouse="HZ-1"))
    blind, seeing = connect(sandbox, out_warehouse_id=""), connect(sandbox)
    (answer,) = blind.push_stock([line(blind, "MUG-RED", 7)])
    assert (answer.ok, "set out_warehouse_id" in answer.why) == (False, True)
    assert sandbox.shown_stock()["MUG-RED"] == 40
    assert seeing.push_stock([line(seeing, "MUG-RED", 7)])[0].ok
    assert sandbox.shown_stock()["MUG-RED"] == 7


def test_a_warehouse_that_a_sku_does_not_lie_in_shows_nothing_there(watched: Any) -> None:
    sandbox: DouyinSandbox = watched(DouyinSandbox(warehouse="HZ-1"))
    elsewhere = connect(sandbox, out_warehouse_id="SH-9")
    assert {offer.available for offer in elsewhere.pull_listings()} == {0}
    (answer,) = elsewhere.push_stock([line(elsewhere, "MUG-RED", 7)])
    assert (answer.ok, "仓库不存在" in answer.why) == (False, True)


def test_a_sku_of_the_whole_country_is_written_without_the_warehouse(watched: Any) -> None:
    sandbox: DouyinSandbox = watched(DouyinSandbox(warehouse="HZ-1"))
    sandbox.shop.by_code("MUG-BLUE").warehouse = ""
    channel = connect(sandbox)
    lines = [line(channel, "MUG-RED", 7), line(channel, "MUG-BLUE", 8, "stock:1:y:1")]
    assert [answer.ok for answer in channel.push_stock(lines)] == [True, True]
    assert (sandbox.shown_stock()["MUG-RED"], sandbox.shown_stock()["MUG-BLUE"]) == (7, 8)


def test_a_listing_without_its_product_or_of_a_product_that_is_gone_is_told(channel: Douyin) -> None:
    lines = [StockLine("5", 1, "stock:1:x:1", place=place) for place in ({}, {"product_id": "1"})]
    bare, gone = channel.push_stock(lines)
    assert (bare.ok, bare.why) == (False, "its product is not known: read the listings again")
    assert (gone.ok, gone.why) == (False, "sku.list: 50002 isv.business-failed:1 商品不存在")
    assert [reading.available for reading in channel.read_stock(lines)] == [None, None]


def test_one_product_is_read_once_for_all_its_skus(sandbox: DouyinSandbox, channel: Douyin) -> None:
    lines = [line(channel, "MUG-RED", 7), line(channel, "MUG-BLUE", 7, "stock:1:y:1")]
    asked: list[str] = []
    watch = sandbox.server.watch
    assert watch is not None

    def counting(request: Request, reply: Reply) -> None:
        asked.append(request.path)
        watch(request, reply)

    sandbox.server.watch = counting
    list(channel.read_stock(lines))
    assert asked == ["/sku/list"]
