"""Free pieces read row by row: the same as balance by balance, and nothing where stock lies in lots."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from hub.rules.routing.free import FreePieces
from hub.store.database import Database
from hub.store.lots import know_lot, read_plannable
from hub.store.stock import Move, apply_moves, ensure_balances, read_free, read_free_rows

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def _receive(database: Database, *rows: tuple[str, str, str, int, int]) -> None:
    """(sku, warehouse, lot, on_hand, safety)"""
    moves = [
        Move("receive", sku, place, "opening", str(at), on_hand, lot=lot, safety=safety)
        for at, (sku, place, lot, on_hand, safety) in enumerate(rows)
    ]
    with database.write() as db:
        ensure_balances(db, [move.key for move in moves], NOW)
        apply_moves(db, sorted(moves, key=lambda move: move.key), NOW)


def test_rows_say_what_the_balances_say(fresh_db: Database) -> None:
    _receive(fresh_db, ("A", "W2", "", 5, 2), ("A", "W1", "", 1, 3), ("B", "W1", "", 7, 0), ("C", "W1", "", 9, 0))
    with fresh_db.read() as db:
        found = read_free_rows(db, ["B", "A", "nothing of it", "A"])
        balances = read_free(db, ["A", "B"], lock=False)
    assert found == {("W1", "A"): -2, ("W2", "A"): 3, ("W1", "B"): 7}
    assert found == {(place, sku): pieces - safety for place, sku, _, pieces, safety in balances}


def test_nobody_asks_for_nothing(fresh_db: Database) -> None:
    with fresh_db.read() as db:
        assert read_free_rows(db, []) == {}


@pytest.mark.parametrize("lock", [False, True])
def test_stock_in_lots_is_read_lot_by_lot(fresh_db: Database, lock: bool) -> None:
    with fresh_db.write() as db:
        know_lot(db, "A", "old", date(2026, 11, 29), NOW)
        know_lot(db, "A", "new", date(2027, 1, 1), NOW)
    _receive(fresh_db, ("A", "W1", "old", 5, 0), ("A", "W1", "new", 3, 1), ("B", "W1", "", 7, 2))
    with fresh_db.write() as db:
        assert read_free_rows(db, ["A", "B"]) is None
        free, lots = read_plannable(db, ["A", "B"], NOW.date(), lock=lock)
        alone = read_plannable(db, ["B"], NOW.date(), lock=lock)
    assert free == {("W1", "A"): 2, ("W1", "B"): 5}
    assert lots == {("W1", "A"): (("new", "2027-01-01", 3),)}
    assert alone == ({("W1", "B"): 5}, {})


def test_free_pieces_are_the_mapping_they_were_made_of() -> None:
    by_key = {("W1", "A"): 1, ("W2", "A"): 0, ("W1", "B"): -2}
    found = FreePieces.of(by_key)
    assert (found, dict(found), len(found)) == (by_key, by_key, 3)
    assert (found.get(("W9", "A")), found.get(("W1", "Z")), ("W2", "A") in found) == (None, None, True)
    assert found.triples() == [("W1", "A", 1), ("W1", "B", -2), ("W2", "A", 0)]
    assert found.only(["A", "Z"]).at({"W2", "W9"}) == {("W2", "A"): 0}
    assert FreePieces.of(found) is found and found.at({"W1", "W2"}) is found
