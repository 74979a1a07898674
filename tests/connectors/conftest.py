"""The company that practice shops are connected to, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.store.database import Database
from tests.fakes.databases import blank_sqlite, fresh_db, shared_postgres
from tests.fakes.world import World

__all__ = ["blank_sqlite", "fresh_db", "shared_postgres"]


@pytest.fixture
def world(fresh_db: Database) -> Iterator[World]:
    made = World(fresh_db)
    yield made
    made.check()
