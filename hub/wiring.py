"""Builds what use cases are given: database, sealed secrets, channels and doorbell, from the settings."""

from __future__ import annotations

import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import Any

from sqlalchemy import select

from connectors.kit import overrides, registry
from connectors.kit.guard import guarded
from connectors.kit.wire.limiter import Levels, OwnLevels
from hub.canonical.errors import InvariantBroken, Misconfigured, NotFound, StocklineError
from hub.ports.channel import Channel, Connection
from hub.ports.doorbell import Doorbell, SilentDoorbell
from hub.ports.mapping import BuiltIn, ToOrders
from hub.settings import Settings
from hub.store.database import Database
from hub.store.heat import HeatMeter
from hub.store.levels import SharedLevels
from hub.store.secrets import SecretBox, connection_aad, installation_keys
from hub.store.tables import connections, mapping_versions
from hub.usecases.context import Context

_v = mapping_versions.c
FRESH_S = 1.0
"""A cached channel is compared with its row again after so many seconds."""


class Channels:
    """The channel objects of this process, one per connection, built anew when the connection's row changed."""

    def __init__(self, db: Database, box: SecretBox) -> None:
        self._db = db
        self._box = box
        self._lock = threading.Lock()
        self._known: dict[int, tuple[float, Connection, Channel]] = {}

    def get(self, connection_id: int) -> Channel:
        """The channel of one connection.

        Raises: NotFound: no such connection.  Misconfigured: it cannot be built; the message says why.
        """
        known = self._known.get(connection_id)
        if known and time.monotonic() - known[0] < FRESH_S:
            return known[2]
        described = load_connection(self._db, self._box, connection_id)
        with self._lock:
            known = self._known.get(connection_id)
            channel = known[2] if known and known[1] == described else _build(self._db, described)
            self._known[connection_id] = (time.monotonic(), described, channel)
            return channel

    def look_again(self, connection_id: int) -> None:
        """Compare this connection's channel with its row at its next use, however fresh it is."""
        with self._lock:
            known = self._known.get(connection_id)
            if known:
                self._known[connection_id] = (-FRESH_S, *known[1:])

    def forget(self, connection_id: int | None = None) -> None:
        """Build this connection's channel anew at its next use (all of them without an id)."""
        with self._lock:
            for known in [connection_id] if connection_id is not None else list(self._known):
                self._known.pop(known, None)


def load_connection(db: Database, box: SecretBox, connection_id: int) -> Connection:
    """One connection, its secrets opened. Raises: NotFound, Misconfigured (a key is missing, a secret was altered)."""
    over = select(_v.body).where(_v.connection_id == connections.c.id, _v.active.is_(True)).scalar_subquery()
    columns = (*(connections.c[name] for name in ("name", "channel", "settings", "secrets")), over.label("overrides"))
    with db.read() as connection:
        row = connection.execute(select(*columns).where(connections.c.id == connection_id)).mappings().first()
    if row is None:
        raise NotFound(f"there is no connection with the id {connection_id}")
    settings = {name: str(value) for name, value in row["settings"].items()}
    settings = overrides.with_overrides(settings, row["overrides"] or {})
    return Connection(connection_id, row["name"], row["channel"], settings, _open(box, connection_id, row["secrets"]))


def _open(box: SecretBox, connection_id: int, sealed: Mapping[str, Any]) -> dict[str, str]:
    try:
        return {name: box.open(text, connection_aad(connection_id, name)) for name, text in sealed.items()}
    except InvariantBroken as error:
        raise Misconfigured(
            f"the secrets of connection {connection_id} do not open ({error}); enter them again"
        ) from None


def _build(db: Database, described: Connection) -> Channel:
    return _built(described, SharedLevels(db, described.id))


def _built(described: Connection, levels: Levels) -> Channel:
    try:
        return guarded(described.channel, lambda: registry.build(described, levels))
    except NotFound as error:
        raise Misconfigured(f"connection {described.name!r}: {error}") from None
    except StocklineError:
        raise
    except (KeyError, ValueError, TypeError) as error:
        raise Misconfigured(
            f"connection {described.name!r}: its settings do not fit the connector {described.channel!r} "
            f"({type(error).__name__}); run: stockline connection check {described.name}"
        ) from None


class MappingDesk:
    """The mappings of the connectors, for use cases."""

    def __init__(self, db: Database, box: Callable[[], SecretBox]) -> None:
        self._db, self._box = db, box

    def built_in(self, channel: str) -> BuiltIn:
        return overrides.built_in(channel)

    def checked(self, channel: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return overrides.checked(channel, body)

    def trial(self, connection_id: int, body: Mapping[str, Any]) -> ToOrders:
        described = load_connection(self._db, self._box(), connection_id)
        sound = overrides.checked(described.channel, body)
        return _build(
            self._db, replace(described, settings=overrides.with_overrides(described.settings, sound))
        ).to_orders


class Hub:
    """One process's wiring. Close it at the end; `with Hub(settings) as hub` does."""

    def __init__(self, settings: Settings, doorbell: Doorbell | None = None) -> None:
        self.settings = settings
        self.doorbell: Doorbell = doorbell or SilentDoorbell()
        self.heat = HeatMeter()
        self.name = f"{socket.gethostname()}:{uuid.uuid4().hex[:8]}"

    @cached_property
    def db(self) -> Database:
        """The database; its file's folder is made where it is missing."""
        return Database(self.settings.database, pool_size=self.settings.database_pool)

    @cached_property
    def box(self) -> SecretBox:
        """Seals and opens credentials with the installation's keys."""
        given = self.settings.secret_keys
        return SecretBox(installation_keys(given.get_secret_value() if given else None, self.settings.data_dir))

    @cached_property
    def channels(self) -> Channels:
        return Channels(self.db, self.box)

    def context(self, worker: str = "") -> Context:
        """What a use case is given; `worker` names who does it, in leases and events."""
        return Context(
            self.db, self._channel, doorbell=self.doorbell, worker=worker or self.name,
            lease_s=self.settings.work_lease_s, count_by_two=self.settings.count_by_two, heat=self.heat,
            look_again=self._look_again, mappings=MappingDesk(self.db, lambda: self.box),
            fits=self._fits, public_url=self.settings.public_url.rstrip("/"),
        )  # fmt: skip

    def _fits(self, described: Connection, sealed: Mapping[str, str]) -> None:
        opened = _open(self.box, described.id, sealed) if sealed else {}
        _built(replace(described, secrets={**opened, **described.secrets}), OwnLevels())

    def _channel(self, connection_id: int) -> Channel:
        return self.channels.get(connection_id)

    def _look_again(self, connection_id: int) -> None:
        self.channels.look_again(connection_id)

    def close(self) -> None:
        """Give the database connections back."""
        with suppress(KeyError):
            db: Database = self.__dict__.pop("db")
            db.close()

    def __enter__(self) -> Hub:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
