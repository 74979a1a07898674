"""Databases of the bench's own: made on the server that is named, or in a folder, and dropped at the end."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg

from hub.canonical.errors import Misconfigured
from hub.store import migrate
from hub.store.database import Database

SERVER = "STOCKLINE_BENCH_DATABASE_URL"
DRIVER = "postgresql+psycopg://"


def plain(url: str) -> str:
    """The same address for libpq: without SQLAlchemy's driver name."""
    return "postgresql://" + url.partition("://")[2]


def server_url() -> str:
    """Address of a maintenance database on a server where we may create databases.

    Raises: Misconfigured: none is named by STOCKLINE_BENCH_DATABASE_URL, and none answers on 127.0.0.1:5432.
    """
    given = os.environ.get(SERVER)
    roles = dict.fromkeys(["postgres", getpass.getuser()])
    candidates = [given] if given else [f"postgresql://{role}@127.0.0.1:5432/postgres" for role in roles]
    for url in candidates:
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(plain(url), connect_timeout=3):
            return plain(url)
    raise Misconfigured(
        f"no PostgreSQL server answers at {' or '.join(url.rpartition('@')[2] for url in candidates)}: "
        f"set {SERVER}=postgresql://USER@HOST/postgres, where USER may create databases"
    )


class Postgres:
    """One template, and copies of it: the same company at the same moment, as often as it is needed."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._made: list[str] = []

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as admin:
            admin.execute(statement.encode())

    def _url(self, name: str) -> str:
        return DRIVER + self._server.partition("://")[2].rpartition("/")[0] + "/" + name

    def create(self, template: str = "template0") -> str:
        """A new database, empty or a copy; its address."""
        name = f"stockline_bench_{uuid.uuid4().hex[:12]}"
        self._admin(f'CREATE DATABASE "{name}" TEMPLATE "{template.rpartition("/")[2]}" ENCODING \'UTF8\'')
        self._made.append(name)
        return self._url(name)

    def checkpoint(self) -> None:
        """Write everything down now, so that no checkpoint of an earlier step runs into a measurement."""
        self._admin("CHECKPOINT")

    def drop(self, url: str) -> None:
        name = url.rpartition("/")[2]
        self._admin(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._made.remove(name)

    def close(self) -> None:
        for name in list(self._made):
            self.drop(self._url(name))


class Files:
    """SQLite files in a folder of the bench's own, on the disk that `STOCKLINE_BENCH_DIR` names, else the system's."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="stockline-bench-", dir=os.environ.get("STOCKLINE_BENCH_DIR")))

    def create(self, template: str | None = None) -> str:
        """A new file, empty or a copy; its address."""
        path = self._folder / f"{uuid.uuid4().hex[:12]}.sqlite3"
        if template is not None:
            shutil.copy(template.removeprefix("sqlite:///"), path)
        return f"sqlite:///{path}"

    def checkpoint(self) -> None:
        os.sync()

    def drop(self, url: str) -> None:
        for tail in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + tail).unlink(missing_ok=True)

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


Server = Postgres | Files


def migrated(url: str) -> Database:
    """The database at an address, brought up to date."""
    db = Database(url, pool_size=2)
    migrate.upgrade(db)
    return db


@contextlib.contextmanager
def servers(kind: str) -> Iterator[Server]:
    """`pg` or `sqlite`: where databases of that kind are made; all of them are gone afterwards."""
    made: Server = Postgres(server_url()) if kind == "pg" else Files()
    try:
        yield made
    finally:
        made.close()
