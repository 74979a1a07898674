"""What is stopped on active connections, and which zeros the mass-zero breaker keeps back until a person's word."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from hub.store import pushes
from hub.store.database import Database
from hub.store.tables import connections, listings, streams
from hub.store.zeros import IN_DOUBT, LISTED

_c, _s, _l = connections.c, streams.c, listings.c
SHOWN = 10
"""So many SKUs are named."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """One stream of a connection that a person stopped. `why`: its last error, "" where it was a healthy one."""

    connection_id: int
    connection: str
    stream: str
    why: str


@dataclass(frozen=True, slots=True)
class Zeros:
    """What the mass-zero breaker keeps back on one connection; all its other numbers are told.

    listings: how many wait with 0, of `stocked` whose channel shows more. skus: theirs, by code, the first `SHOWN`.
    more: SKUs that are not among these.
    """

    connection_id: int
    connection: str
    listings: int
    stocked: int
    skus: tuple[str, ...]
    more: int


def read_stopped(db: Database, connection_id: int | None = None) -> list[Stopped]:
    """The stopped streams of all active connections, or of one, in whatever state it is; by name."""
    query = select(_s.connection_id, _c.name, _s.stream, _s.error).join(connections, _c.id == _s.connection_id)
    which = _c.state == "active" if connection_id is None else _c.id == connection_id
    query = query.where(_s.paused.is_(True), which).order_by(_c.name, _s.stream)
    with db.read() as connection:
        return [Stopped(*row) for row in connection.execute(query)]


def read_unwatched(db: Database) -> list[str]:
    """Connections whose mass-zero breaker a person switched off, by name."""
    with db.read() as connection:
        rows = connection.execute(select(_c.name, _c.settings).order_by(_c.name)).all()
    return [row.name for row in rows if row.settings.get("allow_mass_zero") == "yes"]


def read_zeros(db: Database, connection_id: int | None = None) -> list[Zeros]:
    """What waits with 0 on all active connections, or on one, in whatever state it is; by name. None waits: no row."""
    query = select(_l.connection_id, _c.name, _l.sku, func.count().label("listings")).select_from(
        LISTED.join(connections, _c.id == _l.connection_id)
    )
    which = _c.state == "active" if connection_id is None else _c.id == connection_id
    query = query.where(*IN_DOUBT, which).group_by(_l.connection_id, _c.name, _l.sku)
    found: dict[tuple[str, int], dict[str, int]] = defaultdict(dict)
    with db.read() as connection:
        for key, name, sku, count in connection.execute(query):
            found[name, key][sku] = count
        return [_zeros(connection, key, name, counts) for (name, key), counts in sorted(found.items())]


def _zeros(db: Connection, connection_id: int, name: str, counts: dict[str, int]) -> Zeros:
    skus, stocked = sorted(counts), pushes.count_shown(db, connection_id)
    return Zeros(connection_id, name, sum(counts.values()), stocked, tuple(skus[:SHOWN]), len(skus[SHOWN:]))
