"""The sandbox shop itself: its books, its dirty types, its stock."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from connectors.kit.practice.sandbox import BookLine, Faults, Sandbox
from connectors.woocommerce.connector import WooCommerce
from connectors.woocommerce.sandbox import WooSandbox
from tests.connectors.contract import ITEMS, SHOPPER


def test_it_has_the_shape_of_a_sandbox_and_keys_that_depend_on_the_seed() -> None:
    one: Sandbox = WooSandbox(seed=5)
    assert dict(one.secrets) == dict(WooSandbox(seed=5).secrets) != dict(WooSandbox(seed=6).secrets)
    faults = Faults(9)
    assert WooSandbox(faults=faults).faults is faults


def test_dirty_and_clean_orders_mean_the_same(sandbox: WooSandbox, channel: WooCommerce) -> None:
    for _ in range(6):
        sandbox.place_order(SHOPPER, [("MUG-RED", 2), ("MUG-BLUE", 1)])
    records = [record for page in channel.pull_orders(None) for record in page.records]
    kinds = {type(json.loads(record.raw)["line_items"][0]["quantity"]) for record in records}
    assert kinds == {int, str}
    orders = [channel.to_orders(record)[0] for record in records]
    assert {(str(order.total), order.lines[0].quantity, order.lines[1].listing_ref) for order in orders} == {
        (str(orders[0].total), 2, orders[0].lines[1].listing_ref)
    }
    assert str(orders[0].total) == "46.64"  # 3 x 12.50 + 10 % + 4.90 + 0.49


def test_an_order_takes_stock_an_edit_moves_it_and_a_cancel_gives_it_back(sandbox: WooSandbox) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 4)])
    assert sandbox.shown_stock()["MUG-RED"] == 36
    assert sandbox.edit_order(ref, "MUG-RED", 6)
    assert sandbox.shown_stock()["MUG-RED"] == 34
    assert sandbox.cancel_order(ref)
    assert sandbox.shown_stock()["MUG-RED"] == 40
    assert not sandbox.cancel_order(ref)
    assert not sandbox.edit_order(ref, "MUG-RED", 1)
    (entry,) = sandbox.book()
    assert (entry.state, entry.lines) == ("cancelled", (BookLine(entry.lines[0].line_ref, "MUG-RED", 4, 0, 0),))
    assert (sandbox.faults.counts["order_edited"], sandbox.faults.counts["order_cancelled"]) == (1, 1)


def test_a_refund_and_then_a_cancel_give_each_piece_back_once(sandbox: WooSandbox) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 4), ("TEA-GREEN", 1)])
    assert sandbox.refund_order(ref, "MUG-RED", 3)
    assert sandbox.cancel_order(ref)
    assert dict(sandbox.shown_stock()) == {item.sku: item.available for item in ITEMS}


def test_a_shop_sells_what_it_does_not_have(sandbox: WooSandbox) -> None:
    sandbox.place_order(SHOPPER, [("MUG-RED", 41)])
    assert sandbox.shown_stock()["MUG-RED"] == -1


def test_filling_the_shelves_again_keeps_the_listings(sandbox: WooSandbox, channel: WooCommerce) -> None:
    before = {offer.sku: offer.listing_ref for offer in channel.pull_listings()}
    sandbox.stock_shelves([replace(item, available=1) for item in ITEMS])
    after = list(channel.pull_listings())
    assert {offer.sku: offer.listing_ref for offer in after} == before
    assert {offer.available for offer in after} == {1}


def test_an_unknown_sku_cannot_be_ordered(sandbox: WooSandbox) -> None:
    with pytest.raises(KeyError, match="sells no HAT"):
        sandbox.place_order(SHOPPER, [("HAT", 1)])
    assert sandbox.book() == ()


def test_it_keeps_its_address_and_its_books_over_a_restart(sandbox: WooSandbox, channel: WooCommerce) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 4)])
    address = sandbox.settings["shop_url"]
    sandbox.stop()
    sandbox.start()
    assert sandbox.settings["shop_url"] == address
    assert [record.ref for page in channel.pull_orders(None) for record in page.records] == [ref]
