"""Stock: absolute, a SKU at a time; what the platform says against a number comes back to its listing."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from connectors.kit.practice.sandbox import ShopItem
from connectors.pinduoduo.connector import Pinduoduo
from connectors.pinduoduo.sandbox import PinduoduoSandbox
from hub.ports.channel import StockAnswer, StockLine


def lines(channel: Pinduoduo, **numbers: int) -> list[StockLine]:
    offers = {str(offer.sku).replace("-", "_"): offer for offer in channel.pull_listings()}
    return [
        StockLine(offers[sku].listing_ref, number, f"stock:1:{sku}:1", offers[sku].sku, place=offers[sku].place)
        for sku, number in numbers.items()
    ]


def test_an_absolute_number_is_written_for_the_sku_and_only_where_it_differs(
    sandbox: PinduoduoSandbox, channel: Pinduoduo
) -> None:
    told, watch = lines(channel, MUG_RED=7, MUG_BLUE=40), sandbox.server.watch
    forms = list[dict[str, str]]()
    sandbox.server.watch = lambda request, reply: forms.append(dict(parse_qsl(request.body.decode())))
    answers = channel.push_stock(told)
    sandbox.server.watch = watch
    assert [(answer.ok, answer.seen) for answer in answers] == [(True, 7), (True, 40)]
    assert [form["type"] for form in forms] == ["pdd.goods.detail.get"] * 2 + ["pdd.goods.quantity.update"]
    sent = {name: forms[-1][name] for name in ("goods_id", "sku_id", "quantity", "update_type")}
    assert sent == {
        "goods_id": told[0].place["goods_id"], "sku_id": told[0].listing_ref, "quantity": "7", "update_type": "1",
    }  # fmt: skip


def test_a_sku_of_a_campaign_is_refused_in_the_platforms_words_and_its_neighbor_is_fine(
    sandbox: PinduoduoSandbox, channel: Pinduoduo
) -> None:
    sandbox.shop.by_outer_id("MUG-RED").on_resource = True
    first, second = channel.push_stock(lines(channel, MUG_RED=7, MUG_BLUE=6))
    assert (first.ok, first.retry, second.ok) == (False, False, True)
    assert "在资源位上的商品不能减少库存" in first.why
    assert (sandbox.shown_stock()["MUG-RED"], sandbox.shown_stock()["MUG-BLUE"]) == (40, 6)


def test_a_number_that_is_quietly_not_taken_is_told(sandbox: PinduoduoSandbox, channel: Pinduoduo) -> None:
    sandbox.calls.refuse_quietly = True
    (answer,) = channel.push_stock(lines(channel, MUG_RED=7))
    assert (answer.ok, answer.why) == (False, "the platform did not take the number, and does not say why")


def test_a_listing_without_its_goods_is_refused_and_asks_nothing(channel: Pinduoduo) -> None:
    (answer,) = channel.push_stock([StockLine("1", 5, "k")])
    assert answer == StockAnswer("1", False, "its product is not known: read the listings again")


@pytest.mark.parametrize("many", [99, 100, 101, 250])
def test_listings_are_read_to_the_last_page(many: int, sandbox: PinduoduoSandbox, channel: Pinduoduo) -> None:
    sandbox.stock_shelves([ShopItem(f"S{at}", f"Thing {at}", "1.00", at) for at in range(many)])
    assert {offer.sku: offer.available for offer in channel.pull_listings()} == {f"S{at}": at for at in range(many)}
