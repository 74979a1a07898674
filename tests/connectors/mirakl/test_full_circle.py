"""The hub and a marketplace together: an order waits, is kept, accepted, debited, picked, shipped in two parcels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.kit.sandbox import ShopItem
from connectors.mirakl.sandbox import MiraklSandbox
from connectors.mirakl.spec import SPEC
from hub.store import tables as t
from hub.store.database import Database
from hub.usecases.connect import add_connection
from hub.usecases.pull_listings import pull_listings
from hub.usecases.pull_orders import pull_orders
from hub.usecases.push_stock import push_stock
from tests.connectors.contract import SHOPPER
from tests.connectors.mirakl.conftest import connect
from tests.fakes.databases import blank_sqlite, fresh_db, shared_postgres
from tests.fakes.world import World

__all__ = ["blank_sqlite", "fresh_db", "shared_postgres"]


@pytest.fixture
def market(watched: Callable[[MiraklSandbox], MiraklSandbox]) -> MiraklSandbox:
    """A marketplace whose orders wait for the seller, and whose customers are debited later."""
    sandbox = watched(MiraklSandbox(asks=True, debits=False))
    sandbox.stock_shelves([ShopItem("A", "Thing A", "9.90", 5), ShopItem("B", "Thing B", "4.50", 5)])
    return sandbox


@pytest.fixture
def world(fresh_db: Database) -> Iterator[World]:
    made = World(fresh_db)
    yield made
    made.check()


def join(world: World, market: MiraklSandbox, on_shortage: str = "hold") -> int:
    """The marketplace as a connection of the company; its id."""
    settings, secrets = dict(market.settings), dict(market.secrets)
    cid = add_connection(
        world.ctx, lambda text, _: text, SPEC, "market", settings, secrets, actor="test", on_shortage=on_shortage
    )
    channels: dict[int, Any] = world.shops
    channels[cid] = connect(market)
    pull_listings(world.ctx, cid)
    return cid


def pull(world: World, cid: int) -> None:
    pull_orders(world.ctx, cid)
    world.work()


def test_an_order_is_kept_accepted_debited_picked_and_shipped(world: World, market: MiraklSandbox) -> None:
    cid = join(world, market)
    world.stock("A", "W1", 3)
    world.stock("B", "W2", 4)
    ref = market.place_order(SHOPPER, [("A", 2), ("B", 1)])
    pull(world, cid)
    assert (world.state(ref), {row.status for row in world.lists(ref)}) == ("unpaid", {"soft"})
    assert world.send(cid) == 1
    assert market.shop.order(ref).state == "WAITING_DEBIT_PAYMENT"

    market.debit_order(ref)
    pull(world, cid)
    assert (world.state(ref), {row.status for row in world.lists(ref)}) == ("routed", {"open"})

    first, second = world.lists(ref)
    world.ship(first.id, "p1")
    world.send(cid)
    assert market.book()[0].state == "partial"
    world.ship(second.id, "p2")
    world.send(cid)
    (book,) = market.book()
    assert (book.state, sorted(book.trackings)) == ("shipped", ["T-p1", "T-p2"])
    assert [line.shipped for line in book.lines] == [2, 1]

    while push_stock(world.ctx, cid):
        pass
    shown = market.shown_stock()
    assert (shown["A"], shown["B"]) == (1, 3)


def test_an_order_that_there_is_no_stock_for_is_refused(world: World, market: MiraklSandbox) -> None:
    cid = join(world, market, on_shortage="refuse")
    ref = market.place_order(SHOPPER, [("A", 2)])
    pull(world, cid)
    world.send(cid)
    assert (world.state(ref), market.shop.order(ref).state) == ("refused", "REFUSED")


def test_pieces_that_the_customer_takes_off_are_not_shipped(world: World, market: MiraklSandbox) -> None:
    cid = join(world, market)
    world.stock("A", "W1", 5)
    ref = market.place_order(SHOPPER, [("A", 3)])
    pull(world, cid)
    world.send(cid)
    market.debit_order(ref)
    assert market.edit_order(ref, "A", 2)
    pull(world, cid)
    assert world.pieces(ref) == {"A": (2, 2, 0)}
    world.ship_all(ref)
    world.send(cid)
    (book,) = market.book()
    assert (book.state, book.lines[0].shipped, world.rows(t.holds)) == ("shipped", 2, [])
