"""Absolute stock goes to every listing: coalesced, versioned, per line, under the channel's limits and the breaker."""

from __future__ import annotations

import pytest

from hub.canonical.errors import AuthFailed, ChannelDown, Throttled, TimedOut
from hub.ports.channel import StockAnswer
from hub.rules.backoff import retry_delay_s
from hub.store import tables as t
from hub.store.pushes import mark_listings
from hub.usecases.connect import check_connection, resume_connection
from hub.usecases.fix_holds import link_listing
from hub.usecases.mass_zero import allow_mass_zero
from hub.usecases.push_stock import push_stock
from hub.usecases.reconcile_stock import find_drift, reconcile_stock
from hub.usecases.streams import Busy, due_work
from tests.fakes.channel import payload
from tests.fakes.six_skus import trips
from tests.fakes.world import World


def push(world: World) -> int:
    return push_stock(world.ctx, world.shop_id)


def waiting(world: World) -> list[str]:
    p = t.stock_pushes.c
    return [row.listing_ref for row in world.rows(t.stock_pushes, p.seq > p.sent_seq)]


def row(world: World, ref: str = "L-A"):  # type: ignore[no-untyped-def]
    (found,) = world.rows(t.stock_pushes, t.stock_pushes.c.listing_ref == ref)
    return found


@pytest.fixture
def world(world: World) -> World:
    """What is not stocked yet is known to be 0."""
    world.know_empty()
    return world


@pytest.fixture
def calm(world: World) -> World:
    """Everything that the connection of the shop asked for was pushed."""
    push(world)
    world.shop.stock_calls.clear()
    return world


def test_a_hundred_changes_are_one_line_of_one_call_with_the_last_number(calm: World) -> None:
    for _ in range(100):
        calm.stock("C", "W1", 1)
    assert waiting(calm) == ["L-C"]
    assert push(calm) == 1
    (lines,) = calm.shop.stock_calls
    assert [(line.listing_ref, line.available, line.last_sent) for line in lines] == [("L-C", 100, 0)]
    assert push(calm) == 0
    assert len(calm.shop.stock_calls) == 1


def test_a_change_of_a_component_pushes_the_kit_too(calm: World) -> None:
    calm.stock("A", "W1", 1)
    calm.stock("B", "W1", 5)
    assert waiting(calm) == ["L-A", "L-B", "L-KIT"]
    push(calm)
    assert calm.shop.shelf == {"L-A": 1, "L-B": 5, "L-C": 0, "L-KIT": 1}


def test_every_shop_hears_of_a_sale_in_one_of_them(calm: World) -> None:
    other = calm.connect("other")
    calm.stock("A", "W1", 5)
    calm.order("o1", A=2)
    push(calm)
    push_stock(calm.ctx, other)
    assert (calm.shop.shelf["L-A"], calm.shops[other].shelf["L-A"]) == (3, 3)


def test_the_key_of_a_line_is_the_same_on_a_retry_and_another_for_another_number(calm: World) -> None:
    calm.stock("C", "W1", 1)
    calm.shop.fail["push_stock"] = [TimedOut("no answer")]
    keys = []
    real = calm.shop.push_stock
    calm.shop.push_stock = lambda lines: keys.append(lines[0].key) or real(lines)  # type: ignore[method-assign,func-returns-value]
    with pytest.raises(TimedOut):
        push(calm)
    push(calm)
    calm.stock("C", "W1", 1)
    push(calm)
    assert keys[0] == keys[1] != keys[2]


def test_a_change_during_the_call_is_pushed_afterwards(calm: World) -> None:
    calm.stock("C", "W1", 5)
    calm.shop.meanwhile["push_stock"] = lambda: calm.stock("C", "W1", -2)
    push(calm)
    assert (calm.shop.shelf["L-C"], waiting(calm)) == (5, ["L-C"])
    assert push(calm) == 1
    assert (calm.shop.shelf["L-C"], waiting(calm)) == (3, [])


def test_a_stale_answer_pulls_orders_first_and_pushes_then(calm: World) -> None:
    """The shop sold two that we have not seen: our number must not overwrite that sale."""
    calm.shop.compare_and_set = True
    calm.stock("A", "W1", 5)
    push(calm)
    calm.shop.shelf["L-A"] = 3
    calm.stock("A", "W1", 1)
    calm.bell.rung.clear()
    push(calm)
    assert (calm.shop.shelf["L-A"], row(calm).sent_value, row(calm).attempts) == (3, 3, 0)
    assert calm.bell.rung == [("orders.pull", calm.shop_id)]
    assert ("orders.pull", calm.shop_id) in due_work(calm.ctx)
    assert push(calm) == 0  # it waits a moment for the orders
    calm.arrive(payload("o1", {"1": ("L-A", 2)}))
    for _ in range(2):  # the hub guesses what the sale took off the shop's number; a wrong guess costs one more answer
        calm.clock.move(seconds=2)
        push(calm)
    assert (calm.shop.shelf["L-A"], waiting(calm)) == (4, [])


def test_one_refused_line_stops_no_other(calm: World) -> None:
    calm.shop.line_answers = {
        "L-A": StockAnswer("L-A", False, why="not tracked here"),
        "L-B": StockAnswer("L-B", False, why="try later", retry=True),
    }
    for sku in "ABC":
        calm.stock(sku, "W1", 4)
    push(calm)
    assert calm.shop.shelf["L-C"] == 4
    assert (row(calm).dead, row(calm).error) == (True, "not tracked here")
    assert (row(calm, "L-B").dead, row(calm, "L-B").attempts) == (False, 1)
    assert row(calm, "L-B").due_at == calm.clock() + _seconds(2)
    calm.shop.line_answers.clear()
    calm.clock.move(seconds=2)
    assert push(calm) == 1
    assert calm.shop.shelf == {"L-A": 0, "L-B": 4, "L-C": 4, "L-KIT": 2}
    calm.stock("A", "W1", 1)  # a new number is a new try
    push(calm)
    assert calm.shop.shelf["L-A"] == 5


def test_a_line_that_fails_eight_times_is_given_up_and_said_so(calm: World) -> None:
    calm.shop.line_answers = {"L-C": StockAnswer("L-C", False, why="try later", retry=True)}
    calm.stock("C", "W1", 4)
    for _ in range(8):
        push(calm)
        calm.clock.move(seconds=300)
    assert (row(calm, "L-C").dead, row(calm, "L-C").attempts) == (True, 8)
    assert push(calm) == 0


def test_a_channel_that_asks_to_wait_is_left_alone_for_so_long(calm: World) -> None:
    calm.stock("C", "W1", 4)
    calm.shop.fail["push_stock"] = [Throttled("slow down", retry_after=90)]
    with pytest.raises(Throttled):
        push(calm)
    (stream,) = calm.rows(t.streams, t.streams.c.connection_id == calm.shop_id, t.streams.c.stream == "stock")
    assert 90 <= (stream.due_at - calm.clock()).total_seconds() <= 90 * 1.25
    assert (stream.failures, stream.error, stream.leased_until) == (1, "slow down", None)
    calm.clock.move(seconds=89)
    assert ("stock.push", calm.shop_id) not in due_work(calm.ctx)
    calm.clock.move(seconds=25)
    assert ("stock.push", calm.shop_id) in due_work(calm.ctx)
    push(calm)
    assert calm.shop.shelf["L-C"] == 4
    (stream,) = calm.rows(t.streams, t.streams.c.connection_id == calm.shop_id, t.streams.c.stream == "stock")
    assert (stream.failures, stream.error) == (0, "")


def test_a_channel_that_stays_down_is_asked_less_and_less(calm: World) -> None:
    calm.stock("C", "W1", 4)
    waits = []
    for _ in range(6):
        calm.shop.fail["push_stock"] = [ChannelDown("502")]
        with pytest.raises(ChannelDown):
            push(calm)
        (stream,) = calm.rows(t.streams, t.streams.c.connection_id == calm.shop_id, t.streams.c.stream == "stock")
        waits.append((stream.due_at - calm.clock()).total_seconds())
        calm.clock.move(seconds=waits[-1])
    assert waits == [retry_delay_s(n, None, 0.5) for n in range(1, 7)] == sorted(waits)
    assert waiting(calm) == ["L-C"]


def test_refused_credentials_pause_the_connection_once_and_keep_everything(calm: World) -> None:
    calm.stock("C", "W1", 4)
    calm.order("o1", C=1)
    for _ in range(2):
        calm.shop.fail["push_stock"] = [AuthFailed("token revoked")]
        with pytest.raises((AuthFailed, Busy)):
            push(calm)
    (connection,) = calm.rows(t.connections)
    assert (connection.state, connection.state_reason) == ("auth_failed", "token revoked")
    paused = calm.rows(t.audit_log, t.audit_log.c.action == "connection.paused")
    assert [row.data for row in paused] == [{"why": "token revoked"}]
    assert not [work for work in due_work(calm.ctx) if work[1] == calm.shop_id]
    with pytest.raises(Busy):
        calm.send()
    assert (waiting(calm), len(calm.rows(t.outbox, t.outbox.c.state == "new"))) == (["L-C"], 1)

    calm.shop.fail.clear()
    assert check_connection(calm.ctx, calm.shop_id, None)[0].ok
    resume_connection(calm.ctx, calm.shop_id, "eve")
    assert (push(calm), calm.send()) == (1, 1)
    assert calm.shop.shelf["L-C"] == 3


def test_a_batch_that_would_empty_the_shop_is_stopped_until_a_person_says_so(world: World) -> None:
    with world.db.write() as db:
        for n in range(22):
            db.execute(t.items.insert().values(sku=f"S{n}", title="", barcode="", created_at=world.clock()))
    for n in range(22):
        link_listing(world.ctx, world.shop_id, f"N{n}", f"S{n}", actor="test")
        world.stock(f"S{n}", "W1", 5)
    push(world)
    before = dict(world.shop.shelf)
    for n in range(20):
        world.stock(f"S{n}", "W1", -5)
    assert push(world) == 20
    assert world.shop.shelf == before
    (stream,) = world.rows(t.streams, t.streams.c.connection_id == world.shop_id, t.streams.c.stream == "stock")
    assert (stream.paused, trips(world)) == (False, ["mass_zero zeroed=20 stocked=22"])
    assert len(waiting(world)) == 20
    assert push(world) == 0
    allow_mass_zero(world.ctx, world.shop_id, True, "eve")
    assert push(world) == 20
    assert [world.shop.shelf[f"N{n}"] for n in (0, 19, 20)] == [0, 0, 5]


def stock_stream(world: World):  # type: ignore[no-untyped-def]
    (stream,) = world.rows(t.streams, t.streams.c.connection_id == world.shop_id, t.streams.c.stream == "stock")
    return stream


def fill(world: World) -> None:
    """The small shop shows A, B, C and the kit of A and B."""
    for sku in ("A", "B", "C"):
        world.stock(sku, "W1", 6)
    push(world)
    assert world.shop.shelf == {"L-A": 6, "L-B": 6, "L-C": 6, "L-KIT": 3}


def test_a_small_shop_is_not_emptied_without_a_question_either(calm: World) -> None:
    fill(calm)
    for sku in ("A", "B", "C"):
        calm.stock(sku, "W1", -6)
    assert push(calm) == 4
    assert trips(calm) == ["mass_zero zeroed=4 stocked=4"]
    assert calm.shop.shelf == {"L-A": 6, "L-B": 6, "L-C": 6, "L-KIT": 3}


def test_a_sku_that_sells_out_is_told_at_once_with_all_that_is_made_of_it(calm: World) -> None:
    fill(calm)
    for n in range(3):
        link_listing(calm.ctx, calm.shop_id, f"B{n}", "B", actor="test")
    push(calm)
    calm.order("o1", B=6)
    push(calm)
    assert (stock_stream(calm).paused, calm.shop.shelf["L-KIT"], calm.shop.shelf["B2"]) == (False, 0, 0)


def test_a_crash_between_the_call_and_the_settling_is_pushed_again_after_the_lease(calm: World) -> None:
    calm.stock("C", "W1", 4)
    real = calm.shop.push_stock

    def dies(lines):  # type: ignore[no-untyped-def]
        real(lines)
        raise SystemExit

    calm.shop.push_stock = dies  # type: ignore[method-assign]
    with pytest.raises(SystemExit):
        push(calm)
    calm.shop.push_stock = real  # type: ignore[method-assign]
    assert waiting(calm) == ["L-C"]
    with pytest.raises(Busy, match="is being run by hub"):
        push(calm)
    calm.clock.move(seconds=61)
    assert ("stock.push", calm.shop_id) in due_work(calm.ctx)
    assert (push(calm), waiting(calm)) == (1, [])
    assert [lines[0].key for lines in calm.shop.stock_calls] == [calm.shop.stock_calls[0][0].key] * 2


def test_a_manual_change_on_the_channel_is_found_named_and_healed(calm: World) -> None:
    calm.stock("C", "W1", 4)
    push(calm)
    calm.shop.shelf["L-C"] = 77
    assert [(d.listing_ref, d.seen, d.ours, d.cause) for d in find_drift(calm.ctx, calm.shop_id)] == [
        ("L-C", 77, 4, "edited_there")
    ]
    calm.bell.rung.clear()
    assert reconcile_stock(calm.ctx, calm.shop_id) == 1
    assert calm.bell.rung == [("orders.pull", calm.shop_id), ("stock.push", calm.shop_id)]
    push(calm)
    assert calm.shop.shelf["L-C"] == 4
    (healed,) = calm.rows(t.audit_log, t.audit_log.c.action == "stock.healed")
    assert healed.data == {"sku": "C", "seen": 77, "ours": 4, "cause": "edited_there"}
    assert reconcile_stock(calm.ctx, calm.shop_id) == 0


def test_a_push_that_is_under_way_is_lag_and_a_listing_that_is_gone_is_left_alone(calm: World) -> None:
    calm.stock("C", "W1", 4)
    del calm.shop.shelf["L-A"]
    causes = {d.listing_ref: d.cause for d in find_drift(calm.ctx, calm.shop_id)}
    assert causes == {"L-C": "lag", "L-A": "gone"}
    assert reconcile_stock(calm.ctx, calm.shop_id) == 0


def test_a_lost_push_row_is_found_by_reading_back(calm: World) -> None:
    with calm.db.write() as db:
        db.execute(t.stock_pushes.delete())
    calm.shop.shelf["L-C"] = 9
    assert [(d.listing_ref, d.cause) for d in find_drift(calm.ctx, calm.shop_id)] == [("L-C", "never_sent")]
    reconcile_stock(calm.ctx, calm.shop_id)
    push(calm)
    assert calm.shop.shelf["L-C"] == 0


def test_a_buffer_and_a_limit_are_kept(calm: World) -> None:
    with calm.db.write() as db:
        which = t.listings.update().where(t.listings.c.listing_ref == "L-C")
        db.execute(which.values(buffer=2, max_listed=5))
    shown = []
    for by in (1, 3, 20):
        calm.stock("C", "W1", by)
        push(calm)
        shown.append(calm.shop.shelf["L-C"])
    assert shown == [0, 2, 5]


def test_marking_a_listing_that_is_not_linked_pushes_nothing(calm: World) -> None:
    with calm.db.write() as db:
        mark_listings(db, calm.shop_id, ["unknown"], calm.clock())
    assert waiting(calm) == []


def _seconds(count: float):  # type: ignore[no-untyped-def]
    from datetime import timedelta

    return timedelta(seconds=count)
