"""The hub and a shop together: an order is rung in, routed by its district, picked, shipped in two packages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.douyin.sandbox import DouyinSandbox
from connectors.douyin.spec import SPEC
from connectors.kit.contract.receiver import Delivery, receiving
from connectors.kit.sandbox import ShopItem
from hub.store import tables as t
from hub.store.database import Database
from hub.usecases.connect import add_connection
from hub.usecases.pull_listings import pull_listings
from hub.usecases.pull_orders import pull_orders
from hub.usecases.push_stock import push_stock
from hub.usecases.receive_webhook import receive_webhook
from tests.connectors.contract import SHOPPER
from tests.connectors.douyin.conftest import connect
from tests.fakes.databases import blank_sqlite, fresh_db, shared_postgres
from tests.fakes.world import World

__all__ = ["blank_sqlite", "fresh_db", "shared_postgres"]

BUYER = replace(SHOPPER, name="李四", region="浙江省", city="杭州市", line="北山路1号", phone="13800138000")


@pytest.fixture
def shop(watched: Any) -> DouyinSandbox:
    sandbox: DouyinSandbox = watched(DouyinSandbox())
    sandbox.stock_shelves([ShopItem("A", "Thing A", "9.90", 5), ShopItem("B", "Thing B", "4.50", 5)])
    return sandbox


@pytest.fixture
def world(fresh_db: Database) -> Iterator[World]:
    made = World(fresh_db)
    yield made
    made.check()


def join(world: World, shop: DouyinSandbox) -> int:
    """The shop as a connection of the company; its id."""
    settings, secrets = dict(shop.settings), dict(shop.secrets)
    cid = add_connection(world.ctx, lambda text, _: text, SPEC, "dou", settings, secrets, actor="test")
    channels: dict[int, Any] = world.shops
    channels[cid] = connect(shop)
    pull_listings(world.ctx, cid)
    return cid


def pull(world: World, cid: int) -> None:
    pull_orders(world.ctx, cid)
    world.work()


def test_an_order_is_routed_picked_and_shipped_in_two_packages(world: World, shop: DouyinSandbox) -> None:
    cid = join(world, shop)
    world.stock("A", "W1", 3)
    world.stock("B", "W2", 4)
    ref = shop.place_order(BUYER, [("A", 2), ("B", 1)])
    pull(world, cid)
    assert world.state(ref) == "routed"
    first, second = world.lists(ref)
    world.ship(first.id, "p1")
    world.send(cid)
    assert shop.book()[0].state == "partial"
    world.ship(second.id, "p2")
    world.send(cid)
    (book,) = shop.book()
    assert (book.state, sorted(book.trackings)) == ("shipped", ["T-p1", "T-p2"])
    while push_stock(world.ctx, cid):
        pass
    assert (shop.shown_stock()["A"], shop.shown_stock()["B"]) == (1, 3)


def test_a_line_refunded_before_it_left_is_taken_off_the_pick_list(world: World, shop: DouyinSandbox) -> None:
    cid = join(world, shop)
    world.stock("A", "W1", 5)
    world.stock("B", "W1", 5)
    ref = shop.place_order(BUYER, [("A", 2), ("B", 1)])
    pull(world, cid)
    assert shop.refund_order(ref, "A")
    pull(world, cid)
    world.ship_all(ref)
    world.send(cid)
    (book,) = shop.book()
    assert (book.state, [line.shipped for line in book.lines], world.rows(t.holds)) == ("shipped", [0, 1], [])


def test_a_pushed_message_is_kept_answered_as_the_platform_wants_and_kept_once(
    world: World, shop: DouyinSandbox
) -> None:
    join(world, shop)
    with receiving() as receiver:
        shop.push_to(receiver.url)
        ref = shop.place_order(BUYER, [("A", 1)])
        got: list[Delivery] = receiver.wait(lambda found: len(found) >= 3)
    for one in (*got, *got):
        assert receive_webhook(world.ctx, "dou", one.headers, one.body) == '{"code":0,"msg":"success"}'
    kept = [row for row in world.rows(t.inbox) if row.kind == "refetch"]
    assert [row.ref for row in kept] == [ref, ref]


def test_what_is_personal_stays_a_cipher_in_every_table_of_the_hub(world: World, shop: DouyinSandbox) -> None:
    cid = join(world, shop)
    world.stock("A", "W1", 5)
    shop.place_order(BUYER, [("A", 1)])
    pull(world, cid)
    kept = repr([row for table in (t.inbox, t.orders) for row in world.rows(table)])
    assert "杭州市" in kept or "\\u676d" in kept
    assert [word for word in (BUYER.name, BUYER.phone, BUYER.line) if word in kept] == []
