"""The only writer of balances: guarded, once per cause, all or nothing; and the waiting rows beside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from hub.canonical.errors import Conflict, InvariantBroken
from hub.ports.channel import RawRecord
from hub.store import inbox, outbox
from hub.store.database import Database
from hub.store.inbox import pulled, store_arrivals
from hub.store.stock import Move, apply_moves, ensure_balances, lock_balances, read_free
from hub.store.tables import orders, stock_balances, stock_ledger
from hub.store.tables import outbox as outbox_table
from hub.store.waiting import wake_short

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def move(cause: str, on_hand: int = 0, reserved: int = 0, sku: str = "A", kind: str = "adjust", **states: int) -> Move:
    return Move(kind, sku, "W", cause, "1", on_hand, reserved, **states)


def apply(db: Database, *moves: Move) -> None:
    with db.write() as connection:
        ensure_balances(connection, {each.key for each in moves}, NOW)
        lock_balances(connection, {each.sku for each in moves})
        apply_moves(connection, moves, NOW)


def balances(db: Database) -> dict[str, tuple[int, int, int]]:
    with db.read() as connection:
        rows = connection.execute(select(stock_balances)).all()
    return {row.sku: (row.on_hand, row.reserved, row.version) for row in rows}


def test_moves_of_one_balance_are_one_update_and_each_one_ledger_row(fresh_db: Database) -> None:
    apply(fresh_db, move("c1", 5), move("c2", 2), move("c3", 0, 3, kind="reserve"), move("c4", 1, sku="B"))
    assert balances(fresh_db) == {"A": (7, 3, 1), "B": (1, 0, 1)}
    with fresh_db.read() as connection:
        rows = connection.execute(
            select(stock_ledger.c.cause, stock_ledger.c.on_hand).order_by(stock_ledger.c.id)
        ).all()
    assert [tuple(row) for row in rows] == [("c1", 5), ("c2", 2), ("c3", 0), ("c4", 1)]


@pytest.mark.parametrize(
    ("_case", "bad"),
    [
        ("more reserved than there is", move("bad", reserved=6, kind="reserve")),
        ("more damaged than is free", move("bad", damaged=3, kind="state")),
        ("less incoming than nothing", move("bad", incoming=-1, kind="state")),
        ("less on hand than is reserved", move("bad", on_hand=-3)),
        ("more released than is reserved", move("bad", reserved=-4, kind="release")),
        ("less than nothing on hand", move("bad", on_hand=-6, reserved=-3, kind="ship")),
    ],
)
def test_a_move_that_breaks_the_fence_is_refused_and_nothing_of_its_batch_is_kept(
    fresh_db: Database, _case: str, bad: Move
) -> None:
    apply(fresh_db, move("c1", 5), move("c2", 0, 3, kind="reserve"))
    with pytest.raises(Conflict, match="would pass what is on hand"):
        apply(fresh_db, move("good", 1, sku="B"), bad)
    assert balances(fresh_db) == {"A": (5, 3, 1)}
    with fresh_db.read() as connection:
        assert len(connection.execute(select(stock_ledger)).all()) == 2


def test_a_cause_that_comes_twice_is_refused(fresh_db: Database) -> None:
    apply(fresh_db, move("c1", 5))
    with pytest.raises(InvariantBroken, match=r"1 stock move\(s\) were written before"):
        apply(fresh_db, move("c1", 5), move("c2", 1))
    assert balances(fresh_db) == {"A": (5, 0, 1)}


def test_the_database_itself_keeps_the_fence(fresh_db: Database) -> None:
    apply(fresh_db, move("c1", 5))
    with pytest.raises(IntegrityError), fresh_db.write() as connection:
        connection.execute(update(stock_balances).values(reserved=6))
    assert balances(fresh_db) == {"A": (5, 0, 1)}


def test_balances_are_locked_in_one_order_however_they_were_written(fresh_db: Database) -> None:
    """Two workers that lock the same balances in two orders would wait for each other for ever."""
    keys = [(sku, place, lot) for sku in "AB" for place in ("V", "W") for lot in ("", "L")]
    for at, key in enumerate(sorted(keys, key=lambda key: (key[2], key[0] == "A", key[1]))):
        with fresh_db.write() as db:
            ensure_balances(db, [key], NOW + timedelta(seconds=at))
    with fresh_db.write() as db:
        assert [(row.sku, row.warehouse, row.lot) for row in lock_balances(db, "BA")] == keys
        assert (
            fresh_db.is_sqlite or [(sku, place, lot) for place, sku, lot, *_ in read_free(db, "BA", lock=True)] == keys
        )


def test_a_message_is_stored_once_however_often_it_is_read(fresh_db: Database) -> None:
    records = [RawRecord("1", b"a"), RawRecord("1", b"b"), RawRecord("1", b"a"), RawRecord("2", b"a")]
    with fresh_db.write() as connection:
        assert store_arrivals(connection, 1, [pulled(record) for record in records], NOW) == 3
        assert store_arrivals(connection, 1, [pulled(record) for record in records], NOW) == 0
        assert store_arrivals(connection, 2, [pulled(records[0])], NOW) == 1
        assert [row.raw for row in inbox.claim(connection, ("order",), 2)] == [b"a", b"b"]


def test_a_message_out_waits_for_the_earlier_ones_of_its_order_and_for_its_lease(fresh_db: Database) -> None:
    rows = [
        {"connection_id": 1, "topic": "shipment", "key": f"k{n}", "order_id": order, "body": {}}
        for n, order in enumerate((7, 7, 8, None, None))
    ]
    with fresh_db.write() as connection:
        assert outbox.put(connection, rows, NOW) == 5
        assert outbox.put(connection, rows, NOW) == 0
        first = outbox.lease(connection, 1, 10, NOW, 60)
        assert [row.key for row in first] == ["k0", "k2", "k3", "k4"]
        assert outbox.lease(connection, 1, 10, NOW, 60) == []
        outbox.settle(connection, first[0].id, state="dead", now=NOW)
        assert [row.key for row in outbox.lease(connection, 1, 10, NOW, 60)] == ["k1"]
        later = outbox.lease(connection, 1, 10, NOW + timedelta(seconds=61), 60)
        assert [row.key for row in later] == ["k1", "k2", "k3", "k4"]
        outbox.release(connection, [row.id for row in later], NOW + timedelta(seconds=90))
        assert outbox.lease(connection, 1, 10, NOW + timedelta(seconds=89), 60) == []
        connection.execute(outbox_table.delete())


def test_waking_without_anybody_waiting_does_nothing(fresh_db: Database) -> None:
    with fresh_db.write() as connection:
        assert wake_short(connection, ["A", "B"], NOW) == 0
        assert wake_short(connection, [], NOW) == 0
        assert connection.execute(select(orders)).all() == []
