"""A hub on a fresh SQLite file, and waiting without guessing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.settings import load
from hub.store import migrate
from hub.wiring import Hub

Wait = Callable[[Callable[[], object]], None]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A migrated hub without a broker."""
    settings = load(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path}/hub.sqlite3", poll_s=0.1, broker_url="")
    with Hub(settings) as made:
        migrate.upgrade(made.db)
        yield made


@pytest.fixture
def until() -> Wait:
    """Call it with a condition; it fails when that is not true within 20 seconds."""

    def wait(condition: Callable[[], object]) -> None:
        ends = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < ends, "what was waited for did not happen within 20 seconds"
            time.sleep(0.01)

    return wait
