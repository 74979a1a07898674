"""Read this order now: by the channel's id, or by the number of one that is here."""

from __future__ import annotations

import pytest

from hub.canonical.errors import BadInput, NotFound
from hub.canonical.urgency import Urgency
from hub.ports.caller import caller
from hub.store import tables as t
from hub.usecases.fetch_order import Fetched, fetch_order
from tests.fakes.channel import payload
from tests.fakes.world import World


def fetch(world: World, number: str) -> Fetched:
    return fetch_order(world.ctx, world.shop_id, number, actor="user:1")


def test_an_order_comes_alone_and_at_once_and_gets_its_stock(world: World) -> None:
    world.stock("A", "W1", 5)
    world.shop.orders = [payload("1001", {"a1": ("L-A", 2)}), payload("1002", {"a1": ("L-A", 1)})]
    lanes = []
    world.shop.meanwhile["fetch_order"] = lambda: lanes.append(caller().urgency)
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


def test_what_the_channel_does_not_know_is_told_and_nothing_is_kept(world: World) -> None:
    with pytest.raises(NotFound, match="the channel knows no order 77"):
        fetch(world, "77")
    with pytest.raises(BadInput, match="write the order's number"):
        fetch(world, "  ")
    assert world.rows(t.inbox) == []
