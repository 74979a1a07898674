"""Names for ids: who stands behind an actor word such as "user:3", and how connections are called."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from hub.store.database import Database
from hub.store.tables import api_keys, connections, users


def actor_names(db: Connection, actors: Iterable[str]) -> dict[str, str]:
    """Actor word -> the name of the person or key; a word that names nobody stands for itself."""
    wanted = set(actors)
    found: dict[str, str] = {}
    for kind, table in (("user", users), ("key", api_keys)):
        query = select(table.c.id, table.c.name).where(table.c.id.in_(_ids(wanted, kind)))
        found |= {f"{kind}:{row.id}": row.name for row in db.execute(query)}
    return {actor: found.get(actor, actor) for actor in wanted}


def _ids(actors: Iterable[str], kind: str) -> list[int]:
    parts = (actor.partition(":") for actor in actors)
    return sorted(int(number) for word, _, number in parts if word == kind and number.isascii() and number.isdigit())


def names_of(db: Database, actors: Iterable[str]) -> dict[str, str]:
    """As `actor_names`, in a transaction of its own."""
    with db.read() as connection:
        return actor_names(connection, actors)


def connection_names(db: Connection) -> dict[int, str]:
    """Id -> name of all connections."""
    return {row.id: row.name for row in db.execute(select(connections.c.id, connections.c.name))}
