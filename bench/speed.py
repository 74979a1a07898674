"""The hub beside the bare database, in alternating rounds: orders a second, CPU an order, hot SKU, two workers."""

from __future__ import annotations

import atexit
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from statistics import median

from bench.company import Size, arrive, found
from bench.hub import Run, drain
from bench.payloads import Mix
from bench.places import Server, migrated, servers
from bench.raw import Batch, record, replay, replay_text
from bench.registry import Figure
from hub.store.database import Database

SEED = 20261123
HOT = 0.3
"""Share of the lines that are for one SKU, in the hot rounds."""
TRIALS = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured. `orders`: of one round. `ways`: (orders a transaction, clients) of the bare database.

    workers: so many worker processes of the hub are tried; like the bare database, it runs in its best way then.
    """

    size: Size
    orders: int
    rounds: int
    ways: tuple[tuple[int, int], ...]
    workers: tuple[int, ...]


FULL = Plan(Size(100_000), 3000, 5, ((100, 2), (500, 1), (500, 2), (500, 4), (1000, 2)), (2, 3, 4))
QUICK = Plan(Size(5_000), 500, 3, ((100, 2), (250, 2)), (2,))
ONE_WRITER = ((100, 1), (500, 1), (500, 2))
"""Ways of a database that lets one client write at a time."""


def plan_of(kind: str, quick: bool) -> Plan:
    plan = QUICK if quick else FULL
    one = replace(plan, workers=(1,))
    return plan if kind == "pg" else one if quick else replace(one, ways=ONE_WRITER)


class Bench:
    """Databases of one kind with one company in them, and orders that come in, numbered on and on."""

    def __init__(self, kind: str, server: Server, size: Size) -> None:
        self.kind, self.server, self.size = kind, server, size
        self._template = server.create()
        db = migrated(self._template)
        found(db, size)
        db.close()
        self._next: dict[str, int] = {}

    def copy(self) -> str:
        """A database with the company as it was founded."""
        url = self.server.create(self._template)
        self._next[url] = 0
        return url

    def arrive(self, url: str, count: int, mix: Mix | None = None) -> None:
        """The next so many orders lie in the inbox."""
        db = Database(url, pool_size=1)
        arrive(db, SEED, self._next[url], count, mix or self.size.mix)
        db.close()
        self._next[url] += count
        self.server.checkpoint()

    def hub(self, url: str, count: int, workers: int, mix: Mix | None = None) -> Run:
        """Orders come in; then so many workers take them in and place them."""
        self.arrive(url, count, mix)
        return drain(url, count, workers)


@cache
def bench(kind: str, size: Size) -> Bench:
    """The bench of this process for a kind of database and a size; its databases go when the process ends."""
    stack = ExitStack()
    atexit.register(stack.close)
    return Bench(kind, stack.enter_context(servers(kind)), size)


@dataclass(frozen=True, slots=True)
class Rounds:
    """Runs that followed each other: the hub, the bare database in its best way, the same with its text ready made."""

    hub: tuple[Run, ...]
    raw: tuple[Run, ...]
    text: tuple[Run, ...]
    way: tuple[int, int]
    workers: int


@cache
def rounds(kind: str, quick: bool) -> Rounds:
    """Hub and bare database in alternating rounds; each in that of its ways that was fastest in a trial."""
    plan = plan_of(kind, quick)
    stage = bench(kind, plan.size)
    recorded, raw, text, hub = stage.copy(), stage.copy(), stage.copy(), stage.copy()

    def batches(size: int) -> list[Batch]:
        stage.arrive(recorded, plan.orders)
        found = record(recorded, size)
        for url in (raw, text):
            stage.arrive(url, plan.orders)
        return found

    trial = {way: replay(raw, batches(way[0]), plan.orders, way[1]).per_s for way in plan.ways}
    way = max(trial, key=lambda each: trial[each])
    ready = [batches(way[0]) for _ in range(plan.rounds)]
    stage.hub(hub, plan.orders, plan.workers[0])  # its caches and pages are warm then, as the bare database's are
    workers = _fastest(stage, hub, plan)
    runs = [
        (
            stage.hub(hub, plan.orders, workers),
            replay(raw, each, plan.orders, way[1]),
            replay_text(text, each, plan.orders, way[1]),
        )
        for each in ready
    ]
    hubs, raws, texts = zip(*runs, strict=True)
    return Rounds(hubs, raws, texts, way, workers)


def _fastest(stage: Bench, url: str, plan: Plan) -> int:
    """With how many workers the hub was fastest, by the median of alternating trials: one alone may be chance."""
    if len(plan.workers) == 1:
        return plan.workers[0]
    trials = [{each: stage.hub(url, plan.orders, each).per_s for each in plan.workers} for _ in range(TRIALS)]
    return max(plan.workers, key=lambda each: median(trial[each] for trial in trials))


def hub_over_raw(kind: str, quick: bool) -> Figure:
    found = rounds(kind, quick)
    ratios = tuple(hub.per_s / raw.per_s for hub, raw in zip(found.hub, found.raw, strict=True))
    size, clients = found.way
    return Figure(
        ratios,
        {
            "raw_orders_per_s": round(median(run.per_s for run in found.raw)),
            "raw_text_orders_per_s": round(median(run.per_s for run in found.text)),
            "hub_orders_per_s": round(median(run.per_s for run in found.hub)),
            "raw_orders_a_transaction": size,
            "raw_clients": clients,
            "hub_workers": found.workers,
        },
    )


def orders_per_s(kind: str, quick: bool) -> Figure:
    return Figure(tuple(run.per_s for run in rounds(kind, quick).hub))


def cpu_us_per_order(quick: bool) -> Figure:
    found = rounds("pg", quick).hub
    beside = {
        "hub": round(median(run.hub_cpu_s / run.orders * 1e6 for run in found), 1),
        "database": round(median(run.database_cpu_s / run.orders * 1e6 for run in found), 1),
    }
    return Figure(tuple(run.cpu_us for run in found), beside)


def hot_over_uniform(quick: bool) -> Figure:
    """Orders a second with 30 % of the lines on one SKU, over orders a second without."""
    plan = plan_of("pg", quick)
    stage = bench("pg", plan.size)
    url, hot = stage.copy(), Mix(plan.size.skus, HOT)
    pairs = _alternating(stage, url, plan, [(2, hot), (2, stage.size.mix)])
    return Figure(tuple(one.per_s / other.per_s for one, other in pairs))


def scaling_2_workers(quick: bool) -> Figure:
    """Orders a second of two worker processes, over those of one."""
    plan = plan_of("pg", quick)
    stage = bench("pg", plan.size)
    pairs = _alternating(stage, stage.copy(), plan, [(2, stage.size.mix), (1, stage.size.mix)])
    return Figure(tuple(one.per_s / other.per_s for one, other in pairs))


def _alternating(stage: Bench, url: str, plan: Plan, sides: Sequence[tuple[int, Mix]]) -> list[list[Run]]:
    stage.hub(url, plan.orders, *sides[0])
    return [[stage.hub(url, plan.orders, workers, mix) for workers, mix in sides] for _ in range(plan.rounds)]
