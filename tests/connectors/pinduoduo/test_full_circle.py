"""The hub and a shop together: an order under review is kept and not picked, then picked and shipped in two parcels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.kit.sandbox import ShopItem
from connectors.pinduoduo.sandbox import PinduoduoSandbox
from connectors.pinduoduo.sandbox.shop import ASKED, NO_REFUND
from connectors.pinduoduo.spec import SPEC
from hub.store.database import Database
from hub.usecases.connect import add_connection
from hub.usecases.pull_listings import pull_listings
from hub.usecases.pull_orders import pull_orders
from hub.usecases.push_stock import push_stock
from tests.connectors.contract import SHOPPER
from tests.connectors.pinduoduo.conftest import Clock, connect
from tests.fakes.databases import blank_sqlite, fresh_db, shared_postgres
from tests.fakes.world import World

__all__ = ["blank_sqlite", "fresh_db", "shared_postgres"]


@pytest.fixture
def world(fresh_db: Database) -> Iterator[World]:
    made = World(fresh_db)
    yield made
    made.check()


@pytest.fixture
def joined(world: World, sandbox: PinduoduoSandbox, clock: Clock) -> int:
    """The shop as a connection of the company; its id."""
    sandbox.stock_shelves([ShopItem("A", "Thing A", "9.90", 5), ShopItem("B", "Thing B", "4.50", 5)])
    cid = add_connection(
        world.ctx, lambda text, _: text, SPEC, "my-pdd", dict(sandbox.settings), dict(sandbox.secrets), actor="test"
    )
    channels: dict[int, Any] = world.shops
    channels[cid] = connect(sandbox, clock)
    pull_listings(world.ctx, cid)
    return cid


def pull(world: World, cid: int, clock: Clock) -> None:
    clock.pass_on(seconds=1)
    pull_orders(world.ctx, cid)
    world.work()


def test_an_order_under_review_is_kept_then_picked_and_shipped(
    world: World, sandbox: PinduoduoSandbox, clock: Clock, joined: int
) -> None:
    world.stock("A", "W1", 3)
    world.stock("B", "W2", 4)
    ref = sandbox.place_order(SHOPPER, [("A", 2), ("B", 1)], risk=1)
    pull(world, joined, clock)
    assert (world.state(ref), {row.status for row in world.lists(ref)}) == ("unpaid", {"soft"})

    sandbox.shop.change(sandbox.shop.order(ref), risk=0)
    pull(world, joined, clock)
    assert (world.state(ref), {row.status for row in world.lists(ref)}) == ("routed", {"open"})

    for row, number in zip(world.lists(ref), ("p1", "p2"), strict=True):
        world.ship(row.id, number)
        world.send(joined)
    (book,) = sandbox.book()
    assert (book.state, book.trackings) == ("shipped", ("T-p1", "T-p2"))

    while push_stock(world.ctx, joined):
        pass
    shown = sandbox.shown_stock()
    assert (shown["A"], shown["B"]) == (1, 3)


def test_an_order_whose_money_is_asked_back_waits_and_goes_on_when_the_buyer_takes_it_back(
    world: World, sandbox: PinduoduoSandbox, clock: Clock, joined: int
) -> None:
    world.stock("A", "W1", 3)
    ref = sandbox.place_order(SHOPPER, [("A", 2)])
    sandbox.shop.change(sandbox.shop.order(ref), refund=ASKED, after_sales=2)
    pull(world, joined, clock)
    assert (world.state(ref), {row.status for row in world.lists(ref)}) == ("unpaid", {"soft"})
    sandbox.shop.change(sandbox.shop.order(ref), refund=NO_REFUND, after_sales=11)
    pull(world, joined, clock)
    assert (world.state(ref), {row.status for row in world.lists(ref)}) == ("routed", {"open"})


def test_an_order_whose_money_went_back_is_cancelled_and_its_pick_list_too(
    world: World, sandbox: PinduoduoSandbox, clock: Clock, joined: int
) -> None:
    world.stock("A", "W1", 3)
    ref = sandbox.place_order(SHOPPER, [("A", 2)])
    pull(world, joined, clock)
    assert world.state(ref) == "routed"
    assert sandbox.cancel_order(ref)
    pull(world, joined, clock)
    assert (world.state(ref), {row.status for row in world.lists(ref)}) == ("cancelled", {"cancelled"})
