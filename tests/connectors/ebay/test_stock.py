"""Stock by SKU: one call writes one number, its answer tells why not, and many are read at once."""

from __future__ import annotations

import json
from typing import Any

import pytest
import responses

from connectors.ebay.connector import Ebay
from connectors.ebay.sandbox import EbaySandbox
from connectors.kit.practice.sandbox import ShopItem
from connectors.kit.practice.server import Reply, Request
from hub.canonical.errors import InvariantBroken
from hub.ports.channel import Connection, StockAnswer, StockLine
from tests.connectors.contract import SHOPPER

HOST = "https://api.ebay.com"


def line(sku: str, number: int, last_sent: int | None = None) -> StockLine:
    return StockLine(sku, number, f"k:{sku}", sku, last_sent=last_sent, place={"sku": sku})


def posts(sandbox: EbaySandbox, name: str) -> list[Any]:
    """From now on: the bodies of calls to this path."""
    seen, before = list[Any](), sandbox.server.watch

    def watch(request: Request, reply: Reply) -> None:
        if before:
            before(request, reply)
        if request.path.endswith(name):
            seen.append(json.loads(request.body))

    sandbox.server.watch = watch
    return seen


def test_a_listing_is_a_sku_and_orders_name_it(sandbox: EbaySandbox, channel: Ebay) -> None:
    offers = {offer.sku: offer for offer in channel.pull_listings()}
    assert (offers["MUG-RED"].title, offers["MUG-RED"].barcode) == ("Mug, red", "4006381333931")
    record = channel.fetch_order(sandbox.place_order(SHOPPER, [("MUG-RED", 1)]))
    assert record is not None
    (order,) = channel.to_orders(record)
    assert [one.listing_ref for one in order.lines] == [offers["MUG-RED"].listing_ref]


def test_listings_of_several_pages_come_once_each(sandbox: EbaySandbox, channel: Ebay) -> None:
    sandbox.stock_shelves([ShopItem(f"SKU-{at}", "Thing", "1.00", at) for at in range(401)])
    assert [offer.sku for offer in channel.pull_listings()] == [f"SKU-{at}" for at in range(401)]


def test_one_call_writes_one_sku_and_numbers_that_are_right_are_not_written(
    sandbox: EbaySandbox, channel: Ebay
) -> None:
    written, read = posts(sandbox, "bulk_update_price_quantity"), posts(sandbox, "bulk_get_inventory_item")
    answers = channel.push_stock([line("MUG-RED", 7), line("MUG-BLUE", 40), line("TEA-GREEN", 0)])
    assert [answer.ok for answer in answers] == [True, True, True]
    assert written == [
        {"requests": [{"sku": "MUG-RED", "shipToLocationAvailability": {"quantity": 7}}]},
        {"requests": [{"sku": "TEA-GREEN", "shipToLocationAvailability": {"quantity": 0}}]},
    ]
    assert [len(body["requests"]) for body in read] == [3, 2]


def test_numbers_are_read_twenty_five_at_a_time(sandbox: EbaySandbox, channel: Ebay) -> None:
    sandbox.stock_shelves([ShopItem(f"SKU-{at}", "Thing", "1.00", at) for at in range(60)])
    read = posts(sandbox, "bulk_get_inventory_item")
    readings = list(channel.read_stock([line(f"SKU-{at}", 0) for at in range(60)]))
    assert [reading.available for reading in readings] == list(range(60))
    assert [len(body["requests"]) for body in read] == [25, 25, 10]


def test_a_listing_that_ebay_refuses_is_told_in_its_words_and_its_neighbors_are_written(
    sandbox: EbaySandbox, channel: Ebay
) -> None:
    sandbox.routes.stuck.add("MUG-RED")
    first, second = channel.push_stock([line("MUG-RED", 7), line("MUG-BLUE", 8)])
    why = "eBay refused it: Any User error. The listing was revised 250 times today."
    assert first == StockAnswer("MUG-RED", False, why)
    assert second.ok
    assert (sandbox.shown_stock()["MUG-RED"], sandbox.shown_stock()["MUG-BLUE"]) == (40, 8)


def test_a_refusal_of_the_whole_call_is_told_too(sandbox: EbaySandbox, channel: Ebay) -> None:
    (answer,) = channel.push_stock([line("MUG-RED", -1)])
    assert (answer.ok, answer.why) == (False, "eBay refused it: Invalid value for quantity.")
    assert sandbox.shown_stock()["MUG-RED"] == 40


def test_reading_nothing_asks_nothing(sandbox: EbaySandbox, channel: Ebay) -> None:
    read = posts(sandbox, "bulk_get_inventory_item")
    assert list(channel.read_stock([])) == []
    assert read == []


@responses.activate
def test_a_page_of_listings_that_comes_twice_stops() -> None:
    responses.post(f"{HOST}/identity/v1/oauth2/token", json={"access_token": "t", "expires_in": 7200})
    responses.get(f"{HOST}/sell/inventory/v1/inventory_item", json={"inventoryItems": [{"sku": "A"}], "total": 500})
    keys = {"client_secret": "s", "refresh_token": "r"}
    with pytest.raises(InvariantBroken, match="inventoryItems: page 2 is page 1 again"):
        list(Ebay(Connection(1, "e", "ebay", {"client_id": "me"}, keys)).pull_listings())
