"""The levels that all workers of a connection share, in both kinds of database, by threads and by processes."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from connectors.kit.wire.limiter import Bucket, Gaps, shared_by
from hub.canonical.errors import HeldBack
from hub.canonical.urgency import Urgency
from hub.ports.caller import calling
from hub.ports.clock import utc_now
from hub.rules import pacing
from hub.rules.pacing import Level, Limit, Throttle
from hub.store.database import Database
from hub.store.levels import SharedLevels, held_until, read_throttles
from hub.store.tables import limit_levels

PROCESS = """
import sys
from connectors.kit.wire.limiter import Bucket, shared_by
from hub.canonical.errors import HeldBack
from hub.canonical.urgency import Urgency
from hub.ports.caller import calling
from hub.store.database import Database
from hub.store.levels import SharedLevels

with shared_by(SharedLevels(Database(sys.argv[1]), 1)), calling(urgency=Urgency.ORDERS):
    bucket, taken = Bucket(1e-6, 20.0, patience=0), 0
    input()
    for _ in range(30):
        try:
            bucket.take()
            taken += 1
        except HeldBack:
            pass
    print(taken)
"""


def _bucket(db: Database, connection_id: int = 1) -> Bucket:
    with shared_by(SharedLevels(db, connection_id)):
        return Bucket(1e-6, 20.0, patience=0)


def _taken(bucket: Bucket, tries: int) -> int:
    taken = 0
    for _ in range(tries):
        try:
            bucket.take()
            taken += 1
        except HeldBack:
            return taken
    return taken


def test_two_processes_together_spend_what_one_may(fresh_db: Database) -> None:
    url = fresh_db.engine.url.render_as_string(hide_password=False)
    processes = [
        subprocess.Popen([sys.executable, "-c", PROCESS, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    answers = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        answers.append(int(process.communicate(timeout=90)[0]))
    assert [process.returncode for process in processes] == [0, 0]
    assert sum(answers) == 20
    with calling(urgency=Urgency.ORDERS):
        assert _taken(_bucket(fresh_db), 1) == 0
        assert _taken(_bucket(fresh_db, connection_id=2), 30) == 20  # another connection has its own


def test_many_threads_that_begin_at_once_make_one_row_and_spend_it_once(fresh_db: Database) -> None:
    begin, taken = threading.Barrier(8), list[int]()

    def work() -> None:
        bucket = _bucket(fresh_db)
        begin.wait(30)
        with calling(urgency=Urgency.ORDERS):
            taken.append(_taken(bucket, 30))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(taken) == 8
    assert sum(taken) == 20
    with fresh_db.read() as db:
        assert [(row.connection_id, row.name) for row in db.execute(select(limit_levels))] == [(1, "calls")]


def test_a_429_that_one_worker_heard_holds_all_of_them_and_is_seen(fresh_db: Database) -> None:
    heard, other = _bucket(fresh_db), _bucket(fresh_db)
    heard.throttled(120)
    with pytest.raises(HeldBack) as caught:
        other.take()
    assert caught.value.retry_after is not None
    assert caught.value.retry_after > 60
    now = utc_now()
    with fresh_db.read() as db:
        until = held_until(db, 1)
        assert until is not None
        assert timedelta(seconds=60) < until - now <= timedelta(seconds=120)
        assert held_until(db, 2) is None
        assert read_throttles(db, now) == {1: Throttle(until.timestamp(), 50)}
        assert read_throttles(db, now + timedelta(seconds=151)) == {}  # half the pace comes back in 150 seconds


def test_a_429_of_one_operation_holds_that_operation_and_not_the_connection(fresh_db: Database) -> None:
    with shared_by(SharedLevels(fresh_db, 1)):
        heard, beside = Bucket(1.0, 5.0, name="getOrders", patience=0), Bucket(1.0, 5.0, name="putItem", patience=0)
    heard.throttled(120)
    beside.take()
    with pytest.raises(HeldBack):
        heard.take()
    with fresh_db.read() as db:
        assert held_until(db, 1) is None
        assert read_throttles(db, utc_now())[1].until == 0.0


def test_a_level_comes_back_as_it_was_written(fresh_db: Database) -> None:
    level = Level(-3.25, 1_790_000_000.125, 0.5, 1_789_999_999.5, 1.0, 2.0, 7, "2026-09-21")
    levels = SharedLevels(fresh_db, 4)
    assert levels.change("points", lambda before, now: (level, before)) is None
    assert levels.change("points", lambda before, now: (pacing.full(Limit(1, 1), now), before)) == level
    now = levels.change("points", lambda before, now: (before or level, now))
    assert abs(now - utc_now().timestamp()) < 60


def test_a_change_that_fails_changes_nothing(fresh_db: Database) -> None:
    levels = SharedLevels(fresh_db, 4)
    level = pacing.full(Limit(2.0, 5.0), 1_790_000_000.0)
    levels.change("calls", lambda before, now: (level, None))
    with pytest.raises(ZeroDivisionError):
        levels.change("calls", lambda before, now: (level, 1 / 0))
    assert levels.change("calls", lambda before, now: (level, before)) == level


def test_gaps_of_operations_are_shared_too(fresh_db: Database) -> None:
    def gaps() -> Gaps:
        with shared_by(SharedLevels(fresh_db, 1)):
            return Gaps({"OF01": 3600.0, "OR11": 3600.0}, patience=0)

    gaps().take("OF01")
    gaps().take("OR11")
    with pytest.raises(HeldBack):
        gaps().take("OF01")
