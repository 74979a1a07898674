"""Backfills of a connection: the range, how far it is read, what it brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from hub.reports.names import actor_names
from hub.store.database import Database
from hub.store.tables import backfills, streams

_b, _s = backfills.c, streams.c


@dataclass(frozen=True, slots=True)
class BackfillFact:
    """One backfill. state: running, done, cancelled. asked_by: the name of who asked.

    reached_at: the newest change read so far. new, known: orders of the range that were not here before, and that were.
    error: what stopped its last step.
    """

    id: int
    connection_id: int
    since: datetime
    until: datetime | None
    state: str
    reached_at: datetime | None
    new: int
    known: int
    asked_by: str
    created_at: datetime
    ended_at: datetime | None
    error: str


def read_backfills(db: Database, connection_id: int, limit: int = 10) -> list[BackfillFact]:
    """The newest first."""
    same = and_(_s.connection_id == _b.connection_id, _s.stream == "backfill", _b.state == "running")
    query = select(backfills, _s.error).select_from(backfills.outerjoin(streams, same))
    query = query.where(_b.connection_id == connection_id).order_by(_b.id.desc()).limit(limit)
    names = BackfillFact.__dataclass_fields__.keys() - {"error", "asked_by"}
    with db.read() as connection:
        rows = connection.execute(query).all()
        people = actor_names(connection, {row.asked_by for row in rows})
    return [
        BackfillFact(
            **{name: getattr(row, name) for name in names}, asked_by=people[row.asked_by], error=row.error or ""
        )
        for row in rows
    ]
