"""How long an order waits at half load: from the commit of its message to the commit of its reservation."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from typing import Any

from sqlalchemy import select, text

from bench.company import arrive, context
from bench.hub import READY_S, side_by_side, warm_up
from bench.payloads import FIRST_ID
from bench.registry import Figure
from bench.speed import SEED, bench, orders_per_s, plan_of
from hub.store import tables as t
from hub.store.database import Database
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.place_orders import place_orders

TICK_S = 0.02
"""Messages come in every so often, as a web server commits what has come together."""
FIRST = 50_000_000
"""The orders of these rounds have numbers of their own."""


def p99_ms_at_half_load(quick: bool) -> Figure:
    """The 99th of 100 waits, in milliseconds, while half as many orders come in as two workers can do."""
    plan = plan_of("pg", quick)
    stage, rate = bench("pg", plan.size), orders_per_s("pg", quick).median / 2
    url, seconds = stage.copy(), 3.0 if quick else 8.0
    count = max(1, round(rate * seconds))
    found = [_round(url, FIRST + number * count, count, rate, plan.size.mix) for number in range(plan.rounds)]
    p99 = tuple(quantiles(waits, n=100)[98] for waits in found)
    p50 = sorted(quantiles(waits, n=100)[49] for waits in found)[len(found) // 2]
    return Figure(p99, {"rate_per_s": round(rate), "p50_ms": round(p50, 1)})


def _round(url: str, start: int, count: int, rate: float, mix: Any) -> list[float]:
    """Waits in ms."""
    jobs: list[tuple[Callable[..., None], tuple[Any, ...]]] = [(_send, (url, start, count, rate, mix))]
    side_by_side([*jobs, *[(_serve, (url, count, start))] * 2], count)
    db = Database(url, pool_size=1)
    m = t.inbox.c
    with db.read() as connection:
        rows = connection.execute(select(m.received_at, m.done_at).order_by(m.id.desc()).limit(count)).all()
    db.close()
    return [(row.done_at - row.received_at).total_seconds() * 1000 for row in rows]


def _send(url: str, start: int, count: int, rate: float, mix: Any, gate: Any, answers: Any) -> None:
    """Commit messages at a steady rate, a few at once."""
    db = Database(url, pool_size=1)
    gate.wait(READY_S)
    begun, sent = time.monotonic(), 0
    while sent < count:
        due = min(count, int((time.monotonic() - begun) * rate) + 1)
        if due > sent:
            arrive(db, SEED, start + sent, due - sent, mix)
            sent = due
        time.sleep(TICK_S)
    answers.put((time.monotonic(), time.process_time(), 0.0))
    db.close()


def _serve(url: str, count: int, start: int, gate: Any, answers: Any) -> None:
    """Work whenever there is something, until all of the round's orders are placed; then note when each batch ended."""
    db = Database(url, pool_size=2)
    ends: dict[datetime, datetime] = {}
    clock = _Clock()
    ctx = replace(context(db), clock=clock)
    warm_up(ctx)
    gate.wait(READY_S)
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if ingest_inbox(ctx) + place_orders(ctx):
            ends |= dict.fromkeys(clock.taken(), datetime.now(UTC))
        elif _all_done(db, start, count):
            break
        else:
            time.sleep(0.002)
    with db.write() as connection:
        connection.execute(text(_ENDED), {"began": list(ends), "ended": list(ends.values())})
    answers.put((time.monotonic(), time.process_time(), 0.0))
    db.close()


_ENDED = """UPDATE inbox SET done_at = d.ended
    FROM unnest(CAST(:began AS timestamptz[]), CAST(:ended AS timestamptz[])) AS d (began, ended)
    WHERE inbox.done_at = d.began"""
"""Messages were done when their batch was committed, not when it began."""


class _Clock:
    """Gives a time of its own for each call, and remembers which it gave."""

    def __init__(self) -> None:
        self._given: list[datetime] = []

    def __call__(self) -> datetime:
        now = datetime.now(UTC)
        if self._given and now <= self._given[-1]:
            now = self._given[-1] + timedelta(microseconds=1)
        self._given.append(now)
        return now

    def taken(self) -> list[datetime]:
        given, self._given = self._given, self._given[-1:]
        return given


def _all_done(db: Database, start: int, count: int) -> bool:

    m = t.inbox.c
    last = str(FIRST_ID + start + count - 1)
    with db.read() as connection:
        there = connection.scalar(
            select(m.id).where(m.ref == last, m.connection_id == 1, m.dedupe_key == f"event:{last}:0")
        )
        waiting = connection.scalar(select(m.id).where(m.state == "new").limit(1))
    return there is not None and waiting is None
