"""Stock from files: shown first, applied once, never silently to zero, and never against a promise."""

from __future__ import annotations

from typing import Any

import pytest

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.reports.imports import Import, find_imports, import_rows, read_import
from hub.store import tables as t
from hub.usecases import import_stock
from hub.usecases.change_stock import adjust_stock, count_stock
from hub.usecases.import_stock import Applied, StockFile, apply_import, cancel_import, preview_import
from hub.usecases.manage_catalog import add_item
from hub.usecases.pick_orders import report_missing
from tests.fakes.world import World

ME = "user:1"


def read(world: World, text: str, key: str = "f1", mode: str = "set", warehouse: str = "W1") -> int:
    given = StockFile(key, "stock.csv", text.encode(), mode, warehouse)
    return preview_import(world.ctx, given, actor=ME)


def statuses(world: World, import_id: int) -> list[tuple[int, str, str]]:
    return [(row.line, row.sku, row.status) for row in import_rows(world.db, import_id)[0]]


def seen(world: World, import_id: int) -> Import:
    return read_import(world.db, import_id)


def on_hand(world: World) -> dict[tuple[str, str], int]:
    return {(row.sku, row.warehouse): row.on_hand for row in world.rows(t.stock_balances)}


def test_a_file_is_shown_row_by_row_and_nothing_is_written(world: World) -> None:
    world.stock("A", "W1", 10)
    world.stock("B", "W1", 4)
    import_id = read(world, "sku,quantity\nA,12\nB,4\nC,3\nX,1\nA B,nine\n")
    assert statuses(world, import_id) == [
        (2, "A", "changed"), (3, "B", "same"), (4, "C", "new"), (5, "X", "problem"), (6, "A B", "problem"),
    ]  # fmt: skip
    assert dict(seen(world, import_id).summary) == {
        "rows": 5, "new": 1, "changed": 1, "same": 1, "problem": 2, "more": 5, "fewer": 0,
    }  # fmt: skip
    assert on_hand(world) == {("A", "W1"): 10, ("B", "W1"): 4}
    assert import_rows(world.db, import_id, status="problem", limit=1)[0][0].problem.startswith("there is no SKU 'X'")


def test_it_is_applied_once_and_what_is_not_in_it_stays(world: World) -> None:
    for sku in ("A", "B", "C"):
        world.stock(sku, "W1", 10)
    import_id = read(world, "sku,quantity\nA,12\nB,7\n")
    for _ in range(2):
        assert apply_import(world.ctx, import_id, actor=ME) == Applied(2, 2, 3, 0)
    assert on_hand(world) == {("A", "W1"): 12, ("B", "W1"): 7, ("C", "W1"): 10}
    rows = world.rows(t.stock_ledger, t.stock_ledger.c.cause == f"import:{import_id}")
    assert [(row.kind, row.sku, row.on_hand, row.line, row.reason, row.actor) for row in rows] == [
        ("count", "A", 2, "2", "stock.csv", ME), ("count", "B", -3, "3", "stock.csv", ME),
    ]  # fmt: skip
    assert (seen(world, import_id).state, seen(world, import_id).applied_by) == ("applied", ME)
    with pytest.raises(Conflict, match="was applied: import a file with the right numbers"):
        cancel_import(world.ctx, import_id, actor=ME)


def test_numbers_are_added_with_their_lots_and_last_good_days(world: World) -> None:
    world.stock("A", "W1", 10)
    import_id = read(world, "sku;数量;lot;有效期\nA;5;;\nA;3;L1;2027-01-31\nA;2;L1;\nA;-4;;\n", mode="add")
    assert apply_import(world.ctx, import_id, actor=ME) == Applied(4, 10, 4, 0)
    rows = world.rows(t.stock_balances, t.stock_balances.c.sku == "A")
    assert {row.lot: row.on_hand for row in rows} == {"": 11, "L1": 5}
    (lot,) = world.rows(t.stock_lots)
    assert (lot.lot, lot.expires_on.isoformat()) == ("L1", "2027-01-31")
    kinds = [row.kind for row in world.rows(t.stock_ledger, t.stock_ledger.c.cause == f"import:{import_id}")]
    assert sorted(kinds) == ["adjust", "receive", "receive", "receive"]


def test_what_moved_since_the_file_was_read_is_kept(world: World) -> None:
    world.stock("A", "W1", 10)
    import_id = read(world, "sku,quantity\nA,8\n")
    world.stock("A", "W1", 5)
    apply_import(world.ctx, import_id, actor=ME)
    assert on_hand(world) == {("A", "W1"): 13}


@pytest.mark.parametrize("pieces", [7, 20])
def test_two_files_that_say_the_same_count_it_once(pieces: int, world: World) -> None:
    world.stock("A", "W1", 10)
    first, second = (read(world, f"sku,quantity\nA,{pieces}\n", key) for key in ("f1", "f2"))
    apply_import(world.ctx, first, actor=ME)
    for _ in range(2):
        assert apply_import(world.ctx, second, actor=ME) == Applied(0, 0, 0, 0)
    assert on_hand(world) == {("A", "W1"): pieces}


def test_what_a_count_or_a_correction_found_since_is_not_written_again(world: World) -> None:
    for sku in ("A", "B", "C"):
        world.stock(sku, "W1", 10)
    import_id = read(world, "sku,quantity\nA,7\nB,7\nC,7\n")
    count_stock(world.ctx, "A", "W1", 7, reason="counted", actor=ME, key="c1")
    adjust_stock(world.ctx, "B", "W1", -2, reason="lost: two of them", actor=ME, key="a1")
    adjust_stock(world.ctx, "C", "W1", -2, reason="sample", actor=ME, key="a2")
    assert apply_import(world.ctx, import_id, actor=ME) == Applied(2, 0, 4, 0)
    assert on_hand(world) == {("A", "W1"): 7, ("B", "W1"): 7, ("C", "W1"): 5}


def test_a_piece_that_a_picker_missed_since_is_not_taken_away_again_and_a_sale_is(world: World) -> None:
    for sku in ("A", "B"):
        world.stock(sku, "W1", 10)
        world.order(f"o-{sku}", **{sku: 2})
    import_id = read(world, "sku,quantity\nA,9\nB,9\n")
    line = world.list_lines(world.lists("o-A")[0].id)["A"]
    report_missing(world.ctx, line.id, 1, "bob", "not there")
    world.ship_all("o-B")
    apply_import(world.ctx, import_id, actor=ME)
    assert on_hand(world) == {("A", "W1"): 9, ("B", "W1"): 7}


def test_a_shelf_that_others_found_meanwhile_is_filled_once_and_additions_are_all_added(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_stock, "PART", 1)
    text = "sku,quantity\nA,3\nB,4\n"
    ids = [read(world, text, f"f{n}", mode) for n, mode in enumerate(("set", "set", "add", "add"))]
    for import_id in ids:
        apply_import(world.ctx, import_id, actor=ME)
    assert on_hand(world) == {("A", "W1"): 9, ("B", "W1"): 12}


def test_rows_that_cannot_be_used_stand_against_it_until_they_are_left_out(world: World) -> None:
    world.stock("A", "W1", 10)
    import_id = read(world, "sku,quantity\nA,8\nX,1\n")
    with pytest.raises(Conflict, match=r"1 rows cannot be used \(line 3: there is no SKU 'X'"):
        apply_import(world.ctx, import_id, actor=ME)
    assert on_hand(world) == {("A", "W1"): 10}
    assert apply_import(world.ctx, import_id, actor=ME, skip_problems=True) == Applied(1, 0, 2, 0)


def test_a_row_never_takes_promised_pieces_not_even_those_promised_later(world: World) -> None:
    world.stock("A", "W1", 10)
    world.stock("B", "W1", 10)
    world.order("o1", A=4)
    import_id = read(world, "sku,quantity\nA,3\nB,2\n")
    assert statuses(world, import_id) == [(2, "A", "problem"), (3, "B", "changed")]
    world.order("o2", B=5)
    assert apply_import(world.ctx, import_id, actor=ME, skip_problems=True) == Applied(0, 0, 0, 1)
    assert on_hand(world) == {("A", "W1"): 10, ("B", "W1"): 10}
    late = import_rows(world.db, import_id)[0][1]
    assert (late.sku, late.status) == ("B", "problem")
    assert late.problem.startswith("its pieces were promised after the file was read")


def test_a_file_that_would_empty_the_shelves_needs_an_explicit_yes(world: World) -> None:
    skus = [f"S{n}" for n in range(6)]
    for sku in skus:
        add_item(world.ctx, sku, actor=ME)
        world.stock(sku, "W1", 10)
    import_id = read(world, "sku,quantity\n" + "".join(f"{sku},0\n" for sku in skus))
    assert seen(world, import_id).breaker == "6 of 6 SKUs that have stock would fall to 0"
    with pytest.raises(Conflict, match=r"may be a mistake \(6 of 6 SKUs that have stock would fall to 0\): look at it"):
        apply_import(world.ctx, import_id, actor=ME)
    assert set(on_hand(world).values()) == {10}
    apply_import(world.ctx, import_id, actor=ME, yes=True)
    assert set(on_hand(world).values()) == {0}


def test_the_same_key_is_the_same_import_and_another_file_is_refused(world: World) -> None:
    import_id = read(world, "sku,quantity\nA,8\n")
    assert read(world, "sku,quantity\nA,8\n") == import_id
    for text, mode in (("sku,quantity\nA,9\n", "set"), ("sku,quantity\nA,8\n", "add")):
        with pytest.raises(Conflict, match="the key 'f1' stands for another file"):
            read(world, text, mode=mode)
    assert [found.id for found in find_imports(world.db)[0]] == [import_id]


def test_a_file_that_was_thrown_away_or_is_a_day_old_is_not_applied(world: World) -> None:
    first, second = read(world, "sku,quantity\nA,8\n"), read(world, "sku,quantity\nA,8\n", key="f2")
    for _ in range(2):
        cancel_import(world.ctx, first, actor=ME)
    with pytest.raises(Conflict, match="is cancelled: read the file again"):
        apply_import(world.ctx, first, actor=ME)
    world.clock.move(hours=25)
    with pytest.raises(Conflict, match="was read more than a day ago"):
        apply_import(world.ctx, second, actor=ME)
    assert on_hand(world) == {}


@pytest.mark.parametrize("bad", [{"mode": "subtract"}, {"text": "a,b\n1,2\n"}, {"text": ""}])
def test_a_file_that_cannot_be_read_leaves_nothing_behind(bad: dict[str, Any], world: World) -> None:
    with pytest.raises(BadInput):
        read(world, bad.get("text", "sku,quantity\nA,8\n"), mode=bad.get("mode", "set"))
    assert world.rows(t.stock_imports) == []
    with pytest.raises(NotFound, match="there is no import 7"):
        apply_import(world.ctx, 7, actor=ME)


def test_a_long_file_is_written_in_parts_and_goes_on_after_a_crash(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_stock, "PART", 1)
    import_id = read(world, "sku,quantity\nA,1\nB,2\nC,3\n")
    asked, real = iter(range(9)), import_stock.apply_moves

    def crash(*arguments: Any) -> None:
        if next(asked) == 1:
            raise RuntimeError("the machine is gone")
        real(*arguments)

    monkeypatch.setattr(import_stock, "apply_moves", crash)
    with pytest.raises(RuntimeError):
        apply_import(world.ctx, import_id, actor=ME)
    assert on_hand(world) == {("A", "W1"): 1}
    with pytest.raises(Conflict, match="was applied"):
        cancel_import(world.ctx, import_id, actor=ME)
    assert apply_import(world.ctx, import_id, actor=ME) == Applied(3, 6, 0, 0)
    assert on_hand(world) == {("A", "W1"): 1, ("B", "W1"): 2, ("C", "W1"): 3}


def test_orders_that_wait_for_stock_in_the_file_run_again_and_channels_are_told(world: World) -> None:
    assert world.order("o1", A=2) == "held"
    apply_import(world.ctx, read(world, "sku,quantity\nA,2\n"), actor=ME)
    assert ("orders.place", None) in world.bell.rung
    world.work()
    assert world.state("o1") == "routed"


@pytest.mark.parametrize(("mode", "fresh"), [("set", True), ("add", False)])
def test_a_place_whose_numbers_were_set_is_fresh(mode: str, fresh: bool, world: World) -> None:
    with world.db.write() as db:
        db.execute(t.warehouses.update().values(fresh_hours=1))
    apply_import(world.ctx, read(world, "sku,quantity\nA,2\n", mode=mode), actor=ME)
    assert {row.code: row.fed_at for row in world.rows(t.warehouses)} == {
        "W1": world.clock.now if fresh else None, "W2": None,
    }  # fmt: skip
