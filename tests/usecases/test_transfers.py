"""Transfers: reserved, shipped, received in parts, damaged, lost, called off; each step once, and the audit agrees."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import select

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.reports.transfers import read_transfer
from hub.store import tables as t
from hub.usecases.move_transfer import Arrived, close_transfer, receive_transfer, ship_transfer
from hub.usecases.plan_transfer import TransferPlan, cancel_transfer, create_transfer, reserve_transfer
from tests.fakes.world import World

ME = "user:1"


def plan(*lines: tuple[str, str, int], key: str = "k1", source: str = "W1", destination: str = "W2") -> TransferPlan:
    return TransferPlan(key, source, destination, lines or (("A", "", 5),))


def ready(world: World, *lines: tuple[str, str, int], key: str = "k1") -> int:
    transfer_id = create_transfer(world.ctx, plan(*lines, key=key), actor=ME)
    reserve_transfer(world.ctx, transfer_id, actor=ME)
    return transfer_id


def numbers(world: World, sku: str, warehouse: str, lot: str = "") -> dict[str, int]:
    """The states of one balance that are not 0."""
    b = t.stock_balances.c
    found = world.rows(t.stock_balances, b.sku == sku, b.warehouse == warehouse, b.lot == lot)
    states = ("on_hand", "reserved", "damaged", "in_transit")
    return {name: getattr(row, name) for row in found for name in states if getattr(row, name)}


def line_of(world: World, transfer_id: int, sku: str = "A") -> int:
    return next(line.id for line in read_transfer(world.db, transfer_id).lines if line.sku == sku)


def ledger(world: World, transfer_id: int) -> list[tuple[Any, ...]]:
    rows = world.rows(t.stock_ledger, t.stock_ledger.c.cause == f"transfer:{transfer_id}")
    return [(row.kind, row.warehouse, row.on_hand, row.reserved, row.damaged, row.in_transit) for row in rows]


def test_pieces_are_reserved_leave_and_arrive_and_every_step_is_in_the_ledger(world: World) -> None:
    world.stock("A", "W1", 8)
    transfer_id = create_transfer(world.ctx, plan(), actor=ME)
    assert numbers(world, "A", "W1") == {"on_hand": 8}
    reserve_transfer(world.ctx, transfer_id, actor=ME)
    assert numbers(world, "A", "W1") == {"on_hand": 8, "reserved": 5}
    world.check()
    assert ship_transfer(world.ctx, transfer_id, actor=ME, key="s1") == "in_transit"
    assert (numbers(world, "A", "W1"), numbers(world, "A", "W2")) == ({"on_hand": 3}, {"in_transit": 5})
    world.check()
    assert receive_transfer(world.ctx, transfer_id, actor=ME, key="r1") == "received"
    assert (numbers(world, "A", "W1"), numbers(world, "A", "W2")) == ({"on_hand": 3}, {"on_hand": 5})
    assert ledger(world, transfer_id) == [
        ("reserve", "W1", 0, 5, None, None),
        ("transfer_out", "W1", -5, -5, None, None),
        ("transfer_out", "W2", 0, 0, None, 5),
        ("transfer_in", "W2", 5, 0, None, -5),
    ]


def test_pieces_of_a_transfer_are_sold_by_nobody_and_come_back_on_sale_where_they_arrive(world: World) -> None:
    world.stock("A", "W1", 5)
    transfer_id = ready(world)
    assert world.order("o1", A=2) == "held"
    ship_transfer(world.ctx, transfer_id, actor=ME, key="s1")
    world.work()
    assert world.state("o1") == "held"
    world.bell.rung.clear()
    receive_transfer(world.ctx, transfer_id, actor=ME, key="r1")
    assert ("orders.place", None) in world.bell.rung
    world.work()
    assert world.takes("o1") == {("W2", "A"): 2}


def test_a_transfer_is_received_in_parts_with_damaged_and_lost_pieces(world: World) -> None:
    world.stock("A", "W1", 10)
    transfer_id = ready(world, ("A", "", 10))
    line = line_of(world, transfer_id)
    ship_transfer(world.ctx, transfer_id, actor=ME, key="s1")
    assert receive_transfer(world.ctx, transfer_id, actor=ME, key="r1", contents={line: Arrived(4)}) == "in_transit"
    assert numbers(world, "A", "W2") == {"on_hand": 4, "in_transit": 6}
    with pytest.raises(BadInput, match="damaged need a reason"):
        receive_transfer(world.ctx, transfer_id, actor=ME, key="r2", contents={line: Arrived(2, 1)})
    receive_transfer(world.ctx, transfer_id, actor=ME, key="r2", contents={line: Arrived(2, 1)}, reason="wet")
    assert numbers(world, "A", "W2") == {"on_hand": 7, "damaged": 1, "in_transit": 3}
    with pytest.raises(BadInput, match="closing a transfer needs a reason"):
        close_transfer(world.ctx, transfer_id, actor=ME, reason=" ")
    assert close_transfer(world.ctx, transfer_id, actor=ME, reason="stolen on the way") == 3
    assert close_transfer(world.ctx, transfer_id, actor=ME, reason="again") == 0
    assert numbers(world, "A", "W2") == {"on_hand": 7, "damaged": 1}
    (found,) = read_transfer(world.db, transfer_id).lines
    assert (found.shipped, found.received, found.damaged, found.lost, found.under_way) == (10, 7, 1, 3, 0)
    assert read_transfer(world.db, transfer_id).state == "received"
    (lost,) = world.rows(t.stock_ledger, t.stock_ledger.c.kind == "transfer_lost")
    assert (lost.warehouse, lost.in_transit, lost.reason, lost.actor) == ("W2", -3, "stolen on the way", ME)


def test_a_part_leaves_the_rest_stays_reserved_and_is_free_again_when_it_is_closed(world: World) -> None:
    world.stock("A", "W1", 5)
    transfer_id = ready(world)
    line = line_of(world, transfer_id)
    ship_transfer(world.ctx, transfer_id, actor=ME, key="s1", contents={line: 2})
    assert numbers(world, "A", "W1") == {"on_hand": 3, "reserved": 3}
    assert receive_transfer(world.ctx, transfer_id, actor=ME, key="r1") == "in_transit"
    world.check()
    ship_transfer(world.ctx, transfer_id, actor=ME, key="s2", contents={line: 1})
    assert close_transfer(world.ctx, transfer_id, actor=ME, reason="truck broke down") == 1
    assert (numbers(world, "A", "W1"), numbers(world, "A", "W2")) == ({"on_hand": 2}, {"on_hand": 2})


def test_lots_stay_what_they_are(world: World) -> None:
    with world.db.write() as db:
        from hub.store.stock import Move, apply_moves, ensure_balances, lock_balances

        ensure_balances(db, [("A", "W1", "L7")], world.clock.now)
        lock_balances(db, ["A"])
        apply_moves(db, [Move("receive", "A", "W1", "d1", "", 4, lot="L7")], world.clock.now)
    transfer_id = ready(world, ("A", "L7", 3))
    ship_transfer(world.ctx, transfer_id, actor=ME, key="s1")
    receive_transfer(world.ctx, transfer_id, actor=ME, key="r1")
    assert (numbers(world, "A", "W1", "L7"), numbers(world, "A", "W2", "L7")) == ({"on_hand": 1}, {"on_hand": 3})
    assert numbers(world, "A", "W2") == {}


def test_every_step_asked_twice_happens_once(world: World) -> None:
    world.stock("A", "W1", 9)
    first = create_transfer(world.ctx, plan(("A", "", 2), ("A", "", 3)), actor=ME)
    assert create_transfer(world.ctx, plan(), actor=ME) == first
    with pytest.raises(Conflict, match="the key 'k1' stands for another transfer"):
        create_transfer(world.ctx, plan(("A", "", 6)), actor=ME)
    for _ in range(2):
        reserve_transfer(world.ctx, first, actor=ME)
    line = line_of(world, first)
    for _ in range(2):
        ship_transfer(world.ctx, first, actor=ME, key="s", contents={line: 2})
    assert numbers(world, "A", "W1") == {"on_hand": 7, "reserved": 3}
    for _ in range(2):
        receive_transfer(world.ctx, first, actor=ME, key="s", contents={line: Arrived(1)})
    ship_transfer(world.ctx, first, actor=ME, key="s:1", contents={line: 3})
    assert receive_transfer(world.ctx, first, actor=ME, key="r") == "received"
    assert receive_transfer(world.ctx, first, actor=ME, key="r") == "received"
    assert (numbers(world, "A", "W1"), numbers(world, "A", "W2")) == ({"on_hand": 4}, {"on_hand": 5})
    assert len(world.rows(t.transfers)) == 1


def test_what_was_reserved_is_free_when_the_transfer_is_called_off(world: World) -> None:
    world.stock("A", "W1", 5)
    transfer_id = ready(world)
    assert world.order("o1", A=1) == "held"
    for _ in range(2):
        cancel_transfer(world.ctx, transfer_id, actor=ME, reason="not needed")
    world.work()
    assert world.takes("o1") == {("W1", "A"): 1}
    assert read_transfer(world.db, transfer_id).state == "cancelled"
    with pytest.raises(Conflict, match="is cancelled and cannot be shipped"):
        ship_transfer(world.ctx, transfer_id, actor=ME, key="s1")


def test_what_has_left_is_not_called_off(world: World) -> None:
    world.stock("A", "W1", 5)
    transfer_id = ready(world)
    ship_transfer(world.ctx, transfer_id, actor=ME, key="s1")
    with pytest.raises(Conflict, match="is in_transit: receive what is under way, then close it"):
        cancel_transfer(world.ctx, transfer_id, actor=ME, reason="late")
    assert numbers(world, "A", "W2") == {"in_transit": 5}


def test_a_source_that_lacks_pieces_is_told_which_and_nothing_is_reserved(world: World) -> None:
    world.stock("A", "W1", 5)
    world.stock("B", "W1", 9)
    world.order("o1", A=2)
    transfer_id = create_transfer(world.ctx, plan(("A", "", 4), ("B", "", 9), ("C", "L1", 1)), actor=ME)
    with pytest.raises(Conflict, match=r"A: 4 asked, 3 free; C \(lot L1\): 1 asked, 0 free: lower these lines"):
        reserve_transfer(world.ctx, transfer_id, actor=ME)
    assert numbers(world, "B", "W1") == {"on_hand": 9}
    assert read_transfer(world.db, transfer_id).state == "draft"


@pytest.mark.parametrize(
    ("wanted", "error", "words"),
    [
        (plan(source="W1", destination="W1"), BadInput, "from W1 to itself"),
        (plan(("A", "", 0)), BadInput, "A: 0 pieces"),
        (TransferPlan("k", "W1", "W2", ()), BadInput, "0 lines"),
        (plan(("NOPE", "", 1)), NotFound, "there is no SKU 'NOPE'"),
        (plan(destination="W9"), NotFound, "there is no warehouse 'W9'"),
        (plan(("KIT", "", 1)), BadInput, r"KIT is a kit and has no stock of its own: name its components \(A, B\)"),
    ],
)
def test_a_transfer_that_cannot_be_is_refused(
    wanted: TransferPlan, error: type[Exception], words: str, world: World
) -> None:
    with pytest.raises(error, match=words):
        create_transfer(world.ctx, wanted, actor=ME)
    assert world.rows(t.transfers) == []


def test_no_more_leaves_or_arrives_than_there_is(world: World) -> None:
    world.stock("A", "W1", 5)
    transfer_id = ready(world)
    line = line_of(world, transfer_id)
    with pytest.raises(BadInput, match=f"line {line} of transfer {transfer_id}: 6 pieces, 5 are left to ship"):
        ship_transfer(world.ctx, transfer_id, actor=ME, key="s1", contents={line: 6})
    with pytest.raises(BadInput, match=r"line 999 of transfer \d+: 1 pieces, 0 are left to ship"):
        ship_transfer(world.ctx, transfer_id, actor=ME, key="s1", contents={999: 1})
    with pytest.raises(Conflict, match="is ready and cannot be received: ship it first"):
        receive_transfer(world.ctx, transfer_id, actor=ME, key="r1")
    ship_transfer(world.ctx, transfer_id, actor=ME, key="s1", contents={line: 2})
    with pytest.raises(BadInput, match="3 pieces, 2 are under way"):
        receive_transfer(world.ctx, transfer_id, actor=ME, key="r1", contents={line: Arrived(1, 2)}, reason="x")
    with pytest.raises(BadInput, match="pieces that arrived are 0 or more"):
        receive_transfer(world.ctx, transfer_id, actor=ME, key="r1", contents={line: Arrived(3, -1)}, reason="x")
    assert numbers(world, "A", "W2") == {"in_transit": 2}


def test_channels_are_told_when_pieces_become_unfree_and_free_again(world: World) -> None:
    world.stock("A", "W1", 5)
    before = seq(world)
    transfer_id = ready(world)
    ship_transfer(world.ctx, transfer_id, actor=ME, key="s1")
    receive_transfer(world.ctx, transfer_id, actor=ME, key="r1")
    assert seq(world) == before + 3


def seq(world: World) -> int:
    p = t.stock_pushes.c
    with world.db.read() as db:
        return int(db.scalar(select(p.seq).where(p.listing_ref == "L-A")) or 0)


def test_sixteen_clients_that_ship_the_same_transfer_ship_it_once(world: World) -> None:
    world.stock("A", "W1", 5)
    transfer_id = ready(world)
    done: list[str] = []

    def ship(number: int) -> None:
        try:
            done.append(ship_transfer(world.ctx, transfer_id, actor=ME, key=f"s{number}"))
        except BadInput as error:
            assert "no pieces are left to ship" in str(error)

    threads = [threading.Thread(target=ship, args=(number,)) for number in range(16)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert done == ["in_transit"]
    assert (numbers(world, "A", "W1"), numbers(world, "A", "W2")) == ({}, {"in_transit": 5})
