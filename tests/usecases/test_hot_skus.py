"""Hot SKUs at work: counted on the way, told to all workers, one worker at a time, over by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import event, select, text

from hub.canonical.errors import Conflict, StockGone
from hub.ports import failpoints
from hub.rules.hot_skus import LEAST_LINES, Heat
from hub.store import tables as t
from hub.store.database import Database
from hub.store.heat import HeatMeter, goes_first, read_hot, read_single
from hub.usecases.change_stock import adjust_stock, set_safety
from hub.usecases.context import Context
from hub.usecases.housekeeping import clean
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.note_heat import note_conflict, note_lines
from hub.usecases.place_orders import place_orders
from tests.fakes.channel import payload
from tests.fakes.databases import emptied
from tests.fakes.world import World
from tests.usecases.test_races import Deadlocks, states, store, together, until_idle

GONE = StockGone("stock of A in W1 was taken by somebody else in the meantime", {"A"})


@pytest.fixture
def two_writers(shared_postgres: Database) -> Iterator[World]:
    """A company on PostgreSQL, where several may write at once."""
    made = World(emptied(shared_postgres))
    yield made
    failpoints.observe_with(lambda _: None)
    made.check()


def worker(world: World, name: str) -> Context:
    """A worker process of its own: what it knows of hot SKUs is in its own memory."""
    return replace(world.ctx, worker=name, heat=HeatMeter())


def heats(world: World) -> dict[str, Heat]:
    with world.db.read() as db:
        return read_hot(db, world.clock())


def single(world: World) -> frozenset[str]:
    with world.db.read() as db:
        return read_single(db, world.clock())


def call_single(world: World, ctx: Context) -> None:
    """Three batches found A taken."""
    for _ in range(3):
        note_conflict(ctx, GONE)
    assert single(world) == {"A"}


def new_messages(world: World) -> list[str]:
    return [row.ref for row in world.rows(t.inbox, t.inbox.c.state == "new")]


def meanwhile(act: Callable[[], object]) -> None:
    """Do this once, when a worker has planned and is about to take the stock."""
    acts = [act]

    def at(point: str) -> None:
        if point == "after_order_upsert" and acts:
            acts.pop()()

    failpoints.observe_with(at)


def sell(world: World, *orders: tuple[str, Sequence[str]]) -> None:
    """These orders, (ref, SKUs), lie in the inbox in this order."""
    for ref, skus in orders:
        store(world, [payload(ref, {sku: (f"L-{sku}", 1) for sku in skus})])


def test_what_came_in_is_counted_and_a_rush_is_told_to_all_after_ten_seconds(world: World) -> None:
    world.stock("A", "W1", 100)
    world.stock("B", "W1", 200)
    begun = world.clock()
    for half in range(2):
        rows = [payload(f"{half}-{n}", {"1": ("L-A" if n < 16 else "L-B", 1)}) for n in range(LEAST_LINES // 2)]
        store(world, rows)
        world.clock.move(seconds=5 if half else 0)
        assert ingest_inbox(world.ctx) == LEAST_LINES // 2
        assert heats(world) == {}
    world.clock.move(seconds=5)
    sell(world, ("last", ["C"]))
    ingest_inbox(world.ctx)
    found = heats(world)
    assert {sku: (heat.permille, heat.since) for sku, heat in found.items()} == {
        "A": (316, world.clock()),
        "B": (673, world.clock()),
    }
    assert single(world) == frozenset()
    assert (world.clock() - begun).total_seconds() == 10


def test_a_quiet_shop_has_no_hot_sku(world: World) -> None:
    for _ in range(5):
        note_lines(world.ctx, ["A"] * (LEAST_LINES // 3 - 1))
        world.clock.move(seconds=6)
    assert heats(world) == {}


def test_a_window_that_lasted_because_nothing_came_in_says_nothing(world: World) -> None:
    note_lines(world.ctx, ["A"] * LEAST_LINES)
    world.clock.move(seconds=20)
    note_lines(world.ctx, ["A"])
    assert heats(world) == {}


def test_three_conflicts_of_any_workers_call_for_single_file_and_it_ends_by_itself(world: World) -> None:
    others = [worker(world, f"w{n}") for n in range(3)]
    for ctx in others[:2]:
        note_conflict(ctx, GONE)
    assert (single(world), heats(world)) == (frozenset(), {})
    note_conflict(others[2], GONE)
    assert single(world) == {"A"} == set(heats(world))
    world.clock.move(seconds=60)
    assert (single(world), heats(world)) == (frozenset(), {})
    for ctx in others:
        with world.db.write() as db:
            assert ctx.heat.turn(db, world.clock()).others == frozenset()


def test_a_conflict_about_something_else_makes_nothing_hot(world: World) -> None:
    for _ in range(3):
        note_conflict(world.ctx, Conflict("another worker took in one of these orders in the meantime"))
    assert world.rows(t.hot_skus) == []


def test_one_worker_alone_takes_everything_in_as_ever(world: World) -> None:
    world.stock("A", "W1", 2)
    call_single(world, world.ctx)
    sell(world, ("o1", "A"), ("o2", "AB"), ("o3", "A"))
    world.work()
    assert states(world) == {"routed": 2, "held": 1}
    assert new_messages(world) == []


def test_in_single_file_nobody_adds_to_the_orders_that_wait_until_they_are_placed(world: World) -> None:
    world.stock("B", "W1", 9)
    call_single(world, world.ctx)
    sell(world, ("short", "A"))
    assert ingest_inbox(world.ctx) == 1
    sell(world, ("o1", "B"))
    assert ingest_inbox(world.ctx) == 0
    assert (states(world), new_messages(world)) == ({"waiting": 1}, ["o1"])
    assert world.bell.rung[-2:] == [("orders.place", None), ("inbox.ingest", None)]
    assert place_orders(world.ctx) == 1
    assert ingest_inbox(world.ctx) == 1
    assert (states(world), new_messages(world)) == ({"held": 1, "routed": 1}, [])


def test_where_nobody_places_the_orders_that_wait_intake_goes_on_after_a_minute(world: World) -> None:
    call_single(world, world.ctx)
    sell(world, ("short", "A"))
    ingest_inbox(world.ctx)
    sell(world, ("o1", "B"))
    world.clock.move(seconds=59)
    assert ingest_inbox(world.ctx) == 0
    world.clock.move(seconds=1)
    assert ingest_inbox(world.ctx) == 1
    assert states(world) == {"waiting": 2}


def test_heat_of_yesterday_is_cleaned_away(world: World) -> None:
    call_single(world, world.ctx)
    clean(world.ctx)
    assert len(world.rows(t.hot_skus)) == 1
    world.clock.move(hours=25)
    clean(world.ctx)
    assert world.rows(t.hot_skus) == []


def test_where_nothing_is_hot_a_batch_asks_once_a_second_and_writes_nothing(world: World) -> None:
    world.stock("A", "W1", 9)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if "hot_sku" in statement or "advisory" in statement:
            asked.append(statement.split()[0])

    event.listen(world.db.engine, "before_cursor_execute", note)
    for n in range(4):
        world.order(f"o{n}", A=1)
        world.clock.move(seconds=0.4)
    event.remove(world.db.engine, "before_cursor_execute", note)
    assert asked == ["SELECT"] * 2


@pytest.mark.postgres
def test_who_finds_the_stock_taken_says_so_and_the_third_time_opens_single_file(two_writers: World) -> None:
    world = two_writers
    for n in range(3):
        assert single(world) == frozenset()
        world.stock("A", "W1", 1)
        sell(world, (f"slow{n}", "A"))
        meanwhile(lambda n=n: adjust_stock(world.ctx, "A", "W1", -1, reason="broken", actor="eve", key=f"k{n}"))  # type: ignore[misc]
        assert ingest_inbox(worker(world, f"w{n}")) == 1
        world.stock("A", "W1", 1)
        world.work()
    assert states(world) == {"routed": 3}
    assert single(world) == {"A"}
    assert heats(world)["A"].conflicts == 3


@pytest.mark.postgres
@pytest.mark.parametrize(
    "lots",
    [{"": None}, {"L1": None}, {"L1": date(2027, 12, 1)}, {"L1": date(2027, 12, 1), "OLD": date(2026, 1, 1)}],
    ids=["no lots", "a lot", "a lot that expires", "beside an expired lot"],
)
def test_two_that_planned_on_the_same_pieces_leave_the_safety_stock(
    two_writers: World, lots: dict[str, date | None]
) -> None:
    world = two_writers
    for lot, day in lots.items():
        adjust_stock(world.ctx, "A", "W1", 5, reason="delivery", actor="eve", key=lot, lot=lot, expires_on=day,
                     sure=True)  # fmt: skip
    set_safety(world.ctx, "A", "W1", 2, actor="eve")
    store(world, [payload("o1", {"1": ("L-A", 2)})])
    store(world, [payload("o2", {"1": ("L-A", 3)})])
    meanwhile(lambda: ingest_inbox(world.ctx, 1))
    ingest_inbox(world.ctx, 1)
    world.work()
    assert (world.state("o1"), world.state("o2")) == ("held", "routed")
    found = {row.lot: row.reserved for row in world.rows(t.stock_balances)}
    assert {lot: pieces for lot, pieces in found.items() if pieces} == {next(iter(lots)): 3}


@pytest.mark.postgres
def test_pieces_without_a_lot_are_not_taken_for_the_safety_stock_where_a_lot_has_it(two_writers: World) -> None:
    world = two_writers
    for lot in ("", "L1"):
        adjust_stock(world.ctx, "A", "W1", 3, reason="delivery", actor="eve", key=lot, lot=lot)
    set_safety(world.ctx, "A", "W1", 2, actor="eve")
    sell(world, *((f"o{n}", "A") for n in range(4)))
    for _ in range(4):
        ingest_inbox(world.ctx, 1)
    assert states(world) == {"routed": 4}


@pytest.mark.postgres
def test_while_another_has_the_turn_only_cold_orders_are_taken_in_and_none_is_looked_at_twice(
    two_writers: World,
) -> None:
    world = two_writers
    for sku in "ABC":
        world.stock(sku, "W1", 9)
    sell(world, ("o1", "A"), ("o2", "B"), ("o3", "AC"), ("o4", "C"))
    mine = worker(world, "w2")
    call_single(world, mine)
    with world.db.write() as busy:
        assert goes_first(busy)
        assert ingest_inbox(mine) == 2
        assert new_messages(world) == ["o1", "o3"]
        assert world.bell.rung[-1] == ("inbox.ingest", None)
        sell(world, ("o5", "B"))
        assert [ingest_inbox(mine, 2), ingest_inbox(mine, 2)] == [1, 0]
    assert ingest_inbox(mine) == 2
    assert states(world) == {"routed": 5}
    assert world.balance("A", "W1") == (9, 2)


@pytest.mark.postgres
def test_the_turn_of_a_worker_that_dies_is_the_next_ones_at_once(two_writers: World) -> None:
    world = two_writers
    world.stock("A", "W1", 9)
    sell(world, ("o1", "A"), ("o2", "A"))
    mine = worker(world, "w2")
    call_single(world, mine)
    dying = world.db.engine.connect()
    dying.begin()
    assert goes_first(dying)
    pid = dying.scalar(text("SELECT pg_backend_pid()"))
    assert ingest_inbox(mine) == 0
    with world.db.read() as db:
        db.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": pid})
    dying.invalidate()
    dying.close()
    assert ingest_inbox(mine) == 2
    assert states(world) == {"routed": 2}


@pytest.mark.postgres
def test_a_worker_that_broke_off_leaves_its_orders_and_the_turn_to_the_next(two_writers: World) -> None:
    world = two_writers
    world.stock("A", "W1", 9)
    sell(world, ("o1", "A"))
    first, second = worker(world, "w1"), worker(world, "w2")
    call_single(world, first)

    def break_off(name: str) -> None:
        if name == "after_claim":
            raise KeyboardInterrupt

    failpoints.observe_with(break_off)
    with pytest.raises(KeyboardInterrupt):
        ingest_inbox(first)
    failpoints.observe_with(lambda _: None)
    assert ingest_inbox(second) == 1
    assert states(world) == {"routed": 1}


@pytest.mark.parametrize("called", [False, True], ids=["found out", "called"])
def test_eight_workers_after_small_lots_of_a_hot_sku_sell_exactly_what_there_is(world: World, called: bool) -> None:
    for number in range(20):
        lot = f"L{number:02d}"
        adjust_stock(world.ctx, "A", "W1", 5, reason="delivery", actor="test", key=lot, lot=lot,
                     expires_on=date(2027, 1, 1 + number))  # fmt: skip
    world.stock("B", "W1", 1000)
    rows = [payload(f"o{n}", {"1": ("L-A", 1)} | ({"2": ("L-B", 1)} if n % 3 else {})) for n in range(160)]
    store(world, [*rows, *(payload(f"cold{n}", {"1": ("L-B", 1)}) for n in range(80))])
    if called:
        call_single(world, world.ctx)
    tries = Deadlocks()
    workers = [worker(world, f"w{n}") for n in range(8)]
    acts = [
        until_idle(lambda ctx=ctx: tries.run(lambda: ingest_inbox(ctx, 7) + place_orders(ctx, 5)))  # type: ignore[misc]
        for ctx in workers
    ]
    assert not [result for result in together(acts) if isinstance(result, Exception)]
    world.work()
    assert states(world) == {"routed": 180, "held": 60}
    with world.db.read() as db:
        lots = db.execute(select(t.stock_balances.c.reserved).where(t.stock_balances.c.sku == "A")).scalars().all()
    assert sorted(lots) == [5] * 20
    assert (new_messages(world), tries.count) == ([], 0)
