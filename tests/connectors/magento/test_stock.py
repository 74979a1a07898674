"""Stock of several sources: what may be sold is set, what lies there and what is reserved is respected."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from connectors.kit.practice.sandbox import ShopItem
from connectors.kit.wire.jobs import wait_for
from connectors.magento.connector import Magento
from connectors.magento.sandbox import MagentoSandbox
from hub.canonical.errors import Misconfigured, NotFound
from hub.ports.channel import StockAnswer, StockLine
from tests.connectors.contract import SHOPPER
from tests.connectors.magento.conftest import connect


def lines(channel: Magento, numbers: Mapping[str, int], last_sent: int | None = None) -> list[StockLine]:
    offers = {str(offer.sku): offer for offer in channel.pull_listings()}
    return [
        StockLine(offers[sku].listing_ref, number, f"k:{sku}", sku, last_sent=last_sent, place=offers[sku].place)
        for sku, number in numbers.items()
    ]


def push(channel: Magento, sku: str, number: int, last_sent: int | None = None) -> StockAnswer:
    (answer,) = channel.push_stock(lines(channel, {sku: number}, last_sent))
    return answer


def test_listings_are_what_ships_variants_of_configurable_products_too(
    sandbox: MagentoSandbox, channel: Magento
) -> None:
    offers = {offer.sku: offer for offer in channel.pull_listings()}
    assert sorted(str(sku) for sku in offers) == ["MUG-BLUE", "MUG-RED", "TEA-GREEN"]
    assert offers["MUG-BLUE"].place == {"sku": "MUG-BLUE"}
    ref = sandbox.place_order(SHOPPER, [("MUG-BLUE", 1), ("MUG-RED", 1)])
    record = channel.fetch_order(ref)
    assert record is not None
    (order,) = channel.to_orders(record)
    assert [(line.sku, line.listing_ref) for line in order.lines] == [
        ("MUG-BLUE", offers["MUG-BLUE"].listing_ref),
        ("MUG-RED", offers["MUG-RED"].listing_ref),
    ]


def test_what_open_orders_reserve_is_added_to_what_lies_there(sandbox: MagentoSandbox, channel: Magento) -> None:
    """Naively written, the 3 pieces of the open order would be taken off twice."""
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 3)])
    assert (sandbox.shown_stock()["MUG-RED"], sandbox.shop.sources["default"]["MUG-RED"]) == (37, 40)
    assert push(channel, "MUG-RED", 10).ok
    assert (sandbox.shown_stock()["MUG-RED"], sandbox.shop.sources["default"]["MUG-RED"]) == (10, 13)
    sandbox.cancel_order(ref)
    assert sandbox.shown_stock()["MUG-RED"] == 13


def test_other_sources_stay_as_they_are(watched: Any) -> None:
    sandbox: MagentoSandbox = watched(MagentoSandbox(sources=("berlin", "munich")))
    sandbox.shop.sources["munich"]["MUG-RED"] = Decimal(5)
    channel = connect(sandbox)
    assert push(channel, "MUG-RED", 20, last_sent=45) == StockAnswer(
        lines(channel, {"MUG-RED": 0})[0].listing_ref, True, seen=20
    )
    assert {code: int(held["MUG-RED"]) for code, held in sandbox.shop.sources.items()} == {"berlin": 15, "munich": 5}
    refused = push(channel, "MUG-RED", 4)
    assert (refused.ok, refused.retry) == (False, False)
    assert "other sources hold more than the hub lets the shop sell: ours would be -1" in refused.why
    assert sandbox.shown_stock()["MUG-RED"] == 20


def test_a_source_that_never_had_the_product_gets_it(watched: Any) -> None:
    sandbox: MagentoSandbox = watched(MagentoSandbox(sources=("berlin", "munich")))
    assert push(connect(sandbox, source_code="munich"), "MUG-RED", 50).ok
    assert sandbox.shop.sources["munich"]["MUG-RED"] == 10


def test_a_number_that_does_not_move_is_told_and_not_moved_again(sandbox: MagentoSandbox, channel: Magento) -> None:
    sandbox.routes.index_late = True
    answer = push(channel, "MUG-RED", 10)
    assert (answer.ok, answer.stale, answer.retry, answer.seen) == (False, False, False, 40)
    assert "set the index mode of Inventory to Update on Save" in answer.why


def test_a_product_of_which_no_stock_is_kept_is_refused_with_the_switch(
    sandbox: MagentoSandbox, channel: Magento
) -> None:
    sandbox.shop.products["MUG-RED"].managed = False
    answer = push(channel, "MUG-RED", 10)
    assert (answer.ok, answer.retry, "switch on Manage Stock" in answer.why) == (False, False, True)
    assert [reading.available for reading in channel.read_stock(lines(channel, {"MUG-RED": 1}))] == [None]
    assert sandbox.shop.sources["default"]["MUG-RED"] == 40


def test_a_sku_with_a_comma_or_a_blank_in_it_is_searched_for_alone(sandbox: MagentoSandbox, channel: Magento) -> None:
    sandbox.stock_shelves([ShopItem("CUP,XL", "Cup", "1.00", 3), ShopItem("CUP S&M", "Cup", "1.00", 4)])
    offers = {offer.sku: offer.available for offer in channel.pull_listings()}
    assert (offers["CUP,XL"], offers["CUP S&M"]) == (3, 4)
    assert push(channel, "CUP,XL", 9).ok
    assert sandbox.shown_stock()["CUP,XL"] == 9


def test_more_listings_than_a_page_are_all_there(sandbox: MagentoSandbox, channel: Magento) -> None:
    sandbox.stock_shelves([ShopItem(f"P-{number:03}", "Thing", "1.00", number) for number in range(210)])
    offers = {offer.sku: offer.available for offer in channel.pull_listings()}
    assert len(offers) == 213
    assert offers["P-209"] == 209


def test_an_unknown_website_is_an_error_not_an_empty_shop(sandbox: MagentoSandbox) -> None:
    with pytest.raises(NotFound):
        list(connect(sandbox, website="moon").pull_listings())


# ---- through the queue ----


@pytest.fixture
def queue(watched: Any) -> MagentoSandbox:
    running: MagentoSandbox = watched(MagentoSandbox(bulk=True))
    return running


def test_the_queue_is_followed_until_it_has_come_to_every_number(queue: MagentoSandbox) -> None:
    queue.routes.asleep = 2
    answers = connect(queue).push_stock(lines(connect(queue), {"MUG-RED": 7, "TEA-GREEN": 8}))
    assert [answer.ok for answer in answers] == [True, True]
    assert (queue.shown_stock()["MUG-RED"], queue.shown_stock()["TEA-GREEN"]) == (7, 8)


def test_a_queue_that_sleeps_is_told_and_tried_again(queue: MagentoSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.magento.stock.wait_for", lambda ask, done: wait_for(ask, done, waits_s=(0, 0)))
    queue.routes.asleep = 100
    answer = push(connect(queue), "MUG-RED", 7, last_sent=40)
    assert (answer.ok, answer.retry) == (False, True)
    assert "are the queue consumers running?" in answer.why
    queue.routes.asleep = 0
    assert push(connect(queue), "MUG-RED", 7, last_sent=40).ok
    assert queue.shown_stock()["MUG-RED"] == 7


def test_one_number_that_the_queue_refuses_does_not_stop_its_neighbors(
    queue: MagentoSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = connect(queue)
    wanted = lines(channel, {"MUG-RED": 7, "TEA-GREEN": 8})
    known, write = queue.shop.products, queue.shop.set_source_items

    def without_tea(rows: Any) -> None:
        known.pop("TEA-GREEN", None)
        write(rows)

    monkeypatch.setattr(queue.shop, "set_source_items", without_tea)
    red, tea = channel.push_stock(wanted)
    assert red.ok
    assert (tea.ok, tea.retry, tea.why) == (False, False, "the shop refused it: Validation Failed")


# ---- settings ----


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("sources", "BER", "sources: 'BER': expected WAREHOUSE=source, such as BER=berlin"),
        ("sources", "BER=a b", "sources = 'a b': expected a code"),
        ("source_code", "a/b", "source_code = 'a/b': expected a code such as default"),
        ("website", "../x", "website = '../x': expected a code such as base"),
        ("calls_per_second", "fast", "calls_per_second = 'fast': expected a number from 0.01 to 1000"),
        ("access_token", "", "access_token must be set"),
        ("consumer_key", "", "set all of consumer_key, consumer_secret, access_token_secret to sign requests, or none"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(name: str, value: str, said: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        connect(MagentoSandbox(signed=name == "consumer_key"), **{"shop_url": "https://shop.example", name: value})
    assert said in str(caught.value)
