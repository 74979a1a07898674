"""The hub and an Amazon account together: an order is routed, shipped in two parcels, cancelled, or Amazon's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.amazon.sandbox import AmazonSandbox
from connectors.amazon.spec import SPEC
from connectors.kit.sandbox import ShopItem
from hub.store import tables as t
from hub.store.database import Database
from hub.usecases.connect import add_connection
from hub.usecases.pull_listings import pull_listings
from hub.usecases.pull_orders import pull_orders
from hub.usecases.push_stock import push_stock
from tests.connectors.amazon.conftest import connect
from tests.connectors.contract import SHOPPER
from tests.fakes.databases import blank_sqlite, fresh_db, shared_postgres
from tests.fakes.world import World

__all__ = ["blank_sqlite", "fresh_db", "shared_postgres"]


@pytest.fixture
def account(watched: Any) -> AmazonSandbox:
    running: AmazonSandbox = watched(AmazonSandbox(queue=True))
    running.stock_shelves([ShopItem("A", "Thing A", "9.90", 5), ShopItem("B", "Thing B", "4.50", 5)])
    connect(running).check()
    return running


@pytest.fixture
def world(fresh_db: Database) -> Iterator[World]:
    made = World(fresh_db)
    yield made
    made.check()


def join(world: World, account: AmazonSandbox) -> int:
    """The account as a connection of the company; its id."""
    settings, secrets = dict(account.settings), dict(account.secrets)
    cid = add_connection(world.ctx, lambda text, _: text, SPEC, "seller", settings, secrets, actor="test")
    channels: dict[int, Any] = world.shops
    channels[cid] = connect(account)
    pull_listings(world.ctx, cid)
    return cid


def pull(world: World, cid: int) -> None:
    pull_orders(world.ctx, cid)
    world.work()


def test_an_order_is_routed_shipped_in_two_parcels_and_its_stock_is_told(world: World, account: AmazonSandbox) -> None:
    cid = join(world, account)
    world.stock("A", "W1", 3)
    world.stock("B", "W2", 4)
    ref = account.place_order(SHOPPER, [("A", 2), ("B", 1)])
    pull(world, cid)
    assert (world.state(ref), {row.status for row in world.lists(ref)}) == ("routed", {"open"})
    world.send(cid)
    assert account.queue.messages == {}

    first, second = world.lists(ref)
    world.ship(first.id, "p1")
    world.send(cid)
    assert account.book()[0].state == "partial"
    world.ship(second.id, "p2")
    world.send(cid)
    (book,) = account.book()
    assert (book.state, sorted(book.trackings)) == ("shipped", ["T-p1", "T-p2"])
    assert [line.shipped for line in book.lines] == [2, 1]

    while push_stock(world.ctx, cid):
        pass
    assert dict(account.shown_stock()) == {"A": 1, "B": 3}


def test_messages_are_deleted_only_after_their_orders_are_kept(world: World, account: AmazonSandbox) -> None:
    cid = join(world, account)
    account.place_order(SHOPPER, [("A", 1)])
    pull_orders(world.ctx, cid)
    assert len(account.queue.messages) == 1
    world.send(cid)
    assert account.queue.messages == {}


def test_a_cancelled_order_gives_its_stock_back(world: World, account: AmazonSandbox) -> None:
    cid = join(world, account)
    world.stock("A", "W1", 5)
    ref = account.place_order(SHOPPER, [("A", 3)])
    pull(world, cid)
    assert account.cancel_order(ref)
    pull(world, cid)
    assert world.state(ref) == "cancelled"
    while push_stock(world.ctx, cid):
        pass
    assert account.shown_stock()["A"] == 5


def test_an_order_that_amazon_ships_takes_no_stock_and_is_never_shipped(world: World, account: AmazonSandbox) -> None:
    cid = join(world, account)
    world.stock("A", "W1", 5)
    account.shop.listing("A").fba = True
    ref = account.place_order(SHOPPER, [("A", 2)])
    pull(world, cid)
    world.send(cid)
    assert (world.lists(ref), world.rows(t.holds), account.book()[0].trackings) == ([], [], ())
    assert world.balance("A", "W1") == (5, 0)


def test_an_order_that_waits_for_its_payment_keeps_its_stock_and_is_picked_once_it_is_paid(
    world: World, account: AmazonSandbox
) -> None:
    cid = join(world, account)
    world.stock("A", "W1", 5)
    order = account.shop.place(SHOPPER, [("A", 2)], pending=True)
    pull(world, cid)
    assert ([row.status for row in world.lists(order.id)], world.balance("A", "W1")) == (["soft"], (5, 2))
    account.shop.pay(order)
    pull(world, cid)
    assert (world.state(order.id), [row.status for row in world.lists(order.id)]) == ("routed", ["open"])
