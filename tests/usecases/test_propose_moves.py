"""Proposals from orders that wait: refreshed, accepted with one click, dismissed, outdated."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.reports.proposals import ProposalLine, find_proposals, read_proposal
from hub.reports.transfers import read_transfer
from hub.store import tables as t
from hub.store.stock import Move, apply_moves, ensure_balances, lock_balances
from hub.usecases.fix_holds import hold_order
from hub.usecases.manage_catalog import save_warehouse
from hub.usecases.move_transfer import receive_transfer, ship_transfer
from hub.usecases.propose_moves import accept_proposal, dismiss_proposal, refresh_proposals
from hub.usecases.set_selling import set_policy
from tests.fakes.world import World

ME = "user:1"


@pytest.fixture
def apart(world: World) -> World:
    """W1 serves Germany; W2 serves France only, and an order from Germany waits for 5 pieces of A."""
    save_warehouse(world.ctx, "W1", actor="test", ships_to=["DE"])
    save_warehouse(world.ctx, "W2", actor="test", ships_to=["FR"])
    assert world.order("o1", A=5) == "held"
    return world


def lines(world: World, state: str = "open") -> list[tuple[str, str | None, str, int]]:
    found = find_proposals(world.db, state=state)[0]
    return [(each.kind, each.source, each.destination, each.quantity) for each in reversed(found)]


def stock(world: World, warehouse: str, pieces: int) -> None:
    """Pieces of A come or go; whoever waits for them is looked at again."""
    world.stock("A", warehouse, pieces)
    world.work()


def only(world: World, state: str = "open") -> ProposalLine:
    (found,) = find_proposals(world.db, state=state)[0]
    return found


def test_a_transfer_that_is_accepted_fills_the_order(apart: World) -> None:
    stock(apart, "W2", 7)
    assert refresh_proposals(apart.ctx) == 1
    found = only(apart)
    assert (found.kind, found.source, found.destination, found.quantity) == ("transfer", "W2", "W1", 5)
    assert (found.orders, found.waiting, found.km) == ((apart.row("o1").id,), 1, 504)
    transfer_id = accept_proposal(apart.ctx, found.id, actor=ME)
    assert accept_proposal(apart.ctx, found.id, actor=ME) == transfer_id
    assert transfer_id is not None
    assert read_transfer(apart.db, transfer_id).state == "ready"
    assert apart.balance("A", "W2") == (7, 5)
    assert refresh_proposals(apart.ctx) == 0
    ship_transfer(apart.ctx, transfer_id, actor=ME, key="s")
    assert refresh_proposals(apart.ctx) == 0
    receive_transfer(apart.ctx, transfer_id, actor=ME, key="r")
    apart.work()
    assert apart.takes("o1") == {("W1", "A"): 5}
    assert read_proposal(apart.db, found.id).state == "accepted"


def test_what_cannot_be_moved_is_bought_and_counts_as_coming_until_it_is_received(apart: World) -> None:
    stock(apart, "W2", 2)
    assert refresh_proposals(apart.ctx) == 2
    assert lines(apart) == [("transfer", "W2", "W1", 2), ("purchase", None, "W1", 3)]
    (purchase,) = [each for each in find_proposals(apart.db)[0] if each.kind == "purchase"]
    assert accept_proposal(apart.ctx, purchase.id, actor=ME) is None
    assert refresh_proposals(apart.ctx) == 1
    apart.clock.move(days=61)
    assert refresh_proposals(apart.ctx) == 2


def test_proposals_follow_what_waits_and_end_when_nothing_does(apart: World) -> None:
    stock(apart, "W2", 9)
    refresh_proposals(apart.ctx)
    first = only(apart)
    apart.order("o2", A=2)
    refresh_proposals(apart.ctx)
    assert (only(apart).id, only(apart).quantity, only(apart).waiting) == (first.id, 7, 2)
    stock(apart, "W1", 7)
    assert refresh_proposals(apart.ctx) == 0
    assert read_proposal(apart.db, first.id).state == "outdated"
    with pytest.raises(Conflict, match="is outdated: look at the open ones"):
        accept_proposal(apart.ctx, first.id, actor=ME)


def test_what_was_sold_ahead_of_the_stock_is_bought_too(world: World) -> None:
    day = world.clock.now.date() + timedelta(days=30)
    set_policy(world.ctx, "A", mode="backorder", units=9, actor="test")
    set_policy(world.ctx, "B", mode="presale", units=9, available_on=day, actor="test")
    world.stock("B", "W1", 1)
    assert [world.order("o1", A=3), world.order("o2", B=4), world.order("o3", A=2)] == ["held"] * 3
    assert refresh_proposals(world.ctx) == 2
    assert lines(world) == [("purchase", None, "W1", 5), ("purchase", None, "W1", 3)]
    hold_order(world.ctx, world.row("o1").id, "asked to wait", ME)
    world.stock("A", "W2", 1)  # it is woken, but waits for a person now
    assert [row.state for row in world.rows(t.holds, t.holds.c.order_id == world.row("o1").id)] == ["released", "open"]
    assert refresh_proposals(world.ctx) == 2
    assert lines(world) == [("purchase", None, "W1", 4), ("purchase", None, "W1", 3)]


def test_a_proposal_that_was_dismissed_comes_again_only_where_more_is_needed_or_after_a_week(apart: World) -> None:
    stock(apart, "W2", 9)
    refresh_proposals(apart.ctx)
    with pytest.raises(BadInput, match="needs a reason"):
        dismiss_proposal(apart.ctx, only(apart).id, actor=ME, reason=" ")
    dismiss_proposal(apart.ctx, only(apart).id, actor=ME, reason="too far")
    dismiss_proposal(apart.ctx, only(apart, "dismissed").id, actor=ME, reason="again")
    assert refresh_proposals(apart.ctx) == 0
    apart.order("o2", A=1)
    assert refresh_proposals(apart.ctx) == 1
    dismiss_proposal(apart.ctx, only(apart).id, actor=ME, reason="still too far")
    apart.clock.move(days=8)
    assert refresh_proposals(apart.ctx) == 1


def test_the_pieces_are_taken_by_lot_those_that_expire_first_and_no_expired_ones(apart: World) -> None:
    today = apart.clock.now.date()
    last = {"OLD": today - timedelta(days=1), "SOON": today, "LATE": date(2027, 6, 30)}
    with apart.db.write() as db:
        ensure_balances(db, [("A", "W2", lot) for lot in last], apart.clock.now)
        lock_balances(db, ["A"])
        moves = [Move("receive", "A", "W2", "d", lot, 3, lot=lot) for lot in last]
        apply_moves(db, moves, apart.clock.now)
        rows = [{"sku": "A", "lot": lot, "expires_on": day, "note": "", "created_at": apart.clock.now}
                for lot, day in last.items()]  # fmt: skip
        db.execute(t.stock_lots.insert(), rows)
    refresh_proposals(apart.ctx)
    transfer_id = accept_proposal(apart.ctx, only(apart).id, actor=ME)
    found = read_transfer(apart.db, transfer_id or 0).lines
    assert [(line.lot, line.quantity) for line in found] == [("SOON", 3), ("LATE", 2)]


def test_a_surplus_that_is_gone_by_then_is_told_and_no_half_of_it_is_done(apart: World) -> None:
    stock(apart, "W2", 5)
    refresh_proposals(apart.ctx)
    stock(apart, "W2", -4)
    with pytest.raises(Conflict, match="W2 has only 1 of 5 A free by now: work the proposals out anew"):
        accept_proposal(apart.ctx, only(apart).id, actor=ME)
    assert apart.rows(t.transfers) == []
    assert only(apart).quantity == 5
    with pytest.raises(NotFound, match="there is no proposal 999"):
        accept_proposal(apart.ctx, 999, actor=ME)
