"""Credentials in the database file: nothing to find in it, and a thousand of them move to a new key."""

from __future__ import annotations

import base64

import pytest
from sqlalchemy import insert, select

from hub.canonical.errors import InvariantBroken, Misconfigured
from hub.store.database import Database
from hub.store.secrets import SecretBox, connection_aad
from hub.store.tables.channels import connections
from hub.usecases.context import Context
from hub.usecases.rotate_secrets import rotate_secrets
from tests.fixtures.pages import MovedClock, no_channel

OLD, NEW = ("old", b"\x01" * 32), ("new", b"\x02" * 32)
CANARY = "shpat_canary_4711"
COUNT = 500


@pytest.fixture
def ctx(database: Database, clock: MovedClock) -> Context:
    """500 connections with two secrets each, sealed under the old key."""
    context = Context(db=database, channel=no_channel, clock=clock)
    box = SecretBox([OLD])
    rows = [
        {
            "id": n, "name": f"shop {n}", "channel": "shopify", "settings": {}, "state": "active", "state_reason": "",
            "on_shortage": "hold", "created_at": clock.now, "updated_at": clock.now,
            "secrets": {name: box.seal(f"{CANARY}-{name}-{n}", connection_aad(n, name)) for name in ("token", "hmac")},
        }
        for n in range(1, COUNT + 1)
    ]  # fmt: skip
    with database.write() as connection:
        connection.execute(insert(connections), rows)
    return context


def _opened(ctx: Context, box: SecretBox) -> list[str]:
    with ctx.db.read() as connection:
        rows = connection.execute(select(connections.c.id, connections.c.secrets).order_by(connections.c.id)).all()
    return [box.open(sealed, connection_aad(row.id, name)) for row in rows for name, sealed in row.secrets.items()]


def test_a_thousand_secrets_move_and_the_old_key_is_not_needed_any_more(ctx: Context) -> None:
    both = SecretBox([NEW, OLD])
    before = _opened(ctx, both)
    assert rotate_secrets(ctx, both) == 2 * COUNT
    assert rotate_secrets(ctx, both) == 0
    assert _opened(ctx, SecretBox([NEW])) == before
    with pytest.raises(Misconfigured, match="'new'"):
        _opened(ctx, SecretBox([OLD]))


def test_without_the_old_key_nothing_is_changed_and_the_missing_key_is_named(ctx: Context) -> None:
    with pytest.raises(Misconfigured, match="'old'"):
        rotate_secrets(ctx, SecretBox([NEW]))
    assert len(_opened(ctx, SecretBox([OLD]))) == 2 * COUNT


def test_a_dump_of_the_database_holds_no_secret(ctx: Context) -> None:
    with ctx.db.read() as connection:
        dump = "\n".join(connection.connection.driver_connection.iterdump()).encode()  # type: ignore[union-attr]
    assert b"shop 500" in dump
    assert CANARY.encode() not in dump
    assert base64.b64encode(CANARY.encode())[:16] not in dump


def test_ciphertext_moved_to_another_row_does_not_open(ctx: Context) -> None:
    with ctx.db.read() as connection:
        rows = dict(connection.execute(select(connections.c.id, connections.c.secrets)).all())  # type: ignore[arg-type]
    with pytest.raises(InvariantBroken):
        SecretBox([OLD]).open(rows[2]["token"], connection_aad(1, "token"))
    with pytest.raises(InvariantBroken):
        SecretBox([OLD]).open(rows[1]["hmac"], connection_aad(1, "token"))
