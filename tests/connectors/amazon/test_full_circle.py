"""The hub and an Amazon account together: an order is routed, shipped in two parcels, cancelled, or Amazon's own."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.amazon.sandbox import AmazonSandbox
from hub.store import tables as t
from tests.connectors.amazon.conftest import connect
from tests.connectors.contract import SHOPPER
from tests.connectors.harness import Joined
from tests.fakes.world import World


@pytest.fixture
def account(watched: Any) -> AmazonSandbox:
    running: AmazonSandbox = watched(AmazonSandbox(queue=True))
    connect(running).check()
    return running


def test_an_order_is_routed_shipped_in_two_parcels_and_its_stock_is_told(world: World, account: AmazonSandbox) -> None:
    circle = Joined(world, account, connect(account))
    world.stock("A", "W1", 3)
    world.stock("B", "W2", 4)
    ref = account.place_order(SHOPPER, [("A", 2), ("B", 1)])
    circle.pull()
    assert circle.lists(ref) == ("routed", {"open"})
    circle.send()
    assert account.queue.messages == {}

    assert circle.ship_in_two(ref) == ["partial", "shipped"]
    (book,) = account.book()
    assert sorted(book.trackings) == ["T-p1", "T-p2"]
    assert [line.shipped for line in book.lines] == [2, 1]

    circle.push()
    assert dict(account.shown_stock()) == {"A": 1, "B": 3}


def test_messages_are_deleted_only_after_their_orders_are_kept(world: World, account: AmazonSandbox) -> None:
    circle = Joined(world, account, connect(account))
    account.place_order(SHOPPER, [("A", 1)])
    circle.pull()
    assert len(account.queue.messages) == 1
    circle.send()
    assert account.queue.messages == {}


def test_a_cancelled_order_gives_its_stock_back(world: World, account: AmazonSandbox) -> None:
    circle = Joined(world, account, connect(account))
    world.stock("A", "W1", 5)
    ref = account.place_order(SHOPPER, [("A", 3)])
    circle.pull()
    assert account.cancel_order(ref)
    circle.pull()
    assert world.state(ref) == "cancelled"
    circle.push()
    assert account.shown_stock()["A"] == 5


def test_an_order_that_amazon_ships_takes_no_stock_and_is_never_shipped(world: World, account: AmazonSandbox) -> None:
    circle = Joined(world, account, connect(account))
    world.stock("A", "W1", 5)
    account.shop.listing("A").fba = True
    ref = account.place_order(SHOPPER, [("A", 2)])
    circle.pull()
    circle.send()
    assert (world.lists(ref), world.rows(t.holds), account.book()[0].trackings) == ([], [], ())
    assert world.balance("A", "W1") == (5, 0)


def test_an_order_that_waits_for_its_payment_keeps_its_stock_and_is_picked_once_it_is_paid(
    world: World, account: AmazonSandbox
) -> None:
    circle = Joined(world, account, connect(account))
    world.stock("A", "W1", 5)
    order = account.shop.place(SHOPPER, [("A", 2)], pending=True)
    circle.pull()
    assert ([row.status for row in world.lists(order.id)], world.balance("A", "W1")) == (["soft"], (5, 2))
    account.shop.pay(order)
    circle.pull()
    assert (world.state(order.id), [row.status for row in world.lists(order.id)]) == ("routed", ["open"])


def test_a_feed_that_takes_its_time_is_waited_for_and_what_it_refuses_is_told_with_its_listing(
    world: World, account: AmazonSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.amazon.stock.Stock.waits_s", ())
    circle = Joined(world, account, connect(account, feed_from="2"))
    account.feeds.polls, account.feeds.stubborn = 2, {"B"}
    world.stock("A", "W1", 3)
    world.stock("B", "W1", 4)
    circle.push()
    assert dict(account.shown_stock()) == {"A": 5, "B": 5}
    for _ in range(3):
        world.clock.move(minutes=5)
        circle.push()
    assert dict(account.shown_stock()) == {"A": 3, "B": 5}
    assert len(account.feeds.all) == 1
    told = {row.listing_ref: row.error for row in world.rows(t.stock_pushes)}
    assert told["B"] == "Amazon refused it: The attributes are invalid."
