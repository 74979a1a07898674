"""Where the limits of a connection stand, for all its workers: one row a limit, changed in a transaction of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select

from hub.canonical.errors import InvariantBroken
from hub.ports.clock import utc_now
from hub.rules.pacing import EVERY_CALL, Level, Throttle, throttle
from hub.store.database import Database, upsert
from hub.store.tables import limit_levels

T = TypeVar("T")
_l = limit_levels.c
_LEVEL = [_l[name] for name in Level.__slots__]


class SharedLevels:
    """The levels of one connection. Every process that asks the same database sees the same."""

    def __init__(self, db: Database, connection_id: int) -> None:
        self._db = db
        self._connection_id = connection_id

    def change(self, name: str, act: Callable[[Level | None, float], tuple[Level, T]]) -> T:
        """Let `act` see and replace one level by the database's clock, alone: its row is locked meanwhile."""
        with self._db.write() as db:
            if not self._db.is_sqlite:
                db.exec_driver_sql("SET LOCAL synchronous_commit = off")  # a crash that forgets a call does no harm
            row = self._locked(db, name)
            if row is None:
                level, answer = act(None, self._now(db))
                if self._is_first(db, name, level):
                    return answer
                row = self._locked(db, name)
            level, answer = act(_level(row), self._now(db))
            db.execute(limit_levels.update().where(self._which(name)).values(asdict(level)))
        return answer

    def _which(self, name: str) -> ColumnElement[bool]:
        return and_(_l.connection_id == self._connection_id, _l.name == name)

    def _locked(self, db: Connection, name: str) -> Row[Any] | None:
        return db.execute(select(*_LEVEL).where(self._which(name)).with_for_update()).first()

    def _is_first(self, db: Connection, name: str, level: Level) -> bool:
        """Write the first row; False where somebody else just did."""
        row = {"connection_id": self._connection_id, "name": name} | asdict(level)
        statement = upsert(db, limit_levels).values(row).on_conflict_do_nothing().returning(_l.name)
        return db.execute(statement).first() is not None

    def _now(self, db: Connection) -> float:
        """Seconds since 1970 by PostgreSQL's clock, which all machines share; SQLite's machine has one."""
        if self._db.is_sqlite:
            return utc_now().timestamp()
        return float(db.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one())


def _level(row: Row[Any] | None) -> Level:
    """A row that is there now. Raises InvariantBroken where it is not: nobody deletes levels."""
    if row is None:
        raise InvariantBroken("the row of a limit vanished while it was used")
    return Level(**row._mapping)


def held_until(db: Connection, connection_id: int) -> datetime | None:
    """Until when the channel told us to stay away; long past where it is over, None where it never did."""
    which = and_(_l.connection_id == connection_id, _l.name == EVERY_CALL)
    until = db.scalar(select(_l.closed_until).where(which))
    return datetime.fromtimestamp(until, UTC) if until else None


def read_throttles(db: Connection, now: datetime) -> dict[int, Throttle]:
    """Connection -> what 429s did to it, of those that do not go on as usual."""
    levels: dict[int, dict[str, Level]] = defaultdict(dict)
    for row in db.execute(select(_l.connection_id, _l.name, *_LEVEL)):
        levels[row.connection_id][row.name] = Level(*tuple(row)[2:])
    found = {connection_id: throttle(each, now.timestamp()) for connection_id, each in levels.items()}
    return {connection_id: one for connection_id, one in found.items() if one}
