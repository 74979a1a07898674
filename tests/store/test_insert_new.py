"""Inserting what is not there yet counts right on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.store import migrate
from hub.store.database import Database, insert_new
from hub.store.tables import leases

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    on_postgres = request.param == "postgres"
    made = Database(request.getfixturevalue("new_postgres_url")() if on_postgres else f"sqlite:///{tmp_path}/x.sqlite3")
    migrate.upgrade(made)
    yield made
    made.close()


def test_only_new_rows_are_counted(db: Database) -> None:
    with db.write() as connection:
        rows = [{"name": name, "owner": "a", "until": NOW} for name in "abc"]
        assert insert_new(connection, leases, rows, ["name"]) == 3
        assert insert_new(connection, leases, [*rows, {"name": "d", "owner": "b", "until": NOW}], ["name"]) == 1
        assert insert_new(connection, leases, [], ["name"]) == 0
