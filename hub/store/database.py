"""The unit of work: one transaction per use case, on SQLite or PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects.postgresql import Insert as PgInsert
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import make_url
from tenacity import retry, retry_if_exception, stop_after_delay, wait_random

from hub.canonical.errors import Misconfigured
from hub.store import bulk

Row = Mapping[str, Any]
Acts = dict[Callable[[Connection, list[Any]], None], list[Any]]


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


class Database:
    """One company's database. `write()` and `read()` give a connection inside one transaction.

    SQLite: WAL, synchronous=FULL; a write begins IMMEDIATE, so there is one writer and no late lock error.
    PostgreSQL: READ COMMITTED; rows are locked in key order by the callers.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = _with_driver(url)
        self.engine = _engine(self.url, pool_size)
        self.is_sqlite = self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A read-write transaction: committed when the block ends, rolled back when it raises."""
        with self.engine.connect() as connection:
            last: Acts = {}
            connection = connection.execution_options(stockline_write=True, stockline_last=last)
            with connection.begin():
                yield connection
                for act, values in last.items():
                    act(connection, values)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction for reading only."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def at_end(connection: Connection, act: Callable[[Connection, list[Any]], None], values: Iterable[Any]) -> None:
    """Have `act` done once, at the end of this write transaction, with all values that were noted for it until then.

    Outside of `Database.write` it is done at once.
    """
    found = list(values)
    last: Acts | None = connection.get_execution_options().get("stockline_last")
    if last is None and found:
        act(connection, found)
    elif last is not None and found:
        last.setdefault(act, []).extend(found)


def upsert(connection: Connection, table: Table) -> SqliteInsert | PgInsert:
    """An INSERT that knows ON CONFLICT, in the connection's dialect."""
    return sqlite_insert(table) if connection.dialect.name == "sqlite" else pg_insert(table)


def by_code_points(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A text column, sorted as Python and SQLite compare text, whatever the database's own language is."""
    return column if connection.dialect.name == "sqlite" else column.collate("C")


def insert_new(connection: Connection, table: Table, rows: Sequence[Row], unique: Sequence[str]) -> int:
    """Insert rows that are not there yet by the unique columns; returns how many were new. Sort `rows` by them."""
    return bulk.insert_new(connection, table, bulk.columns_of(rows), unique)


def _with_driver(url: str) -> str:
    """`postgresql://` means psycopg 3 here; anything but SQLite and PostgreSQL is refused."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    if not url.startswith(("sqlite:", "postgresql+psycopg:")):
        raise Misconfigured(
            f"database address {url.split('@')[-1]!r}: use sqlite:///FILE or postgresql://USER@HOST/NAME"
        )
    return url


def _engine(url: str, pool_size: int) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(
            url, connect_args={"timeout": 30, "check_same_thread": False}, pool_size=pool_size, max_overflow=20,
            json_serializer=_dumps, json_deserializer=orjson.loads,
        )  # fmt: skip
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(
        url, pool_size=pool_size, max_overflow=20, pool_pre_ping=True, isolation_level="READ COMMITTED",
        json_serializer=_dumps, json_deserializer=orjson.loads,
    )  # fmt: skip
    event.listen(engine, "connect", _prepare_postgres)
    event.listen(engine, "before_cursor_execute", _choose_format)
    return engine


TUNING = (
    "SELECT set_config(name, 'lz4', false) FROM pg_settings "
    "WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)",
    "SET random_page_cost = 1.1",
)
"""What every session of PostgreSQL is told. Documents are packed with LZ4 where the server was built with it, a
fraction of its own way's work. And pages are found as fast anywhere on a disk as one after the other: with the cost
that the server assumes of turning platters, a batch that asks for some hundred SKUs reads whole tables of listings."""


def _prepare_postgres(raw: Any, _record: object) -> None:
    with raw.cursor() as cursor:
        for statement in TUNING:
            cursor.execute(statement)
    raw.commit()


BINARY = {"stockline_binary": True}
"""Execution options of a reading with long bytes: PostgreSQL sends them as they are, not as twice as long text."""


def _choose_format(_c: object, cursor: Any, _s: object, _p: object, context: Any, _many: object) -> None:
    if "stockline_binary" in context.execution_options:
        cursor.format = context.dialect.dbapi.pq.Format.BINARY  # psycopg is an extra: nothing here imports it


def _prepare_sqlite(raw: Any, _record: object) -> None:
    raw.isolation_level = None  # we say BEGIN ourselves
    cursor = raw.cursor()
    for pragma in ("busy_timeout=30000", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    _keep_wal(cursor)
    cursor.close()


def _is_busy(error: BaseException) -> bool:
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_BUSY


@retry(retry=retry_if_exception(_is_busy), stop=stop_after_delay(30), wait=wait_random(0.01, 0.1), reraise=True)
def _keep_wal(cursor: sqlite3.Cursor) -> None:
    """SQLite does not wait by itself here where somebody else is making the same database at this moment."""
    cursor.execute("PRAGMA journal_mode=WAL")


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("stockline_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
