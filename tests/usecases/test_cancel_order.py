"""A cancellation asks the warehouse that has the goods in hand, and stops every step outward until it answers."""

from __future__ import annotations

from typing import Any

import pytest

from hub.canonical.errors import Conflict, NotFound
from hub.store import tables as t
from hub.usecases.cancel_order import answer_cancel, ask_cancel, expire_requests
from hub.usecases.manage_catalog import save_warehouse
from hub.usecases.move_order import move_order
from hub.usecases.pick_orders import pack_order, pick_scan, report_missing, start_picking
from hub.usecases.undo_scan import undo_scan
from tests.fakes.channel import payload
from tests.fakes.world import World

NINE, TEN, ELEVEN = "2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z"


def _picked(world: World, asks_from: str = "picked", pack: bool = False) -> int:
    """Two pieces of A are in somebody's hand in W1, which must be asked."""
    save_warehouse(world.ctx, "W1", actor="test", asks_from=asks_from, answer_minutes=20)
    world.stock("A", "W1", 5)
    world.stock("B", "W1", 5)
    world.order("o1", A=2, B=1)
    work = int(world.lists("o1")[0].id)
    start_picking(world.ctx, work, "bob")
    pick_scan(world.ctx, work, "A", "bob", 2)
    if pack:
        pick_scan(world.ctx, work, "B", "bob")
        pack_order(world.ctx, work, "bob")
    return work


def _by_channel(world: World, at: str = NINE, status: str = "cancelled", a: int = 2) -> str:
    world.arrive(payload("o1", {"a1": ("L-A", a), "b1": ("L-B", 1)}, at, status=status))
    return world.state("o1")


def _requests(world: World) -> list[tuple[str, str, str]]:
    return [(row.kind, row.state, row.answered_by) for row in world.rows(t.cancel_requests)]


def _answers(world: World) -> list[str]:
    """What goes out to the channel: its first answer, and no other."""
    return [row.key for row in world.rows(t.outbox, t.outbox.c.topic == "answer")]


def test_what_nobody_has_in_hand_is_cancelled_at_once(world: World) -> None:
    save_warehouse(world.ctx, "W1", actor="test", asks_from="picked")
    world.stock("A", "W1", 5)
    world.order("o1", A=2, B=0)
    assert _by_channel(world) == "cancelled"
    assert (_requests(world), world.balance("A", "W1")) == ([], (5, 0))


@pytest.mark.parametrize(
    ("asks_from", "state"), [("picked", "routed"), ("packed", "cancelled"), ("never", "cancelled")]
)
def test_a_channels_cancellation_waits_where_the_warehouse_must_be_asked(
    world: World, asks_from: str, state: str
) -> None:
    _picked(world, asks_from)
    assert _by_channel(world) == state
    asked = [("cancel", "asked", "")] if state == "routed" else []
    assert _requests(world) == asked
    assert world.events("o1").count("cancel_asked") == len(asked)


def test_packed_goods_ask_where_the_warehouse_must_be_asked_once_they_are_packed(world: World) -> None:
    _picked(world, "packed", pack=True)
    assert (_by_channel(world), _requests(world)) == ("routed", [("cancel", "asked", "")])


def test_no_step_outward_is_possible_while_an_answer_is_awaited(world: World) -> None:
    work = _picked(world)
    _by_channel(world)
    line = world.list_lines(work)["A"].id
    steps: list[Any] = [
        lambda: start_picking(world.ctx, work, "bob"), lambda: pick_scan(world.ctx, work, "B", "bob"),
        lambda: pack_order(world.ctx, work, "bob"), lambda: world.ship(work, "p1"),
        lambda: undo_scan(world.ctx, work, line, "bob"), lambda: report_missing(world.ctx, line, 1, "bob", "gone"),
        lambda: move_order(world.ctx, world.row("o1").id, "W2", actor="eve"),
    ]  # fmt: skip
    for step in steps:
        with pytest.raises(Conflict, match=r"somebody asked to cancel this order \(by the channel\): accept or refuse"):
            step()
    assert (world.balance("A", "W1"), world.rows(t.shipments)) == ((5, 2), [])


def test_an_accepted_cancellation_becomes_the_channels_version(world: World) -> None:
    work = _picked(world)
    _by_channel(world)
    answer_cancel(world.ctx, world.row("o1").id, True, "bob")
    assert (world.state("o1"), world.balance("A", "W1")) == ("cancelled", (5, 0))
    assert _requests(world) == [("cancel", "accepted", "bob")]
    assert [world.events("o1")[-n] for n in (3, 2, 1)] == ["cancel_agreed", "order_cancelled", "order_state"]
    with pytest.raises(Conflict, match=f"pick list {work} was revoked: put the pieces back on their shelves"):
        world.ship(work, "p1")


def test_a_refused_cancellation_lets_the_order_go_on_and_is_no_second_yes_to_the_channel(world: World) -> None:
    work = _picked(world)
    _by_channel(world)
    answer_cancel(world.ctx, world.row("o1").id, False, "bob", "it is on the truck")
    assert (world.state("o1"), _requests(world)) == ("routed", [("cancel", "refused", "bob")])
    assert _answers(world) == [f"answer:{world.row('o1').id}:accepted"]
    assert world.event("o1", "cancel_refused") == {"note": "it is on the truck", "told": False}
    assert _by_channel(world, TEN) == "routed"  # the channel says it again: it is not asked again
    assert len(_requests(world)) == 1
    world.ship(work, "p1")
    assert world.state("o1") == "shipped"


def test_silence_agrees_once_the_working_minutes_are_over(world: World) -> None:
    _picked(world)
    save_warehouse(world.ctx, "W1", actor="test", zone="UTC", hours={"mon": [["09:00", "09:40"], ["12:00", "13:00"]]})
    _by_channel(world)
    assert world.rows(t.cancel_requests)[0].answer_by == world.clock.now.replace(hour=12, minute=10)
    world.clock.move(hours=2)
    assert expire_requests(world.ctx) == 0
    world.clock.move(hours=1)
    assert [expire_requests(world.ctx), expire_requests(world.ctx)] == [1, 0]
    assert (world.state("o1"), _requests(world)) == ("cancelled", [("cancel", "accepted", "hub")])
    assert world.event("o1", "cancel_agreed") == {"note": "nobody answered in time"}


def test_an_edit_that_takes_away_what_is_in_hand_asks_and_others_do_not(world: World) -> None:
    _picked(world)
    for at, pieces in ((NINE, 4), (TEN, 3)):  # more, and then less of what nobody has picked yet
        assert _by_channel(world, at, "open", a=pieces) == "routed"
        assert (_requests(world), world.pieces("o1")["A"]) == ([], (pieces, pieces, 0))
    assert _by_channel(world, ELEVEN, "open", a=1) == "routed"
    assert _requests(world) == [("edit", "asked", "")]
    answer_cancel(world.ctx, world.row("o1").id, True, "bob")
    assert (world.pieces("o1")["A"], world.events("o1").count("edit_agreed")) == ((1, 1, 0), 1)


def test_a_version_that_takes_nothing_away_any_more_overtakes_the_question(world: World) -> None:
    _picked(world)
    _by_channel(world, NINE, "open", a=1)
    assert _by_channel(world, TEN, "open", a=2) == "routed"
    assert _requests(world) == [("edit", "overtaken", "")]
    with pytest.raises(NotFound, match="nothing is asked about order #o1"):
        answer_cancel(world.ctx, world.row("o1").id, True, "bob")


def test_the_newest_version_is_what_is_asked_about(world: World) -> None:
    _picked(world)
    _by_channel(world, NINE, "open", a=1)
    _by_channel(world, TEN)
    _by_channel(world, TEN)
    assert _requests(world) == [("cancel", "asked", "")]
    answer_cancel(world.ctx, world.row("o1").id, True, "bob")
    assert world.state("o1") == "cancelled"


def test_somebody_here_cancels_and_the_channel_hears_of_it(world: World) -> None:
    world.stock("A", "W1", 5)
    world.order("o1", A=2)
    order_id = world.row("o1").id
    assert ask_cancel(world.ctx, order_id, "the buyer rang", "eve") == "cancelled"
    assert (world.state("o1"), world.balance("A", "W1")) == ("cancelled", (5, 0))
    (told,) = world.rows(t.outbox, t.outbox.c.key.contains(":cancel:"))
    assert (told.body["accepted"], told.body["reason"]) == (False, "the buyer rang")
    assert world.event("o1", "order_called_off") == {"reason": "the buyer rang"}
    with pytest.raises(Conflict, match="order #o1 is cancelled: what has left comes back as a return"):
        ask_cancel(world.ctx, order_id, "again", "eve")


def test_somebody_here_asks_while_goods_are_in_hand(world: World) -> None:
    _picked(world)
    order_id = world.row("o1").id
    assert ask_cancel(world.ctx, order_id, "fraud", "eve") == "asked"
    assert world.event("o1", "cancel_asked") == {"warehouses": ["W1"], "reason": "fraud"}
    with pytest.raises(Conflict, match="somebody asked for this before"):
        ask_cancel(world.ctx, order_id, "again", "eve")
    answer_cancel(world.ctx, order_id, True, "bob")
    assert (world.state("o1"), world.balance("A", "W1")) == ("cancelled", (5, 0))
    for at, status in ((TEN, "open"), (ELEVEN, "cancelled")):  # whatever the channel says of it later
        assert _by_channel(world, at, status) == "cancelled"
    assert world.balance("A", "W1") == (5, 0)


def test_a_refusal_of_our_own_question_keeps_nothing_from_the_channel(world: World) -> None:
    _picked(world)
    ask_cancel(world.ctx, world.row("o1").id, "fraud", "eve")
    answer_cancel(world.ctx, world.row("o1").id, False, "bob", "it is on the truck")
    assert (world.state("o1"), world.event("o1", "cancel_refused")) == ("routed", {"note": "it is on the truck"})
    assert _answers(world) == [f"answer:{world.row('o1').id}:accepted"]


def test_an_order_that_waits_can_be_cancelled_too(world: World) -> None:
    assert world.order("o1", A=2) == "held"
    assert ask_cancel(world.ctx, world.row("o1").id, "too late", "eve") == "cancelled"
    assert (world.state("o1"), world.holds()) == ("cancelled", [])


def test_after_a_first_parcel_only_the_rest_is_cancelled(world: World) -> None:
    work = _picked(world, "never")
    world.ship(work, "p1", {world.list_lines(work)["A"].id: 2})
    assert ask_cancel(world.ctx, world.row("o1").id, "enough", "eve") == "cancelled"
    assert (world.state("o1"), world.balance("B", "W1")) == ("shipped", (5, 0))


def test_orders_that_are_not_there_are_not_found(world: World) -> None:
    for act in (
        lambda: ask_cancel(world.ctx, 999, "x", "eve"),
        lambda: answer_cancel(world.ctx, 999, True, "eve"),
    ):
        with pytest.raises(NotFound, match="there is no order 999"):
            act()
