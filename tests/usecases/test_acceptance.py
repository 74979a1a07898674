"""A warehouse accepts, rejects or lets the time pass: work goes elsewhere, and belief in a place's stock follows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.store import tables as t
from hub.usecases.accept_work import accept_work, expire_acceptance, reject_work
from hub.usecases.change_stock import count_stock
from hub.usecases.fix_holds import hold_order, replay_hold
from hub.usecases.manage_catalog import save_warehouse
from hub.usecases.pick_orders import report_missing, start_picking
from tests.fakes.world import World


def _asked(world: World) -> int:
    """W1 has 30 working minutes; an order waits there, W2 could do it too."""
    office = {"mon": [["08:00", "10:00"], ["13:00", "17:00"]]}
    save_warehouse(world.ctx, "W1", actor="test", accept_minutes=45, hours=office, zone="UTC")
    world.stock("A", "W1", 5)
    world.stock("A", "W2", 5)
    world.order("o1", A=2)
    (work,) = world.lists("o1")
    return int(work.id)


def _belief(world: World) -> dict[tuple[str, str], tuple[int, int]]:
    return {(row.warehouse, row.sku): (row.permille, row.misses) for row in world.rows(t.place_confidences)}


def test_work_is_asked_for_and_must_be_accepted_in_working_minutes(world: World) -> None:
    _asked(world)
    (work,) = world.lists("o1")
    assert (work.status, work.request_status) == ("open", "submitted")
    assert work.accept_by == world.clock.now.replace(hour=13, minute=15)  # 9:30 + 30 minutes, lunch, 15 more


def test_a_warehouse_without_a_time_limit_has_accepted(world: World) -> None:
    world.stock("A", "W1", 5)
    world.order("o1", A=1)
    (work,) = world.lists("o1")
    assert (work.request_status, work.accept_by) == ("accepted", None)


def test_accepted_work_stays_where_it_is(world: World) -> None:
    number = _asked(world)
    accept_work(world.ctx, number, "bob")
    accept_work(world.ctx, number, "bob")
    world.clock.move(hours=8)
    assert expire_acceptance(world.ctx) == 0
    assert world.events("o1").count("work_accepted") == 1
    assert world.takes("o1") == {("W1", "A"): 2}


def test_who_begins_to_pick_has_accepted(world: World) -> None:
    number = _asked(world)
    start_picking(world.ctx, number, "bob")
    assert world.lists("o1")[0].request_status == "accepted"
    world.clock.move(hours=8)
    assert expire_acceptance(world.ctx) == 0


def test_time_that_passes_takes_the_work_elsewhere(world: World) -> None:
    number = _asked(world)
    world.clock.move(hours=3)
    assert expire_acceptance(world.ctx) == 0
    world.clock.move(hours=1)
    assert [expire_acceptance(world.ctx), expire_acceptance(world.ctx)] == [1, 0]
    assert world.state("o1") == "waiting"
    assert world.event("o1", "acceptance_expired") == {"warehouse": "W1", "reason": "expired"}
    world.work()
    assert world.takes("o1") == {("W2", "A"): 2}
    old = world.lists("o1")[0]
    assert (old.id, old.status, old.request_status, old.reject_reason) == (number, "cancelled", "rejected", "expired")
    assert (world.balance("A", "W1"), _belief(world)) == ((5, 0), {})


def test_an_order_that_is_held_by_hand_is_not_taken_away(world: World) -> None:
    _asked(world)
    order_id = world.row("o1").id
    hold_order(world.ctx, order_id, "ask the buyer", "eve")
    world.clock.move(hours=4)
    assert expire_acceptance(world.ctx) == 0
    replay_hold(world.ctx, f"by_hand:{order_id}", "eve")
    assert expire_acceptance(world.ctx) == 1


def test_a_list_that_waited_for_money_has_its_whole_time_from_then_on(world: World) -> None:
    number = _asked(world)
    world.clock.move(hours=4)  # 13:30
    lists = t.fulfillment_orders
    with world.db.write() as db:
        db.execute(lists.update().where(lists.c.id == number).values(updated_at=world.clock.now))
    assert expire_acceptance(world.ctx) == 0
    assert world.lists("o1")[0].accept_by == world.clock.now.replace(hour=14, minute=15)
    world.clock.move(minutes=45)
    assert expire_acceptance(world.ctx) == 1


@pytest.mark.parametrize("reason", ["busy", "closed", "other"])
def test_a_reason_that_is_not_about_stock_changes_no_belief(world: World, reason: str) -> None:
    number = _asked(world)
    reject_work(world.ctx, number, reason, "bob", note="no hands today")
    world.work()
    assert world.takes("o1") == {("W2", "A"): 2}
    assert world.event("o1", "work_rejected") == {"warehouse": "W1", "reason": reason, "note": "no hands today"}
    assert _belief(world) == {}


@pytest.mark.parametrize("reason", ["not_found", "damaged", "short"])
def test_a_reason_about_stock_lowers_the_belief_until_a_count(world: World, reason: str) -> None:
    reject_work(world.ctx, _asked(world), reason, "bob")
    world.work()
    assert _belief(world) == {("W1", "A"): (750, 1)}
    count_stock(world.ctx, "A", "W1", 5, reason="counted", actor="bob", key="count-1")
    assert _belief(world) == {("W1", "A"): (1000, 0)}


def test_a_place_that_is_believed_less_promises_less(world: World) -> None:
    reject_work(world.ctx, _asked(world), "not_found", "bob")
    world.work()
    assert world.order("o2", A=7) == "held"  # W1: 5 pieces on the books, 3 of them believed; W2: 3 left
    assert world.order("o3", A=6) == "routed"
    assert world.takes("o3") == {("W1", "A"): 3, ("W2", "A"): 3}


def test_a_piece_that_a_picker_did_not_find_is_a_miss_too(world: World) -> None:
    number = _asked(world)
    start_picking(world.ctx, number, "bob")
    report_missing(world.ctx, world.list_lines(number)["A"].id, 1, "bob", "not there")
    report_missing(world.ctx, world.list_lines(number)["A"].id, 1, "bob", "not there")
    assert _belief(world) == {("W1", "A"): (562, 2)}
    world.work()
    assert world.takes("o1") == {("W2", "A"): 2}


def test_what_has_left_cannot_be_rejected_and_the_rest_can(world: World) -> None:
    number = _asked(world)
    line = world.list_lines(number)["A"].id
    world.ship(number, "p1", {line: 1})
    reject_work(world.ctx, number, "busy", "bob")
    world.work()
    assert (world.state("o1"), world.takes("o1")) == ("partial", {("W2", "A"): 1})
    with pytest.raises(Conflict, match=f"pick list {number} is shipped: there is nothing left to reject"):
        reject_work(world.ctx, number, "busy", "bob")


def test_what_cannot_be_rejected_is_said(world: World) -> None:
    number = _asked(world)
    with pytest.raises(BadInput) as refused:
        reject_work(world.ctx, number, "rain", "bob")
    assert str(refused.value) == ("reason = 'rain': use one of damaged, not_found, short, busy, closed, other")
    with pytest.raises(NotFound, match="there is no pick list 999"):
        reject_work(world.ctx, 999, "busy", "bob")
    reject_work(world.ctx, number, "busy", "bob")
    with pytest.raises(Conflict, match=r"pick list \d+ was revoked \(busy\): put the pieces back on their shelves"):
        accept_work(world.ctx, number, "bob")


def test_when_nobody_is_left_the_order_waits_and_says_so(world: World) -> None:
    reject_work(world.ctx, _asked(world), "busy", "bob")
    world.work()
    reject_work(world.ctx, world.lists("o1", "open")[0].id, "busy", "eve")
    world.work()
    assert (world.state("o1"), world.holds()) == ("held", ["short:A"])
    assert world.rows(t.routing_decisions)[-1].decision["excluded"] == [["W1", "excluded"], ["W2", "excluded"]]
    assert timedelta(0) <= world.clock.now - world.row("o1").updated_at
