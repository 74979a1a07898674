"""Real threads on both real databases: nothing is oversold, doubled or lost, whoever comes first."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from hub.canonical.errors import Conflict
from hub.ports.channel import RawRecord, StockAnswer, StockLine
from hub.store import tables as t
from hub.store.inbox import pulled, store_arrivals
from hub.usecases.change_stock import adjust_stock
from hub.usecases.context import Context
from hub.usecases.import_stock import StockFile, apply_import, preview_import
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.manage_catalog import set_kit
from hub.usecases.pick_orders import report_missing
from hub.usecases.place_orders import place_orders
from hub.usecases.push_stock import push_stock
from hub.usecases.receive_webhook import receive_webhook
from hub.usecases.ship_parcel import Parcel, ship_parcel
from hub.usecases.streams import Busy
from tests.fakes.channel import FakeChannel, payload, signed
from tests.fakes.world import World

NINE = "2026-11-23T09:00:00Z"


@pytest.fixture(autouse=True)
def _nothing_went_wrong(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A batch that breaks is tried order by order: right in the end, but here it would hide a missing lock."""
    yield
    assert [record.message for record in caplog.get_records("call") if record.levelname == "ERROR"] == []


class Deadlocks:
    """Counts what a worker would have to try again because the database broke a tie."""

    def __init__(self) -> None:
        self.count = 0

    def run(self, act: Callable[[], int]) -> int:
        for _ in range(20):
            try:
                return act()
            except OperationalError:
                self.count += 1
        raise AssertionError("20 deadlocks in a row")


def together(acts: Sequence[Callable[[], object]]) -> list[object]:
    """All at once, each in a thread of its own; what each gave, or the exception."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        gate.wait()
        try:
            return act()
        except Exception as error:  # noqa: BLE001 - handed to the test
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def until_idle(act: Callable[[], int]) -> Callable[[], int]:
    def run() -> int:
        total, idle = 0, 0
        while idle < 2:
            done = act()
            total += done
            idle = 0 if done else idle + 1
        return total

    return run


def store(world: World, orders: Sequence[object]) -> None:
    records: list[RawRecord] = [FakeChannel.record(order) for order in orders]
    with world.db.write() as db:
        store_arrivals(db, world.shop_id, [pulled(record) for record in records], world.clock())


def states(world: World) -> dict[str, int]:
    with world.db.read() as db:
        rows = db.execute(select(t.orders.c.state, func.count()).group_by(t.orders.c.state)).all()
    return {str(state): int(count) for state, count in rows}


def test_sixteen_workers_sell_exactly_the_hundred_pieces_there_are(world: World) -> None:
    world.stock("A", "W1", 60)
    world.stock("A", "W2", 40)
    store(world, [payload(f"o{n}", {"1": ("L-A", 1)}) for n in range(160)])
    tries = Deadlocks()
    acts = [until_idle(lambda: tries.run(lambda: ingest_inbox(world.ctx, 7) + place_orders(world.ctx, 5)))] * 16
    assert not [result for result in together(acts) if isinstance(result, Exception)]
    world.work()
    assert states(world) == {"routed": 100, "held": 60}
    assert (world.balance("A", "W1"), world.balance("A", "W2")) == ((60, 60), (40, 40))
    assert tries.count == 0


def test_four_workers_ingest_the_same_orders_once_each(world: World) -> None:
    world.stock("A", "W1", 1000)
    versions = [payload(f"o{n % 40}", {"1": ("L-A", n // 40 + 1)}, f"2026-11-23T08:0{n // 40}:00Z") for n in range(160)]
    store(world, versions)
    tries = Deadlocks()
    together([until_idle(lambda: tries.run(lambda: ingest_inbox(world.ctx, 11)))] * 4)
    world.work()
    assert len(world.rows(t.orders)) == 40
    assert {row.state for row in world.rows(t.inbox)} == {"done"}
    assert world.balance("A", "W1") == (1000, 160)
    assert tries.count == 0


def test_the_same_webhook_from_eight_threads_is_one_row(world: World) -> None:
    headers, raw = signed({"event_id": "e1", "orders": [payload("o1", {"1": ("L-A", 1)})]})
    together([lambda: receive_webhook(world.ctx, "shop", headers, raw)] * 8)
    assert len(world.rows(t.inbox)) == 1


def somebody_waits_for_a_lock(world: World) -> None:
    """Return once it is so; SQLite does not tell."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    deadline = time.monotonic() + 30
    while not world.db.is_sqlite:
        with world.db.read() as db:
            if db.scalar(text(query)):
                return
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_good_and_bad_answers_of_a_push_are_written_in_the_order_in_which_orders_lock_listings(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.know_empty()
    world.shop.line_answers["L-A"] = StockAnswer("L-A", False, why="busy", retry=True)
    asked, answer, push = threading.Event(), threading.Event(), world.shop.push_stock

    def slow(lines: Sequence[StockLine]) -> tuple[StockAnswer, ...]:
        asked.set()
        assert answer.wait(30)
        return push(lines)

    monkeypatch.setattr(world.shop, "push_stock", slow)
    p = t.stock_pushes.c
    a, b = (select(p.seq).where(p.listing_ref == ref).with_for_update() for ref in ("L-A", "L-B"))
    with ThreadPoolExecutor(1) as pool:
        pushed = pool.submit(push_stock, world.ctx, world.shop_id)
        assert asked.wait(30)
        with world.db.write() as order:
            order.execute(a)
            answer.set()
            somebody_waits_for_a_lock(world)
            order.execute(b)
        assert pushed.result() > 1
    rows = {row.listing_ref: row for row in world.rows(t.stock_pushes)}
    assert (rows["L-A"].error, rows["L-B"].error) == ("busy", "")
    assert rows["L-A"].seq > rows["L-A"].sent_seq
    assert rows["L-B"].seq == rows["L-B"].sent_seq


@pytest.mark.parametrize("n", range(3))
def test_shipping_and_cancelling_at_once_leaves_one_of_both(world: World, n: int) -> None:
    world.stock("A", "W1", 2)
    world.order("o1", A=2)
    (work,) = world.lists("o1")
    store(world, [payload("o1", {"1": ("L-A", 2)}, NINE, status="cancelled")])
    shipped, _ = together(
        [
            lambda: ship_parcel(world.ctx, work.id, Parcel("p1", "DHL", "T1"), "bob"),
            lambda: ingest_inbox(world.ctx),
        ]
    )
    world.work()
    if isinstance(shipped, int):
        assert (world.state("o1"), world.balance("A", "W1")) == ("shipped", (0, 0))
        assert "too_late_to_take_back" in world.events("o1")
    else:
        assert isinstance(shipped, Conflict)
        assert (world.state("o1"), world.balance("A", "W1")) == ("cancelled", (2, 0))


def test_two_hands_that_ship_the_same_parcel_ship_it_once(world: World) -> None:
    world.stock("A", "W1", 4)
    world.order("o1", A=2)
    (work,) = world.lists("o1")
    parcel = Parcel("p1", "DHL", "T1")
    results = together([lambda: ship_parcel(world.ctx, work.id, parcel, "bob")] * 4)
    assert len(set(results)) == 1 and isinstance(results[0], int)
    assert world.balance("A", "W1") == (2, 0)


def test_placing_while_stock_comes_and_goes_loses_no_waiting_order(world: World) -> None:
    store(world, [payload(f"o{n}", {"1": ("L-A", 1), "2": ("L-B", 1)}) for n in range(40)])
    tries = Deadlocks()

    def receive(sku: str, worker: int) -> Callable[[], object]:
        def act() -> None:
            for n in range(20):
                key = f"{sku}-{worker}-{n}"
                tries.run(lambda key=key: adjust_stock(world.ctx, sku, "W1", 1, reason="r", actor="eve", key=key))  # type: ignore[misc]

        return act

    placing = until_idle(lambda: tries.run(lambda: ingest_inbox(world.ctx, 5) + place_orders(world.ctx, 3)))
    results = together([receive("A", 1), receive("B", 1), receive("A", 2), receive("B", 2), placing, placing])
    assert not [result for result in results if isinstance(result, Exception)]
    world.work()
    assert states(world) == {"routed": 40}
    assert (world.balance("A", "W1"), world.balance("B", "W1")) == ((40, 40), (40, 40))
    assert tries.count == 0


def test_edits_while_placing_and_receiving_end_with_the_newest_version(world: World) -> None:
    set_kit(world.ctx, "KIT", {"A": 1, "B": 1}, actor="eve")
    world.stock("A", "W1", 30)
    world.stock("B", "W1", 30)
    for hour in range(4):
        lines = {"1": ("L-A" if hour % 2 else "L-KIT", hour + 1), "2": ("L-B", 1)}
        store(world, [payload(f"o{n}", lines, f"2026-11-23T0{hour}:00:00Z") for n in range(20)])
    tries = Deadlocks()
    ingest = until_idle(lambda: tries.run(lambda: ingest_inbox(world.ctx, 3)))
    place = until_idle(lambda: tries.run(lambda: place_orders(world.ctx, 4)))

    def receive() -> None:
        for n in range(10):
            tries.run(lambda n=n: adjust_stock(world.ctx, "A", "W1", 7, reason="r", actor="eve", key=f"k{n}"))  # type: ignore[misc]

    results = together([ingest, ingest, place, place, receive])
    assert not [result for result in results if isinstance(result, Exception)]
    world.work()
    world.check()
    assert states(world) == {"routed": 20}
    assert (world.balance("A", "W1"), world.balance("B", "W1")) == ((100, 80), (30, 20))
    assert tries.count == 0


def test_one_stock_file_applied_by_six_at_once_and_its_twin_beside_it_are_written_once(world: World) -> None:
    world.stock("A", "W1", 69)
    files = [StockFile(key, "f.csv", b"sku,warehouse,quantity\nA,W1,95\n") for key in ("f1", "f2")]
    first, twin = (preview_import(world.ctx, file, actor="eve") for file in files)
    done = together([partial(apply_import, world.ctx, each, actor="eve") for each in [first] * 6 + [twin] * 2])
    assert {each for each in done if isinstance(each, Exception)} == set()
    assert world.balance("A", "W1") == (95, 0)


def test_missing_pieces_and_a_cancellation_at_once_agree(world: World) -> None:
    world.stock("A", "W1", 5)
    world.order("o1", A=3)
    line = world.list_lines(world.lists("o1")[0].id)["A"]
    store(world, [payload("o1", {"1": ("L-A", 3)}, NINE, status="cancelled")])
    together(
        [lambda: report_missing(world.ctx, line.id, 1, "bob", "gone"), lambda: ingest_inbox(world.ctx)],
    )
    world.work()
    assert world.state("o1") == "cancelled"
    assert world.balance("A", "W1") in {(4, 0), (5, 0)}


def test_only_one_of_eight_workers_pushes_at_a_time(world: World) -> None:
    world.stock("A", "W1", 5)
    contexts: list[Context] = [replace(world.ctx, worker=f"w{n}") for n in range(8)]
    results = together([lambda ctx=ctx: push_stock(ctx, world.shop_id) for ctx in contexts])  # type: ignore[misc]
    pushed = [result for result in results if isinstance(result, int) and result]
    others = [result for result in results if not isinstance(result, int)]
    assert len(pushed) == 1
    assert all(isinstance(error, Busy) for error in others)
    assert world.shop.shelf["L-A"] == 5
