"""Who came first is served first, SKU by SKU; whoever wants something else does not wait for that."""

from __future__ import annotations

import random

import pytest

from hub.store import waiting
from hub.usecases.change_stock import adjust_stock
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.place_orders import place_orders
from tests.fakes.channel import payload
from tests.fakes.world import World
from tests.usecases.test_races import store


def sell(world: World, *orders: tuple[str, dict[str, int]]) -> None:
    """These orders, (ref, SKU -> pieces), lie in the inbox in this order."""
    for ref, lines in orders:
        store(world, [payload(ref, {sku: (f"L-{sku}", n) for sku, n in lines.items()})])


@pytest.fixture
def rush(world: World) -> World:
    """An order for two of A waits to be planned: there was one when it came, and there are nine of all by now."""
    world.stock("A", "W1", 1)
    sell(world, ("first", {"A": 2}))
    assert ingest_inbox(world.ctx) == 1
    for sku, pieces in (("A", 8), ("B", 9), ("C", 9)):
        world.stock(sku, "W1", pieces)
    assert world.state("first") == "waiting"
    return world


def states(world: World, *refs: str) -> list[str]:
    return [world.state(ref) for ref in refs]


def test_what_asks_for_another_sku_is_placed_on_arrival_while_an_order_waits(rush: World) -> None:
    sell(rush, ("b", {"B": 1}), ("a", {"A": 1}), ("c", {"C": 1}))
    ingest_inbox(rush.ctx)
    assert states(rush, "first", "a", "b", "c") == ["waiting", "waiting", "routed", "routed"]


def test_a_kit_wants_its_components_and_waits_behind_who_wants_one_of_them(rush: World) -> None:
    sell(rush, ("kit", {"KIT": 1}), ("b", {"B": 1}), ("c", {"C": 1}))
    ingest_inbox(rush.ctx)
    assert states(rush, "kit", "b", "c") == ["waiting", "waiting", "routed"]


def test_what_came_before_an_order_that_must_wait_is_not_held_up_by_it(rush: World) -> None:
    sell(rush, ("b", {"B": 1}), ("both", {"A": 1, "B": 9}), ("late", {"B": 9}))
    ingest_inbox(rush.ctx)
    assert states(rush, "b", "both", "late") == ["routed", "waiting", "waiting"]


def test_an_order_that_was_held_until_a_moment_ago_still_comes_first(world: World) -> None:
    world.order("held", A=2)
    assert world.state("held") == "held"
    world.stock("A", "W1", 2)
    world.stock("B", "W1", 2)
    sell(world, ("late", {"A": 1}), ("b", {"B": 1}))
    ingest_inbox(world.ctx)
    assert states(world, "late", "b") == ["waiting", "routed"]
    world.work()
    assert states(world, "held", "late") == ["routed", "held"]


def test_what_waits_only_for_its_answer_wants_nothing_any_more(rush: World) -> None:
    place_orders(rush.ctx)
    sell(rush, ("a", {"A": 1}))
    ingest_inbox(rush.ctx)
    assert states(rush, "first", "a") == ["routed", "routed"]


def test_where_very_many_wait_all_go_the_long_way(rush: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "MANY", 0)
    sell(rush, ("b", {"B": 1}))
    ingest_inbox(rush.ctx)
    assert rush.state("b") == "waiting"
    rush.work()
    assert rush.state("b") == "routed"


@pytest.mark.parametrize("seed", range(6))
def test_of_each_sku_the_first_orders_have_it_however_intake_placing_and_deliveries_fall(
    world: World, seed: int
) -> None:
    chance = random.Random(seed)
    came: dict[str, list[str]] = {"A": [], "B": []}
    for n in range(60):
        act = chance.choice(("sell", "sell", "ingest", "place", "deliver"))
        sku = chance.choice(("A", "B"))
        if act == "sell":
            came[sku].append(f"o{n:02}")
            sell(world, (f"o{n:02}", {sku: 1}))
            world.clock.move(seconds=1)
        elif act == "deliver":
            adjust_stock(world.ctx, sku, "W1", 1, reason="r", actor="eve", key=f"k{n}")
        else:
            (ingest_inbox if act == "ingest" else place_orders)(world.ctx)
    world.work()
    for refs in came.values():
        found = states(world, *refs)
        assert found == sorted(found, key=lambda state: state != "routed")
