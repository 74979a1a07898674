"""The versions of the routing rules; at most one is active, none means the documented default (version 0)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from hub.canonical.errors import NotFound
from hub.rules.routing import Ruleset
from hub.store.tables import rulesets

_r = rulesets.c


_ACTIVE = select(rulesets).where(_r.active.is_(True))


def read_ruleset(db: Connection) -> Ruleset:
    """The active ruleset; the documented default (version 0) where none was ever activated."""
    row = db.execute(_ACTIVE).one_or_none()
    return Ruleset(version=0) if row is None else ruleset_of(row.version, row.body)


def read_version(db: Connection, version: int) -> Ruleset:
    """One version, 0 is the documented default. Raises NotFound."""
    return ruleset_of(version, body_of(db, version))


def read_versions(db: Connection, versions: Iterable[int]) -> dict[int, Ruleset]:
    """Rulesets by version, whatever their state; version 0 is the documented default."""
    query = select(_r.version, _r.body).where(_r.version.in_(sorted(set(versions))))
    found = {row.version: ruleset_of(row.version, row.body) for row in db.execute(query)}
    return {0: Ruleset(version=0)} | found


def body_of(db: Connection, version: int) -> dict[str, Any]:
    """The body of one version, 0 is the documented default. Raises NotFound."""
    if version == 0:
        return body(Ruleset(version=0))
    found = db.scalar(select(_r.body).where(_r.version == version))
    if found is None:
        raise NotFound(f"there is no ruleset version {version}: see stockline rules")
    return dict(found)


def ruleset_of(version: int, found: Mapping[str, Any]) -> Ruleset:
    """A stored body as the plan wants it."""
    return Ruleset.from_dict(dict(found) | {"version": version})


def body(ruleset: Ruleset) -> dict[str, Any]:
    """A ruleset as it is stored: its number is the row's, not the body's."""
    return {name: value for name, value in ruleset.to_dict().items() if name != "version"}
