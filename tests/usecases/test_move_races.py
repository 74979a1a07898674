"""Orders, transfers, counts, files and repairs at once, on real threads and both databases: the books stay whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from hub.canonical.errors import BadInput, Conflict
from hub.store import tables as t
from hub.usecases.count_shelves import CountPlan, Entry, enter_counts, open_count, submit_count
from hub.usecases.decide_count import approve_count
from hub.usecases.feed_stock import acknowledge, stock_changes
from hub.usecases.import_stock import StockFile, apply_import, preview_import
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.move_transfer import close_transfer, receive_transfer, ship_transfer
from hub.usecases.place_orders import place_orders
from hub.usecases.plan_transfer import TransferPlan, create_transfer, reserve_transfer
from hub.usecases.propose_moves import refresh_proposals
from hub.usecases.repair_stock import repair_stock
from tests.fakes.channel import payload
from tests.fakes.world import World
from tests.usecases.test_races import Deadlocks, store, together, until_idle

ME = "user:1"
ROUNDS = 6


@pytest.fixture(autouse=True)
def _nothing_went_wrong(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [record.message for record in caplog.get_records("call") if record.levelname == "ERROR"] == []


class Busy:
    """What people and timers do in a warehouse, each `ROUNDS` times; a Conflict is an answer, not a failure."""

    def __init__(self, world: World) -> None:
        self.world, self.tries = world, Deadlocks()

    def again(self, act: Callable[[int], object]) -> Callable[[], int]:
        def run() -> int:
            for number in range(ROUNDS):
                try:
                    act(number)
                except (Conflict, BadInput) as error:
                    assert str(error)
            return 0

        return lambda: self.tries.run(run)

    def transfer(self, source: str, destination: str) -> Callable[[], int]:
        def act(number: int) -> None:
            ctx, key = self.world.ctx, f"{source}{number}"
            wanted = TransferPlan(key, source, destination, (("A", "", 3), ("B", "", 2)))
            transfer_id = create_transfer(ctx, wanted, actor=ME)
            reserve_transfer(ctx, transfer_id, actor=ME)
            ship_transfer(ctx, transfer_id, actor=ME, key="s")
            if number % 2:
                receive_transfer(ctx, transfer_id, actor=ME, key="r")
            else:
                close_transfer(ctx, transfer_id, actor=ME, reason="lost")

        return self.again(act)

    def count(self) -> Callable[[], int]:
        def act(number: int) -> None:
            count_id = open_count(self.world.ctx, CountPlan("W1", ("A", "B")), actor=ME)
            enter_counts(self.world.ctx, count_id, [Entry("A", 20 + number), Entry("B", 20)], actor=ME)
            submit_count(self.world.ctx, count_id, actor=ME)
            approve_count(self.world.ctx, count_id, actor="user:2")

        return self.again(act)

    def file(self) -> Callable[[], int]:
        def act(number: int) -> None:
            given = StockFile(f"f{number}", "f.csv", b"sku,quantity\nB,2\nA,5\n", "add", "W2")
            apply_import(self.world.ctx, preview_import(self.world.ctx, given, actor=ME), actor=ME)

        return self.again(act)

    def feed(self) -> Callable[[], int]:
        def act(number: int) -> None:
            found, _ = stock_changes(self.world.ctx, self.world.shop_id)
            if found:
                acknowledge(self.world.ctx, self.world.shop_id, [(each.id, each.version) for each in found])

        return self.again(act)

    def orders(self) -> Callable[[], int]:
        ctx = self.world.ctx
        return until_idle(lambda: self.tries.run(lambda: ingest_inbox(ctx, 5) + place_orders(ctx, 4)))


def test_the_audit_finds_nothing_to_mend_while_everybody_works_and_nothing_waits_for_itself(world: World) -> None:
    for sku in ("A", "B"):
        world.stock(sku, "W1", 40)
        world.stock(sku, "W2", 40)
    store(world, [payload(f"o{n}", {"1": ("L-A", 1), "2": ("L-B", 1)}) for n in range(60)])
    busy = Busy(world)
    found: list[object] = []

    def repair(_number: int) -> None:
        report = repair_stock(world.ctx, actor=ME)
        found.extend((*report.found.mismatches, *report.done, *report.needs_person))

    acts = [
        busy.orders(), busy.orders(), busy.transfer("W1", "W2"), busy.transfer("W2", "W1"), busy.count(), busy.file(),
        busy.feed(), busy.again(repair), busy.again(lambda _: refresh_proposals(world.ctx)),
    ]  # fmt: skip
    results = together(acts)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert (found, busy.tries.count) == ([], 0)
    world.work()
    world.check()
    moved = {row.state for row in world.rows(t.transfers)}
    assert "received" in moved
    assert {row.state for row in world.rows(t.stock_counts)} == {"approved"}
