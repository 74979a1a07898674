"""The world that the tests of the use cases live in; every test ends with the audit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.store.database import Database
from tests.fakes.databases import blank_sqlite, fresh_db, shared_postgres
from tests.fakes.world import World

__all__ = ["blank_sqlite", "fresh_db", "shared_postgres", "world"]


@pytest.fixture
def world(fresh_db: Database) -> Iterator[World]:
    """A small company, on SQLite and on PostgreSQL; at the end balance, ledger and pick lists must agree."""
    made = World(fresh_db)
    yield made
    made.check()
