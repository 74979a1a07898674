"""The versions of what a connection's mapping says differently, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from hub.reports.names import actor_names
from hub.rules.ruleset_diff import Change, diff_bodies
from hub.store.database import Database
from hub.store.mappings import NOTHING, body_of, channel_of, no_version
from hub.store.tables import holds, mapping_versions

_v = mapping_versions.c


@dataclass(frozen=True, slots=True)
class MappingFact:
    """One version; 0 is what the program comes with, active while nobody activated another.

    state: draft, active, retired. parent: the version it was made from, None for 0.
    tried: counts of its last dry run (messages, changed, broken, mended, stuck) and `at`, or {}.
    """

    version: int
    state: str
    active: bool
    parent: int | None
    note: str
    body: Mapping[str, Any]
    tried: Mapping[str, Any]
    created_by: str
    created_at: datetime | None
    updated_at: datetime | None
    activated_by: str
    activated_at: datetime | None

    @property
    def files(self) -> list[str]:
        """The files that it lays something over."""
        return sorted(self.body["files"])

    @property
    def rows(self) -> int:
        """How many rows of tables it has."""
        return sum(len(rows) for rows in self.body["tables"].values())


def find_mappings(db: Database, connection_id: int) -> list[MappingFact]:
    """All versions of one connection, newest first, and what the program comes with at the end. Raises NotFound."""
    with db.read() as connection:
        channel_of(connection, connection_id)
        query = select(mapping_versions).where(_v.connection_id == connection_id).order_by(_v.version.desc())
        rows = connection.execute(query).all()
        names = actor_names(connection, {name for row in rows for name in (row.created_by, row.activated_by)})
    return [*(_fact(row, names) for row in rows), _built_in(active=not any(row.active for row in rows))]


def one_of(facts: Iterable[MappingFact], version: int) -> MappingFact:
    """One version of those that were read. Raises NotFound."""
    found = next((fact for fact in facts if fact.version == version), None)
    if found is None:
        raise no_version(version)
    return found


def active_of(facts: Iterable[MappingFact]) -> MappingFact:
    """Of all versions, the one by which orders are read now."""
    return next(fact for fact in facts if fact.active)


def diff_mappings(db: Database, connection_id: int, before: int, after: int) -> tuple[Change, ...]:
    """What differs between two versions: rows of tables by their value, files as a whole. Raises NotFound."""
    with db.read() as connection:
        channel_of(connection, connection_id)
        return diff_bodies(*(_by_value(body_of(connection, connection_id, each)) for each in (before, after)))


def unread_messages(db: Database, connection_id: int) -> int:
    """How many messages of a connection are held because nobody could read them."""
    unread = (holds.c.connection_id == connection_id, holds.c.state == "open", holds.c.inbox_id.is_not(None))
    with db.read() as connection:
        return connection.scalar(select(func.count(holds.c.inbox_id.distinct())).where(*unread)) or 0


def _by_value(body: Mapping[str, Any]) -> dict[str, Any]:
    tables = {
        name: {row[0].lower(): ", ".join(cell or "–" for cell in row[1:]) for row in rows}
        for name, rows in body["tables"].items()
    }
    return {"files": body["files"], "tables": tables}


def _fact(row: Row[Any], names: Mapping[str, str]) -> MappingFact:
    return MappingFact(
        version=row.version, state=row.state, active=row.active, parent=row.parent, note=row.note, body=row.body,
        tried=row.tried, created_by=names[row.created_by], created_at=row.created_at, updated_at=row.updated_at,
        activated_by=names[row.activated_by], activated_at=row.activated_at,
    )  # fmt: skip


def _built_in(*, active: bool) -> MappingFact:
    return MappingFact(
        version=0, state="active" if active else "retired", active=active, parent=None, note="", body=NOTHING, tried={},
        created_by="", created_at=None, updated_at=None, activated_by="", activated_at=None,
    )  # fmt: skip
