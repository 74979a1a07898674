"""Slips of the hand at a shelf: a count without its lot, an expired delivery, a number with zeros too many."""

from __future__ import annotations

from datetime import date
from itertools import count

import pytest

from hub.canonical.errors import BadInput, Conflict
from hub.reports.imports import import_rows, read_import
from hub.store import tables as t
from hub.usecases.change_stock import adjust_stock, count_stock
from hub.usecases.import_stock import StockFile, apply_import, preview_import
from tests.fakes.world import World

KEYS = count()
GONE, GOOD = date(2026, 11, 1), date(2027, 11, 1)


def add(world: World, pieces: int, lot: str = "", expires_on: date | None = None, **more: bool) -> int:
    return adjust_stock(world.ctx, "A", "W1", pieces, reason="delivery", actor="test", key=f"add {next(KEYS)}",
                        kind="receive", lot=lot, expires_on=expires_on, **more)  # fmt: skip


def recount(world: World, pieces: int, lot: str = "", **more: bool) -> int:
    return count_stock(world.ctx, "A", "W1", pieces, reason="counted", actor="test", key=f"count {next(KEYS)}",
                       lot=lot, **more)  # fmt: skip


def shelf(world: World) -> dict[str, int]:
    return {row.lot: row.on_hand for row in world.rows(t.stock_balances, t.stock_balances.c.on_hand > 0)}


def read(world: World, text: str, mode: str = "set") -> int:
    given = StockFile(f"file {next(KEYS)}", "stock.csv", text.encode(), mode, "W1")
    return preview_import(world.ctx, given, actor="test")


def problems(world: World, import_id: int) -> list[str]:
    return [row.problem for row in import_rows(world.db, import_id)[0]]


def test_a_count_without_a_lot_is_refused_where_lots_lie_and_names_them(world: World) -> None:
    add(world, 5, "L1")
    add(world, 3, "L2")
    with pytest.raises(BadInput) as refused:
        recount(world, 6)
    assert str(refused.value) == (
        "A lies in W1 in lots (L1: 5, L2: 3): count each lot by its name, "
        "and with - as the lot the pieces that have none"
    )
    assert shelf(world) == {"L1": 5, "L2": 3}
    assert (recount(world, 4, "L1"), recount(world, 2, "-")) == (-1, 2)
    assert shelf(world) == {"": 2, "L1": 4, "L2": 3}
    recount(world, 0, "L1")
    recount(world, 0, "L2")
    assert recount(world, 7) == 5


def test_a_file_that_sets_a_shelf_of_lots_without_naming_one_has_a_problem(world: World) -> None:
    add(world, 5, "L1")
    import_id = read(world, "sku,quantity\nA,6\n")
    assert problems(world, import_id) == ["A lies in W1 in lots: give a row for each lot, with its name"]
    assert problems(world, read(world, "sku,quantity,lot\nA,6,\nA,4,L1\n")) == ["", ""]
    assert problems(world, read(world, "sku,quantity\nA,6\n", "add")) == [""]


def test_a_delivery_past_its_last_good_day_must_be_meant(world: World) -> None:
    with pytest.raises(BadInput) as refused:
        add(world, 5, "L1", GONE)
    assert str(refused.value) == (
        "lot L1 of A was good until 2026-11-01 only: look at the day again; if it is meant, say yes (--yes)"
    )
    assert refused.value.fields == {"yes": "needed"}
    assert (shelf(world), world.rows(t.stock_lots)) == ({}, [])
    assert add(world, 5, "L1", GONE, sure=True) == 5
    with pytest.raises(BadInput, match="was good until 2026-11-01 only"):
        add(world, 1, "L1")
    assert (recount(world, 4, "L1"), add(world, 2, "L2", GOOD)) == (-1, 2)


def test_a_number_far_above_what_was_there_must_be_meant(world: World) -> None:
    world.stock("A", "W1", 12)
    with pytest.raises(BadInput) as refused:
        recount(world, 120_000)
    assert str(refused.value) == (
        "A in W1: 120000 pieces would lie there, and 12 do now: look at the number again; "
        "if it is meant, say yes (--yes)"
    )
    with pytest.raises(BadInput, match="120012 pieces would lie there"):
        add(world, 120_000)
    assert shelf(world) == {"": 12}
    assert (recount(world, 10_000), recount(world, 900_000), recount(world, 90_000_001, sure=True)) == (
        9_988, 890_000, 89_100_001,
    )  # fmt: skip


def test_a_file_with_an_absurd_number_or_an_expired_lot_needs_the_yes_of_the_breaker(world: World) -> None:
    world.stock("A", "W1", 12)
    text = f"sku,quantity,lot,expires on\nA,120000,,\nB,4,L1,{GONE}\n"
    import_id = read(world, text)
    assert read_import(world.db, import_id).breaker == (
        "rows that would hold far more than before: 1, such as A in W1, 12 → 120000; "
        "rows with lots past their last good day: 1, such as L1 of B (2026-11-01)"
    )
    with pytest.raises(Conflict, match=r"this file may be a mistake \(rows that would hold far more"):
        apply_import(world.ctx, import_id, actor="test")
    assert shelf(world) == {"": 12}
    assert apply_import(world.ctx, import_id, actor="test", yes=True).rows == 2
    assert read_import(world.db, read(world, f"sku,quantity,lot\nA,120000,\nB,{3},L1\n")).breaker == ""


def test_0_pieces_are_refused_before_anything_is_written(world: World) -> None:
    with pytest.raises(BadInput) as refused:
        adjust_stock(world.ctx, "A", "W1", 0, reason="received", actor="eve", key="k")
    assert str(refused.value) == "0 pieces change nothing: say how many come in, or how many go (-3)"
    assert refused.value.fields == {"pieces": "min"}
    assert world.rows(t.stock_ledger) == []
