"""The bare database: what the hub wrote for a batch of orders is recorded once, and played back without the hub.

Recorded are the arrays of each write. They are played back as they are, through the same statements (`replay`), which
turn them into what the driver sends; or, for comparison, as the very text that was sent (`replay_text`).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest.mock import patch

import psycopg
from sqlalchemy import Connection, event

from bench.company import context
from bench.hub import READY_S, Run, side_by_side
from bench.places import plain
from hub.store import bulk
from hub.store.database import TUNING, Database
from hub.usecases.ingest_inbox import ingest_inbox
from workers.garbage import settle_garbage

Write = tuple[str, str, Any]
"""(copy, many, one or lock; statement; lines, rows or parameters)"""

Call = tuple[str, tuple[Any, ...], dict[str, Any]]
"""(function of `bulk`, or lock; its arguments)"""

WRITERS = ("insert", "insert_new", "update")


@dataclass(slots=True)
class Batch:
    """All writes of one transaction: as arrays, and as they were sent."""

    calls: list[Call] = field(default_factory=list)
    sent: list[Write] = field(default_factory=list)


def record(url: str, size: int) -> list[Batch]:
    """Let the hub place all that lies in the inbox in batches of `size`; returns what it wrote, one for each batch."""
    db, batches = Database(url, pool_size=2), list[Batch]()
    ctx = context(db)
    while True:
        with _recorded(db) as batch:
            handled = ingest_inbox(ctx, size)
        if not handled:
            break
        batches.append(batch)
    db.close()
    return batches


@contextmanager
def _recorded(db: Database) -> Iterator[Batch]:
    """Collects every write of the block, in order."""
    batch = Batch()

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        kind = _kind(statement, many)
        if kind:
            batch.sent.append((kind, statement, parameters))
        if kind == "lock":
            batch.calls.append((kind, (statement, parameters), {}))

    def copy_in(connection: Connection, statement: str, lines: str) -> None:
        batch.sent.append(("copy", statement, lines))
        real(connection, statement, lines)

    real = bulk.copy_in
    with ExitStack() as stack:
        event.listen(db.engine, "before_cursor_execute", note)
        stack.callback(event.remove, db.engine, "before_cursor_execute", note)
        stack.enter_context(patch.object(bulk, "copy_in", copy_in))
        for name in WRITERS:
            stack.enter_context(patch.object(bulk, name, _noting(batch.calls, name)))
        yield batch


def _noting(calls: list[Call], name: str) -> Callable[..., Any]:
    """A function of `bulk` that also notes what it was given."""
    real = getattr(bulk, name)

    def write(db: Connection, *args: Any, **named: Any) -> Any:
        calls.append((name, args, named))
        return real(db, *args, **named)

    return write


def _kind(statement: str, many: bool) -> str:
    """What is played back: all that changes rows, and the locks that keep several clients out of a circle."""
    if statement.startswith(("INSERT", "UPDATE")):
        return "many" if many else "one"
    return "lock" if statement.endswith("FOR UPDATE OF t") else ""


def replay(url: str, batches: Sequence[Batch], orders: int, clients: int) -> Run:
    """Play the arrays back with so many clients at once, one transaction a batch."""
    return _played(_play_arrays, url, [batch.calls for batch in batches], orders, clients)


def replay_text(url: str, batches: Sequence[Batch], orders: int, clients: int) -> Run:
    """Play back what was sent, which nobody has to put into words again."""
    play = _play_sqlite if url.startswith("sqlite") else _play_pg
    return _played(play, url, [batch.sent for batch in batches], orders, clients)


def _played(play: Callable[..., None], url: str, batches: Sequence[Sequence[Any]], orders: int, clients: int) -> Run:
    """One client alone needs no locks."""
    shares = [list(batches[at::clients]) for at in range(clients)]
    if clients == 1:
        shares = [[[write for write in batch if write[0] != "lock"] for batch in batches]]
    return side_by_side([(play, (url, share)) for share in shares], orders)


def _play_arrays(url: str, batches: Sequence[Sequence[Call]], gate: Any, answers: Any) -> None:
    db = Database(url, pool_size=1)
    with db.read() as connection:
        connection.exec_driver_sql("SELECT 1")
    settle_garbage()
    gate.wait(READY_S)
    before = time.process_time()
    for batch in batches:
        with db.write() as connection:
            for name, args, named in batch:
                act = connection.exec_driver_sql if name == "lock" else partial(getattr(bulk, name), connection)
                act(*args, **named)
    answers.put((time.monotonic(), time.process_time() - before, 0.0))
    db.close()


def _play_pg(url: str, batches: Sequence[Sequence[Write]], gate: Any, answers: Any) -> None:
    with psycopg.connect(plain(url)) as client:
        for statement in TUNING:
            client.execute(statement.encode())
        client.commit()
        settle_garbage()
        gate.wait(READY_S)
        before = time.process_time()
        for batch in batches:
            for kind, statement, values in batch:
                _write_pg(client, kind, statement, values)
            client.commit()
        answers.put((time.monotonic(), time.process_time() - before, 0.0))


def _write_pg(client: psycopg.Connection[Any], kind: str, statement: str, values: Any) -> None:
    with client.cursor() as cursor:
        if kind == "copy":
            with cursor.copy(statement.encode()) as copy:
                copy.write(values)
        elif kind == "many":
            cursor.executemany(statement.encode(), values)
        else:
            cursor.execute(statement.encode(), values)


def _play_sqlite(url: str, batches: Sequence[Sequence[Write]], gate: Any, answers: Any) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=60, isolation_level=None)) as client:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            client.execute(f"PRAGMA {pragma}")
        settle_garbage()
        gate.wait(READY_S)
        before = time.process_time()
        for batch in batches:
            client.execute("BEGIN IMMEDIATE")
            for kind, statement, values in batch:
                (client.executemany if kind == "many" else client.execute)(statement, values)
            client.execute("COMMIT")
        answers.put((time.monotonic(), time.process_time() - before, 0.0))
