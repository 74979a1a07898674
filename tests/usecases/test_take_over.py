"""A pick list is its picker's until somebody takes it over, in so many words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hub.canonical.errors import Conflict, NotFound
from hub.reports.order import read_order
from hub.reports.picks import read_pick
from hub.store import tables as t
from hub.store.tables.people import audit_log
from hub.usecases.pick_orders import pack_order, pick_scan, report_missing, start_picking
from hub.usecases.take_over import take_over
from hub.usecases.undo_scan import undo_scan
from tests.fakes.world import World


@pytest.fixture
def begun(world: World) -> World:
    """Bob has picked 1 of the 3 pieces of list 1."""
    world.stock("A", "W1", 5)
    world.order("o1", A=3)
    start_picking(world.ctx, _list(world), "bob")
    pick_scan(world.ctx, _list(world), "A", "bob")
    return world


def _list(world: World) -> int:
    return int(world.lists("o1")[0].id)


def _line(world: World) -> int:
    return int(world.list_lines(_list(world))["A"].id)


def _state(world: World) -> tuple[str, str, int]:
    row = world.lists("o1")[0]
    return row.status, row.picker, world.list_lines(row.id)["A"].picked


STEPS: dict[str, Callable[[World], object]] = {
    "start": lambda world: start_picking(world.ctx, _list(world), "eve"),
    "scan": lambda world: pick_scan(world.ctx, _list(world), "A", "eve"),
    "undo": lambda world: undo_scan(world.ctx, _list(world), _line(world), "eve"),
    "missing": lambda world: report_missing(world.ctx, _line(world), 1, "eve", "gone"),
    "pack": lambda world: pack_order(world.ctx, _list(world), "eve"),
}


@pytest.mark.parametrize("step", STEPS)
def test_nobody_else_works_on_a_list_by_the_way(begun: World, step: str) -> None:
    before = (_state(begun), begun.balance("A", "W1"), begun.events("o1"))
    with pytest.raises(Conflict, match=r"bob"):
        STEPS[step](begun)
    assert (_state(begun), begun.balance("A", "W1"), begun.events("o1")) == before


def test_a_refused_step_says_who_has_it_and_what_to_do(begun: World) -> None:
    with pytest.raises(Conflict, match=f"pick list {_list(begun)} is with bob: take it over first"):
        pick_scan(begun.ctx, _list(begun), "A", "eve")


def test_who_takes_over_goes_on_with_what_is_counted_and_the_first_may_not(begun: World) -> None:
    number = _list(begun)
    take_over(begun.ctx, number, "eve")
    assert _state(begun) == ("picking", "eve", 1)
    with pytest.raises(Conflict, match="is with eve"):
        pick_scan(begun.ctx, number, "A", "bob")
    pick_scan(begun.ctx, number, "A", "eve", 2)
    pack_order(begun.ctx, number, "eve")
    assert _state(begun) == ("packed", "eve", 3)
    assert begun.event("o1", "picking_taken_over") == {"list": number, "warehouse": "W1", "picker": "bob"}
    (row,) = begun.rows(audit_log, audit_log.c.action == "pick.taken_over")
    assert (row.actor, row.subject, row.data) == ("eve", f"pick:{number}", {"picker": "bob", "warehouse": "W1"})


def test_who_lost_a_list_is_told_and_nobody_else(begun: World) -> None:
    number, at = _list(begun), begun.clock()
    assert read_pick(begun.db, number, actor="bob").lost_at is None
    take_over(begun.ctx, number, "eve")
    begun.clock.move(minutes=1)
    seen = {actor: read_pick(begun.db, number, actor=actor) for actor in ("bob", "eve", "joe")}
    assert {actor: sheet.lost_at for actor, sheet in seen.items()} == {"bob": at, "eve": None, "joe": None}
    assert {actor: (sheet.card.mine, sheet.card.theirs) for actor, sheet in seen.items()} == {
        "bob": (False, True), "eve": (True, False), "joe": (False, True),
    }  # fmt: skip
    take_over(begun.ctx, number, "bob")
    sheet = read_pick(begun.db, number, actor="bob")
    assert (sheet.lost_at, sheet.card.mine) == (None, True)


def test_taking_over_ones_own_list_says_nothing(begun: World) -> None:
    before = begun.events("o1")
    take_over(begun.ctx, _list(begun), "bob")
    assert (_state(begun), begun.events("o1")) == (("picking", "bob", 1), before)


def test_a_packed_list_is_its_packers_until_it_is_taken_over(begun: World) -> None:
    number = _list(begun)
    pick_scan(begun.ctx, number, "A", "bob", 2)
    pack_order(begun.ctx, number, "bob")
    with pytest.raises(Conflict, match="is with bob"):
        undo_scan(begun.ctx, number, _line(begun), "eve")
    take_over(begun.ctx, number, "eve")
    undo_scan(begun.ctx, number, _line(begun), "eve")
    assert _state(begun) == ("picking", "eve", 2)


def test_a_list_that_nobody_has_begun_is_started_not_taken_over(world: World) -> None:
    world.stock("A", "W1", 5)
    world.order("o1", A=3)
    with pytest.raises(Conflict, match=f"pick list {_list(world)} is open: there is nothing to take over"):
        take_over(world.ctx, _list(world), "eve")
    with pytest.raises(NotFound):
        take_over(world.ctx, 999, "eve")


def test_the_timeline_names_who_had_it_before(begun: World) -> None:
    with begun.db.write() as db:
        users = t.users.insert().returning(t.users.c.id)
        user_id = db.execute(users, {"name": "Bob", "role": "warehouse", "created_at": begun.clock()}).scalar_one()
        db.execute(t.fulfillment_orders.update().values(picker=f"user:{user_id}"))
    take_over(begun.ctx, _list(begun), "eve")
    event = read_order(begun.db, begun.row("o1").id).events[0]
    assert (event.kind, event.actor, event.data["picker"]) == ("picking_taken_over", "eve", "Bob")
