"""After days without it: the backlog comes in steps, nothing is left out, and numbers wait for the orders."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row

from hub.canonical.errors import InvariantBroken
from hub.ports.channel import Page, RawRecord
from hub.reports.channels import read_channel
from hub.store import tables as t
from hub.usecases import pull_orders as pulling
from hub.usecases.connect import pause_stream
from hub.usecases.pull_orders import pull_orders
from hub.usecases.push_stock import push_stock
from hub.usecases.streams import due_work
from tests.fakes.channel import SPEC, payload
from tests.fakes.world import World

ORDERS = 95
PAGES = pulling.STEP_PAGES


def stream(world: World) -> Row[Any]:
    (found,) = world.rows(t.streams, t.streams.c.connection_id == world.shop_id, t.streams.c.stream == "orders")
    return found


def refs(world: World) -> set[str]:
    return {row.ref for row in world.rows(t.inbox)}


@pytest.fixture
def away(world: World) -> World:
    """The hub was down for three days, in which the shop sold 95 pieces one by one; three orders make a page."""
    world.stock("A", "W1", 100)
    assert pull_orders(world.ctx, world.shop_id) == 0
    push_stock(world.ctx, world.shop_id)
    assert world.shop.shelf["L-A"] == 100
    began = world.clock()
    world.clock.move(days=3)
    world.shop.page_size = 3
    world.shop.orders = [
        payload(f"o{n}", {"a1": ("L-A", 1)}, (began + timedelta(minutes=40 * n)).isoformat()) for n in range(ORDERS)
    ]
    world.shop.shelf["L-A"] = 100 - ORDERS
    return world


def test_a_backlog_comes_in_bounded_steps_of_which_each_begins_where_the_last_ended(away: World) -> None:
    steps = []
    while not steps or stream(away).behind:
        away.bell.rung.clear()
        steps.append(pull_orders(away.ctx, away.shop_id))
        assert len(steps) < 20
        if stream(away).behind:
            assert ("orders.pull", away.shop_id) in away.bell.rung
            assert ("orders.pull", away.shop_id) in due_work(away.ctx)
            (row,) = [s for s in read_channel(away.db, away.shop_id, away.clock()).streams if s.stream == "orders"]
            assert (row.behind, row.newest_at) == (True, stream(away).newest_at)
    assert max(steps) <= PAGES * 3
    assert len(steps) > 3
    assert refs(away) == {f"o{n}" for n in range(ORDERS)}
    assert away.shop.cursors[2:] == sorted(cursor or "" for cursor in away.shop.cursors[2:])
    assert ("orders.pull", away.shop_id) not in due_work(away.ctx)
    assert stream(away).due_at == away.clock() + timedelta(seconds=stream(away).every_s)


def test_a_step_never_ends_where_it_began_however_many_orders_one_second_has(away: World) -> None:
    for order in away.shop.orders:
        order["updated_at"] = "2026-11-24T08:00:00Z"
    pull_orders(away.ctx, away.shop_id)
    pull_orders(away.ctx, away.shop_id)
    pull_orders(away.ctx, away.shop_id)
    assert refs(away) == {f"o{n}" for n in range(ORDERS)}
    assert not stream(away).behind


def test_other_connections_have_their_turn_between_two_steps(away: World) -> None:
    other = away.connect("other")
    away.shops[other].orders = [payload("x1", {"a1": ("L-A", 1)}, away.clock().isoformat())]
    pull_orders(away.ctx, away.shop_id)
    assert stream(away).behind
    assert ("orders.pull", other) in due_work(away.ctx)
    assert pull_orders(away.ctx, other) == 1


def test_numbers_wait_until_the_orders_of_their_channel_are_here_and_have_their_stock(away: World) -> None:
    away.stock("A", "W1", 1)
    shown = [_pushed(away)]  # the pull is three days old
    while not refs(away) or stream(away).behind:
        pull_orders(away.ctx, away.shop_id)
        shown.append(_pushed(away))
    shown.append(_pushed(away))  # they are here, and nobody read them
    assert shown == [5] * len(shown), "a number would have promised again what the shop has sold"
    (push,) = away.rows(t.stock_pushes, t.stock_pushes.c.listing_ref == "L-A")
    assert (push.error, push.attempts) == ("not told yet: the orders of this channel are read first", 0)
    away.work()
    assert _pushed(away) == 101 - ORDERS


def _pushed(world: World) -> int | None:
    """What the shop shows after a push."""
    world.clock.move(seconds=11)
    while push_stock(world.ctx, world.shop_id):
        pass
    return world.shop.shelf["L-A"]


def test_what_is_sold_out_elsewhere_is_told_at_once_all_the_same(away: World) -> None:
    away.stock("A", "W1", -100)
    assert _pushed(away) == 0


def test_a_channel_that_compares_before_it_sets_needs_not_wait(away: World) -> None:
    away.stock("A", "W1", 1)
    away.shop.compare_and_set = True
    away.shop.spec = replace(SPEC, stock_mode="compare_and_set")
    assert _pushed(away) == 5
    assert away.shop.stock_calls[-1][0].last_sent is not None  # it was asked, and said what stands there


def test_who_stops_the_orders_by_hand_answers_for_the_numbers(away: World) -> None:
    pause_stream(away.ctx, away.shop_id, "orders", True, "test")
    away.stock("A", "W1", 1)
    assert _pushed(away) == 101


def test_a_zero_goes_out_alone_and_the_number_beside_it_waits(world: World) -> None:
    pull_orders(world.ctx, world.shop_id)
    world.stock("A", "W1", 5)
    world.stock("B", "W1", 5)
    push_stock(world.ctx, world.shop_id)
    world.clock.move(hours=1)
    world.stock("A", "W1", -5)
    world.stock("B", "W1", -1)
    while push_stock(world.ctx, world.shop_id):
        pass
    assert (world.shop.shelf["L-A"], world.shop.shelf["L-B"]) == (0, 5)


def test_back_after_minutes_the_old_number_is_not_told_before_the_orders_of_that_time_are_read(world: World) -> None:
    world.stock("A", "W1", 2)
    pull_orders(world.ctx, world.shop_id)
    push_stock(world.ctx, world.shop_id)
    world.stock("A", "W1", -1)  # one piece is left; the hub goes down before it says so
    world.shop.orders = [payload("o1", {"a1": ("L-A", 1)}, world.clock().isoformat())]  # and the shop sells it
    world.shop.shelf["L-A"] = 0
    world.clock.move(minutes=5)
    assert {("orders.pull", world.shop_id), ("stock.push", world.shop_id)} <= set(due_work(world.ctx))
    push_stock(world.ctx, world.shop_id)  # whichever worker comes first
    assert world.shop.shelf["L-A"] == 0
    pull_orders(world.ctx, world.shop_id)
    world.work()
    assert _pushed(world) == 0
    assert world.state("o1") == "routed"


def test_other_connections_do_not_wait_for_one_that_catches_up(away: World) -> None:
    other = away.connect("other")
    pull_orders(away.ctx, other)
    away.stock("A", "W1", 1)
    push_stock(away.ctx, away.shop_id)
    push_stock(away.ctx, other)
    assert (away.shop.shelf["L-A"], away.shops[other].shelf["L-A"]) == (5, 101)


def test_a_place_that_is_no_text_is_never_stored(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.pull(payload("o1", {"a1": ("L-A", 1)}))
    before, record = stream(world), RawRecord("o2", b"{}")
    monkeypatch.setattr(world.shop, "pull_orders", lambda cursor: iter([Page((record,), 5)]))  # type: ignore[arg-type]
    with pytest.raises(InvariantBroken, match=r"^the connector gave a cursor of the type int where text is wanted$"):
        pull_orders(world.ctx, world.shop_id)
    after = stream(world)
    assert (after.cursor, after.total, refs(world)) == (before.cursor, before.total, {"o1"})
    assert after.error == "the connector gave a cursor of the type int where text is wanted"
    monkeypatch.undo()
    assert world.pull(payload("o2", {"a1": ("L-A", 1)})) == 1
    assert refs(world) == {"o1", "o2"}
