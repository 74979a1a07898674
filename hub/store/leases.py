"""Leases by name: one owner at a time, judged by the database's own clock where it has one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import DateTime, delete, func, or_

from hub.ports.clock import utc_now
from hub.store.database import Database, upsert
from hub.store.tables import leases


def take(db: Database, name: str, owner: str, seconds: float) -> bool:
    """Take or renew the lease; False where somebody else has it. A lease that ran out goes to whoever asks first."""
    now = _now(db)
    until = now + timedelta(seconds=seconds)
    with db.write() as connection:
        statement = upsert(connection, leases).values(name=name, owner=owner, until=until)
        statement = statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"owner": owner, "until": until},
            where=or_(leases.c.owner == owner, leases.c.until < now),
        )
        return connection.execute(statement.returning(leases.c.name)).first() is not None


def give_up(db: Database, name: str, owner: str) -> None:
    """Let the next one have it at once; nothing happens where it is not ours."""
    with db.write() as connection:
        connection.execute(delete(leases).where(leases.c.name == name, leases.c.owner == owner))


def _now(db: Database) -> Any:
    """PostgreSQL's clock, which all machines share; SQLite is one machine's and its clock is ours."""
    return utc_now() if db.is_sqlite else func.clock_timestamp(type_=DateTime(timezone=True))
