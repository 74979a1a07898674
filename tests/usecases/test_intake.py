"""Orders come by pull, webhook, refetch and sweep: kept before anything else, each once, none lost."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from hub.canonical.errors import AuthFailed, BadRecord, ChannelDown, NotFound
from hub.ports.channel import RawRecord
from hub.store import tables as t
from hub.usecases.connect import pause_connection, pause_stream, resume_connection
from hub.usecases.housekeeping import clean
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.pull_orders import pull_orders
from hub.usecases.receive_webhook import receive_webhook
from hub.usecases.reconcile_orders import reconcile_orders
from hub.usecases.refetch_orders import refetch_orders
from hub.usecases.streams import Busy, due_work, running
from tests.fakes.channel import payload, signed
from tests.fakes.world import World

EIGHT, NINE = "2026-11-23T08:00:00Z", "2026-11-23T09:00:00Z"


def one(ref: str, at: str = EIGHT, quantity: int = 1) -> object:
    return payload(ref, {"1": ("L-A", quantity)}, at)


def stream(world: World, name: str):  # type: ignore[no-untyped-def]
    s = t.streams.c
    (found,) = world.rows(t.streams, s.connection_id == world.shop_id, s.stream == name)
    return found


def hook(world: World, body: object) -> None:
    receive_webhook(world.ctx, "shop", *signed(body))


def test_the_cursor_moves_with_each_committed_page_and_stays_where_the_channel_broke(world: World) -> None:
    world.shop.page_size = 2
    world.shop.orders = [one(f"o{n}", f"2026-11-23T0{n}:00:00Z") for n in range(1, 6)]
    world.shop.fail["next_page"] = [ChannelDown("502")]
    with pytest.raises(ChannelDown):
        pull_orders(world.ctx, world.shop_id)
    assert stream(world, "orders").cursor == "2026-11-23T02:00:00Z"
    assert [row.ref for row in world.rows(t.inbox)] == ["o1", "o2"]
    assert pull_orders(world.ctx, world.shop_id) == 3
    assert world.shop.cursors == [None, "2026-11-23T02:00:00Z"]
    assert stream(world, "orders").cursor == "2026-11-23T05:00:00Z"
    assert (stream(world, "orders").total, stream(world, "orders").newest_at.hour) == (5, 5)
    assert pull_orders(world.ctx, world.shop_id) == 0


def test_a_page_is_stored_whole_or_not_at_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from hub.usecases import pull_orders as module

    def dies(*_args: object, **_values: object) -> None:
        raise SystemExit

    monkeypatch.setattr(module, "extend", dies)
    world.shop.orders = [one("o1")]
    with pytest.raises(SystemExit):
        pull_orders(world.ctx, world.shop_id)
    assert (world.rows(t.inbox), stream(world, "orders").cursor) == ([], None)


def test_an_order_that_a_pull_missed_is_found_by_the_sweep(world: World) -> None:
    world.stock("A", "W1", 5)
    world.shop.orders = [one("o1", NINE)]
    pull_orders(world.ctx, world.shop_id)
    world.shop.orders.insert(0, one("o0", EIGHT))  # it appears late, behind the cursor
    assert pull_orders(world.ctx, world.shop_id) == 0
    assert reconcile_orders(world.ctx, world.shop_id) == 1
    world.work()
    assert world.state("o0") == "routed"
    assert stream(world, "orders").cursor == NINE
    (found,) = world.rows(t.audit_log, t.audit_log.c.action == "orders.recovered")
    assert found.data == {"count": 1}
    assert reconcile_orders(world.ctx, world.shop_id) == 0


def test_a_webhook_with_a_bad_signature_stores_nothing(world: World) -> None:
    headers, raw = signed({"event_id": "e1", "orders": [one("o1")]})
    with pytest.raises(AuthFailed):
        receive_webhook(world.ctx, "shop", headers, raw + b" ")
    with pytest.raises(AuthFailed):
        receive_webhook(world.ctx, "shop", {}, raw)
    assert world.rows(t.inbox) == []
    assert world.rows(t.connections)[0].state == "active"


def test_a_webhook_of_an_unknown_connection_is_refused(world: World) -> None:
    with pytest.raises(NotFound, match="no connection named 'nobody'"):
        receive_webhook(world.ctx, "nobody", *signed({"event_id": "e1"}))


def test_a_webhook_is_kept_and_rings(world: World) -> None:
    world.stock("A", "W1", 5)
    world.bell.rung.clear()
    hook(world, {"event_id": "e1", "orders": [one("o1")]})
    (row,) = world.rows(t.inbox)
    assert (row.source, row.topic, row.state, json.loads(row.raw)) == ("webhook", "orders", "new", one("o1"))
    assert world.bell.rung == [("inbox.ingest", None)]
    assert (stream(world, "webhooks").total, stream(world, "webhooks").ok_at) == (1, world.clock())
    world.work()
    assert world.state("o1") == "routed"


def test_a_doubled_webhook_is_one_row(world: World) -> None:
    for _ in range(3):
        hook(world, {"event_id": "e1", "orders": [one("o1")]})
    assert len(world.rows(t.inbox)) == 1


def test_an_altered_body_under_a_known_event_is_kept_as_a_conflict_and_not_applied(world: World) -> None:
    world.stock("A", "W1", 9)
    hook(world, {"event_id": "e1", "orders": [one("o1")]})
    for _ in range(2):
        hook(world, {"event_id": "e1", "orders": [one("o1", NINE, 5)]})
    world.work()
    assert [row.state for row in world.rows(t.inbox)] == ["done", "held"]
    assert world.pieces("o1") == {"A": (1, 1, 0)}
    (hold,) = world.rows(t.holds)
    assert (hold.field, hold.value) == ("event_id", "e1")
    assert hold.why == "came a second time with a different body; not applied"


def test_a_webhook_and_a_pull_of_the_same_order_make_one_order(world: World) -> None:
    world.stock("A", "W1", 5)
    hook(world, {"event_id": "e1", "orders": [one("o1")]})
    world.arrive(one("o1"))
    assert (len(world.rows(t.inbox)), len(world.rows(t.orders)), world.balance("A", "W1")) == (2, 1, (5, 1))


def test_a_webhook_that_cannot_be_read_is_held_with_its_bytes(world: World) -> None:
    hook(world, {"nothing": "useful"})
    ingest_inbox(world.ctx)
    (row,) = world.rows(t.inbox)
    assert (row.state, json.loads(row.raw)) == ("held", {"nothing": "useful"})
    assert world.holds() == [f"bad_record:{world.shop_id}:event_id:null"]


def test_a_thin_webhook_is_fetched_once_however_often_it_came(world: World) -> None:
    world.stock("A", "W1", 5)
    for event in ("e1", "e2", "e3"):
        hook(world, {"event_id": event, "refetch": ["o1"]})
    assert ("orders.refetch", world.shop_id) in due_work(world.ctx)
    world.shop.orders = [one("o1")]
    assert refetch_orders(world.ctx, world.shop_id) == 3
    assert world.shop.calls["fetch_order"] == 1
    assert refetch_orders(world.ctx, world.shop_id) == 0
    world.work()
    assert world.state("o1") == "routed"


def test_one_order_that_cannot_be_fetched_delays_no_other(world: World) -> None:
    world.stock("A", "W1", 5)
    hook(world, {"event_id": "e1", "refetch": ["bad", "gone", "o1"]})
    world.shop.orders = [one("o1")]
    real = world.shop.fetch_order

    def fetch(ref: str) -> RawRecord | None:
        if ref == "bad":
            raise BadRecord("id", ref, "expected a number")
        return real(ref)

    world.shop.fetch_order = fetch  # type: ignore[method-assign]
    assert refetch_orders(world.ctx, world.shop_id) == 3
    found = {row.ref: (row.state, row.error) for row in world.rows(t.inbox, t.inbox.c.kind == "refetch")}
    assert found["o1"] == ("done", "")
    assert found["gone"] == ("ignored", "the channel knows no such order")
    assert found["bad"][0] == "held"
    assert world.holds() == [f"bad_record:{world.shop_id}:id:bad"]
    world.work()
    assert world.state("o1") == "routed"


def test_a_record_whose_envelope_is_broken_is_held_and_its_neighbors_are_stored(world: World) -> None:
    from hub.ports.channel import Page
    from hub.usecases.pull_orders import store_page

    broken = RawRecord("file-1", b"\xff\x00", problem=BadRecord("ISA13", "7", "does not match IEA02"), kind="file")
    store_page(world.ctx, world.shop_id, Page((broken, world.shop.record(one("o1"))), "c1"))
    ingest_inbox(world.ctx)
    assert [(row.ref, row.state) for row in world.rows(t.inbox)] == [("file-1", "held"), ("o1", "done")]
    (hold,) = world.rows(t.holds)
    assert (hold.field, hold.value, hold.why) == ("ISA13", "7", "does not match IEA02")
    assert world.rows(t.inbox)[0].raw == b"\xff\x00"


def test_a_lease_keeps_a_second_worker_away_until_it_runs_out(world: World) -> None:
    with pytest.raises(SystemExit), running(world.ctx, world.shop_id, "orders"):
        raise SystemExit
    with pytest.raises(Busy, match="is being run by hub"):
        pull_orders(world.ctx, world.shop_id)
    assert ("orders.pull", world.shop_id) not in due_work(world.ctx)
    world.clock.move(seconds=60.5)
    assert ("orders.pull", world.shop_id) in due_work(world.ctx)
    assert pull_orders(world.ctx, world.shop_id) == 0


def test_a_paused_connection_does_nothing_but_keeps_webhooks(world: World) -> None:
    world.stock("A", "W1", 5)
    pause_connection(world.ctx, world.shop_id, "eve")
    with pytest.raises(Busy):
        pull_orders(world.ctx, world.shop_id)
    assert not [work for work in due_work(world.ctx) if work[1] == world.shop_id]
    hook(world, {"event_id": "e1", "orders": [one("o1")]})
    world.work()
    assert world.state("o1") == "routed"
    resume_connection(world.ctx, world.shop_id, "eve")
    assert pull_orders(world.ctx, world.shop_id) == 0


def test_a_paused_stream_stops_alone(world: World) -> None:
    pause_stream(world.ctx, world.shop_id, "orders", True, "eve")
    with pytest.raises(Busy):
        pull_orders(world.ctx, world.shop_id)
    assert reconcile_orders(world.ctx, world.shop_id) == 0
    pause_stream(world.ctx, world.shop_id, "orders", False, "eve")
    assert pull_orders(world.ctx, world.shop_id) == 0
    with pytest.raises(NotFound):
        pause_stream(world.ctx, world.shop_id, "nonsense", True, "eve")


def test_a_slow_channel_delays_no_other_connection(world: World) -> None:
    other = world.connect("other")
    world.shop.fail["pull_orders"] = [ChannelDown("timeout")]
    with pytest.raises(ChannelDown):
        pull_orders(world.ctx, world.shop_id)
    work = due_work(world.ctx)
    assert ("orders.pull", other) in work
    assert ("orders.pull", world.shop_id) not in work


def test_a_bug_in_a_connector_is_noted_at_its_stream_and_tried_later(world: World) -> None:
    world.shop.fail["pull_orders"] = [ZeroDivisionError("a bug")]
    with pytest.raises(ZeroDivisionError):
        pull_orders(world.ctx, world.shop_id)
    row = stream(world, "orders")
    assert (row.error, row.failures, row.leased_until) == ("our code failed: ZeroDivisionError", 1, None)
    assert row.due_at > world.clock()


def test_cleaning_keeps_orders_holds_and_young_messages_and_an_old_message_that_returns_changes_nothing(
    world: World,
) -> None:
    world.stock("A", "W1", 5)
    world.arrive(one("o1"), one("o2"), payload("o3", {"1": ("L-A", 1)}, status="on-ice"))
    while world.send():
        pass
    world.clock.move(days=91)
    assert clean(world.ctx) == 4
    assert [row.ref for row in world.rows(t.inbox)] == ["o3"]
    before = world.row("o1")
    world.arrive(one("o1"))
    assert world.row("o1") == before
    assert clean(world.ctx) == 0
    assert world.clock() - world.row("o1").created_at > timedelta(days=90)


def quantity(world: World, ref: str) -> int:
    (line,) = world.rows(t.order_lines, t.order_lines.c.order_id == world.row(ref).id)
    return int(line.wanted)


def test_of_two_versions_of_one_second_the_channel_says_which_holds(world: World) -> None:
    world.stock("A", "W1", 9)
    now, old = one("o1", EIGHT, 2), one("o1", EIGHT, 3)
    world.shop.orders = [now]
    pull_orders(world.ctx, world.shop_id)
    world.work()
    hook(world, {"event_id": "overtaken", "orders": [old]})
    world.work()
    assert (quantity(world, "o1"), world.balance("A", "W1")) == (3, (9, 3))
    assert ("orders.refetch", world.shop_id) in due_work(world.ctx)
    assert refetch_orders(world.ctx, world.shop_id) == 1
    world.work()
    assert (quantity(world, "o1"), world.balance("A", "W1"), world.state("o1")) == (2, (9, 2), "routed")
    while refetch_orders(world.ctx, world.shop_id):
        world.work()
    assert (quantity(world, "o1"), world.shop.calls["fetch_order"]) == (2, 2)


def test_two_versions_of_one_second_in_one_batch_are_asked_about_too(world: World) -> None:
    world.stock("A", "W1", 9)
    world.shop.orders = [one("o1", EIGHT, 2)]
    hook(world, {"event_id": "e1", "orders": [one("o1", EIGHT, 2)]})
    hook(world, {"event_id": "e2", "orders": [one("o1", EIGHT, 3)]})
    hook(world, {"event_id": "e3", "orders": [one("o2", EIGHT, 1), one("o2", EIGHT, 1)]})
    world.work()
    assert [row.ref for row in world.rows(t.inbox, t.inbox.c.kind == "refetch")] == ["o1"]
    while refetch_orders(world.ctx, world.shop_id):
        world.work()
    assert quantity(world, "o1") == 2
