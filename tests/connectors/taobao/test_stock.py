"""Stock by item: 20 SKUs a call, items without SKUs, numbers that the platform refuses."""

from __future__ import annotations

from typing import Any

from connectors.kit.practice.sandbox import ShopItem
from connectors.taobao.connector import Taobao
from connectors.taobao.sandbox import TaobaoSandbox
from hub.ports.channel import StockLine
from tests.connectors.taobao.conftest import connect, forms

WRITES = {"taobao.skus.quantity.update", "taobao.item.quantity.update"}


def lines(channel: Taobao, number: int, **more: Any) -> list[StockLine]:
    return [
        StockLine(offer.listing_ref, number, f"stock:1:{offer.sku}:1", offer.sku, place=offer.place, **more)
        for offer in channel.pull_listings()
    ]


def test_a_listing_is_a_sku_or_an_item_without_skus(sandbox: TaobaoSandbox, channel: Taobao) -> None:
    found = {offer.sku: offer for offer in channel.pull_listings()}
    mug, tea = found["MUG-RED"], found["TEA-GREEN"]
    assert (mug.title, mug.available) == ("Mug red", 40)
    assert mug.place["num_iid"] == found["MUG-BLUE"].place["num_iid"] != mug.listing_ref
    assert (tea.title, tea.listing_ref) == ("Green tea 测试", tea.place["num_iid"])


def test_twenty_skus_of_one_item_go_in_one_call_and_absolute(sandbox: TaobaoSandbox, channel: Taobao) -> None:
    sandbox.stock_shelves([ShopItem(f"TEE-{at}", f"Tee, size {at}", "9.00", 1) for at in range(45)])
    with forms(sandbox) as posted:
        assert all(answer.ok for answer in channel.push_stock(lines(channel, 7)))
    sent = [form for form in posted if form["method"] in WRITES]
    assert {form["type"] for form in sent} == {"1"}
    sizes = sorted(form.get("skuid_quantities", "").count(":") for form in sent)
    assert sizes == [0, 2, 5, 20, 20]
    assert set(sandbox.shown_stock().values()) == {7}


def test_a_number_that_the_platform_refuses_is_told_with_its_words(watched: Any) -> None:
    sandbox: TaobaoSandbox = watched(TaobaoSandbox())
    channel = connect(sandbox)
    wanted = lines(channel, 7)
    sandbox.routes.frozen = True
    answers = channel.push_stock(wanted)
    assert [(answer.ok, answer.retry) for answer in answers] == [(False, False)] * 3
    assert all("isv.item-is-in-promotion" in answer.why for answer in answers)
    assert sandbox.shown_stock()["MUG-RED"] == 40


def test_an_item_that_is_gone_has_no_listing(sandbox: TaobaoSandbox, channel: Taobao) -> None:
    wanted = lines(channel, 7)
    sandbox.shop.skus = [sku for sku in sandbox.shop.skus if sku.code != "TEA-GREEN"]
    answers = {answer.listing_ref: answer for answer in channel.push_stock(wanted)}
    gone = next(line for line in wanted if line.sku == "TEA-GREEN")
    assert (answers[gone.listing_ref].ok, answers[gone.listing_ref].why) == (False, "the shop has no such listing")
    assert sandbox.shown_stock() == {"MUG-RED": 7, "MUG-BLUE": 7}


def test_items_come_page_by_page(sandbox: TaobaoSandbox, channel: Taobao) -> None:
    sandbox.stock_shelves([ShopItem(f"T-{at}", f"Thing {at}", "9.00", 1) for at in range(201)])
    assert len(list(channel.pull_listings())) == 204
