"""Stock: read before write, one answer per line, dirty numbers, variations and products in one push."""

from __future__ import annotations

import responses

from connectors.woocommerce.connector import WooCommerce
from connectors.woocommerce.sandbox import WooSandbox
from hub.ports.channel import Connection, StockAnswer, StockLine
from tests.connectors.contract import SHOPPER

KEYS = {"consumer_key": "ck_1", "consumer_secret": "cs_1", "webhook_secret": "w"}
PRODUCTS = "https://shop.example/wp-json/wc/v3/products"


def lines(channel: WooCommerce, last_sent: int | None = None, **numbers: int) -> list[StockLine]:
    offers = {str(offer.sku).replace("-", "_"): offer for offer in channel.pull_listings()}
    return [
        StockLine(offers[sku].listing_ref, number, f"k:{sku}", last_sent=last_sent, place=offers[sku].place)
        for sku, number in numbers.items()
    ]


def remote() -> WooCommerce:
    settings = {"shop_url": "https://shop.example", "zone": "UTC"}
    return WooCommerce(Connection(1, "w", "woocommerce", settings, KEYS))


def test_listings_are_products_and_variations_with_their_places(sandbox: WooSandbox, channel: WooCommerce) -> None:
    offers = {offer.sku: offer for offer in channel.pull_listings()}
    assert sorted(str(sku) for sku in offers) == ["MUG-BLUE", "MUG-RED", "TEA-GREEN"]
    variation, simple = offers["MUG-BLUE"], offers["MUG-RED"]
    assert variation.listing_ref == variation.place["variation_id"] != variation.place["product_id"]
    assert (simple.listing_ref, simple.place["variation_id"]) == (simple.place["product_id"], "")
    assert (simple.title, simple.barcode, variation.title) == ("Mug, red", "4006381333931", "Assorted - Mug, blue")


def test_a_number_that_is_right_already_is_not_written(sandbox: WooSandbox, channel: WooCommerce) -> None:
    todo = lines(channel, 39, MUG_RED=40)
    sandbox.faults.force("timeout_after_effect", 1)  # strikes the first write
    assert channel.push_stock(todo) == (StockAnswer(todo[0].listing_ref, True, seen=40),)
    assert sandbox.faults.counts["timeout_after_effect"] == 0


def test_an_unseen_order_makes_the_line_stale_and_after_it_the_number_goes_through(
    sandbox: WooSandbox, channel: WooCommerce
) -> None:
    sandbox.place_order(SHOPPER, [("MUG-BLUE", 5)])
    (answer,) = channel.push_stock(lines(channel, 40, MUG_BLUE=33))
    assert (answer.ok, answer.stale, answer.seen) == (False, True, 35)
    assert answer.why == "the shop shows 35, not the 40 written last"
    (answer,) = channel.push_stock(lines(channel, 35, MUG_BLUE=28))
    assert (answer.ok, sandbox.shown_stock()["MUG-BLUE"]) == (True, 28)


def test_stock_that_went_below_zero_is_stale_too(sandbox: WooSandbox, channel: WooCommerce) -> None:
    sandbox.place_order(SHOPPER, [("MUG-RED", 45)])
    (answer,) = channel.push_stock(lines(channel, 40, MUG_RED=0))
    assert (answer.stale, answer.seen) == (True, -5)


def test_a_listing_without_stock_keeping_is_switched_on(sandbox: WooSandbox, channel: WooCommerce) -> None:
    item = sandbox.shop.by_sku("MUG-RED")
    item.manage, item.stock = False, None
    (answer,) = channel.push_stock(lines(channel, 40, MUG_RED=6))
    assert (answer.ok, item.manage, item.stock) == (True, True, 6)


def test_a_reading_of_what_is_gone_is_none(sandbox: WooSandbox, channel: WooCommerce) -> None:
    gone = StockLine("999999", 0, "k", place={"product_id": "888888", "variation_id": "999999"})
    odd = StockLine("no-number", 0, "k")
    (known,) = lines(channel, MUG_RED=0)
    readings = {reading.listing_ref: reading.available for reading in channel.read_stock([gone, known, odd])}
    assert readings == {"999999": None, known.listing_ref: 40, "no-number": None}


def test_hundreds_of_listings_are_read_in_pages(sandbox: WooSandbox, channel: WooCommerce) -> None:
    (known,) = lines(channel, MUG_RED=0)
    many = [known] + [StockLine(str(700_000 + n), 0, "k") for n in range(250)]
    assert [r.available for r in channel.read_stock(many)] == [40] + [None] * 250


def shop_says(shown: dict[str, object], written: dict[str, object]) -> StockAnswer:
    """The answer for product 7, 5 pieces, when the shop shows and then answers this."""
    responses.get(PRODUCTS, json=[{"id": 7, "manage_stock": True, "stock_quantity": 1} | shown])
    responses.post(
        f"{PRODUCTS}/batch", json={"update": [{"id": 7, "manage_stock": True, "stock_quantity": 5} | written]}
    )
    (answer,) = remote().push_stock([StockLine("7", 5, "k")])
    return answer


@responses.activate
def test_an_error_inside_a_good_batch_answer_is_the_lines_own() -> None:
    error = {"code": "woocommerce_rest_product_invalid_id", "message": "Invalid ID.", "data": {"status": 400}}
    assert shop_says({}, {"error": error}) == StockAnswer("7", False, "the shop refused it: Invalid ID.")


@responses.activate
def test_a_number_that_did_not_take_is_read_back_and_tried_again() -> None:
    answer = shop_says({}, {"stock_quantity": "4"})
    assert (answer.ok, answer.retry, answer.seen) == (False, True, 4)


@responses.activate
def test_a_line_that_the_batch_answer_does_not_name_is_tried_again() -> None:
    answer = shop_says({}, {"id": 8})
    assert (answer.ok, answer.retry) == (False, True)


@responses.activate
def test_a_variation_that_shares_its_products_stock_is_refused_with_a_reason() -> None:
    responses.get(f"{PRODUCTS}/7/variations", json=[{"id": 71, "manage_stock": "parent", "stock_quantity": 3}])
    line = StockLine("71", 5, "k", place={"product_id": "7", "variation_id": "71"})
    (answer,) = remote().push_stock([line])
    assert not answer.ok
    assert "switch on Manage stock for the variation" in answer.why
