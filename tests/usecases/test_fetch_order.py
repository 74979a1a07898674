"""Read this order now: by the channel's id, or by the number of one that is here."""

from __future__ import annotations

import pytest

from hub.canonical.errors import BadInput, NotFound
from hub.canonical.urgency import Urgency
from hub.ports.caller import caller
from hub.ports.channel import Can, ConnectorSpec
from hub.store import tables as t
from hub.usecases.fetch_order import Fetched, fetch_order
from tests.fakes.channel import SPEC, FakeChannel, payload
from tests.fakes.world import World


def fetch(world: World, number: str) -> Fetched:
    return fetch_order(world.ctx, world.shop_id, number, actor="user:1")


def test_an_order_comes_alone_and_at_once_and_gets_its_stock(world: World) -> None:
    world.stock("A", "W1", 5)
    world.shop.orders = [payload("1001", {"a1": ("L-A", 2)}), payload("1002", {"a1": ("L-A", 1)})]
    lanes = []
    world.shop.meanwhile["find_order"] = lambda: lanes.append(caller().urgency)
    assert fetch(world, " 1001 ") == Fetched("1001", new=True)
    assert lanes == [Urgency.PERSON]
    world.work()
    assert [(row.channel_ref, row.state) for row in world.rows(t.orders)] == [("1001", "routed")]
    (message,) = world.rows(t.inbox)
    assert (message.ref, message.source) == ("1001", "refetch")
    assert world.shop.calls["pull_orders"] == 0


def test_read_again_without_a_change_it_says_so_and_nothing_is_doubled(world: World) -> None:
    world.stock("A", "W1", 5)
    world.shop.orders = [payload("1001", {"a1": ("L-A", 2)})]
    fetch(world, "1001")
    world.work()
    assert fetch(world, "#1001") == Fetched("1001", new=False)  # its number, which is known now
    world.work()
    assert len(world.rows(t.orders)) == len(world.rows(t.inbox)) == 1


def test_an_order_that_is_not_here_is_found_by_the_number_that_its_buyer_sees(world: World) -> None:
    world.stock("A", "W1", 5)
    world.shop.orders = [payload("gid-1", {"a1": ("L-A", 1)}, number="#1001")]
    for typed in ("1001", "#1001"):
        assert fetch(world, typed).ref == "gid-1"
    assert world.shop.calls["find_order"] == 2
    world.work()
    assert fetch(world, "#1001") == Fetched("gid-1", new=False)
    assert world.shop.calls["find_order"] == 2  # it is known by now


def test_a_number_goes_before_an_id_that_looks_the_same(world: World) -> None:
    lines = {"a1": ("L-A", 1)}
    world.shop.orders = [payload("1001", lines, number="1000"), payload("1002", lines, number="1001")]
    assert fetch(world, "1001").ref == "1002"
    assert fetch(world, "1002").ref == "1002"


def test_where_no_number_can_be_asked_for_it_is_said_which_id_to_write(world: World) -> None:
    spec = ConnectorSpec("fake", "Market", SPEC.can - {Can.FIND_ORDER}, order_ref="its order_id, such as C1-A")
    cid = world.connect("market", shop=FakeChannel(spec))
    world.shops[cid].orders = [payload("C1-A", {"a1": ("L-A", 1)}, number="C1")]
    with pytest.raises(NotFound) as told:
        fetch_order(world.ctx, cid, "C1", actor="user:1")
    assert str(told.value) == "the channel knows no order C1: write its order_id, such as C1-A"
    assert fetch_order(world.ctx, cid, "C1-A", actor="user:1").ref == "C1-A"


def test_what_the_channel_does_not_know_is_told_and_nothing_is_kept(world: World) -> None:
    with pytest.raises(NotFound, match="the channel knows no order 77: write the id that"):
        fetch(world, "77")
    with pytest.raises(BadInput, match="write the order's number"):
        fetch(world, "  ")
    assert world.rows(t.inbox) == []
