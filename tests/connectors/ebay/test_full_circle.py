"""The hub and an eBay account together: an order is routed, shipped in two parcels, cancelled, or paid back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.ebay.sandbox import EbaySandbox
from connectors.ebay.spec import SPEC
from connectors.kit.sandbox import ShopItem
from hub.store import tables as t
from hub.store.database import Database
from hub.usecases.connect import add_connection
from hub.usecases.pull_listings import pull_listings
from hub.usecases.pull_orders import pull_orders
from hub.usecases.push_stock import push_stock
from tests.connectors.contract import SHOPPER
from tests.connectors.ebay.conftest import connect
from tests.fakes.databases import blank_sqlite, fresh_db, shared_postgres
from tests.fakes.world import World

__all__ = ["blank_sqlite", "fresh_db", "shared_postgres"]


@pytest.fixture
def account(sandbox: EbaySandbox) -> EbaySandbox:
    sandbox.stock_shelves([ShopItem("A", "Thing A", "9.90", 5), ShopItem("B", "Thing B", "4.50", 5)])
    return sandbox


@pytest.fixture
def world(fresh_db: Database) -> Iterator[World]:
    made = World(fresh_db)
    yield made
    made.check()


def join(world: World, account: EbaySandbox, on_shortage: str = "hold") -> int:
    """The account as a connection of the company; its id."""
    settings, secrets = dict(account.settings), dict(account.secrets)
    cid = add_connection(
        world.ctx, lambda text, _: text, SPEC, "seller", settings, secrets, actor="test", on_shortage=on_shortage
    )
    channels: dict[int, Any] = world.shops
    channels[cid] = connect(account)
    pull_listings(world.ctx, cid)
    return cid


def pull(world: World, cid: int) -> None:
    pull_orders(world.ctx, cid)
    world.work()


def test_an_order_is_routed_shipped_in_two_parcels_and_its_stock_is_told(world: World, account: EbaySandbox) -> None:
    cid = join(world, account)
    world.stock("A", "W1", 3)
    world.stock("B", "W2", 4)
    ref = account.place_order(SHOPPER, [("A", 2), ("B", 1)])
    pull(world, cid)
    assert (world.state(ref), {row.status for row in world.lists(ref)}) == ("routed", {"open"})

    first, second = world.lists(ref)
    world.ship(first.id, "p1")
    world.send(cid)
    assert account.book()[0].state == "partial"
    world.ship(second.id, "p2")
    world.send(cid)
    (book,) = account.book()
    assert (book.state, sorted(book.trackings)) == ("shipped", ["Tp1", "Tp2"])
    assert [line.shipped for line in book.lines] == [2, 1]

    while push_stock(world.ctx, cid):
        pass
    assert dict(account.shown_stock()) == {"A": 1, "B": 3}


def test_an_order_that_there_is_no_stock_for_is_paid_back(world: World, account: EbaySandbox) -> None:
    cid = join(world, account, on_shortage="refuse")
    ref = account.place_order(SHOPPER, [("A", 2)])
    pull(world, cid)
    world.send(cid)
    assert (world.state(ref), account.book()[0].state) == ("refused", "refused")


def test_a_cancelled_order_gives_its_stock_back(world: World, account: EbaySandbox) -> None:
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


def test_a_line_that_was_paid_back_is_not_shipped(world: World, account: EbaySandbox) -> None:
    cid = join(world, account)
    world.stock("A", "W1", 5)
    world.stock("B", "W1", 5)
    ref = account.place_order(SHOPPER, [("A", 3), ("B", 1)])
    pull(world, cid)
    assert account.refund_line(ref, "A")
    pull(world, cid)
    world.ship_all(ref)
    world.send(cid)
    (book,) = account.book()
    assert ([line.shipped for line in book.lines], world.rows(t.holds)) == ([0, 1], [])
