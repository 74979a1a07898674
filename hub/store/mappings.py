"""The versions of what a connection's mapping says differently; none is active: it says what the program comes with."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from hub.canonical.errors import NotFound
from hub.store.tables import connections, mapping_versions

_v = mapping_versions.c
NOTHING: dict[str, Any] = {"files": {}, "tables": {}}


def channel_of(db: Connection, connection_id: int, *, lock: bool = False) -> str:
    """The kind of channel of a connection; `lock`: nobody else changes its versions meanwhile. Raises NotFound."""
    query = select(connections.c.channel).where(connections.c.id == connection_id)
    found: str | None = db.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound(f"there is no connection {connection_id}")
    return found


def no_version(version: int) -> NotFound:
    """What is raised where a connection has no such version."""
    return NotFound(f"there is no mapping version {version} of this connection: see stockline mapping show NAME")


def body_of(db: Connection, connection_id: int, version: int) -> dict[str, Any]:
    """What one version says; 0 says nothing differently. Raises NotFound."""
    if version == 0:
        return dict(NOTHING)
    found = db.scalar(select(_v.body).where(_v.connection_id == connection_id, _v.version == version))
    if found is None:
        raise no_version(version)
    return dict(found)
