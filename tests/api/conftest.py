"""The API over a small company, and programs and people of each role that ask it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from hub import api as parts
from hub.api.limits import Buckets
from hub.rules.permissions import SYSTEM, Role
from hub.store import tables as t
from hub.store.database import Database
from hub.usecases.api_keys import create_key
from hub.usecases.manage_users import create_user
from hub.usecases.sign_in import open_session
from hub.web.auth import COOKIE
from hub.web.install import install_web
from hub.web.services import Services
from tests.fakes.databases import blank_sqlite, copied, fresh_db, shared_postgres
from tests.fakes.world import World

__all__ = ["blank_sqlite", "fresh_db", "shared_postgres"]


@cache
def _app() -> FastAPI:
    """Put together once: what a test changes is on its state."""
    app = FastAPI(openapi_url="/api/v1/openapi.json")
    install_web(app, cast(Services, None))
    for router in parts.routers():
        app.include_router(router)
    return app


class Api:
    """The application, and clients that are somebody: their paths begin below /api/v1."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.app = _app()
        self.app.state.api_buckets = Buckets()

    def nobody(self) -> TestClient:
        self.app.state.services = Services(self.world.ctx)
        return TestClient(self.app, base_url="http://hub.test/api/v1", raise_server_exceptions=False)

    def key(self, role: str = "admin") -> TestClient:
        """A program with a new key of that role."""
        client = self.nobody()
        shop = self.world.shop_id if role == Role.FEED else None
        made = create_key(self.world.ctx, SYSTEM, role, role, connection_id=shop)
        client.headers["authorization"] = f"Bearer {made.text}"
        return client

    def person(self, role: str, *warehouses: str) -> TestClient:
        """A signed-in person with the form token in its headers."""
        name = f"{role}-{'-'.join(warehouses)}"
        user_id = create_user(self.world.ctx, SYSTEM, name, role, warehouses=warehouses)
        with self.world.db.write() as connection:
            row = connection.execute(select(t.users).where(t.users.c.id == user_id)).mappings().one()
            session = open_session(connection, row, self.world.clock.now)
        client = self.nobody()
        client.cookies.set(COOKIE, session.token)
        client.headers["x-csrf-token"] = session.csrf
        return client

    def all(self, client: TestClient, path: str, **query: Any) -> list[dict[str, Any]]:
        """All rows of a list, page by page."""
        found: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            body = client.get(path, params=query | ({"cursor": cursor} if cursor else {})).json()
            found += body["data"]
            cursor = body["next_cursor"]
        return found


@contextmanager
def on_sqlite(blank: Path) -> Iterator[Api]:
    """The API on SQLite, in memory where the machine has a folder in it."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        db = copied(blank, Path(folder))
        yield Api(World(db))
        db.close()


@pytest.fixture
def api(blank_sqlite: Path) -> Iterator[Api]:
    """A new API on SQLite."""
    with on_sqlite(blank_sqlite) as made:
        yield made


@pytest.fixture
def both(fresh_db: Database) -> Iterator[Api]:
    """The API, once on SQLite and once on PostgreSQL; at the end the stock must agree with its ledger."""
    made = Api(World(fresh_db))
    yield made
    made.world.check()


def filled(api: Api) -> None:
    """One order that waits in W1, and one parcel that left from there."""
    world = api.world
    world.stock("A", "W1", 9)
    world.order("o1", A=5)
    world.order("o2", A=1)
    world.ship_all("o2")


@pytest.fixture(scope="module")
def still(blank_sqlite: Path) -> Iterator[Api]:
    """A filled API for tests that prove that nothing changed."""
    with on_sqlite(blank_sqlite) as made:
        filled(made)
        yield made


def everything(api: Api) -> list[Any]:
    """All rows but those that say who asked."""
    left_out = {"api_key", "users", "user_session", "idempotency_key"}
    found = []
    with api.world.db.read() as db:
        for table in t.orders.metadata.sorted_tables:
            if table.name not in left_out:
                found.append((table.name, db.execute(select(table)).all()))
    return found
