"""The audit puts right what it finds: each law broken by hand, seen, mended with a trace, and then nothing more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from hub.store import tables as t
from hub.usecases.audit_stock import audit_stock
from hub.usecases.move_transfer import ship_transfer
from hub.usecases.plan_transfer import TransferPlan, create_transfer, reserve_transfer
from hub.usecases.repair_stock import RepairReport, repair_stock
from tests.fakes.world import World

ME = "user:1"


@pytest.fixture
def busy(world: World) -> World:
    """Stock, an order that is to be picked, one that has left, one that waits, and a transfer under way."""
    for sku in ("A", "B"):
        world.stock(sku, "W1", 10)
    world.order("o1", A=3, B=1)
    world.order("o2", A=2)
    world.ship_all("o2")
    transfer_id = create_transfer(world.ctx, TransferPlan("k", "W1", "W2", (("A", "", 2),)), actor=ME)
    reserve_transfer(world.ctx, transfer_id, actor=ME)
    ship_transfer(world.ctx, transfer_id, actor=ME, key="s")
    world.check()
    return world


def spoil(world: World, *statements: Any) -> None:
    with world.db.write() as db:
        for statement in statements:
            db.execute(statement)


def balance(sku: str, warehouse: str = "W1", **values: Any) -> Any:
    b = t.stock_balances
    return update(b).where(b.c.sku == sku, b.c.warehouse == warehouse).values(**values)


def line(world: World, ref: str, **values: Any) -> Any:
    f = t.fulfillment_lines
    return update(f).where(f.c.order_id == world.row(ref).id, f.c.sku == "A").values(**values)


def broken(world: World) -> set[str]:
    return {mismatch.check for mismatch in audit_stock(world.ctx).mismatches}


def mend(world: World) -> RepairReport:
    """Repair once; a second time does nothing more; then all laws hold."""
    report = repair_stock(world.ctx, actor=ME)
    again = repair_stock(world.ctx, actor=ME)
    assert (again.done, again.needs_person) == ((), report.needs_person)
    return report


def repairs(world: World) -> list[tuple[str, str, int, int, int | None, str]]:
    rows = world.rows(t.stock_ledger, t.stock_ledger.c.kind == "repair")
    return [(row.sku, row.warehouse, row.on_hand, row.reserved, row.in_transit, row.actor) for row in rows]


def _ledger_lost(world: World, kind: str) -> Any:
    return delete(t.stock_ledger).where(t.stock_ledger.c.kind == kind, t.stock_ledger.c.sku == "A")


CASES: list[tuple[str, Callable[[World], list[Any]], set[str], list[Any]]] = [
    ("more on hand than the ledger says", lambda w: [balance("B", on_hand=14)], {"balance_is_ledger"}, []),
    ("a state that nobody wrote down", lambda w: [balance("B", damaged=2, safety=1)], {"balance_is_ledger"}, []),
    ("reserved without a pick list", lambda w: [balance("A", reserved=5)],
     {"balance_is_ledger", "reserved_is_pick_lists"}, []),
    ("less reserved than promised", lambda w: [balance("A", reserved=0)],
     {"balance_is_ledger", "reserved_is_pick_lists"}, []),
    ("in transit without a transfer", lambda w: [balance("A", "W2", in_transit=7)],
     {"balance_is_ledger", "in_transit_is_transfers"}, []),
    ("a reservation lost from the ledger", lambda w: [_ledger_lost(w, "reserve")], {"balance_is_ledger"},
     [("A", "W1", 0, 7, None, ME)]),
    ("a delivery lost from the ledger that is promised already", lambda w: [_ledger_lost(w, "adjust")],
     {"balance_is_ledger"}, [("A", "W1", 10, 0, None, ME)]),
    ("a balance that vanished",
     lambda w: [delete(t.stock_balances).where(t.stock_balances.c.sku == "B")],
     {"ledger_has_balance", "reserved_is_pick_lists"}, []),
    ("a stray ledger row", lambda w: [t.stock_ledger.insert().values(
        sku="C", warehouse="W1", lot="L9", kind="adjust", on_hand=0, reserved=4, cause="x", line="", at=w.clock.now)],
     {"ledger_has_balance"}, [("C", "W1", 0, -4, None, ME)]),
]  # fmt: skip


@pytest.mark.parametrize(("spoiled", "laws", "written"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_a_balance_that_is_wrong_is_seen_and_mended(
    spoiled: Callable[[World], list[Any]], laws: set[str], written: list[Any], busy: World
) -> None:
    before = {row[:3]: row[:10] for row in busy.rows(t.stock_balances)}
    spoil(busy, *spoiled(busy))
    assert broken(busy) == laws
    report = mend(busy)
    assert report.needs_person == ()
    assert {each.check for each in report.found.mismatches} == laws
    assert report.left.mismatches == ()
    after = {row[:3]: row[:10] for row in busy.rows(t.stock_balances)}
    assert {key: after[key] for key in before} == before
    assert repairs(busy) == written
    logged = busy.rows(t.audit_log, t.audit_log.c.action == "audit.repaired")
    assert [(row.actor, row.data["run"][:19]) for row in logged] == [(ME, report.run)] * len(report.done)


def test_every_channel_is_told_a_mended_number(busy: World) -> None:
    spoil(busy, balance("B", on_hand=14))
    before = {row.listing_ref: row.seq for row in busy.rows(t.stock_pushes)}
    mend(busy)
    risen = {row.listing_ref for row in busy.rows(t.stock_pushes) if row.seq > before[row.listing_ref]}
    assert risen == {"L-B", "L-KIT"}


def test_counters_of_an_order_follow_its_pick_lists_and_the_order_is_planned_again(busy: World) -> None:
    order_id = busy.row("o1").id
    spoil(busy, update(t.order_pieces).where(t.order_pieces.c.order_id == order_id).values(reserved=0))
    assert broken(busy) == {"pieces_are_pick_lists"}
    report = mend(busy)
    assert len(report.done) == 2
    assert busy.pieces("o1") == {"A": (3, 3, 0), "B": (1, 1, 0)}
    assert (busy.state("o1"), busy.events("o1")[-1]) == ("routed", "repaired")
    spoil(busy, line(busy, "o1", cancelled=1))
    assert broken(busy) == {"pieces_are_pick_lists", "reserved_is_pick_lists"}
    mend(busy)
    busy.work()
    assert busy.pieces("o1") == {"A": (3, 3, 0), "B": (1, 1, 0)}
    assert busy.balance("A", "W1") == (6, 3)


def test_an_order_that_is_over_gives_back_what_it_holds(busy: World) -> None:
    order = busy.row("o1")
    document = dict(busy.rows(t.order_documents, t.order_documents.c.order_id == order.id)[0].current)
    cancelled = document | {"status": "cancelled"}
    spoil(
        busy,
        update(t.orders).where(t.orders.c.id == order.id).values(state="cancelled", status="cancelled"),
        update(t.order_documents).where(t.order_documents.c.order_id == order.id).values(current=cancelled),
    )
    assert broken(busy) == {"done_orders_hold_nothing"}
    report = mend(busy)
    assert [each.words for each in report.done] == ["4 pieces given back"]
    assert (busy.state("o1"), busy.balance("A", "W1"), busy.balance("B", "W1")) == ("cancelled", (6, 0), (10, 0))
    assert [row.status for row in busy.lists("o1")] == ["cancelled"]


def test_an_order_that_says_that_it_is_over_but_is_not_lives_on(busy: World) -> None:
    spoil(busy, update(t.orders).where(t.orders.c.id == busy.row("o1").id).values(state="closed"))
    assert broken(busy) == {"done_orders_hold_nothing"}
    repair_stock(busy.ctx, actor=ME)
    assert (busy.state("o1"), busy.takes("o1")) == ("routed", {("W1", "A"): 3, ("W1", "B"): 1})


def test_an_order_that_holds_more_than_it_wants_gives_back_the_rest(busy: World) -> None:
    pieces = t.order_pieces.c
    spoil(busy, update(t.order_pieces).where(pieces.order_id == busy.row("o1").id, pieces.sku == "A").values(wanted=1))
    assert broken(busy) == {"never_more_than_wanted"}
    mend(busy)
    assert busy.pieces("o1")["A"] == (1, 1, 0)
    assert busy.balance("A", "W1") == (6, 1)


def test_a_list_that_is_over_or_belongs_to_nobody_is_emptied(busy: World) -> None:
    order_id = busy.row("o1").id
    spoil(busy, update(t.fulfillment_orders).where(t.fulfillment_orders.c.order_id == order_id).values(
        status="cancelled"))  # fmt: skip
    assert broken(busy) == {"finished_lists_are_empty"}
    mend(busy)
    busy.work()
    assert (busy.state("o1"), [row.status for row in busy.lists("o1")]) == ("routed", ["cancelled", "open"])
    tables = (t.orders, t.order_documents, t.order_lines, t.order_pieces)
    spoil(busy, *(delete(each).where((each.c.id if each is t.orders else each.c.order_id) == order_id)
                  for each in tables))  # fmt: skip
    assert broken(busy) == {"lists_have_orders"}
    mend(busy)
    assert (busy.balance("A", "W1"), busy.balance("B", "W1")) == ((6, 0), (10, 0))


def test_what_is_kept_for_an_unpaid_order_without_an_end_is_freed_and_planned_again(busy: World) -> None:
    lists = t.fulfillment_orders.c.order_id == busy.row("o1").id
    spoil(busy, update(t.fulfillment_orders).where(lists).values(status="soft"))
    assert broken(busy) == {"soft_lists_end"}
    report = mend(busy)
    assert [each.words for each in report.done] == ["A, B were kept without an end: freed"]
    busy.work()
    assert (busy.state("o1"), [row.status for row in busy.lists("o1")]) == ("routed", ["cancelled", "open"])
    assert busy.balance("A", "W1") == (6, 3)


def test_promises_beyond_what_lies_there_need_a_person_and_the_rest_is_mended(world: World) -> None:
    world.stock("A", "W1", 3)
    world.stock("B", "W1", 3)
    world.order("o1", A=3)
    f = t.fulfillment_lines
    pieces = t.order_pieces
    spoil(
        world, update(f).values(quantity=8), update(pieces).values(wanted=8, reserved=8), balance("B", on_hand=9),
    )  # fmt: skip
    report = repair_stock(world.ctx, actor=ME)
    assert [each.what for each in report.done] == ["B in W1"]
    assert [(each.what, each.words[:57]) for each in report.needs_person] == [
        ("A in W1", "8 pieces are promised, and at most 3 lie there (damaged a"),
    ]  # fmt: skip
    again = repair_stock(world.ctx, actor=ME)
    assert (again.done, again.needs_person) == ((), report.needs_person)
    spoil(world, update(f).values(quantity=3), update(pieces).values(wanted=3, reserved=3))


def test_what_is_leased_for_ever_is_freed_and_a_living_lease_is_left_alone(busy: World) -> None:
    now = busy.clock.now
    spoil(
        busy,
        update(t.streams).where(t.streams.c.stream == "orders").values(leased_until=now + timedelta(days=400)),
        update(t.streams).where(t.streams.c.stream == "stock").values(leased_until=now + timedelta(minutes=1)),
        update(t.stock_pushes)
        .where(t.stock_pushes.c.listing_ref == "L-A")
        .values(leased_until=now + timedelta(days=1)),
        t.leases.insert().values(name="scheduler", owner="gone", until=now + timedelta(days=9)),
    )
    assert broken(busy) == {"no_lease_for_ever"}
    report = mend(busy)
    assert [(each.what, each.words) for each in report.done] == [
        ("streams", "1 freed"), ("stock pushes", "1 freed"), ("schedulers", "1 freed"),
    ]  # fmt: skip
    assert [row.stream for row in busy.rows(t.streams, t.streams.c.leased_until.is_not(None))] == ["stock"]


def test_bookings_without_work_are_given_back_and_days_count_what_is_booked(busy: World) -> None:
    now, day = busy.clock.now, busy.clock.now.date()
    booking = {"warehouse": "W1", "day": day, "created_at": now}
    spoil(
        busy,
        t.capacity_days.insert().values(warehouse="W1", day=day, booked=5, capacity=5),
        t.capacity_bookings.insert().values(order_id=busy.row("o1").id, **booking),
        t.capacity_bookings.insert().values(order_id=777, **booking),
    )
    assert broken(busy) == {"bookings_have_lists", "booked_is_bookings"}
    report = mend(busy)
    assert [(each.check, each.what) for each in report.done] == [
        ("bookings_have_lists", "order 777 in W1"), ("booked_is_bookings", f"W1 on {day}"),
    ]  # fmt: skip
    assert [(row.booked, row.capacity) for row in busy.rows(t.capacity_days)] == [(1, 5)]


def test_where_all_laws_hold_nothing_is_done(busy: World) -> None:
    rows = [busy.rows(table) for table in (t.stock_balances, t.stock_ledger, t.audit_log, t.order_events)]
    report = repair_stock(busy.ctx, actor=ME)
    assert (report.done, report.needs_person, report.left.mismatches) == ((), (), ())
    assert rows == [busy.rows(table) for table in (t.stock_balances, t.stock_ledger, t.audit_log, t.order_events)]
