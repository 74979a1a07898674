"""What there is of an order that waits is kept for it where the rules say so, and leaves once the rest is there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from hub.canonical.errors import Conflict
from hub.reports.picks import find_picks
from hub.reports.routing import explain_order
from hub.store import tables as t
from hub.usecases.cancel_order import ask_cancel
from hub.usecases.change_stock import adjust_stock
from hub.usecases.manage_catalog import save_warehouse
from hub.usecases.manage_rulesets import activate_ruleset, draft_ruleset
from hub.usecases.pick_orders import start_picking
from hub.usecases.refresh_offers import refresh_offers
from hub.usecases.repair_stock import repair_stock
from hub.usecases.set_selling import set_policy
from tests.fakes.channel import payload
from tests.fakes.world import World

NINE = "2026-11-23T09:00:00Z"


@pytest.fixture
def keeping(world: World) -> World:
    """What there is stays reserved; 9 of B lie in W1; the presale of A opens in 2 days."""
    rules = {"strategies": [{"leftover": {"action": "backorder", "keep": True}}]}
    activate_ruleset(world.ctx, draft_ruleset(world.ctx, actor="test", given=rules), actor="test")
    world.stock("B", "W1", 9)
    day = world.clock().date() + timedelta(days=2)
    set_policy(world.ctx, "A", mode="presale", units=50, available_on=day, actor="test")
    return world


def _open_presale(world: World) -> None:
    world.clock.move(days=2)
    refresh_offers(world.ctx)
    world.work()


def test_the_other_pieces_of_a_presale_order_are_kept_and_all_leave_together(keeping: World) -> None:
    save_warehouse(keeping.ctx, "W1", actor="test", daily_orders=5, accept_minutes=30)
    keeping.stock("A", "W1", 5)
    assert keeping.order("o1", A=2, B=4) == "held"
    assert (keeping.balance("B", "W1"), keeping.pieces("o1")) == ((9, 4), {"A": (2, 0, 0), "B": (4, 4, 0)})
    (kept,) = keeping.lists("o1")
    assert (kept.status, kept.ships_on, kept.accept_by) == ("kept", None, None)
    assert (keeping.rows(t.capacity_bookings), list(find_picks(keeping.db).rows)) == ([], [])
    with pytest.raises(Conflict, match=f"pick list {kept.id} waits for the rest of its order: leave the pieces"):
        start_picking(keeping.ctx, kept.id, "bob")
    assert explain_order(keeping.db, keeping.row("o1").id).why == "kept_for_presale_whole"
    assert keeping.events("o1")[-2:] == ["pieces_kept", "order_backordered"]
    keeping.check()
    _open_presale(keeping)
    day = keeping.clock().date()
    lists = keeping.lists("o1")
    assert [(row.status, row.ships_on, row.accept_by is None) for row in lists] == [("open", day, False)] * 2
    assert [(row.warehouse, row.day) for row in keeping.rows(t.capacity_bookings)] == [("W1", day)]
    assert (keeping.state("o1"), keeping.takes("o1")) == ("routed", {("W1", "A"): 2, ("W1", "B"): 4})
    keeping.ship_all("o1")
    assert keeping.state("o1") == "shipped"
    keeping.check()


def test_nobody_else_gets_what_is_kept(keeping: World) -> None:
    assert keeping.order("o1", A=1, B=6) == "held"
    assert keeping.order("o2", B=6) == "held"
    assert (keeping.takes("o1"), keeping.takes("o2")) == ({("W1", "B"): 6}, {("W1", "B"): 3})
    keeping.stock("B", "W2", 3)
    keeping.work()
    assert (keeping.state("o2"), keeping.takes("o2")) == ("routed", {("W1", "B"): 3, ("W2", "B"): 3})


def test_planning_again_keeps_what_is_kept_and_adds_what_came(keeping: World) -> None:
    assert keeping.order("o1", A=1, B=9, C=4) == "held"
    for pieces in (1, 2):
        keeping.stock("C", "W2", pieces)
        keeping.work()
    assert keeping.takes("o1") == {("W1", "B"): 9, ("W2", "C"): 3}
    assert keeping.events("o1").count("pieces_kept") == 3
    assert {row.status for row in keeping.lists("o1")} == {"kept"}


@pytest.mark.parametrize("by", ["channel", "us"])
def test_a_cancellation_frees_what_is_kept(keeping: World, by: str) -> None:
    keeping.order("o1", A=1, B=6)
    if by == "channel":
        keeping.arrive(payload("o1", {"a1": ("L-A", 1), "b1": ("L-B", 6)}, NINE, status="cancelled"))
    else:
        ask_cancel(keeping.ctx, keeping.row("o1").id, "the buyer rang", "eve")
    assert (keeping.state("o1"), keeping.balance("B", "W1")) == ("cancelled", (9, 0))
    keeping.check()


def test_an_order_whose_missing_line_is_taken_back_opens_what_it_keeps(keeping: World) -> None:
    keeping.order("o1", A=1, B=6)
    keeping.arrive(payload("o1", {"b1": ("L-B", 6)}, NINE))
    assert (keeping.state("o1"), [row.status for row in keeping.lists("o1")]) == ("routed", ["open"])
    assert keeping.events("o1")[-1] in ("kept_opened", "order_state")
    keeping.check()


def test_without_the_rule_nothing_is_kept(world: World) -> None:
    world.stock("B", "W1", 9)
    assert world.order("o1", A=1, B=6) == "held"
    assert (world.lists("o1"), world.balance("B", "W1")) == ([], (9, 0))


def test_what_would_be_kept_for_ever_is_found_and_freed(keeping: World) -> None:
    keeping.order("o1", B=2)
    with keeping.db.write() as db:
        db.execute(update(t.fulfillment_orders).values(status="kept"))
    report = repair_stock(keeping.ctx, actor="eve")
    assert [each.check for each in report.done] == ["soft_lists_end"]
    assert (keeping.balance("B", "W1"), keeping.state("o1")) == ((9, 0), "waiting")
    adjust_stock(keeping.ctx, "B", "W1", 1, reason="delivery", actor="test", key="k")
    keeping.work()
    assert keeping.state("o1") == "routed"
