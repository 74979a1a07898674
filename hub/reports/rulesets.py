"""The versions of the routing rules, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.canonical.errors import NotFound
from hub.reports.names import actor_names
from hub.rules.ruleset_diff import Change, diff_bodies
from hub.store.database import Database
from hub.store.rulesets import body_of
from hub.store.tables import rulesets

_r = rulesets.c


@dataclass(frozen=True, slots=True)
class RulesetFact:
    """One version; 0 is the documented default, active while nobody activated another. state: draft, active, retired.

    parent: the version it was made from, None for the default.
    """

    version: int
    state: str
    active: bool
    parent: int | None
    name: str
    note: str
    body: Mapping[str, Any]
    created_by: str
    created_at: datetime | None
    updated_at: datetime | None
    activated_by: str
    activated_at: datetime | None


def find_rulesets(db: Database) -> list[RulesetFact]:
    """All versions, newest first, and the default at the end."""
    with db.read() as connection:
        rows = connection.execute(select(rulesets).order_by(_r.version.desc())).all()
        default = _default(connection, active=not any(row.active for row in rows))
        names = actor_names(connection, {name for row in rows for name in (row.created_by, row.activated_by)})
    return [*(_fact(row, names) for row in rows), default]


def read_ruleset_fact(db: Database, version: int) -> RulesetFact:
    """One version. Raises NotFound."""
    return one_of(find_rulesets(db), version)


def one_of(facts: Iterable[RulesetFact], version: int) -> RulesetFact:
    """One version of those that were read. Raises NotFound."""
    found = next((fact for fact in facts if fact.version == version), None)
    if found is None:
        raise NotFound(f"there is no ruleset version {version}: see stockline rules")
    return found


def active_of(facts: Iterable[RulesetFact]) -> RulesetFact:
    """Of all versions, the one by which everything is routed now."""
    return next(fact for fact in facts if fact.active)


def diff_rulesets(db: Database, before: int, after: int) -> tuple[Change, ...]:
    """What differs between two versions, setting by setting. Raises NotFound."""
    with db.read() as connection:
        return diff_bodies(body_of(connection, before), body_of(connection, after))


def _fact(row: Row[Any], names: Mapping[str, str]) -> RulesetFact:
    return RulesetFact(
        version=row.version, state=row.state, active=row.active, parent=row.parent, name=row.body.get("name", ""),
        note=row.note, body=row.body, created_by=names[row.created_by], created_at=row.created_at,
        updated_at=row.updated_at, activated_by=names[row.activated_by], activated_at=row.activated_at,
    )  # fmt: skip


def _default(db: Connection, *, active: bool) -> RulesetFact:
    return RulesetFact(
        version=0, state="active" if active else "retired", active=active, parent=None, name="default", note="",
        body=body_of(db, 0), created_by="", created_at=None, updated_at=None, activated_by="", activated_at=None,
    )  # fmt: skip
