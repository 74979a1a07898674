"""Empty, migrated databases of both kinds, quickly: an SQLite file is copied, PostgreSQL is truncated."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from hub.store import migrate
from hub.store.database import Database
from tools.postgres import own_database

BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def blank_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that nobody writes to."""
    path = tmp_path_factory.mktemp("blank") / "blank.sqlite3"
    db = Database(f"sqlite:///{path}")
    migrate.upgrade(db)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    db.close()
    return path


@pytest.fixture(scope="session")
def shared_postgres(postgres_server_url: str) -> Iterator[Database]:
    """A migrated PostgreSQL database of this test session."""
    with own_database(postgres_server_url) as url:
        setting_up = Database(url)
        migrate.upgrade(setting_up)
        with setting_up.write() as connection:
            name = setting_up.engine.url.database
            connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
        setting_up.close()
        db = Database(
            url, pool_size=4
        )  # as many more while many threads ask; an idle one keeps a place from other tests
        yield db
        db.close()


def copied(blank: Path, folder: Path) -> Database:
    """An SQLite database of its own."""
    shutil.copy(blank, folder / "hub.sqlite3")
    return Database(f"sqlite:///{folder / 'hub.sqlite3'}")


def emptied(db: Database) -> Database:
    """The same PostgreSQL database without any row."""
    with db.write() as connection:  # deleting a few rows is ten times faster than TRUNCATE of thirty tables
        connection.exec_driver_sql("; ".join(f'DELETE FROM "{t.name}"' for t in SQLModel.metadata.sorted_tables))
    return db


@pytest.fixture(params=BOTH)
def fresh_db(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database; the test runs once on each kind."""
    if request.param == "postgres":
        yield emptied(request.getfixturevalue("shared_postgres"))
        return
    with tempfile.TemporaryDirectory(dir=fast_folder()) as folder:
        db = copied(request.getfixturevalue("blank_sqlite"), Path(folder))
        yield db
        db.close()


def fast_folder() -> str | None:
    """Memory, where the machine has a folder in it: an fsync costs nothing there."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
