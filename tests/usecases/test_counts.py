"""Counts of shelves: blind, entered or scanned, approved; movements meanwhile are kept, promises are never broken."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import update

from hub.canonical.errors import BadInput, Conflict, NotAllowed, NotFound
from hub.reports.counts import Count, find_counts, read_count
from hub.store import tables as t
from hub.usecases import decide_count
from hub.usecases.change_stock import adjust_stock, count_stock
from hub.usecases.count_shelves import CountPlan, Entry, enter_counts, open_count, scan_count, submit_count
from hub.usecases.decide_count import Approval, approve_count, reject_count
from hub.usecases.pick_orders import report_missing
from tests.fakes.world import World

ANN, BOB = "user:1", "user:2"


def opened(world: World, *skus: str, blind: bool = True) -> int:
    return open_count(world.ctx, CountPlan("W1", skus, blind=blind), actor=ANN)


def counted(world: World, **numbers: int) -> int:
    """A count of these SKUs in W1, handed in; a minute later."""
    count_id = opened(world, *numbers)
    enter_counts(world.ctx, count_id, [Entry(sku, number) for sku, number in numbers.items()], actor=ANN)
    submit_count(world.ctx, count_id, actor=ANN)
    world.clock.move(minutes=1)
    return count_id


def seen(world: World, count_id: int) -> Count:
    return read_count(world.db, count_id)


def test_a_variance_is_written_once_it_is_approved_and_told_to_every_channel(world: World) -> None:
    world.stock("A", "W1", 10)
    world.stock("B", "W1", 5)
    with world.db.write() as db:
        db.execute(update(t.items).where(t.items.c.sku == "A").values(value=2_500_000))
    count_id = counted(world, A=8, B=5)
    assert world.balance("A", "W1") == (10, 0)
    found = seen(world, count_id)
    assert (found.differing, found.more, found.fewer, found.value) == (1, 0, 2, Decimal("-5.00"))
    before = {row.listing_ref: row.seq for row in world.rows(t.stock_pushes)}
    assert approve_count(world.ctx, count_id, actor=BOB) == Approval(2, -2, 0)
    assert (world.balance("A", "W1"), world.balance("B", "W1")) == ((8, 0), (5, 0))
    assert {row.listing_ref for row in world.rows(t.stock_pushes) if row.seq > before[row.listing_ref]} == {
        "L-A", "L-B", "L-KIT",
    }  # fmt: skip
    rows = world.rows(t.stock_ledger, t.stock_ledger.c.cause == f"count:{count_id}")
    assert [(row.kind, row.sku, row.on_hand, row.actor) for row in rows] == [
        ("count", "A", -2, BOB), ("count", "B", 0, BOB),
    ]  # fmt: skip
    assert (seen(world, count_id).state, seen(world, count_id).decided_by) == ("approved", BOB)
    assert approve_count(world.ctx, count_id, actor=BOB) == Approval(0, 0, 0)


def test_who_counts_blindly_is_told_what_the_books_say_only_once_it_is_handed_in(world: World) -> None:
    world.stock("A", "W1", 10)
    count_id = opened(world, "A")
    enter_counts(world.ctx, count_id, [Entry("A", 8)], actor=ANN)
    (line,) = seen(world, count_id).lines
    assert (line.counted, line.expected, line.variance, line.value) == (8, None, None, None)
    (listed,) = find_counts(world.db)[0]
    assert (listed.differing, listed.more, listed.fewer, listed.value, listed.lines) == (None, None, None, None, ())
    submit_count(world.ctx, count_id, actor=ANN)
    (line,) = seen(world, count_id).lines
    assert (line.counted, line.expected, line.variance) == (8, 10, -2)


def test_a_count_that_is_not_blind_shows_what_the_books_say_now(world: World) -> None:
    world.stock("A", "W1", 10)
    (line,) = seen(world, opened(world, "A", blind=False)).lines
    assert (line.counted, line.expected, line.variance) == (None, 10, None)


def test_parcels_and_deliveries_between_counting_and_approval_are_kept(world: World) -> None:
    world.stock("A", "W1", 10)
    world.order("o1", A=3)
    count_id = counted(world, A=9)
    world.ship_all("o1")
    world.stock("A", "W1", 20)
    approve_count(world.ctx, count_id, actor=BOB)
    assert world.balance("A", "W1") == (26, 0)


def test_pieces_that_a_picker_or_another_count_found_missing_meanwhile_are_not_written_twice(world: World) -> None:
    world.stock("A", "W1", 10)
    world.stock("B", "W1", 10)
    world.order("o1", A=10)
    count_id = counted(world, A=8, B=7)
    line = world.list_lines(world.lists("o1")[0].id)["A"]
    report_missing(world.ctx, line.id, 2, "bob", "not there")
    count_stock(world.ctx, "B", "W1", 7, reason="counted", actor=ANN, key="c1")
    approve_count(world.ctx, count_id, actor=BOB)
    assert (world.balance("A", "W1"), world.balance("B", "W1")) == ((8, 8), (7, 0))


def test_promised_pieces_that_are_not_there_are_a_named_problem_and_no_promise_is_broken(world: World) -> None:
    world.stock("A", "W1", 10)
    world.order("o1", A=4)
    world.order("o2", A=3)
    count_id = counted(world, A=5)
    assert approve_count(world.ctx, count_id, actor=BOB) == Approval(1, -3, 1)
    assert world.balance("A", "W1") == (7, 7)
    (line,) = seen(world, count_id).lines
    lists = [world.lists(ref)[0].id for ref in ("o2", "o1")]
    assert (line.written, line.problem["missing"]) == (-3, 2)
    assert line.problem["orders"] == [
        {"order_id": world.row("o2").id, "number": "#o2", "pick_id": lists[0], "pieces": 3},
        {"order_id": world.row("o1").id, "number": "#o1", "pick_id": lists[1], "pieces": 4},
    ]
    assert line.problem["mend"].startswith("2 pieces are promised and not there: move or cancel these orders")
    assert approve_count(world.ctx, count_id, actor=BOB) == Approval(0, 0, 1)
    world.order("o2", at="2026-11-23T09:00:00Z", more={"status": "cancelled"}, A=3)
    assert approve_count(world.ctx, count_id, actor=BOB) == Approval(1, -2, 0)
    assert world.balance("A", "W1") == (5, 4)
    assert seen(world, count_id).problems == 0


def test_a_large_stocktake_is_written_in_several_transactions_and_goes_on_after_a_crash(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sku in ("A", "B", "C"):
        world.stock(sku, "W1", 10)
    count_id = counted(world, A=9, B=8, C=7)
    monkeypatch.setattr(decide_count, "CHUNK", 1)
    asked = iter(range(9))
    real = decide_count.apply_moves

    def crash(*arguments: object) -> None:
        if next(asked) == 2:
            raise RuntimeError("the machine is gone")
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(decide_count, "apply_moves", crash)
    with pytest.raises(RuntimeError):
        approve_count(world.ctx, count_id, actor=BOB)
    assert (seen(world, count_id).state, world.balance("B", "W1"), world.balance("C", "W1")) == (
        "submitted", (8, 0), (10, 0),
    )  # fmt: skip
    approve_count(world.ctx, count_id, actor=BOB)
    assert [world.balance(sku, "W1")[0] for sku in ("A", "B", "C")] == [9, 8, 7]
    assert seen(world, count_id).state == "approved"


def test_a_scanner_adds_pieces_and_a_stocktake_takes_what_nobody_expected(world: World) -> None:
    world.stock("A", "W1", 3)
    count_id = open_count(world.ctx, CountPlan("W1"), actor=ANN)
    assert scan_count(world.ctx, count_id, "400A\n", actor=ANN) == ("A", 1)
    assert scan_count(world.ctx, count_id, "A", actor=ANN, quantity=2) == ("A", 3)
    assert scan_count(world.ctx, count_id, "400A", actor=ANN, quantity=-1) == ("A", 2)
    assert scan_count(world.ctx, count_id, "400C", actor=ANN, quantity=4) == ("C", 4)
    with pytest.raises(BadInput, match="'NOPE' is no SKU or barcode"):
        scan_count(world.ctx, count_id, "NOPE", actor=ANN)
    with pytest.raises(BadInput, match="A: -1 pieces"):
        scan_count(world.ctx, count_id, "A", actor=ANN, quantity=-3)
    submit_count(world.ctx, count_id, actor=ANN)
    approve_count(world.ctx, count_id, actor=BOB)
    assert (world.balance("A", "W1"), world.balance("C", "W1")) == ((2, 0), (4, 0))


def test_a_cycle_count_takes_its_own_shelves_only_and_what_was_not_counted_stays(world: World) -> None:
    world.stock("A", "W1", 3)
    world.stock("B", "W1", 3)
    count_id = opened(world, "A", "B")
    with pytest.raises(BadInput, match=rf"400C \(C\) is not in count {count_id}: put it aside"):
        scan_count(world.ctx, count_id, "400C", actor=ANN)
    with pytest.raises(BadInput, match="nothing of count"):
        submit_count(world.ctx, count_id, actor=ANN)
    enter_counts(world.ctx, count_id, [Entry("A", 0)], actor=ANN)
    assert submit_count(world.ctx, count_id, actor=ANN) == 1
    approve_count(world.ctx, count_id, actor=BOB)
    assert (world.balance("A", "W1"), world.balance("B", "W1")) == ((0, 0), (3, 0))


def test_a_count_by_tag_has_the_skus_with_exactly_that_tag(world: World) -> None:
    with world.db.write() as db:
        db.execute(update(t.items).where(t.items.c.sku == "A").values(tags=["cold", "小"]))
        db.execute(update(t.items).where(t.items.c.sku == "B").values(tags=["coldest"]))
    count_id = open_count(world.ctx, CountPlan("W1", tag="cold"), actor=ANN)
    assert [line.sku for line in seen(world, count_id).lines] == ["A"]


def test_lots_are_counted_apart(world: World) -> None:
    for lot in ("", "L1", "L2"):
        adjust_stock(world.ctx, "A", "W1", 5, reason="d", actor=ANN, key=f"d{lot}", lot=lot)
    count_id = opened(world, "A")
    with pytest.raises(BadInput, match=r"A lies in several lots \(-, L1, L2\): say which lot was counted"):
        scan_count(world.ctx, count_id, "A", actor=ANN)
    enter_counts(world.ctx, count_id, [Entry("A", 2, "L2"), Entry("A", 4, "-")], actor=ANN)
    submit_count(world.ctx, count_id, actor=ANN)
    approve_count(world.ctx, count_id, actor=BOB)
    rows = world.rows(t.stock_balances, t.stock_balances.c.sku == "A", t.stock_balances.c.warehouse == "W1")
    assert {row.lot: row.on_hand for row in rows} == {"": 4, "L1": 5, "L2": 2}


def test_doubted_shelves_are_counted_again_and_the_others_keep_their_numbers(world: World) -> None:
    world.stock("A", "W1", 3)
    world.stock("B", "W1", 3)
    count_id = counted(world, A=1, B=3)
    with pytest.raises(BadInput, match="C is not in count"):
        reject_count(world.ctx, count_id, actor=BOB, reason="odd", recount=["C"])
    reject_count(world.ctx, count_id, actor=BOB, reason="odd", recount=[])
    assert [(line.sku, line.counted) for line in seen(world, count_id).lines] == [("A", None), ("B", 3)]
    enter_counts(world.ctx, count_id, [Entry("A", 3)], actor=ANN)
    submit_count(world.ctx, count_id, actor=ANN)
    with pytest.raises(BadInput, match="has no variance: name the SKUs"):
        reject_count(world.ctx, count_id, actor=BOB, reason="odd", recount=[])
    reject_count(world.ctx, count_id, actor=BOB, reason="in a hurry")
    assert seen(world, count_id).state == "rejected"
    with pytest.raises(Conflict, match="is rejected: it must be handed in"):
        approve_count(world.ctx, count_id, actor=BOB)
    assert world.balance("A", "W1") == (3, 0)


def test_where_two_are_wanted_who_counted_does_not_approve_alone(world: World) -> None:
    world.stock("A", "W1", 3)
    count_id = counted(world, A=1)
    strict = replace(world.ctx, count_by_two=True)
    with pytest.raises(NotAllowed, match="was counted by you: another person must approve it"):
        approve_count(strict, count_id, actor=ANN)
    assert world.balance("A", "W1") == (3, 0)
    approve_count(strict, count_id, actor=BOB)
    assert world.balance("A", "W1") == (1, 0)


def test_no_shelf_is_open_in_two_counts(world: World) -> None:
    world.stock("A", "W1", 3)
    world.stock("A", "W2", 3)
    first = opened(world, "A")
    with pytest.raises(Conflict, match=f"count {first} has A in W1 open already"):
        open_count(world.ctx, CountPlan("W1"), actor=ANN)
    open_count(world.ctx, CountPlan("W2"), actor=ANN)
    reject_count(world.ctx, first, actor=BOB, reason="wrong day")
    opened(world, "A")


@pytest.mark.parametrize(
    ("wanted", "error", "words"),
    [
        (CountPlan("W9"), NotFound, "there is no warehouse 'W9'"),
        (CountPlan("W1"), BadInput, "there is nothing to count in W1"),
        (CountPlan("W1", ("NOPE",)), NotFound, "there is no SKU 'NOPE'"),
        (CountPlan("W1", ("KIT",)), BadInput, "KIT is a kit"),
        (CountPlan("W1", tag="none"), BadInput, "there is nothing to count"),
    ],
)
def test_a_count_that_cannot_be_is_refused(wanted: CountPlan, error: type[Exception], words: str, world: World) -> None:
    with pytest.raises(error, match=words):
        open_count(world.ctx, wanted, actor=ANN)
    assert world.rows(t.stock_counts) == []


def test_orders_that_wait_for_a_shelf_run_again_when_pieces_were_found(world: World) -> None:
    world.stock("A", "W1", 1)
    assert world.order("o1", A=2) == "held"
    approve_count(world.ctx, counted(world, A=2), actor=BOB)
    assert ("orders.place", None) in world.bell.rung
    world.work()
    assert world.state("o1") == "routed"


def test_a_shelf_that_was_counted_is_believed_again_and_its_place_is_fresh(world: World) -> None:
    world.stock("A", "W1", 3)
    with world.db.write() as db:
        db.execute(update(t.warehouses).where(t.warehouses.c.code == "W1").values(fresh_hours=1))
        row = {"warehouse": "W1", "sku": "A", "permille": 300, "misses": 2, "updated_at": world.clock.now}
        db.execute(t.place_confidences.insert().values(**row))
    approve_count(world.ctx, counted(world, A=3), actor=BOB)
    assert [(row.permille, row.misses) for row in world.rows(t.place_confidences)] == [(1000, 0)]
    assert {row.code: row.fed_at for row in world.rows(t.warehouses)} == {"W1": world.clock.now, "W2": None}


def test_an_approved_count_makes_the_books_believed_again(world: World) -> None:
    world.stock("A", "W1", 10)
    world.order("o1", A=2)
    (work,) = world.lists("o1")
    report_missing(world.ctx, world.list_lines(work.id)["A"].id, 1, BOB, "not there")
    assert [(row.sku, row.permille) for row in world.rows(t.place_confidences)] == [("A", 750)]
    approve_count(world.ctx, counted(world, A=9), actor=BOB)
    assert [(row.sku, row.permille) for row in world.rows(t.place_confidences)] == [("A", 1000)]
