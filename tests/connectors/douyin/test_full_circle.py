"""The hub and a shop together: an order is rung in, routed by its district, picked, shipped in two packages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.douyin.sandbox import DouyinSandbox
from connectors.kit.contract.receiver import Delivery, receiving
from hub.store import tables as t
from hub.usecases.receive_webhook import receive_webhook
from tests.connectors.contract import SHOPPER
from tests.connectors.douyin.conftest import connect
from tests.connectors.harness import Joined
from tests.fakes.world import World

BUYER = replace(SHOPPER, name="李四", region="浙江省", city="杭州市", line="北山路1号", phone="13800138000")


@pytest.fixture
def shop(watched: Any) -> DouyinSandbox:
    sandbox: DouyinSandbox = watched(DouyinSandbox())
    return sandbox


def test_an_order_is_routed_picked_and_shipped_in_two_packages(world: World, shop: DouyinSandbox) -> None:
    circle = Joined(world, shop, connect(shop))
    world.stock("A", "W1", 3)
    world.stock("B", "W2", 4)
    ref = shop.place_order(BUYER, [("A", 2), ("B", 1)])
    circle.pull()
    assert world.state(ref) == "routed"
    assert circle.ship_in_two(ref) == ["partial", "shipped"]
    (book,) = shop.book()
    assert sorted(book.trackings) == ["T-p1", "T-p2"]
    circle.push()
    assert (shop.shown_stock()["A"], shop.shown_stock()["B"]) == (1, 3)


def test_a_line_refunded_before_it_left_is_taken_off_the_pick_list(world: World, shop: DouyinSandbox) -> None:
    circle = Joined(world, shop, connect(shop))
    world.stock("A", "W1", 5)
    world.stock("B", "W1", 5)
    ref = shop.place_order(BUYER, [("A", 2), ("B", 1)])
    circle.pull()
    assert shop.refund_order(ref, "A")
    circle.pull()
    world.ship_all(ref)
    circle.send()
    (book,) = shop.book()
    assert (book.state, [line.shipped for line in book.lines], world.rows(t.holds)) == ("shipped", [0, 1], [])


def test_a_pushed_message_is_kept_answered_as_the_platform_wants_and_kept_once(
    world: World, shop: DouyinSandbox
) -> None:
    Joined(world, shop, connect(shop))
    with receiving() as receiver:
        shop.push_to(receiver.url)
        ref = shop.place_order(BUYER, [("A", 1)])
        got: list[Delivery] = receiver.wait(lambda found: len(found) >= 3)
    for one in (*got, *got):
        assert receive_webhook(world.ctx, "my-douyin", one.headers, one.body) == '{"code":0,"msg":"success"}'
    kept = [row for row in world.rows(t.inbox) if row.kind == "refetch"]
    assert [row.ref for row in kept] == [ref, ref]


def test_what_is_personal_stays_a_cipher_in_every_table_of_the_hub(world: World, shop: DouyinSandbox) -> None:
    circle = Joined(world, shop, connect(shop))
    world.stock("A", "W1", 5)
    shop.place_order(BUYER, [("A", 1)])
    circle.pull()
    kept = repr([row for table in (t.inbox, t.orders) for row in world.rows(table)])
    assert "杭州市" in kept or "\\u676d" in kept
    assert [word for word in (BUYER.name, BUYER.phone, BUYER.line) if word in kept] == []
