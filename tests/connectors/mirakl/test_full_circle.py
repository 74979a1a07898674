"""The hub and a marketplace together: an order waits, is kept, accepted, debited, picked, shipped in two parcels."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.mirakl.sandbox import MiraklSandbox
from hub.store import tables as t
from tests.connectors.contract import SHOPPER
from tests.connectors.harness import Joined
from tests.connectors.mirakl.conftest import connect
from tests.fakes.world import World


@pytest.fixture
def market(watched: Callable[[MiraklSandbox], MiraklSandbox]) -> MiraklSandbox:
    """A marketplace whose orders wait for the seller, and whose customers are debited later."""
    return watched(MiraklSandbox(asks=True, debits=False))


def test_an_order_is_kept_accepted_debited_picked_and_shipped(world: World, market: MiraklSandbox) -> None:
    circle = Joined(world, market, connect(market))
    world.stock("A", "W1", 3)
    world.stock("B", "W2", 4)
    ref = market.place_order(SHOPPER, [("A", 2), ("B", 1)])
    circle.pull()
    assert circle.lists(ref) == ("unpaid", {"soft"})
    assert circle.send() == 1
    assert market.shop.order(ref).state == "WAITING_DEBIT_PAYMENT"

    market.debit_order(ref)
    circle.pull()
    assert circle.lists(ref) == ("routed", {"open"})

    assert circle.ship_in_two(ref) == ["partial", "shipped"]
    (book,) = market.book()
    assert sorted(book.trackings) == ["T-p1", "T-p2"]
    assert [line.shipped for line in book.lines] == [2, 1]

    circle.push()
    shown = market.shown_stock()
    assert (shown["A"], shown["B"]) == (1, 3)


def test_an_order_that_there_is_no_stock_for_is_refused(world: World, market: MiraklSandbox) -> None:
    circle = Joined(world, market, connect(market), on_shortage="refuse")
    ref = market.place_order(SHOPPER, [("A", 2)])
    circle.pull()
    circle.send()
    assert (world.state(ref), market.shop.order(ref).state) == ("refused", "REFUSED")


def test_pieces_that_the_customer_takes_off_are_not_shipped(world: World, market: MiraklSandbox) -> None:
    circle = Joined(world, market, connect(market))
    world.stock("A", "W1", 5)
    ref = market.place_order(SHOPPER, [("A", 3)])
    circle.pull()
    circle.send()
    market.debit_order(ref)
    assert market.edit_order(ref, "A", 2)
    circle.pull()
    assert world.pieces(ref) == {"A": (2, 2, 0)}
    world.ship_all(ref)
    circle.send()
    (book,) = market.book()
    assert (book.state, book.lines[0].shipped, world.rows(t.holds)) == ("shipped", 2, [])
