"""Brings a database to today's tables, and says whether it is there."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from hub.canonical.errors import Conflict, Misconfigured
from hub.store.database import Database

FOLDER = Path(__file__).parent / "migrations"
LOCK = 7_203_541_190
"""PostgreSQL's advisory lock that two upgrades at once wait for."""


@cache
def head() -> str:
    """The newest step this program knows: files are named `NNNN_what.py`, their revision is NNNN."""
    steps = (re.match(r"(\d{4})_", path.name) for path in (FOLDER / "versions").glob("*.py"))
    return max(step.group(1) for step in steps if step)


def current(db: Database) -> str | None:
    """The step that the database stands at; None where nothing was ever made. Writes no file."""
    file = _file(db)
    if file and not (file.exists() and file.stat().st_size):
        return None
    with db.read() as connection:
        return _current(connection)


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def upgrade(db: Database) -> tuple[str | None, str]:
    """Run the steps that are missing, in one transaction; a second process that tries waits and finds nothing to do.

    Returns: (step before, step after).
    Raises:  Conflict: the database was made by a newer program. Misconfigured: its folder cannot be made.
    """
    _make_folder(db)
    before = current(db)
    if before == head():
        return before, head()
    if before is not None and before > head():
        raise Conflict(f"the database stands at step {before}, this program knows {head()}; install the newer program")
    with db.write() as connection:
        if not db.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        before = _current(connection)
        if before != head():
            _run(connection)
    return before, head()


def _make_folder(db: Database) -> None:
    file = _file(db)
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(
            f"the folder {file.parent} of the database cannot be made ({error.strerror}); "
            "make it, or name another: --data-dir or STOCKLINE_DATA_DIR"
        ) from None


def _file(db: Database) -> Path | None:
    """The file of a SQLite database."""
    name = db.engine.url.database
    return Path(name) if db.is_sqlite and name and name != ":memory:" else None


def _run(connection: Connection) -> None:
    _alembic()(connection)


@cache
def _alembic() -> Callable[[Connection], None]:
    from alembic import command  # slow to import, and needed once in a database's life
    from alembic.config import Config

    def run(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    return run
