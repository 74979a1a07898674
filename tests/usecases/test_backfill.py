"""Orders of a range of days read again: beside the running pull, step by step, nothing doubled, nothing lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.canonical.errors import BadInput, ChannelDown, Conflict, NotFound
from hub.canonical.urgency import Urgency
from hub.ports.caller import caller
from hub.ports.channel import Can
from hub.reports.backfills import BackfillFact, read_backfills
from hub.store import tables as t
from hub.usecases.backfill_orders import ask_backfill, backfill_orders, cancel_backfill, end_of
from hub.usecases.pull_orders import STEP_PAGES, pull_orders
from hub.usecases.streams import Busy, due_work
from tests.fakes.channel import SPEC, payload
from tests.fakes.world import World

SINCE, UNTIL = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 15, tzinfo=UTC)


def order(ref: str, at: str, placed: str = "", **more: Any) -> Any:
    return payload(ref, {"a1": ("L-A", 1)}, f"{at}T08:00:00Z", placed_at=f"{placed or at}T08:00:00Z", **more)


@pytest.fixture
def shop(world: World) -> World:
    """The pull stands at the 23rd; before that the shop had orders that nobody read."""
    world.stock("A", "W1", 100)
    world.pull(order("now", "2026-11-23"))
    world.work()
    assert world.state("now") == "routed"
    world.shop.orders = [
        order("before", "2026-10-20"), order("first", "2026-11-01"), order("last", "2026-11-14"),
        order("old", "2026-11-16", "2026-10-01"), order("later", "2026-11-17", "2026-11-03"),
        order("after", "2026-11-18"), order("now", "2026-11-23"),
    ]  # fmt: skip
    return world


def ask(world: World, until: datetime | None = UNTIL) -> int:
    return ask_backfill(world.ctx, world.shop_id, SINCE, until, actor="user:1")


def step(world: World) -> int:
    return backfill_orders(world.ctx, world.shop_id)


def fact(world: World) -> BackfillFact:
    return read_backfills(world.db, world.shop_id)[0]


def pull_row(world: World) -> Any:
    return world.rows(t.streams, t.streams.c.stream == "orders")[0]


def refs(world: World) -> set[str]:
    return {row.channel_ref for row in world.rows(t.orders)}


def test_what_was_placed_or_changed_in_the_range_comes_and_the_running_pull_is_not_touched(shop: World) -> None:
    before = pull_row(shop)
    ask(shop)
    assert ("orders.backfill", shop.shop_id) in due_work(shop.ctx)
    assert step(shop) == 3
    shop.work()
    assert refs(shop) == {"now", "first", "last", "later"}
    assert pull_row(shop) == before
    found = fact(shop)
    assert (found.state, found.new, found.known, found.error) == ("done", 3, 0, "")
    assert found.reached_at == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert ("orders.backfill", shop.shop_id) not in due_work(shop.ctx)
    assert {row.source for row in shop.rows(t.inbox, t.inbox.c.ref != "now")} == {"backfill"}


def test_without_an_end_it_goes_up_to_now_and_what_is_here_already_is_counted_and_not_doubled(shop: World) -> None:
    ask(shop, None)
    step(shop)
    shop.work()
    assert refs(shop) == {"now", "first", "last", "old", "later", "after"}
    assert (fact(shop).new, fact(shop).known) == (5, 1)
    ask(shop, None)
    assert step(shop) == 0
    shop.work()
    assert (fact(shop).new, fact(shop).known) == (0, 6)
    assert len(shop.rows(t.inbox)) == len(shop.rows(t.orders)) == 6
    assert shop.balance("A", "W1") == (100, 6)


def test_an_order_that_is_over_in_the_shop_is_kept_as_such_and_takes_no_stock(shop: World) -> None:
    shop.shop.orders = [
        order("closed", "2026-11-02", status="closed"), order("sent", "2026-11-03", fulfillment="fulfilled"),
        order("gone", "2026-11-04", status="cancelled"),
    ]  # fmt: skip
    ask(shop)
    step(shop)
    shop.work()
    assert (shop.state("closed"), shop.state("sent"), shop.state("gone")) == ("closed", "closed", "cancelled")
    assert shop.balance("A", "W1") == (100, 1)


def test_it_comes_in_bounded_steps_in_the_lane_of_bulk(shop: World) -> None:
    days = [SINCE + timedelta(hours=n) for n in range(25 * STEP_PAGES // 10)]
    shop.shop.page_size = 1
    shop.shop.orders = [
        payload(f"o{n}", {"a1": ("L-A", 1)}, at.isoformat(), placed_at=at.isoformat()) for n, at in enumerate(days)
    ]
    ask(shop)
    lanes, steps = [], 0
    while fact(shop).state == "running":
        shop.bell.rung.clear()
        shop.shop.meanwhile["pull_orders"] = lambda: lanes.append(caller().urgency)
        assert step(shop) <= STEP_PAGES
        steps += 1
        assert steps < 10
        assert (("orders.backfill", shop.shop_id) in shop.bell.rung) is (fact(shop).state == "running")
    assert steps == 3
    assert set(lanes) == {Urgency.BULK}
    assert (fact(shop).new, fact(shop).known) == (len(days), 0)


def test_after_a_failure_or_a_crash_it_goes_on_where_it_was(shop: World) -> None:
    shop.shop.page_size = 2
    shop.shop.fail["next_page"] = [None, ChannelDown("the shop is closed")]  # type: ignore[list-item]
    ask(shop, None)
    with pytest.raises(ChannelDown):
        step(shop)
    assert (fact(shop).state, fact(shop).error, fact(shop).new) == ("running", "the shop is closed", 4)
    with shop.db.write() as db:
        mine = t.streams.update().where(t.streams.c.stream == "backfill")
        db.execute(mine.values(leased_until=shop.clock() + timedelta(seconds=60), leased_by="a worker that died"))
    with pytest.raises(Busy, match="a worker that died"):
        step(shop)
    shop.clock.move(minutes=10)
    assert ("orders.backfill", shop.shop_id) in due_work(shop.ctx)
    step(shop)
    shop.work()
    assert shop.shop.cursors[-1] == "2026-11-17T08:00:00Z"
    assert (fact(shop).state, fact(shop).new, fact(shop).known) == ("done", 5, 1)
    assert len(refs(shop)) == 6


def test_it_can_be_cancelled_between_two_pages_and_what_was_read_stays(shop: World) -> None:
    shop.shop.page_size = 1
    ask(shop)
    shop.shop.meanwhile["next_page"] = lambda: cancel_backfill(shop.ctx, shop.shop_id, actor="user:1")
    assert step(shop) == 1
    shop.work()
    assert (fact(shop).state, fact(shop).new) == ("cancelled", 1)
    assert refs(shop) == {"now", "first"}
    with pytest.raises(Busy):
        step(shop)
    with pytest.raises(NotFound, match="no backfill is under way here"):
        cancel_backfill(shop.ctx, shop.shop_id, actor="user:1")


@pytest.mark.parametrize("call", ["pull_orders", "next_page"])
@pytest.mark.parametrize("size", [1, 100])
def test_one_that_is_asked_while_the_former_still_runs_is_read_from_its_own_beginning(
    shop: World, call: str, size: int
) -> None:
    def anew() -> None:
        cancel_backfill(shop.ctx, shop.shop_id, actor="user:1")
        ask_backfill(shop.ctx, shop.shop_id, SINCE - timedelta(days=20), UNTIL, actor="user:1")

    shop.shop.page_size = size
    ask(shop)
    shop.shop.meanwhile[call] = anew
    step(shop)
    assert [row.state for row in read_backfills(shop.db, shop.shop_id)] == ["running", "cancelled"]
    (stream,) = shop.rows(t.streams, t.streams.c.stream == "backfill")
    assert stream.cursor == "2026-10-12T00:00:00Z"
    assert ("orders.backfill", shop.shop_id) in due_work(shop.ctx)
    step(shop)
    shop.work()
    assert (fact(shop).state, "before" in refs(shop)) == ("done", True)


def test_the_running_pull_goes_on_meanwhile(shop: World) -> None:
    ask(shop)
    shop.shop.orders.append(order("new", "2026-11-24"))
    shop.shop.meanwhile["pull_orders"] = lambda: pull_orders(shop.ctx, shop.shop_id)
    step(shop)
    shop.work()
    assert "new" in refs(shop)
    assert pull_row(shop).cursor == "2026-11-24T08:00:00Z"


def test_an_order_that_nobody_understands_is_held_and_not_left_out(shop: World) -> None:
    shop.shop.orders = [order("odd", "2026-11-02", status="strange"), order("odder", "2026-11-20", status="strange")]
    ask(shop)
    step(shop)
    shop.work()
    assert {row.ref: row.state for row in shop.rows(t.inbox, t.inbox.c.ref != "now")} == {
        "odd": "held", "odder": "held"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("since", "until", "why"),
    [
        (15, 1, "since = 2026-11-15T00:00:00Z is not before until: name an earlier since or a later until"),
        (30, None, "since = 2026-11-30T00:00:00Z is not past yet (it is 2026-11-23 09:30 UTC): name an earlier since"),
        (1, 25, "until is not past yet (it is 2026-11-23 09:30 UTC): leave it out to read up to now"),
        (-4000, None, "since = 2015-11-18T00:00:00Z is more than ten years ago: name a since from 2016-11-15 on"),
    ],
)  # fmt: skip
def test_a_range_that_is_none_is_told_by_what_is_wrong_with_it(
    shop: World, since: int, until: int | None, why: str
) -> None:
    first = datetime(2026, 10, 31, tzinfo=UTC)
    end = None if until is None else first + timedelta(days=until)
    with pytest.raises(BadInput) as told:
        ask_backfill(shop.ctx, shop.shop_id, first + timedelta(days=since), end, actor="user:1")
    assert str(told.value) == why
    assert read_backfills(shop.db, shop.shop_id) == []


def test_the_whole_of_today_may_be_asked_for(shop: World) -> None:
    today = shop.clock().replace(hour=0, minute=0)
    ask_backfill(shop.ctx, shop.shop_id, today, end_of(today), actor="user:1")
    assert [one.state for one in read_backfills(shop.db, shop.shop_id)] == ["running"]


def test_one_at_a_time_and_only_where_the_channel_can(shop: World) -> None:
    ask(shop)
    with pytest.raises(Conflict, match="a backfill of shop is under way already"):
        ask(shop)
    cancel_backfill(shop.ctx, shop.shop_id, actor="user:1")
    shop.shop.spec = replace(SPEC, can=SPEC.can - {Can.BACKFILL})
    with pytest.raises(Conflict, match="shop cannot be read again: its channel gives each order once"):
        ask(shop)
    assert [one.state for one in read_backfills(shop.db, shop.shop_id)] == ["cancelled"]


def test_a_day_as_an_end_means_the_whole_day() -> None:
    assert end_of(UNTIL) == UNTIL + timedelta(days=1)
    assert end_of(UNTIL + timedelta(hours=3)) == UNTIL + timedelta(hours=3)
