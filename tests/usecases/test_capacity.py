"""Orders a day: guarded, one booking per order and warehouse, given back with the work, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from hub.canonical.errors import Conflict
from hub.reports.routing import explain_order
from hub.rules.calendars import Calendar
from hub.rules.routing import ShipDay
from hub.store import capacity
from hub.store import tables as t
from hub.store.capacity import Booking, Limit, OpenDay
from hub.usecases.accept_work import reject_work
from hub.usecases.expire_holds import expire_holds
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.manage_catalog import save_warehouse
from hub.usecases.manage_rulesets import activate_ruleset, draft_ruleset
from hub.usecases.move_order import move_order
from hub.usecases.pick_orders import report_missing
from hub.usecases.place_orders import place_orders
from hub.usecases.ship_parcel import Parcel, ship_parcel
from tests.fakes.channel import payload
from tests.fakes.world import World

TODAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 24)
LATER = "2026-11-23T09:00:00Z"


def _days(world: World) -> dict[tuple[str, date], tuple[int, int | None]]:
    return {(row.warehouse, row.day): (row.booked, row.capacity) for row in world.rows(t.capacity_days)}


def _ships_on(world: World, ref: str) -> list[tuple[str, date | None]]:
    return [(row.warehouse, row.ships_on) for row in world.lists(ref, "open")]


def _limited(world: World, daily: int | None) -> World:
    save_warehouse(world.ctx, "W1", actor="test", daily_orders=daily)
    save_warehouse(world.ctx, "W2", actor="test", active=False)
    world.stock("A", "W1", 50)
    return world


def test_an_order_books_a_place_on_the_day_it_leaves(world: World) -> None:
    _limited(world, 5)
    world.order("o1", A=1)
    assert (_days(world), _ships_on(world, "o1")) == ({("W1", TODAY): (1, 5)}, [("W1", TODAY)])
    (row,) = world.rows(t.capacity_bookings)
    assert (row.order_id, row.warehouse, row.day) == (world.row("o1").id, "W1", TODAY)


def test_a_full_day_moves_orders_to_the_next_working_day(world: World) -> None:
    _limited(world, 2)
    world.arrive(*(payload(f"o{n}", {"1": ("L-A", 1)}) for n in range(5)))
    assert [world.state(f"o{n}") for n in range(5)] == ["routed"] * 5
    assert _days(world) == {
        ("W1", TODAY): (2, 2), ("W1", TOMORROW): (2, 2), ("W1", date(2026, 11, 25)): (1, 2),
    }  # fmt: skip
    assert world.holds("released") == []


def test_a_full_place_is_passed_over_for_another_one(world: World) -> None:
    closed = {"zone": "UTC", "hours": {"mon": [["00:00", "24:00"]]}, "holidays": ["2026-11-30"]}
    save_warehouse(world.ctx, "W1", actor="test", daily_orders=0, **closed)
    world.stock("A", "W1", 5)
    world.stock("A", "W2", 5)
    assert world.order("o1", A=1) == "routed"
    assert world.takes("o1") == {("W2", "A"): 1}
    assert dict(world.rows(t.routing_decisions)[0].decision["excluded"]) == {"W1": "no_capacity"}


def test_an_order_goes_where_it_leaves_today_once_the_usual_place_is_full(world: World) -> None:
    save_warehouse(world.ctx, "W1", actor="test", daily_orders=1)
    world.stock("A", "W1", 50)
    world.stock("A", "W2", 50)
    world.arrive(*(payload(f"o{n}", {"1": ("L-A", 1)}) for n in range(2)))
    world.order("o2", A=1)
    assert [world.takes(f"o{n}") for n in range(3)] == [{("W1", "A"): 1}, {("W2", "A"): 1}, {("W2", "A"): 1}]
    found = explain_order(world.db, world.row("o2").id)
    assert [(row.warehouses, found.day(row), row.reason) for row in found.explanation.candidates] == [
        (("W2",), ShipDay(TODAY), "chosen"), (("W1",), ShipDay(TOMORROW, TODAY, ("W1",)), "ships_later"),
    ]  # fmt: skip


def test_orders_of_one_batch_wait_for_the_next_day_rather_than_go_where_it_takes_a_week(world: World) -> None:
    save_warehouse(world.ctx, "W1", actor="test", daily_orders=1)
    closed = {"hours": {"mon": [["08:00", "09:00"]]}, "zone": "Asia/Shanghai"}
    save_warehouse(world.ctx, "W2", actor="test", **closed)
    world.stock("A", "W1", 50)
    world.stock("A", "W2", 50)
    world.arrive(*(payload(f"o{n}", {"1": ("L-A", 1)}) for n in range(3)))
    assert [_ships_on(world, f"o{n}") for n in range(3)] == [
        [("W1", TODAY)], [("W1", TOMORROW)], [("W1", date(2026, 11, 25))],
    ]  # fmt: skip


def _rules(world: World, *strategies: dict[str, Any]) -> None:
    activate_ruleset(world.ctx, draft_ruleset(world.ctx, actor="test", given={"strategies": strategies}), actor="test")


def _until_done(world: World) -> int:
    """Place waiting orders until none waits; returns how many batches it took, 9: it has no end."""
    return next((batch for batch in range(9) if not place_orders(world.ctx)), 9)


PARTS: dict[str, list[dict[str, Any]]] = {
    "sent": [{"name": "all", "leftover": {"action": "queue", "partial": True}}],
    "handed on": [
        {"name": "near", "filters": {"places": ["W1"]}, "leftover": {"action": "next", "partial": True}},
        {"name": "all"},
    ],
    "kept": [{"name": "all", "leftover": {"action": "backorder", "keep": True}}],
}


@pytest.mark.parametrize("parts", PARTS)
def test_an_order_that_gets_a_part_at_a_limited_place_stops_nobody(world: World, parts: str) -> None:
    _limited(world, 1)
    world.stock("A", "W1", -49)
    world.stock("B", "W1", 50)
    _rules(world, *PARTS[parts])
    world.pull(payload("o1", {"a1": ("L-A", 3)}), payload("o2", {"b1": ("L-B", 1)}))
    ingest_inbox(world.ctx)
    assert _until_done(world) == 2
    assert (world.state("o1"), world.takes("o1")) == ("held", {("W1", "A"): 1})
    day = TODAY if parts == "kept" else TOMORROW
    assert (world.state("o2"), _ships_on(world, "o2")) == ("routed", [("W1", day)])


def test_the_last_place_of_a_day_is_used_where_an_order_of_that_day_gets_a_part(world: World) -> None:
    _limited(world, 3)
    world.stock("A", "W1", -49)
    world.stock("B", "W1", 50)
    _rules(world, *PARTS["sent"])
    world.pull(payload("o0", {"a1": ("L-A", 3)}), *(payload(f"o{n}", {"b1": ("L-B", 1)}) for n in range(1, 7)))
    ingest_inbox(world.ctx)
    assert _until_done(world) == 3
    assert _days(world) == {
        ("W1", TODAY): (3, 3), ("W1", TOMORROW): (3, 3), ("W1", date(2026, 11, 25)): (1, 3),
    }  # fmt: skip
    assert [world.state(f"o{n}") for n in range(7)] == ["held"] + ["routed"] * 6


def test_an_order_that_came_too_late_for_a_place_waits_for_its_next_day_rather_than_take_a_part(world: World) -> None:
    _limited(world, 1)
    save_warehouse(world.ctx, "W2", actor="test", active=True)
    world.stock("A", "W2", 1)
    _rules(world, *PARTS["sent"])
    world.pull(payload("o1", {"a1": ("L-A", 3)}), payload("o2", {"a1": ("L-A", 3)}))
    ingest_inbox(world.ctx)
    assert _until_done(world) == 2
    assert [_ships_on(world, ref) for ref in ("o1", "o2")] == [[("W1", TODAY)], [("W1", TOMORROW)]]


def test_a_warehouse_without_a_limit_books_nothing(world: World) -> None:
    _limited(world, None)
    world.order("o1", A=1)
    assert (_days(world), _ships_on(world, "o1")) == ({}, [("W1", TODAY)])


def test_cancelled_work_gives_its_place_back(world: World) -> None:
    _limited(world, 5)
    world.order("o1", A=1)
    world.arrive(payload("o1", {"a1": ("L-A", 1)}, LATER, status="cancelled"))
    assert (world.state("o1"), _days(world), world.rows(t.capacity_bookings)) == (
        "cancelled", {("W1", TODAY): (0, 5)}, [],
    )  # fmt: skip


def test_a_parcel_that_left_keeps_its_place(world: World) -> None:
    _limited(world, 5)
    world.order("o1", A=1)
    world.ship_all("o1")
    assert _days(world) == {("W1", TODAY): (1, 5)}


def test_more_for_an_order_that_has_a_place_takes_no_second_one(world: World) -> None:
    _limited(world, 5)
    world.order("o1", A=1)
    world.arrive(payload("o1", {"a1": ("L-A", 2)}, LATER))
    assert (world.state("o1"), len(world.lists("o1", "open")), _days(world)) == (
        "routed", 2, {("W1", TODAY): (1, 5)},
    )  # fmt: skip


def test_another_number_of_orders_a_day_keeps_what_is_booked(world: World) -> None:
    _limited(world, 5)
    world.arrive(*(payload(f"o{n}", {"1": ("L-A", 1)}) for n in range(3)))
    for daily, shown in ((2, 3), (9, 9), (None, None)):
        save_warehouse(world.ctx, "W1", actor="test", daily_orders=daily)
        assert _days(world) == {("W1", TODAY): (3, shown)}


def test_the_counter_is_guarded_by_the_database(world: World) -> None:
    _limited(world, 1)
    world.order("o1", A=1)
    with pytest.raises(Conflict, match="warehouse W1 takes no more orders on 2026-11-23"), world.db.write() as db:
        capacity.book(db, [Booking(99, "W1", TODAY)], world.clock.now)
    assert (_days(world), len(world.rows(t.capacity_bookings))) == ({("W1", TODAY): (1, 1)}, 1)


def _two_days(world: World) -> World:
    """o1 leaves today, o2 tomorrow, both from W1."""
    _limited(world, 1)
    world.arrive(payload("o1", {"a1": ("L-A", 3)}), payload("o2", {"a1": ("L-A", 3)}))
    assert _days(world) == {("W1", TODAY): (1, 1), ("W1", TOMORROW): (1, 1)}
    return world


def _cancel(world: World) -> None:
    world.arrive(payload("o2", {"a1": ("L-A", 3)}, LATER, status="cancelled"))


def _reject(world: World) -> None:
    reject_work(world.ctx, world.lists("o2")[0].id, "busy", "picker")


def _move(world: World) -> None:
    world.stock("A", "W2", 9)
    save_warehouse(world.ctx, "W2", actor="test", active=True)
    move_order(world.ctx, world.row("o2").id, "W2", actor="test")


def _ship_early(world: World) -> None:
    world.ship_all("o2")


def _ship_a_part_early_and_cut_the_rest(world: World) -> None:
    (line,) = world.rows(t.fulfillment_lines, t.fulfillment_lines.c.order_id == world.row("o2").id)
    ship_parcel(world.ctx, line.fulfillment_order_id, Parcel("k", "DHL", "1", contents={line.id: 2}), "picker")
    assert _days(world)["W1", TOMORROW] == (1, 1)
    world.arrive(payload("o2", {"a1": ("L-A", 2)}, LATER))


def _lose_on_the_shelf(world: World) -> None:
    (line,) = world.rows(t.fulfillment_lines, t.fulfillment_lines.c.order_id == world.row("o2").id)
    world.stock("A", "W1", -44)
    report_missing(world.ctx, line.id, 3, "picker", "not there")


@pytest.mark.parametrize(
    "path", [_cancel, _reject, _move, _ship_early, _ship_a_part_early_and_cut_the_rest, _lose_on_the_shelf],
    ids=lambda path: path.__name__.strip("_"),
)  # fmt: skip
def test_whatever_takes_the_work_off_its_day_gives_its_place_back(world: World, path: Callable[[World], None]) -> None:
    path(_two_days(world))
    assert _days(world) == {("W1", TODAY): (1, 1), ("W1", TOMORROW): (0, 1)}
    assert [(row.order_id, row.day) for row in world.rows(t.capacity_bookings)] == [(world.row("o1").id, TODAY)]
    world.work()
    world.check()


def test_a_parcel_that_leaves_after_its_day_keeps_its_place(world: World) -> None:
    _two_days(world)
    world.clock.move(minutes=2 * 24 * 60)
    world.ship_all("o1")
    assert _days(world) == {("W1", TODAY): (1, 1), ("W1", TOMORROW): (1, 1)}


def test_what_is_added_leaves_with_the_open_list_and_else_takes_a_place_of_its_day(world: World) -> None:
    _two_days(world)
    world.arrive(payload("o1", {"a1": ("L-A", 4)}, LATER))
    assert _ships_on(world, "o1") == [("W1", TODAY), ("W1", TODAY)]
    world.ship_all("o1")
    world.arrive(payload("o1", {"a1": ("L-A", 5)}, "2026-11-23T10:00:00Z"))
    assert _ships_on(world, "o1") == [("W1", date(2026, 11, 25))]
    assert _days(world) == {("W1", TODAY): (1, 1), ("W1", TOMORROW): (1, 1), ("W1", date(2026, 11, 25)): (1, 1)}


def test_stock_kept_for_a_payment_that_does_not_come_gives_its_place_back(world: World) -> None:
    _limited(world, 5)
    with world.db.write() as db:
        db.execute(t.connections.update().values(settings={"soft_minutes": "unpaid=30"}))
    world.order("o1", A=1, more={"payment": "unpaid"})
    world.order("o2", A=1)
    assert _days(world) == {("W1", TODAY): (2, 5)}
    world.clock.move(minutes=30)
    assert [expire_holds(world.ctx), expire_holds(world.ctx)] == [1, 0]
    assert [row.order_id for row in world.rows(t.capacity_bookings)] == [world.row("o2").id]
    assert _days(world) == {("W1", TODAY): (1, 5)}


def test_looking_makes_and_locks_nothing(world: World) -> None:
    limits = {"W1": Limit(Calendar(), 3)}
    with world.db.read() as db:
        assert capacity.open_days(db, limits, world.clock.now, lock=False) == {"W1": OpenDay(TODAY, 3, 3)}
    assert _days(world) == {}


def test_many_at_once_never_pass_the_limit(world: World) -> None:
    limit, orders = {"W1": Limit(Calendar(), 4)}, 12
    gate = threading.Barrier(orders)
    now: datetime = world.clock.now

    def take(order_id: int) -> None:
        gate.wait()
        with world.db.write() as db:
            day = capacity.open_days(db, limit, now)["W1"].day
            assert day is not None
            capacity.book(db, [Booking(order_id, "W1", day)], now)

    threads = [threading.Thread(target=take, args=(n,)) for n in range(orders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _days(world) == {
        ("W1", TODAY): (4, 4), ("W1", TOMORROW): (4, 4), ("W1", date(2026, 11, 25)): (4, 4),
    }  # fmt: skip
    with world.db.write() as db:  # these orders do not exist: the audit would say so
        db.execute(t.capacity_bookings.delete())
        db.execute(t.capacity_days.delete())
