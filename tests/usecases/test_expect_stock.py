"""What suppliers are to bring is incoming, and becomes stock when it is here; what differs is said."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.cli.arithmetic import tell
from hub.reports.arithmetic import explain_sku
from hub.reports.expected import Delivery, find_deliveries, read_delivery
from hub.reports.whereabouts import whereabouts
from hub.store import tables as t
from hub.store.backlog import read_supply
from hub.store.database import Database
from hub.usecases.audit_stock import audit_stock
from hub.usecases.expect_stock import Expected, close_expected, expect_stock, receive_expected
from hub.usecases.move_transfer import Arrived
from hub.usecases.repair_stock import repair_stock
from hub.usecases.set_selling import set_policy
from tests.fakes.world import World

DUE = date(2026, 12, 24)


@pytest.fixture
def world(world: World) -> World:
    """Its shelves are known to be empty."""
    world.know_empty()
    return world


def expect(world: World, pieces: int = 10, due: date | None = DUE, key: str = "k", sku: str = "A") -> int:
    return expect_stock(world.ctx, Expected(key, sku, "W1", pieces, due, "PO-7"), actor="eve")


def arrive(world: World, number: int, whole: int, damaged: int = 0, key: str = "1", **more: object) -> str:
    return receive_expected(world.ctx, number, Arrived(whole, damaged), actor="bob", key=key, **more)  # type: ignore[arg-type]


def shelf(world: World, lot: str = "") -> tuple[int, int, int]:
    """(on hand, damaged, incoming)"""
    b = t.stock_balances.c
    (row,) = world.rows(t.stock_balances, b.sku == "A", b.warehouse == "W1", b.lot == lot)
    return row.on_hand, row.damaged, row.incoming


def seen(world: World, number: int) -> Delivery:
    return read_delivery(world.db, number, world.clock().date())


def test_what_is_expected_is_incoming_and_nobody_can_have_it(world: World) -> None:
    number = expect(world)
    assert (shelf(world), seen(world, number).open) == ((0, 0, 10), 10)
    assert world.order("o1", A=1) == "held"
    (number_of_listing,) = explain_sku(world.db, "A", world.clock())
    assert number_of_listing.offer.number == 0
    assert [(row.pieces, row.due_on, row.ref) for row in number_of_listing.coming] == [(10, DUE, "PO-7")]
    assert "  expected in W1: 10 A (due 2026-12-24, PO-7), not counted before they are here" in tell(number_of_listing)
    (place,) = whereabouts(world.db, ["A"], world.clock())["A"].places
    assert (place.incoming, place.due, place.free) == (10, ((DUE, 10),), 0)


def test_the_same_key_is_the_same_delivery_and_no_other(world: World) -> None:
    number = expect(world)
    assert expect(world) == number
    with pytest.raises(Conflict, match=f"the key 'k' stands for another delivery .{number}.: take a new key"):
        expect(world, 11)
    assert shelf(world) == (0, 0, 10)


def test_it_arrives_in_parts_and_orders_that_wait_run_again(world: World) -> None:
    number = expect(world)
    world.order("o1", A=4)
    assert arrive(world, number, 3) == "open"
    assert arrive(world, number, 3) == "open"
    assert shelf(world) == (3, 0, 7)
    assert arrive(world, number, 6, 1, key="2", reason="box was wet") == "received"
    assert (shelf(world), seen(world, number).difference) == ((10, 1, 0), 0)
    world.work()
    assert world.state("o1") == "routed"
    moves = world.rows(t.stock_ledger, t.stock_ledger.c.kind.in_(("expect", "receive")))
    assert [(row.kind, row.on_hand, row.damaged, row.incoming, row.reason) for row in moves] == [
        ("expect", 0, None, 10, "PO-7"), ("receive", 3, None, -3, "PO-7"), ("receive", 7, 1, -7, "box was wet"),
    ]  # fmt: skip


def test_more_than_was_expected_is_kept_and_said(world: World) -> None:
    number = expect(world, 5)
    assert arrive(world, number, 8) == "received"
    assert (shelf(world), seen(world, number).difference) == ((8, 0, 0), 3)
    with pytest.raises(Conflict, match="is done already: book what came later with stockline stock add"):
        arrive(world, number, 1, key="2")


def test_what_does_not_come_is_given_up_with_a_reason(world: World) -> None:
    number = expect(world)
    arrive(world, number, 4)
    assert close_expected(world.ctx, number, actor="eve", reason="supplier is out") == 6
    assert close_expected(world.ctx, number, actor="eve", reason="again") == 0
    found = seen(world, number)
    assert (shelf(world), found.difference, found.missing, found.reason) == ((4, 0, 0), -6, 6, "supplier is out")
    (row,) = world.rows(t.stock_ledger, t.stock_ledger.c.kind == "not_coming")
    assert (row.incoming, row.reason) == (-6, "supplier is out")


def test_pieces_of_a_lot_lie_in_their_lot(world: World) -> None:
    number = expect(world)
    good = world.clock().date() + timedelta(days=30)
    arrive(world, number, 6, lot="L1", expires_on=good)
    arrive(world, number, 6, key="2", lot="L2", expires_on=good)
    assert (shelf(world), shelf(world, "L1"), shelf(world, "L2")) == ((0, 0, 0), (6, 0, 0), (6, 0, 0))
    world.order("o1", A=12)
    assert world.state("o1") == "routed"


def test_slips_are_refused_and_nothing_is_written(world: World) -> None:
    number, gone = expect(world), world.clock().date() - timedelta(days=1)
    for act, error, words in (
        (lambda: expect(world, 0, key="n"), BadInput, "0 pieces: a delivery brings 1 or more"),
        (lambda: expect(world, sku="KIT", key="n"), BadInput, "is a kit"),
        (lambda: expect(world, sku="NEW", key="n"), NotFound, "there is no SKU 'NEW'"),
        (lambda: arrive(world, number, 0), BadInput, "0 pieces arrived"),
        (lambda: arrive(world, number, -1, 2, reason="r"), BadInput, "1 pieces arrived"),
        (lambda: arrive(world, number, 1, 1), BadInput, "damaged need a reason"),
        (lambda: arrive(world, number, 1, lot="L", expires_on=gone), BadInput, "was good until 2026-11-22 only"),
        (lambda: arrive(world, 99, 1), NotFound, "there is no expected delivery 99"),
        (lambda: close_expected(world.ctx, number, actor="eve", reason=" "), BadInput, "needs a reason"),
    ):  # fmt: skip
        with pytest.raises(error, match=words):
            act()
    assert (shelf(world), len(world.rows(t.stock_ledger))) == ((0, 0, 10), 1)
    arrive(world, number, 1, lot="L", expires_on=gone, sure=True)


def test_a_backorder_says_when_the_supplier_brings_it_those_before_it_first(world: World) -> None:
    expect(world, 3, date(2026, 12, 1), "a")
    expect(world, 3, date(2026, 12, 9), "b")
    set_policy(world.ctx, "A", mode="backorder", units=20, actor="eve")
    told = []
    for n in range(3):
        world.order(f"o{n}", A=3)
        told.append(world.rows(t.holds)[-1].why)
    end = "; they leave as stock comes, first come first served"
    assert told == [
        f"3 of A were sold ahead of the stock, due from the supplier on 2026-12-01{end}",
        f"3 of A were sold ahead of the stock, due from the supplier on 2026-12-09{end}",
        f"3 of A were sold ahead of the stock{end}",
    ]


def test_the_own_day_of_a_policy_comes_before_the_suppliers(world: World) -> None:
    expect(world, 3, date(2026, 12, 1))
    set_policy(world.ctx, "A", mode="backorder", units=20, available_on=date(2026, 12, 5), actor="eve")
    world.order("o1", A=2)
    assert ", promised for 2026-12-05; they" in world.rows(t.holds)[-1].why


def test_a_presale_promises_what_suppliers_bring_where_nothing_else_is_said(world: World) -> None:
    with pytest.raises(BadInput, match="units = 0: say how many pieces may be sold as presale"):
        set_policy(world.ctx, "A", mode="presale", actor="eve")
    expect(world, 3, date(2026, 12, 1), "a")
    expect(world, 4, date(2026, 12, 9), "b")
    expect(world, 9, None, "c")

    def told(**given: object) -> tuple[int, date | None]:
        set_policy(world.ctx, "A", mode="presale", actor="eve", **given)  # type: ignore[arg-type]
        (row,) = world.rows(t.sell_policies)
        return row.units, row.available_on

    assert told() == (7, date(2026, 12, 9))
    assert told(units=2) == (2, date(2026, 12, 1))
    assert told(available_on=date(2026, 12, 2)) == (3, date(2026, 12, 2))
    assert told(units=50, available_on=date(2027, 1, 1)) == (50, date(2027, 1, 1))
    with pytest.raises(BadInput, match="available_on is empty"):
        told(units=8)


def test_the_audit_holds_incoming_to_what_is_expected_and_mends_it(world: World) -> None:
    number = expect(world)
    arrive(world, number, 4, lot="L")
    with world.db.write() as db:
        b = t.stock_balances.c
        db.execute(t.stock_balances.update().where(b.sku == "A", b.lot == "").values(incoming=9))
    found = {(row.check, row.ours, row.theirs) for row in audit_stock(world.ctx).mismatches}
    assert found == {("balance_is_ledger", 9, 6), ("incoming_is_expected", 9, 6)}
    assert repair_stock(world.ctx, actor="eve").left.mismatches == ()
    assert shelf(world) == (0, 0, 6)


def test_a_purchase_that_was_accepted_and_written_down_counts_once(world: World) -> None:
    now = world.clock()
    with world.db.write() as db:
        db.execute(t.proposals.insert().values(
            kind="purchase", sku="A", source=None, destination="W1", quantity=10, why={}, state="accepted",
            created_at=now, decided_by="eve", decided_at=now,
        ))  # fmt: skip

    def coming() -> int:
        with world.db.read() as db:
            return read_supply(db, ["A"], world.clock()).coming.get(("W1", "A"), 0)

    assert coming() == 10
    number = expect(world, 6)
    assert coming() == 10
    arrive(world, number, 4)
    assert coming() == 6
    close_expected(world.ctx, number, actor="eve", reason="no more")
    assert coming() == 6


def test_the_list_is_by_state_sku_and_warehouse_and_says_what_is_late(world: World) -> None:
    late = expect(world, 1, world.clock().date() - timedelta(days=1), "a")
    done = expect(world, 1, None, "b", "B")
    arrive(world, done, 1)
    today = world.clock().date()
    found, _ = find_deliveries(world.db, today, state="open")
    assert [(one.id, one.late) for one in found] == [(late, True)]
    assert [one.id for one in find_deliveries(world.db, today, sku="B")[0]] == [done]
    assert find_deliveries(world.db, today, scope=["W2"])[0] == []


def test_a_sku_that_was_never_counted_is_not_told_to_be_0_because_it_is_expected(fresh_db: Database) -> None:
    world = World(fresh_db)
    with pytest.raises(BadInput, match=r"^A was never counted, .*: count it in W1 first") as told:
        expect(world)
    assert dict(told.value.fields) == {"sku": "uncounted"}
    assert (world.rows(t.stock_balances), world.rows(t.expected_receipts)) == ([], [])
    with pytest.raises(NotFound):
        expect(world, sku="NOPE")
