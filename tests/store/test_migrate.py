"""The steps make exactly the tables that the code declares, on both databases."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel

from hub.canonical.errors import Conflict
from hub.store import migrate
from hub.store.database import Database


@pytest.fixture
def new_sqlite(tmp_path: Path) -> Iterator[Callable[[], Database]]:
    made: list[Database] = []

    def make() -> Database:
        made.append(Database(f"sqlite:///{tmp_path}/{len(made)}.sqlite3"))
        return made[-1]

    yield make
    for db in made:
        db.close()


@pytest.fixture
def new_postgres(new_postgres_url: Callable[[], str]) -> Iterator[Callable[[], Database]]:
    made: list[Database] = []

    def make() -> Database:
        made.append(Database(new_postgres_url()))
        return made[-1]

    yield make
    for db in made:
        db.close()


def _declared(db: Database) -> Database:
    with db.write() as connection:
        SQLModel.metadata.create_all(connection)
    return db


def _upgraded(db: Database) -> Database:
    assert migrate.upgrade(db) == (None, migrate.head())
    return db


def _sqlite_shape(db: Database) -> set[tuple[str, ...]]:
    """Every table's columns and checks, every index's own text."""
    ask = text("SELECT type, name, coalesce(sql, '') AS sql FROM sqlite_master WHERE tbl_name != 'alembic_version'")
    with db.read() as connection:
        rows = connection.execute(ask).all()
        return {(row.type, row.name, *_parts(row.sql)) for row in rows}


def _parts(sql: str) -> list[str]:
    """The lines of a CREATE statement, in an order of their own: only the order of constraints may differ."""
    flat = re.sub(r"\s+", " ", sql)
    return sorted(part.strip(" ,)") for part in re.split(r", (?=[\w\"]+ [A-Z]|CHECK|CONSTRAINT|UNIQUE|PRIMARY)", flat))


PG_PARTS = (
    "SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT 'constraint', conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid) "
    "FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    "SELECT 'options', relname, array_to_string(reloptions, ',') FROM pg_class WHERE relkind = 'r' "
    "AND relnamespace = 'public'::regnamespace",
    "SELECT 'column', table_name || '.' || column_name, concat_ws(' ', data_type, is_nullable, column_default) "
    "FROM information_schema.columns WHERE table_schema = 'public'",
)


def _postgres_shape(db: Database) -> set[tuple[Any, ...]]:
    with db.read() as connection:
        rows = [tuple(row) for ask in PG_PARTS for row in connection.execute(text(ask))]
    return {row for row in rows if "alembic_version" not in row[1]}


def test_on_sqlite_the_steps_make_what_the_code_declares(new_sqlite: Callable[[], Database]) -> None:
    stepped, declared = _sqlite_shape(_upgraded(new_sqlite())), _sqlite_shape(_declared(new_sqlite()))
    assert len(stepped) > len(SQLModel.metadata.tables)
    assert stepped == declared


@pytest.mark.postgres
def test_on_postgres_the_steps_make_what_the_code_declares(new_postgres: Callable[[], Database]) -> None:
    stepped, declared = _postgres_shape(_upgraded(new_postgres())), _postgres_shape(_declared(new_postgres()))
    assert len(stepped) > len(SQLModel.metadata.tables)
    assert stepped == declared


def test_a_second_upgrade_finds_nothing_to_do(new_sqlite: Callable[[], Database]) -> None:
    db = _upgraded(new_sqlite())
    assert migrate.upgrade(db) == (migrate.head(), migrate.head())
    assert migrate.current(db) == migrate.head()


def test_an_empty_database_stands_at_no_step(new_sqlite: Callable[[], Database]) -> None:
    assert migrate.current(new_sqlite()) is None


def test_a_database_that_another_process_is_just_making_is_waited_for(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "new.sqlite3", isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE theirs (x)")
    other.execute("BEGIN IMMEDIATE")
    done = threading.Timer(0.3, other.execute, ["COMMIT"])
    done.start()
    db = Database(f"sqlite:///{tmp_path}/new.sqlite3")
    assert migrate.upgrade(db)[1] == migrate.head()
    done.join()
    db.close()
    other.close()


def test_two_upgrades_at_once_do_the_work_once(tmp_path: Path) -> None:
    dbs = [Database(f"sqlite:///{tmp_path}/same.sqlite3") for _ in range(3)]
    after: list[str] = []
    threads = [threading.Thread(target=lambda db=db: after.append(migrate.upgrade(db)[1])) for db in dbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert after == [migrate.head()] * 3
    for db in dbs:
        db.close()


def test_a_database_of_a_newer_program_is_left_alone(new_sqlite: Callable[[], Database]) -> None:
    db = _upgraded(new_sqlite())
    _set_step(db, "9999")
    with pytest.raises(Conflict, match="stands at step 9999, this program knows"):
        migrate.upgrade(db)
    assert migrate.current(db) == "9999"


def test_a_step_that_fails_leaves_nothing_behind(new_sqlite: Callable[[], Database]) -> None:
    db = new_sqlite()
    with db.write() as connection:
        connection.execute(text("CREATE TABLE warehouse (code TEXT)"))  # the step's own CREATE TABLE will fail
    with pytest.raises(Exception, match="warehouse already exists"):
        migrate.upgrade(db)
    with db.read() as connection:
        assert inspect(connection).get_table_names() == ["warehouse"]


def _set_step(db: Database, step: str) -> None:
    with db.write() as connection:
        _update(connection, step)


def _update(connection: Connection, step: str) -> None:
    connection.execute(text("UPDATE alembic_version SET version_num = :step"), {"step": step})
