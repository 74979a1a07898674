"""A channel that says 429 is left alone by all its streams, loses nothing, and nobody else waits for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row

from hub.canonical.errors import HeldBack, Throttled
from hub.canonical.urgency import Urgency
from hub.ports.caller import caller, calling
from hub.reports.channels import read_channel
from hub.rules import pacing
from hub.rules.pacing import Limit
from hub.store import tables as t
from hub.store.levels import SharedLevels
from hub.usecases.connect import sync_now
from hub.usecases.pull_listings import pull_listings
from hub.usecases.pull_orders import pull_orders
from hub.usecases.push_stock import push_stock
from hub.usecases.refetch_orders import refetch_orders
from hub.usecases.send_outbox import send_outbox
from hub.usecases.streams import Busy, due_work
from tests.fakes.channel import payload
from tests.fakes.world import World

LIMIT = Limit(5.0, 10.0)


def throttle(world: World, connection_id: int, seconds: float) -> None:
    """A worker of this connection heard a 429 just now."""
    now = world.clock().timestamp()
    SharedLevels(world.db, connection_id).change(
        "calls", lambda level, _now: (pacing.slowed(LIMIT, level or pacing.full(LIMIT, now), now, seconds), None)
    )


def stream(world: World, name: str) -> Row[Any]:
    (found,) = world.rows(t.streams, t.streams.c.connection_id == world.shop_id, t.streams.c.stream == name)
    return found


@pytest.fixture
def busy(world: World) -> World:
    """The shop has a number to hear, an order to give and a parcel to be told of; a second shop has the same number."""
    world.stock("A", "W1", 5)
    world.other = world.connect("other")  # type: ignore[attr-defined]
    world.shop.orders = [payload("o1", {"a1": ("L-A", 1)}, world.clock().isoformat())]
    return world


def test_while_a_channel_allows_no_calls_none_of_its_streams_calls_and_none_has_failed(busy: World) -> None:
    throttle(busy, busy.shop_id, 120)
    calls = dict(busy.shop.calls)
    for work in (pull_orders, push_stock, send_outbox, pull_listings, refetch_orders):
        with pytest.raises(HeldBack, match=r"^the channel allows no calls for 120 s more$"):
            work(busy.ctx, busy.shop_id)
    assert dict(busy.shop.calls) == calls
    until = busy.clock() + timedelta(seconds=120)
    for name in ("orders", "stock", "outbox", "listings", "refetch"):
        row = stream(busy, name)
        assert (row.due_at, row.failures, row.error, row.leased_until) == (until, 0, "", None)
    rings = {work for work, connection_id in due_work(busy.ctx) if connection_id == busy.shop_id}
    assert rings & {"orders.pull", "stock.push", "outbox.send", "listings.pull", "orders.refetch"} == set()


def test_the_other_channels_go_on_and_it_goes_on_itself_when_the_time_is_over(busy: World) -> None:
    throttle(busy, busy.shop_id, 120)
    other: int = busy.other  # type: ignore[attr-defined]
    assert push_stock(busy.ctx, other) == 4
    assert busy.shops[other].shelf["L-A"] == 5
    busy.clock.move(seconds=120)
    assert pull_orders(busy.ctx, busy.shop_id) == 1
    assert push_stock(busy.ctx, busy.shop_id) == 4
    assert busy.shop.shelf["L-A"] == 5


def test_our_own_limit_in_the_middle_of_a_run_puts_it_off_and_is_no_failure(busy: World) -> None:
    busy.shop.fail["push_stock"] = [HeldBack("our own limit keeps this call back for 40 s", retry_after=40.0)]
    with pytest.raises(HeldBack):
        push_stock(busy.ctx, busy.shop_id)
    row = stream(busy, "stock")
    assert (row.failures, row.error, row.failed_at, row.leased_until) == (0, "", None, None)
    assert row.due_at == busy.clock() + timedelta(seconds=40)
    busy.clock.move(seconds=40)
    assert push_stock(busy.ctx, busy.shop_id) == 1  # the other three have no number that anybody counted
    assert busy.shop.shelf == {"L-A": 5}


def test_a_message_that_a_channel_did_not_want_to_hear_yet_never_becomes_a_dead_letter(busy: World) -> None:
    pull_orders(busy.ctx, busy.shop_id)
    busy.work()
    assert busy.send() == 1  # that it is accepted
    busy.ship_all("o1")
    for _ in range(20):
        busy.shop.fail["push_shipment"] = [Throttled("slow down")]
        with pytest.raises(Throttled):
            busy.send()
        busy.clock.move(minutes=10)
    (message,) = busy.rows(t.outbox, t.outbox.c.topic == "shipment")
    assert (message.state, message.attempts) == ("new", 0)
    assert busy.send() == 1


def test_the_channels_report_says_until_when_and_why_it_lags(busy: World) -> None:
    throttle(busy, busy.shop_id, 120)
    now = busy.clock()
    found = read_channel(busy.db, busy.shop_id, now)
    assert (found.health, found.held_until, found.pace_percent) == ("throttled", now + timedelta(seconds=120), 50)
    assert {s.stream: s.health for s in found.streams}["webhooks"] == "on_time"
    assert min(s.due_at for s in found.streams if s.stream != "webhooks") == found.held_until
    later = read_channel(busy.db, busy.shop_id, now + timedelta(seconds=121))
    assert (later.held_until, later.pace_percent) == (None, 90)
    other: int = busy.other  # type: ignore[attr-defined]
    beside = read_channel(busy.db, other, now)
    assert (beside.held_until, beside.pace_percent) == (None, 100)


def test_the_calls_of_a_stream_are_in_its_lane(busy: World) -> None:
    lanes = dict[str, Urgency]()
    for method in ("pull_orders", "push_stock", "pull_listings"):
        busy.shop.meanwhile[method] = lambda method=method: lanes.update({method: caller().urgency})
    pull_orders(busy.ctx, busy.shop_id)
    push_stock(busy.ctx, busy.shop_id)
    pull_listings(busy.ctx, busy.shop_id)
    assert lanes == {"pull_orders": Urgency.ORDERS, "push_stock": Urgency.BULK, "pull_listings": Urgency.BULK}
    assert caller().urgency is Urgency.PERSON


def test_an_old_doorbell_runs_nothing_by_the_clock_again_and_a_person_does(busy: World) -> None:
    with calling(rung=True):
        pull_orders(busy.ctx, busy.shop_id)
        calls = dict(busy.shop.calls)
        with pytest.raises(Busy, match="ran meanwhile"):
            pull_orders(busy.ctx, busy.shop_id)
        assert dict(busy.shop.calls) == calls
        sync_now(busy.ctx, busy.shop_id)
        pull_orders(busy.ctx, busy.shop_id)  # somebody asked for it meanwhile: it is due
        assert push_stock(busy.ctx, busy.shop_id) > 0  # what has rows of its own that wait goes by these
    pull_orders(busy.ctx, busy.shop_id)
    assert busy.shop.calls["pull_orders"] == calls["pull_orders"] + 2


def test_numbers_that_fill_a_call_leave_the_turn_to_others_and_ring_for_the_rest(world: World) -> None:
    world.shop.spec = replace(world.shop.spec, max_stock_lines=1)
    world.stock("A", "W1", 5)
    world.stock("B", "W1", 5)
    world.bell.rung.clear()
    assert push_stock(world.ctx, world.shop_id) == 1
    assert world.bell.rung == [("stock.push", world.shop_id)]
    world.shop.spec = replace(world.shop.spec, max_stock_lines=100)
    assert push_stock(world.ctx, world.shop_id) >= 1
    assert world.bell.rung == [("stock.push", world.shop_id)]
