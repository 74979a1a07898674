"""The hub and an eBay account together: an order is routed, shipped in two parcels, cancelled, or paid back."""

from __future__ import annotations

from connectors.ebay.sandbox import EbaySandbox
from hub.store import tables as t
from tests.connectors.contract import SHOPPER
from tests.connectors.ebay.conftest import connect
from tests.connectors.harness import Joined
from tests.fakes.world import World


def test_an_order_is_routed_shipped_in_two_parcels_and_its_stock_is_told(world: World, sandbox: EbaySandbox) -> None:
    circle = Joined(world, sandbox, connect(sandbox))
    world.stock("A", "W1", 3)
    world.stock("B", "W2", 4)
    ref = sandbox.place_order(SHOPPER, [("A", 2), ("B", 1)])
    circle.pull()
    assert circle.lists(ref) == ("routed", {"open"})

    assert circle.ship_in_two(ref) == ["partial", "shipped"]
    (book,) = sandbox.book()
    assert sorted(book.trackings) == ["Tp1", "Tp2"]
    assert [line.shipped for line in book.lines] == [2, 1]

    circle.push()
    assert dict(sandbox.shown_stock()) == {"A": 1, "B": 3}


def test_an_order_that_there_is_no_stock_for_is_paid_back(world: World, sandbox: EbaySandbox) -> None:
    circle = Joined(world, sandbox, connect(sandbox), on_shortage="refuse")
    ref = sandbox.place_order(SHOPPER, [("A", 2)])
    circle.pull()
    circle.send()
    assert (world.state(ref), sandbox.book()[0].state) == ("refused", "refused")


def test_a_cancelled_order_gives_its_stock_back(world: World, sandbox: EbaySandbox) -> None:
    circle = Joined(world, sandbox, connect(sandbox))
    world.stock("A", "W1", 5)
    ref = sandbox.place_order(SHOPPER, [("A", 3)])
    circle.pull()
    assert sandbox.cancel_order(ref)
    circle.pull()
    assert world.state(ref) == "cancelled"
    circle.push()
    assert sandbox.shown_stock()["A"] == 5


def test_a_line_that_was_paid_back_is_not_shipped(world: World, sandbox: EbaySandbox) -> None:
    circle = Joined(world, sandbox, connect(sandbox))
    world.stock("A", "W1", 5)
    world.stock("B", "W1", 5)
    ref = sandbox.place_order(SHOPPER, [("A", 3), ("B", 1)])
    circle.pull()
    assert sandbox.refund_line(ref, "A")
    circle.pull()
    world.ship_all(ref)
    circle.send()
    (book,) = sandbox.book()
    assert ([line.shipped for line in book.lines], world.rows(t.holds)) == ([0, 1], [])
