"""A stream that cannot read its own place begins anew: where a first pull would, or at a day; nothing is doubled."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.canonical.errors import BadInput, BadRecord, Conflict, NotFound
from hub.ports.channel import Can
from hub.store import tables as t
from hub.usecases.pull_orders import pull_orders
from hub.usecases.restart_stream import restart_stream
from hub.usecases.streams import Busy
from tests.fakes.channel import SPEC, payload
from tests.fakes.world import World

SINCE = datetime(2026, 11, 10, tzinfo=UTC)


@pytest.fixture
def stuck(world: World) -> World:
    """Two orders came; then the place of the stream became one that nobody can read."""
    world.stock("A", "W1", 100)
    world.arrive(*(payload(f"o{day}", {"a1": ("L-A", 1)}, f"2026-11-{day}T08:00:00Z") for day in ("03", "12")))
    _write(world, cursor="garbage")
    with pytest.raises(BadRecord, match=r"^cursor = 'garbage': "):
        pull_orders(world.ctx, world.shop_id)
    return world


def _write(world: World, **values: Any) -> None:
    with world.db.write() as db:
        db.execute(t.streams.update().where(t.streams.c.stream == "orders").values(values))


def _row(world: World) -> Any:
    return world.rows(t.streams, t.streams.c.stream == "orders")[0]


def _restart(world: World, stream: str = "orders", since: datetime | None = None) -> None:
    restart_stream(world.ctx, world.shop_id, stream, actor="user:1", since=since)


def test_the_next_pull_begins_where_a_first_one_would_and_nothing_is_doubled(stuck: World) -> None:
    assert (_row(stuck).failures, _row(stuck).error[:10]) == (1, "cursor = '")
    _restart(stuck)
    assert (_row(stuck).cursor, _row(stuck).failures, _row(stuck).error) == (None, 0, "")
    assert ("orders.pull", stuck.shop_id) in stuck.bell.rung
    assert pull_orders(stuck.ctx, stuck.shop_id) == 0
    stuck.work()
    assert (stuck.shop.cursors[-1], len(stuck.rows(t.orders)), stuck.balance("A", "W1")) == (None, 2, (100, 2))
    (told,) = stuck.rows(t.audit_log, t.audit_log.c.action == "stream.restarted")
    assert (told.actor, told.subject, told.data) == (
        "user:1", f"connection:{stuck.shop_id}", {"stream": "orders", "before": "garbage", "since": None},
    )  # fmt: skip


def test_it_begins_at_a_day_where_one_is_named(stuck: World) -> None:
    _restart(stuck, since=SINCE)
    assert _row(stuck).cursor == "2026-11-10T00:00:00Z"
    pull_orders(stuck.ctx, stuck.shop_id)
    assert stuck.shop.cursors[-1] == "2026-11-10T00:00:00Z"


def test_a_run_that_is_under_way_gives_way(world: World) -> None:
    world.arrive(*(payload(f"o{day}", {"a1": ("L-A", 1)}, f"2026-11-{day}T08:00:00Z") for day in ("03", "12", "14")))
    world.shop.page_size = 1
    world.shop.meanwhile["next_page"] = lambda: _restart(world)
    pull_orders(world.ctx, world.shop_id)
    assert (_row(world).cursor, _row(world).behind, _row(world).due_at) == (None, True, world.clock())
    pull_orders(world.ctx, world.shop_id)
    assert (world.shop.cursors[-1], len(world.rows(t.inbox))) == (None, 3)


def test_so_does_one_that_begins_when_a_day_is_named(world: World) -> None:
    world.arrive(payload("o03", {"a1": ("L-A", 1)}, "2026-11-03T08:00:00Z"))
    world.shop.meanwhile["pull_orders"] = lambda: _restart(world, since=SINCE)
    pull_orders(world.ctx, world.shop_id)
    assert (_row(world).cursor, _row(world).behind) == ("2026-11-10T00:00:00Z", True)


def test_what_a_crashed_run_left_locked_is_not_waited_for(stuck: World) -> None:
    _write(stuck, leased_until=stuck.clock() + timedelta(seconds=60), leased_by="other")
    _restart(stuck)
    assert (_row(stuck).cursor, _row(stuck).error) == (None, "")


def test_a_first_run_could_not_tell_that_it_was_set_back(world: World) -> None:
    world.arrive(payload("o03", {"a1": ("L-A", 1)}, "2026-11-03T08:00:00Z"))
    _write(world, cursor=None)
    found: list[Exception] = []

    def refused() -> None:
        with pytest.raises(Conflict) as caught:
            _restart(world)
        found.append(caught.value)

    world.shop.meanwhile["pull_orders"] = refused
    pull_orders(world.ctx, world.shop_id)
    words = "shop is being read from there just now: stop the stream first, then try again"
    assert ([str(each) for each in found], _row(world).cursor) == ([words], "2026-11-03T08:00:00Z")
    assert world.rows(t.audit_log, t.audit_log.c.action == "stream.restarted") == []


def test_a_stream_that_a_person_stopped_stays_so(stuck: World) -> None:
    _write(stuck, paused=True)
    _restart(stuck)
    with pytest.raises(Busy):
        pull_orders(stuck.ctx, stuck.shop_id)
    assert (_row(stuck).cursor, _row(stuck).paused) == (None, True)


@pytest.mark.parametrize("stream", ["listings", "stock", "nothing"])
def test_what_has_no_place_has_none_to_forget(stuck: World, stream: str) -> None:
    words = rf"^this connection has no stream '{stream}' that reads on from a place; most channels tell refunds with "
    with pytest.raises(NotFound, match=words):
        _restart(stuck, stream)


def test_a_day_that_is_none_and_a_channel_without_dates_are_refused(stuck: World) -> None:
    with pytest.raises(BadInput, match=r"is not past yet"):
        _restart(stuck, since=stuck.clock() + timedelta(days=1))
    stuck.shop.spec = replace(SPEC, can=SPEC.can - {Can.BACKFILL})
    with pytest.raises(Conflict, match=r"^shop cannot be read again: its channel gives each order once"):
        _restart(stuck, since=SINCE)
    assert _row(stuck).cursor == "garbage"
    _restart(stuck)
    assert _row(stuck).cursor is None
