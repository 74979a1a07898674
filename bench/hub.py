"""The hub at work in processes of its own: they take in and place what lies in the inbox, and say what it took."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.company import context
from bench.payloads import Mix, orders
from hub.ports.channel import RawRecord
from hub.store.database import Database
from hub.usecases.context import Context
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.place_orders import place_orders
from workers.garbage import settle_garbage

_FORK = multiprocessing.get_context("fork")
"""The children begin with all that is imported here; this process has no threads and no open connection then."""

READY_S = 120.0


@dataclass(frozen=True, slots=True)
class Run:
    """`orders` handled in `seconds`; CPU seconds of the hub's processes and of their database sessions."""

    orders: int
    seconds: float
    hub_cpu_s: float
    database_cpu_s: float

    @property
    def per_s(self) -> float:
        return self.orders / self.seconds

    @property
    def cpu_us(self) -> float:
        """CPU of hub and database together, microseconds an order."""
        return (self.hub_cpu_s + self.database_cpu_s) / self.orders * 1e6


def drain(url: str, orders_waiting: int, workers: int) -> Run:
    """Let `workers` processes take in and place everything that lies in the inbox."""
    return side_by_side([(_drain, (url,))] * workers, orders_waiting)


Job = tuple[Callable[..., None], tuple[Any, ...]]


def side_by_side(jobs: Sequence[Job], count: int) -> Run:
    """Start the jobs in processes, let go all at once, wait; each puts (hub CPU s, database CPU s) into its queue."""
    gate, answers = _FORK.Barrier(len(jobs) + 1), _FORK.Queue()
    processes = [_FORK.Process(target=act, args=(*args, gate, answers), daemon=True) for act, args in jobs]
    for process in processes:
        process.start()
    gate.wait(READY_S)
    begun = time.monotonic()
    found = [answers.get() for _ in processes]
    seconds = max(ended for ended, _, _ in found) - begun
    for process in processes:
        process.join()
    return Run(count, seconds, sum(cpu for _, cpu, _ in found), sum(cpu for _, _, cpu in found))


def _drain(url: str, gate: Any, answers: Any) -> None:
    db = Database(url, pool_size=2)
    ctx = context(db)
    warm_up(ctx)
    session = session_cpu(db)
    gate.wait(READY_S)
    hub_before, database_before = time.process_time(), session()
    idle = 0
    while idle < 2:
        idle = 0 if ingest_inbox(ctx) + place_orders(ctx) else idle + 1
    answers.put((time.monotonic(), time.process_time() - hub_before, session() - database_before))
    db.close()


def warm_up(ctx: Context) -> None:
    """Load what a worker loads once: mappings, the atlas, the first connection; nothing is written."""
    for ref, raw in orders(0, 0, 20, Mix(1000)):
        ctx.channel(1).to_orders(RawRecord(ref, raw, None, None, "order", "application/json"))
    with ctx.db.read() as db:
        db.execute(text("SELECT count(*) FROM warehouse"))
    settle_garbage()


def session_cpu(db: Database) -> Callable[[], float]:
    """CPU seconds of this process's database session so far; 0 where its process is out of sight."""
    if db.is_sqlite:
        return lambda: 0.0
    with db.read() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    return lambda: _process_cpu(int(pid))


def _process_cpu(pid: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0
