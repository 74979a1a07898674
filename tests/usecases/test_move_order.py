"""An order goes to another warehouse at once, with its capacity and its decision, or nothing changes at all."""

from __future__ import annotations

from typing import Any

import pytest

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.store import tables as t
from hub.usecases.expire_holds import expire_holds
from hub.usecases.fix_holds import hold_order
from hub.usecases.manage_catalog import save_warehouse
from hub.usecases.manage_rulesets import activate_ruleset, draft_ruleset
from hub.usecases.move_order import move_order
from hub.usecases.pick_orders import pick_scan, start_picking
from tests.fakes.channel import payload
from tests.fakes.world import World


def _routed(world: World) -> int:
    world.stock("A", "W1", 5)
    world.stock("A", "W2", 5)
    world.order("o1", A=2)
    return int(world.row("o1").id)


def _all(world: World) -> dict[str, list[Any]]:
    tables = (t.fulfillment_orders, t.fulfillment_lines, t.stock_balances, t.stock_ledger, t.routing_decisions,
              t.orders, t.order_events, t.order_pieces, t.capacity_bookings)  # fmt: skip
    return {table.name: [tuple(row) for row in world.rows(table)] for table in tables}


def test_the_pieces_go_over_in_one_step(world: World) -> None:
    order_id = _routed(world)
    old = world.lists("o1")[0]
    (made,) = move_order(world.ctx, order_id, "W2", actor="eve", note="closer")
    assert (world.state("o1"), world.takes("o1")) == ("routed", {("W2", "A"): 2})
    assert (world.balance("A", "W1"), world.balance("A", "W2")) == ((5, 0), (5, 2))
    (before, after) = world.lists("o1")
    assert (before.id, before.status, before.request_status, before.reject_reason) == (
        old.id, "cancelled", "cancelled", "moved",
    )  # fmt: skip
    assert (after.id, after.status, after.warehouse) == (made, "open", "W2")
    assert world.event("o1", "order_moved") == {"from": ["W1"], "to": "W2", "note": "closer"}


def test_the_decision_of_a_move_says_that_it_was_a_persons_choice(world: World) -> None:
    order_id = _routed(world)
    move_order(world.ctx, order_id, "W2", actor="eve")
    decision = world.rows(t.routing_decisions)[-1]
    assert (decision.attempt, decision.outcome, decision.demand["pinned"]) == (2, "routed", "W2")
    assert decision.decision["excluded"] == [["W1", "not_pinned"]]


def test_the_picker_is_told_that_the_list_was_moved(world: World) -> None:
    order_id = _routed(world)
    old = world.lists("o1")[0].id
    start_picking(world.ctx, old, "bob")
    move_order(world.ctx, order_id, "W2", actor="eve")
    with pytest.raises(Conflict, match=rf"pick list {old} was revoked \(moved\): put the pieces back"):
        pick_scan(world.ctx, old, "A", "bob")


def test_one_pick_list_of_several_can_be_moved(world: World) -> None:
    save_warehouse(world.ctx, "W3", actor="test", priority=3)
    for sku, place in (("A", "W1"), ("B", "W2"), ("B", "W3")):
        world.stock(sku, place, 5)
    world.order("o1", A=1, B=1)
    of_w2 = next(row.id for row in world.lists("o1") if row.warehouse == "W2")
    move_order(world.ctx, world.row("o1").id, "W3", actor="eve", only=of_w2)
    assert world.takes("o1") == {("W1", "A"): 1, ("W3", "B"): 1}


def test_what_has_left_stays_where_it_left_from(world: World) -> None:
    order_id = _routed(world)
    work = world.lists("o1")[0].id
    world.ship(work, "p1", {world.list_lines(work)["A"].id: 1})
    move_order(world.ctx, order_id, "W2", actor="eve")
    assert (world.state("o1"), world.takes("o1")) == ("partial", {("W2", "A"): 1})
    assert [(row.status, row.reject_reason) for row in world.lists("o1")] == [("shipped", ""), ("open", "")]


def test_a_place_that_refused_can_be_chosen_by_a_person(world: World) -> None:
    from hub.usecases.accept_work import reject_work

    order_id = _routed(world)
    reject_work(world.ctx, world.lists("o1")[0].id, "busy", "bob")
    world.work()
    move_order(world.ctx, order_id, "W1", actor="eve")
    assert world.takes("o1") == {("W1", "A"): 2}


def test_the_places_on_the_days_go_over_too(world: World) -> None:
    for code in ("W1", "W2"):
        save_warehouse(world.ctx, code, actor="test", daily_orders=3)
    order_id = _routed(world)
    move_order(world.ctx, order_id, "W2", actor="eve")
    assert [(row.warehouse, row.order_id) for row in world.rows(t.capacity_bookings)] == [("W2", order_id)]
    assert {row.warehouse: row.booked for row in world.rows(t.capacity_days)} == {"W1": 0, "W2": 1}


def _keeping(world: World, keep: bool) -> None:
    """What there is of an order that lacks something is sent at once, or kept until the rest is there."""
    rules = {"strategies": [{"leftover": {"action": "backorder", "partial": not keep, "keep": keep}}]}
    activate_ruleset(world.ctx, draft_ruleset(world.ctx, actor="test", given=rules), actor="test")


def _partly(world: World, keep: bool = False) -> int:
    """2 of A lie in W1 for the order, which also wants 3 of B that are nowhere; W2 has A."""
    _keeping(world, keep)
    world.stock("A", "W1", 2)
    world.order("o1", A=2, B=3)
    world.stock("A", "W2", 5)
    world.work()
    return int(world.row("o1").id)


def test_a_list_of_an_order_that_lacks_pieces_moves_and_the_rest_waits_on(world: World) -> None:
    order_id = _partly(world)
    state, holds = world.state("o1"), [(row.fingerprint, row.state) for row in world.rows(t.holds)]
    (made,) = move_order(world.ctx, order_id, "W2", actor="eve")
    assert (world.state("o1"), world.takes("o1")) == (state, {("W2", "A"): 2})
    assert (world.balance("A", "W1"), world.balance("A", "W2")) == ((2, 0), (5, 2))
    assert [(row.id, row.status) for row in world.lists("o1")][-1] == (made, "open")
    assert [(row.fingerprint, row.state) for row in world.rows(t.holds)] == holds
    world.stock("B", "W1", 3)
    world.work()
    assert (world.state("o1"), world.takes("o1")) == ("routed", {("W2", "A"): 2, ("W1", "B"): 3})
    world.check()


def test_a_deadline_of_what_is_missing_outlives_a_move(world: World) -> None:
    rules = {"strategies": [{"leftover": {"action": "cancel_after", "days": 9, "partial": True}}]}
    activate_ruleset(world.ctx, draft_ruleset(world.ctx, actor="test", given=rules), actor="test")
    world.stock("A", "W1", 2)
    world.order("o1", A=2, B=3)
    world.stock("A", "W2", 5)
    day = world.row("o1").give_up_on
    move_order(world.ctx, world.row("o1").id, "W2", actor="eve")
    assert day is not None
    assert world.row("o1").give_up_on == day


def test_kept_pieces_move_and_stay_kept_until_the_rest_is_there(world: World) -> None:
    save_warehouse(world.ctx, "W2", actor="test", daily_orders=3)
    order_id = _partly(world, keep=True)
    move_order(world.ctx, order_id, "W2", actor="eve")
    assert [(row.warehouse, row.status) for row in world.lists("o1")] == [("W1", "cancelled"), ("W2", "kept")]
    assert (world.takes("o1"), world.rows(t.capacity_bookings)) == ({("W2", "A"): 2}, [])
    world.stock("B", "W2", 3)
    world.work()
    assert {row.status for row in world.lists("o1")[1:]} == {"open"}
    assert (world.state("o1"), world.takes("o1")) == ("routed", {("W2", "A"): 2, ("W2", "B"): 3})
    world.check()


def _unpaid(world: World, minutes: int = 30) -> int:
    settings = {"soft_minutes": f"unpaid={minutes}"}
    with world.db.write() as db:
        db.execute(t.connections.update().where(t.connections.c.id == world.shop_id).values(settings=settings))
    world.stock("A", "W1", 5)
    world.stock("A", "W2", 5)
    world.order("o1", more={"payment": "unpaid"}, A=2)
    return int(world.row("o1").id)


def test_stock_that_is_kept_for_an_unpaid_order_moves_and_opens_once_it_is_paid(world: World) -> None:
    order_id = _unpaid(world)
    until = world.row("o1").soft_until
    move_order(world.ctx, order_id, "W2", actor="eve")
    assert (world.balance("A", "W1"), world.balance("A", "W2")) == ((5, 0), (5, 2))
    assert [row.status for row in world.lists("o1")] == ["cancelled", "soft"]
    assert (world.state("o1"), world.row("o1").soft_until) == ("unpaid", until)
    world.arrive(payload("o1", {"a1": ("L-A", 2)}, "2026-11-23T09:00:00Z"))
    assert [(row.warehouse, row.status) for row in world.lists("o1")] == [("W1", "cancelled"), ("W2", "open")]
    assert world.state("o1") == "routed"
    world.check()


def test_stock_that_is_kept_for_an_unpaid_order_ends_in_its_time_after_a_move_too(world: World) -> None:
    order_id = _unpaid(world)
    move_order(world.ctx, order_id, "W2", actor="eve")
    world.clock.move(minutes=31)
    expire_holds(world.ctx)
    assert (world.balance("A", "W2"), world.state("o1")) == ((5, 0), "unpaid")
    with pytest.raises(BadInput, match="nothing of order #o1 is kept in any warehouse: there is nothing to move"):
        move_order(world.ctx, order_id, "W1", actor="eve")


def test_what_a_move_frees_is_planned_for_orders_that_wait_for_it(world: World) -> None:
    save_warehouse(world.ctx, "W2", actor="test", ships_to=["DE"])
    world.stock("A", "W1", 2)
    world.order("o1", A=2)
    world.stock("A", "W2", 2)
    abroad = {"ship_to": {"name": "N", "lines": ["1 Rue"], "city": "Paris", "country": "FR"}}
    assert world.order("o2", more=abroad, A=2) == "held"
    move_order(world.ctx, world.row("o1").id, "W2", actor="eve")
    assert ("orders.place", None) in world.bell.rung
    world.work()
    assert (world.state("o2"), world.takes("o2")) == ("routed", {("W1", "A"): 2})


def _pick_one(world: World) -> None:
    work = world.lists("o1")[0].id
    start_picking(world.ctx, work, "bob")
    pick_scan(world.ctx, work, "A", "bob")


def _pack(world: World) -> None:
    world.pick(world.lists("o1")[0].id)


def _empty_w2(world: World) -> None:
    world.stock("A", "W2", -4)


def _full_w2(world: World) -> None:
    closed = {"zone": "UTC", "hours": {"mon": [["00:00", "24:00"]]}}
    save_warehouse(world.ctx, "W2", actor="test", daily_orders=0, **closed)


def _closed_w2(world: World) -> None:
    save_warehouse(world.ctx, "W2", actor="test", active=False)


def _elsewhere_w2(world: World) -> None:
    save_warehouse(world.ctx, "W2", actor="test", ships_to=["FR"])


def _held(world: World) -> None:
    hold_order(world.ctx, world.row("o1").id, "ask the buyer", "eve")


@pytest.mark.parametrize(
    ("before", "message"),
    [
        (_pick_one, r"pick list \d+ in W1 is being picked \(1 pieces in hand\): undo that there first, or let it go"),
        (_pack, r"pick list \d+ in W1 is packed already: undo that there first, or let it go"),
        (_empty_w2, r"W2 cannot take order #o1: 1 of 2 x A missing"),
        (_full_w2, r"W2 cannot take order #o1: it takes no more orders on that day; 2 of 2 x A missing"),
        (_closed_w2, r"warehouse W2 is not active: switch it on, or choose another"),
        (_elsewhere_w2, r"W2 cannot take order #o1: it does not ship to this address; 2 of 2 x A missing"),
        (_held, r"order of pick list \d+ is held by hand: ask the buyer"),
    ],
)
def test_a_move_that_cannot_be_changes_nothing_and_says_why(world: World, before: Any, message: str) -> None:
    order_id = _routed(world)
    before(world)
    seen = _all(world)
    with pytest.raises(Conflict, match=message):
        move_order(world.ctx, order_id, "W2", actor="eve")
    assert _all(world) == seen


def test_what_is_not_there_cannot_be_moved(world: World) -> None:
    order_id = _routed(world)
    with pytest.raises(NotFound, match="there is no warehouse 'W9': see stockline warehouse"):
        move_order(world.ctx, order_id, "W9", actor="eve")
    with pytest.raises(NotFound, match="there is no order 999"):
        move_order(world.ctx, 999, "W2", actor="eve")
    with pytest.raises(NotFound, match="pick list 999 is no open work of order #o1"):
        move_order(world.ctx, order_id, "W2", actor="eve", only=999)
    with pytest.raises(BadInput, match="nothing of order #o1 is to be done outside W1"):
        move_order(world.ctx, order_id, "W1", actor="eve")
