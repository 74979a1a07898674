"""A fresh database of either kind for each example of a machine."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from hub.store.database import Database
from tests.fakes.databases import BOTH, copied, emptied, fast_folder

Open = Callable[[], AbstractContextManager[Database]]
KINDS = BOTH


def opener(kind: str, request: pytest.FixtureRequest) -> Open:
    """What gives an empty database at every call."""
    if kind == "postgres":
        shared = request.getfixturevalue("shared_postgres")
        return lambda: _emptied(shared)
    blank = request.getfixturevalue("blank_sqlite")
    return lambda: _copied(blank)


@contextmanager
def _emptied(shared: Database) -> Iterator[Database]:
    yield emptied(shared)


@contextmanager
def _copied(blank: Path) -> Iterator[Database]:
    with tempfile.TemporaryDirectory(dir=fast_folder()) as folder:
        db = copied(blank, Path(folder))
        try:
            yield db
        finally:
            db.close()
