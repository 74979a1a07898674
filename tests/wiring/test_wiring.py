"""One place wires a process: a channel is built from its row, kept while the row stands, rebuilt when it changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from connectors.kit import registry
from hub import wiring
from hub.canonical.errors import AuthFailed, Misconfigured, NotFound
from hub.ports.base_channel import BaseChannel
from hub.ports.channel import Channel, Connection
from hub.settings import load
from hub.store import migrate
from hub.store.secrets import connection_aad
from hub.store.tables import connections
from hub.wiring import Hub

NOW = datetime(2026, 11, 23, tzinfo=UTC)


class Shop(BaseChannel):
    def __init__(self, described: Connection, _levels: object) -> None:
        if described.settings["base_url"] == "refused":
            raise AuthFailed("the shop refused the token")
        self.described = described


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr(registry, "build", Shop)
    monkeypatch.setattr(wiring, "FRESH_S", 0.0)
    with Hub(load(data_dir=tmp_path, database_url="")) as made:
        migrate.upgrade(made.db)
        yield made


def _add(hub: Hub, settings: dict[str, Any], token: str = "shpat_1") -> int:
    row = {"name": "shop", "channel": "shelfmart", "settings": settings, "created_at": NOW, "updated_at": NOW}
    with hub.db.write() as connection:
        key = connection.execute(
            insert(connections).values(**row, secrets={}, state="active", state_reason="", on_shortage="hold")
        ).inserted_primary_key[0]
        sealed = {"token": hub.box.seal(token, connection_aad(key, "token"))}
        connection.execute(update(connections).where(connections.c.id == key).values(secrets=sealed))
    return int(key)


def _change(hub: Hub, key: int, **values: Any) -> None:
    with hub.db.write() as connection:
        connection.execute(update(connections).where(connections.c.id == key).values(**values))


def _described(channel: Channel) -> Connection:
    assert isinstance(channel, Shop)
    return channel.described


def test_a_channel_gets_its_settings_and_its_opened_secrets(hub: Hub) -> None:
    key = _add(hub, {"base_url": "https://shop.example", "port": 8443})
    described = _described(hub.context().channel(key))
    assert described.settings == {"base_url": "https://shop.example", "port": "8443"}
    assert described.secrets == {"token": "shpat_1"}
    assert "shpat_1" not in repr(described)


def test_the_same_channel_is_given_while_its_row_stands(hub: Hub) -> None:
    key = _add(hub, {"base_url": "https://shop.example"})
    first = hub.context().channel(key)
    _change(hub, key, state="paused")
    assert hub.context().channel(key) is first


def test_a_changed_row_gives_a_new_channel(hub: Hub) -> None:
    key = _add(hub, {"base_url": "https://old.example"})
    first = hub.context().channel(key)
    _change(hub, key, settings={"base_url": "https://new.example"})
    second = hub.context().channel(key)
    assert second is not first
    assert _described(second).settings["base_url"] == "https://new.example"


def test_an_unknown_connection_is_not_found(hub: Hub) -> None:
    with pytest.raises(NotFound, match="no connection with the id 7"):
        hub.context().channel(7)


def test_settings_that_do_not_fit_say_which_connection(hub: Hub) -> None:
    key = _add(hub, {"wrong": "x"})
    with pytest.raises(Misconfigured, match="connection 'shop': its settings do not fit the connector 'shelfmart'"):
        hub.context().channel(key)


def test_an_error_of_the_connector_itself_comes_through(hub: Hub) -> None:
    key = _add(hub, {"base_url": "refused"})
    with pytest.raises(AuthFailed, match="the shop refused the token"):
        hub.context().channel(key)


def test_a_connector_that_is_not_installed_is_named(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    key = _add(hub, {"base_url": "https://shop.example"})
    with pytest.raises(Misconfigured, match="connection 'shop': no connector named 'shelfmart'"):
        hub.context().channel(key)


def test_a_secret_of_another_row_does_not_open(hub: Hub) -> None:
    key = _add(hub, {"base_url": "https://shop.example"})
    _change(hub, key, secrets={"token": hub.box.seal("shpat_1", connection_aad(key + 1, "token"))})
    with pytest.raises(Misconfigured, match="the secrets of connection 1 do not open"):
        hub.context().channel(key)
