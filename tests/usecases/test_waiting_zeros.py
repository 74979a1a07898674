"""Zeros that the mass-zero breaker doubts wait alone, until a person's word or a number above 0; all else goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row

from hub.canonical.errors import Conflict, NotFound
from hub.live import read_marks
from hub.metrics import page
from hub.ports.channel import Can, StockAnswer
from hub.store import tables as t
from hub.store.pushes import mark_all
from hub.usecases.change_stock import set_safety
from hub.usecases.connect import pause_connection, pause_stream, resume_connection
from hub.usecases.fix_holds import link_listing
from hub.usecases.manage_catalog import set_kit
from hub.usecases.mass_zero import allow_mass_zero, look_again
from hub.usecases.push_now import push_now
from hub.usecases.push_stock import ASKS, push_stock
from hub.usecases.reconcile_stock import find_drift, reconcile_stock
from hub.usecases.refresh_offers import refresh_offers
from hub.usecases.set_selling import set_pool
from hub.usecases.streams import Busy, due_work
from tests.fakes.channel import SPEC
from tests.fakes.six_skus import add_skus, fill_shop, push, second, shown, stopped, trips, waiting, write_down
from tests.fakes.world import World

MINUTES = 60
FOUR = ["L-S0", "L-S1", "L-S2", "L-S3"]


@pytest.fixture
def doubting(world: World) -> World:
    """Four of six SKUs were written down to 0 at once: their zeros wait, the other two listings show 5."""
    fill_shop(world)
    write_down(world, 0, 1, 2, 3)
    push(world)
    assert (waiting(world), shown(world)) == (FOUR, [5] * 6)
    return world


def row(world: World, ref: str) -> Row[Any]:
    mine = (t.stock_pushes.c.connection_id == world.shop_id, t.stock_pushes.c.listing_ref == ref)
    (found,) = world.rows(t.stock_pushes, *mine)
    return found


def test_all_other_numbers_go_on_at_once_lower_ones_and_what_sold_out(doubting: World) -> None:
    other = second(doubting)
    doubting.order("o1", shop_id=other, S4=2)
    doubting.order("o2", shop_id=other, S5=5)
    assert push(doubting) == 2
    assert (shown(doubting), waiting(doubting)) == ([5, 5, 5, 5, 3, 0], FOUR)
    doubting.stock("S4", "W1", 6)
    assert (push(doubting), shown(doubting)[4]) == (1, 9)


def test_the_rest_of_the_same_batch_is_told_with_the_push_that_trips(world: World) -> None:
    fill_shop(world)
    write_down(world, 0, 1, 2, 3)
    world.stock("S4", "W1", -2)
    push(world)
    assert (shown(world), waiting(world)) == ([5, 5, 5, 5, 3, 5], FOUR)
    assert trips(world) == ["mass_zero zeroed=4 stocked=6"]


def test_a_further_zero_that_did_not_sell_out_waits_with_them(doubting: World) -> None:
    doubting.clock.move(seconds=120 * MINUTES)
    write_down(doubting, 4)
    push(doubting)
    assert (shown(doubting), waiting(doubting)) == ([5] * 6, [*FOUR, "L-S4"])
    assert len(trips(doubting)) == 1


def test_a_number_above_0_again_goes_out_by_itself_and_waits_no_more(doubting: World) -> None:
    for n in range(4):
        doubting.stock(f"S{n}", "W1", n + 1)
    assert push(doubting) == 4
    assert (shown(doubting), waiting(doubting), stopped(doubting)) == ([1, 2, 3, 4, 5, 5], [], "")
    assert (row(doubting, "L-S0").error, row(doubting, "L-S0").seq) == ("", row(doubting, "L-S0").sent_seq)
    write_down(doubting, 4)
    push(doubting)
    assert shown(doubting)[4] == 0  # one zero is no mass again


def test_what_was_mended_and_then_sold_out_is_told(doubting: World) -> None:
    doubting.stock("S0", "W1", 2)
    doubting.clock.move(seconds=0.01)
    doubting.order("o1", shop_id=second(doubting), S0=2)
    push(doubting)
    assert (shown(doubting)[0], waiting(doubting)) == (0, FOUR[1:])


@pytest.mark.parametrize("hidden", ["pool", "safety"])
@pytest.mark.parametrize("orders", [1, 2])
def test_orders_elsewhere_let_no_zero_through_that_was_0_before_them(world: World, hidden: str, orders: int) -> None:
    """The pieces are there, though hidden from the shop by mistake: that another sells them explains no 0."""
    fill_shop(world)
    other = second(world)
    if hidden == "pool":
        set_pool(world.ctx, world.shop_id, "", mode="ratio", permille=0, actor="eve")
    for n in range(6 if hidden == "safety" else 0):
        set_safety(world.ctx, f"S{n}", "W1", 50, actor="eve")
    push_all(world)
    assert len(waiting(world)) == 6
    for at in range(orders):
        world.clock.move(seconds=MINUTES)
        world.order(f"o{at}", shop_id=other, **{f"S{n}": 1 for n in range(6)})
    push_all(world)
    assert (shown(world), len(waiting(world))) == ([5] * 6, 6)


def test_a_shop_that_sold_its_last_piece_itself_has_nothing_to_be_told(doubting: World) -> None:
    """Its sale is an order that cannot be served, and its number is 0 there already."""
    assert doubting.order("o1", S0=5) == "held"
    push(doubting)
    mine = row(doubting, "L-S0")
    assert (mine.sent_value, mine.seq, mine.error) == (0, mine.sent_seq, "")
    assert waiting(doubting) == FOUR[1:]


def test_the_time_that_it_waited_before_that_sale_is_no_time_of_the_channel(doubting: World) -> None:
    doubting.clock.move(seconds=600 * MINUTES)
    doubting.order("o1", S0=5)
    push(doubting)
    assert max(row(doubting, "L-S0").latency_ms) == 0


def test_a_fresh_zero_slips_past_none_that_wait_though_all_are_touched_and_batches_are_small(doubting: World) -> None:
    doubting.shop.spec = replace(SPEC, max_stock_lines=1)
    write_down(doubting, 4)
    doubting.clock.move(seconds=5)
    with doubting.db.write() as db:
        mark_all(db, doubting.clock())
    push_all(doubting)
    assert (shown(doubting), waiting(doubting)) == ([5] * 6, [*FOUR, "L-S4"])


def test_zeros_that_wait_ring_no_worker_and_hold_no_lease(doubting: World) -> None:
    assert ("stock.push", doubting.shop_id) not in due_work(doubting.ctx)
    assert push(doubting) == 0
    assert {(row(doubting, ref).leased_until, row(doubting, ref).error) for ref in FOUR} == {(None, ASKS)}
    doubting.stock("S0", "W1", 1)
    assert ("stock.push", doubting.shop_id) in due_work(doubting.ctx)


def test_no_repetition_lets_them_through_however_small_the_batches_and_long_the_wait(doubting: World) -> None:
    doubting.shop.spec = replace(SPEC, max_stock_lines=1)
    for _ in range(4):
        with doubting.db.write() as db:
            mark_all(db, doubting.clock())
        assert sum(iter(lambda: push(doubting), 0)) == 10
        doubting.clock.move(seconds=61 * MINUTES)
    assert (shown(doubting), waiting(doubting), len(trips(doubting))) == ([5] * 6, FOUR, 1)


def test_sending_one_of_them_now_tells_it_to_nobody_and_says_why(doubting: World) -> None:
    doubting.shop.stock_calls.clear()
    (said,) = push_now(doubting.ctx, ["S0"], doubting.shop_id, actor="user:1")
    assert (said.state, said.number, said.why) == ("waits", 5, ASKS)
    assert (doubting.shop.stock_calls, waiting(doubting)) == ([], FOUR)
    (said,) = push_now(doubting.ctx, ["S5"], doubting.shop_id, actor="user:1")
    assert said.state == "accepted"


@pytest.mark.parametrize("readable", [True, False])
def test_the_sweep_of_stock_heals_no_zero_that_waits(doubting: World, readable: bool) -> None:
    if not readable:
        doubting.shop.spec = replace(SPEC, can=SPEC.can - {Can.READ_STOCK})
    else:
        assert {(one.listing_ref, one.cause) for one in find_drift(doubting.ctx, doubting.shop_id)} == {
            (ref, "doubted") for ref in FOUR
        }  # fmt: skip
    reconcile_stock(doubting.ctx, doubting.shop_id)
    push(doubting)
    assert (shown(doubting), waiting(doubting)) == ([5] * 6, FOUR)
    doubting.shop.shelf["L-S0"] = 9  # somebody changed it there
    reconcile_stock(doubting.ctx, doubting.shop_id)
    push(doubting)
    assert (doubting.shop.shelf["L-S0"], waiting(doubting)) == (9, FOUR)


@pytest.fixture
def pooled(world: World) -> World:
    """A pool keeps all six SKUs from the shop for two hours: six zeros wait. Then S0 loses three pieces of five."""
    fill_shop(world)
    ends = world.clock() + timedelta(hours=2)
    set_pool(world.ctx, world.shop_id, "", mode="ratio", permille=0, ends_at=ends, actor="eve")
    push_all(world)
    world.stock("S0", "W1", -3)
    push_all(world)
    assert (shown(world), len(waiting(world)), refresh_offers(world.ctx)) == ([5] * 6, 6, 0)
    world.clock.move(seconds=180 * MINUTES)
    return world


def test_what_rises_above_0_by_the_calendar_goes_out_and_waits_no_more(pooled: World) -> None:
    assert refresh_offers(pooled.ctx) == 6
    push_all(pooled)
    assert (shown(pooled), waiting(pooled)) == ([2, 5, 5, 5, 5, 5], [])
    assert refresh_offers(pooled.ctx) == 0


def test_the_sweep_heals_a_zero_that_waited_and_is_none_any_more(pooled: World) -> None:
    (drift,) = find_drift(pooled.ctx, pooled.shop_id)
    assert (drift.listing_ref, drift.seen, drift.ours, drift.cause) == ("L-S0", 5, 2, "edited_there")
    assert reconcile_stock(pooled.ctx, pooled.shop_id) == 1
    push_all(pooled)
    assert shown(pooled)[0] == 2


def push_all(world: World) -> None:
    while push(world):
        pass


def test_a_kit_waits_as_long_as_a_part_is_doubted_and_goes_with_it(world: World) -> None:
    fill_shop(world)
    add_skus(world, "SET")
    set_kit(world.ctx, "SET", {"S0": 1, "S4": 1}, actor="test")
    link_listing(world.ctx, world.shop_id, "L-SET", "SET", actor="test")
    push(world)
    write_down(world, 0, 1, 2, 3)
    push(world)
    assert (waiting(world), world.shop.shelf["L-SET"]) == ([*FOUR, "L-SET"], 5)
    world.order("o1", shop_id=second(world), S4=1)
    push(world)
    assert (waiting(world), world.shop.shelf["L-SET"]) == ([*FOUR, "L-SET"], 5)
    world.stock("S0", "W1", 3)
    push(world)
    assert (waiting(world), world.shop.shelf["L-SET"], world.shop.shelf["L-S0"]) == (FOUR[1:], 3, 3)


def test_zeros_that_are_meant_are_told_until_the_breaker_watches_again(doubting: World) -> None:
    let_go = allow_mass_zero(doubting.ctx, doubting.shop_id, True, "eve", waiting_only=True)
    assert let_go == {"S0": 1, "S1": 1, "S2": 1, "S3": 1}
    assert push(doubting) == 4
    assert (shown(doubting), waiting(doubting)) == ([0, 0, 0, 0, 5, 5], [])
    allow_mass_zero(doubting.ctx, doubting.shop_id, False, "eve", waiting_only=True)
    assert (push(doubting), waiting(doubting)) == (0, [])


def test_a_word_on_zeros_of_which_none_waits_leaves_the_breaker_armed(doubting: World) -> None:
    other = second(doubting)
    with doubting.db.write() as db:  # what was doubted before it was taken off the stock waits for nobody
        mine = t.listings.update().where(t.listings.c.listing_ref.in_(FOUR))
        db.execute(mine.values(stocked=False))
    for shop, name in ((other, "other"), (doubting.shop_id, "shop")):
        with pytest.raises(Conflict, match=f"nothing waits with 0 at {name}: there is nothing to let go"):
            allow_mass_zero(doubting.ctx, shop, True, "eve", waiting_only=True)
    assert [row.settings for row in doubting.rows(t.connections)] == [{}, {}]
    assert not doubting.rows(t.audit_log, t.audit_log.c.action == "breaker.allowed")
    assert allow_mass_zero(doubting.ctx, other, True, "eve") == {}


@pytest.mark.parametrize("word", [look_again, resume_connection])
def test_who_says_that_it_was_mended_has_the_rest_judged_anew(doubting: World, word: Callable[..., object]) -> None:
    word(doubting.ctx, doubting.shop_id, "eve")
    push(doubting)
    assert (waiting(doubting), len(trips(doubting))) == (FOUR, 2)
    for n in (0, 1):
        doubting.stock(f"S{n}", "W1", 5)
    word(doubting.ctx, doubting.shop_id, "eve")
    push(doubting)
    assert (shown(doubting), waiting(doubting)) == ([5, 5, 0, 0, 5, 5], [])


def test_what_sold_out_before_it_is_judged_anew_is_not_doubted_again(doubting: World) -> None:
    write_down(doubting, 4)
    push(doubting)
    doubting.stock("S0", "W1", 2)
    doubting.clock.move(seconds=0.01)
    doubting.order("o1", shop_id=second(doubting), S0=2)
    doubting.clock.move(seconds=MINUTES)
    look_again(doubting.ctx, doubting.shop_id, "eve")
    push(doubting)
    assert (shown(doubting)[0], waiting(doubting)) == (0, [*FOUR[1:], "L-S4"])


def test_a_person_that_stops_the_stream_stops_all_and_no_word_on_zeros_starts_it(doubting: World) -> None:
    pause_stream(doubting.ctx, doubting.shop_id, "stock", True, "eve")
    allow_mass_zero(doubting.ctx, doubting.shop_id, True, "eve")
    with pytest.raises(Busy, match="stock of shop is stopped by hand"):
        push(doubting)
    allow_mass_zero(doubting.ctx, doubting.shop_id, False, "eve")
    pause_stream(doubting.ctx, doubting.shop_id, "stock", False, "eve")
    push(doubting)
    assert (shown(doubting), waiting(doubting)) == ([5] * 6, FOUR)


def test_starting_a_stream_that_a_person_stopped_decides_about_no_zero(doubting: World) -> None:
    pause_stream(doubting.ctx, doubting.shop_id, "stock", True, "eve")
    pause_stream(doubting.ctx, doubting.shop_id, "stock", False, "eve")
    assert (push(doubting), waiting(doubting), len(trips(doubting))) == (0, FOUR, 1)
    pause_connection(doubting.ctx, doubting.shop_id, "eve")
    with pytest.raises(Busy, match="shop is paused: resume it first"):
        push(doubting)


def test_each_channel_has_its_own_doubts(doubting: World) -> None:
    other = second(doubting)
    push_stock(doubting.ctx, other)
    assert [doubting.shops[other].shelf[f"L-S{n}"] for n in range(6)] == [0, 0, 0, 0, 5, 5]  # it never showed more
    assert waiting(doubting) == FOUR
    with pytest.raises(NotFound, match="there is no connection 999"):
        look_again(doubting.ctx, 999, "eve")


def test_a_listing_that_is_taken_off_the_stock_keeps_nobody_waiting(doubting: World) -> None:
    with doubting.db.write() as db:
        mine = t.listings.update().where(t.listings.c.listing_ref.in_(FOUR))
        db.execute(mine.values(stocked=False))
    assert 'state="doubted"' not in page(doubting.db).decode() and read_marks(doubting.db)["outbox"][-1] == 0
    write_down(doubting, 4)
    push(doubting)
    assert shown(doubting)[4] == 0


def test_the_time_that_a_zero_waited_for_a_person_is_no_time_of_the_channel(doubting: World) -> None:
    doubting.clock.move(seconds=600 * MINUTES)
    doubting.stock("S0", "W1", 1)
    look_again(doubting.ctx, doubting.shop_id, "eve")
    push(doubting)
    allow_mass_zero(doubting.ctx, doubting.shop_id, True, "eve")
    push(doubting)
    assert {max(row(doubting, ref).latency_ms) for ref in FOUR} == {0}


def test_a_refusal_of_another_line_beside_them_changes_nothing_of_theirs(doubting: World) -> None:
    doubting.shop.line_answers = {"L-S5": StockAnswer("L-S5", False, why="try later", retry=True)}
    doubting.stock("S5", "W1", 1)
    push(doubting)
    assert (row(doubting, "L-S5").attempts, waiting(doubting)) == (1, FOUR)
