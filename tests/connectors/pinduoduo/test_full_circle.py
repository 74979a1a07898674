"""The hub and a shop together: an order under review is kept and not picked, then picked and shipped in two parcels."""

from __future__ import annotations

import pytest

from connectors.pinduoduo.sandbox import PinduoduoSandbox
from connectors.pinduoduo.sandbox.shop import ASKED, NO_REFUND
from tests.connectors.contract import SHOPPER
from tests.connectors.harness import Joined
from tests.connectors.pinduoduo.conftest import Clock, connect
from tests.fakes.world import World


@pytest.fixture
def circle(world: World, sandbox: PinduoduoSandbox, clock: Clock) -> Joined[PinduoduoSandbox]:
    return Joined(world, sandbox, connect(sandbox, clock))


def test_an_order_under_review_is_kept_then_picked_and_shipped(
    world: World, sandbox: PinduoduoSandbox, clock: Clock, circle: Joined[PinduoduoSandbox]
) -> None:
    world.stock("A", "W1", 3)
    world.stock("B", "W2", 4)
    ref = sandbox.place_order(SHOPPER, [("A", 2), ("B", 1)], risk=1)
    clock.pass_on(seconds=1)
    circle.pull()
    assert circle.lists(ref) == ("unpaid", {"soft"})

    sandbox.shop.change(sandbox.shop.order(ref), risk=0)
    clock.pass_on(seconds=1)
    circle.pull()
    assert circle.lists(ref) == ("routed", {"open"})

    assert circle.ship_in_two(ref) == ["shipped", "shipped"]
    (book,) = sandbox.book()
    assert book.trackings == ("T-p1", "T-p2")

    circle.push()
    shown = sandbox.shown_stock()
    assert (shown["A"], shown["B"]) == (1, 3)


def test_an_order_whose_money_is_asked_back_waits_and_goes_on_when_the_buyer_takes_it_back(
    world: World, sandbox: PinduoduoSandbox, clock: Clock, circle: Joined[PinduoduoSandbox]
) -> None:
    world.stock("A", "W1", 3)
    ref = sandbox.place_order(SHOPPER, [("A", 2)])
    sandbox.shop.change(sandbox.shop.order(ref), refund=ASKED, after_sales=2)
    clock.pass_on(seconds=1)
    circle.pull()
    assert circle.lists(ref) == ("unpaid", {"soft"})
    sandbox.shop.change(sandbox.shop.order(ref), refund=NO_REFUND, after_sales=11)
    clock.pass_on(seconds=1)
    circle.pull()
    assert circle.lists(ref) == ("routed", {"open"})


def test_an_order_whose_money_went_back_is_cancelled_and_its_pick_list_too(
    world: World, sandbox: PinduoduoSandbox, clock: Clock, circle: Joined[PinduoduoSandbox]
) -> None:
    world.stock("A", "W1", 3)
    ref = sandbox.place_order(SHOPPER, [("A", 2)])
    clock.pass_on(seconds=1)
    circle.pull()
    assert world.state(ref) == "routed"
    assert sandbox.cancel_order(ref)
    clock.pass_on(seconds=1)
    circle.pull()
    assert circle.lists(ref) == ("cancelled", {"cancelled"})
