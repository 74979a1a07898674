"""The hub and a shop together: a trade that the queue told of is routed, shipped in two parcels, paid back, closed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.taobao.sandbox import TaobaoSandbox
from connectors.taobao.sandbox.shop import ASKED
from hub.store import tables as t
from tests.connectors.contract import SHOPPER
from tests.connectors.harness import Joined
from tests.connectors.taobao.conftest import connect
from tests.fakes.world import World

Circle = Joined[TaobaoSandbox]


@pytest.fixture
def circle(world: World, watched: Any) -> Circle:
    shop: TaobaoSandbox = watched(TaobaoSandbox())
    return Joined(world, shop, connect(shop))


def test_a_trade_is_told_routed_shipped_in_two_parcels_and_its_stock_is_told(world: World, circle: Circle) -> None:
    world.stock("A", "W1", 3)
    world.stock("B", "W2", 4)
    ref = circle.shop.place_order(SHOPPER, [("A", 2), ("B", 1)])
    circle.pull()
    assert circle.lists(ref) == ("routed", {"open"})
    assert circle.ship_in_two(ref) == ["partial", "shipped"]
    assert sorted(circle.shop.book()[0].trackings) == ["T-p1", "T-p2"]
    circle.push()
    assert (circle.shop.shown_stock()["A"], circle.shop.shown_stock()["B"]) == (1, 3)


def test_the_queue_forgets_once_the_trade_is_kept(circle: Circle) -> None:
    circle.shop.place_order(SHOPPER, [("A", 1)])
    circle.pull()
    assert len(circle.shop.shop.messages) == 1
    circle.send()
    assert circle.shop.shop.messages == {}


def test_a_line_refunded_before_it_left_is_taken_off_the_pick_list(world: World, circle: Circle) -> None:
    world.stock("A", "W1", 5)
    world.stock("B", "W1", 5)
    ref = circle.shop.place_order(SHOPPER, [("A", 2), ("B", 1)])
    circle.pull()
    assert circle.shop.refund_line(ref, "A")
    circle.pull()
    world.ship_all(ref)
    circle.send()
    (book,) = circle.shop.book()
    assert (book.state, [line.shipped for line in book.lines], world.rows(t.holds)) == ("shipped", [0, 1], [])


def test_a_refund_that_is_only_asked_for_leaves_the_line_wanted(world: World, circle: Circle) -> None:
    world.stock("A", "W1", 5)
    ref = circle.shop.place_order(SHOPPER, [("A", 2)])
    circle.shop.shop.refund(circle.shop.shop.trade(ref), "A", ASKED)
    circle.pull()
    assert world.pieces(ref) == {"A": (2, 2, 0)}


def test_a_trade_whose_money_went_back_is_cancelled_and_its_stock_is_free(world: World, circle: Circle) -> None:
    world.stock("A", "W1", 5)
    ref = circle.shop.place_order(SHOPPER, [("A", 3)])
    circle.pull()
    assert circle.shop.cancel_order(ref)
    circle.pull()
    assert circle.lists(ref) == ("cancelled", {"cancelled"})
    circle.push()
    assert circle.shop.shown_stock()["A"] == 5


def test_money_of_a_line_that_left_goes_back_in_part_and_the_trade_says_how_much(world: World, circle: Circle) -> None:
    world.stock("A", "W1", 5)
    ref = circle.shop.place_order(SHOPPER, [("A", 2)])
    circle.pull()
    world.ship_all(ref)
    circle.send()
    circle.shop.pay_back(ref, "A", Decimal("3.30"))
    circle.pull()
    (document,) = world.rows(t.order_documents, t.order_documents.c.order_id == world.row(ref).id)
    assert (document.current["payment"], document.current["refunded_total"]) == ("partially_refunded", "3.30")
    assert world.pieces(ref) == {"A": (2, 0, 2)}
