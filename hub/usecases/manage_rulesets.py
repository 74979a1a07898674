"""Rules for routing are drafted, changed, activated, rolled back and retired; what was active never changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from hub.canonical.errors import Conflict, NotFound
from hub.store.audit import record
from hub.store.rulesets import body, body_of, ruleset_of
from hub.store.tables import rulesets
from hub.store.versions import active_of, insert, lock, make_active
from hub.store.waiting import wake_all
from hub.usecases.context import Context

_r = rulesets.c


def draft_ruleset(
    ctx: Context, *, actor: str, base: int | None = None, given: Mapping[str, Any] | None = None, note: str = ""
) -> int:
    """Make a draft and return its version.

    Args:   base:  the version to begin with, 0 is the documented default; None: the one that is active.
            given: the whole body instead of the base's.
    Raises: NotFound: no such version. BadInput: the body, by the path of what is wrong in it.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        parent = active_of(lock(db, rulesets)) if base is None else base
        found = body_of(db, parent) if given is None else _checked(given)
        version = insert(db, rulesets, now, actor, body=found, parent=parent or None, note=note)
        record(db, now, actor, "ruleset.drafted", f"ruleset:{version}", base=parent)
    return version


def edit_draft(ctx: Context, version: int, given: Mapping[str, Any], *, actor: str, note: str | None = None) -> None:
    """Write another body into a draft. Raises: NotFound; Conflict: it is no draft; BadInput: the body, by path."""
    now = ctx.clock()
    with ctx.db.write() as db:
        _draft(lock(db, rulesets), version, "changed")
        values = {"body": _checked(given), "updated_at": now} | ({} if note is None else {"note": note})
        db.execute(rulesets.update().where(_r.version == version).values(values))
        record(db, now, actor, "ruleset.edited", f"ruleset:{version}")


def activate_ruleset(ctx: Context, version: int, *, actor: str) -> None:
    """Make a draft the rules by which everything is routed from now on; orders that wait for stock are tried again.

    Raises: NotFound; Conflict: it is active already or was retired; BadInput: its body cannot be used any more.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        versions = lock(db, rulesets)
        row = _draft(versions, version, "activated; to go back to an old version, roll back to it")
        ruleset_of(version, row.body)
        _make_active(db, versions, version, actor, now)
        waiting = wake_all(db, now)
    if waiting:
        ctx.doorbell.ring("orders.place")


def roll_back_ruleset(ctx: Context, to: int, *, actor: str, note: str = "") -> int:
    """Make a new version with the body of an old one, and activate it; returns its number.

    Raises: NotFound; Conflict: that one is active now, or was never active.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        versions = lock(db, rulesets)
        _was_active(versions, to)
        note = note or f"as version {to}"
        version = insert(db, rulesets, now, actor, body=body_of(db, to), parent=to or None, note=note)
        _make_active(db, versions, version, actor, now)
        waiting = wake_all(db, now)
    if waiting:
        ctx.doorbell.ring("orders.place")
    return version


def retire_ruleset(ctx: Context, version: int, *, actor: str) -> None:
    """Put a draft aside for good. Raises: NotFound; Conflict: it is no draft."""
    now = ctx.clock()
    with ctx.db.write() as db:
        _draft(lock(db, rulesets), version, "retired; activate another one instead")
        db.execute(rulesets.update().where(_r.version == version).values(state="retired", updated_at=now))
        record(db, now, actor, "ruleset.retired", f"ruleset:{version}")


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """The body as it is stored: every setting named, none unknown."""
    return body(ruleset_of(1, {name: value for name, value in given.items() if name != "version"}))


def _draft(versions: Mapping[int, Row[Any]], version: int, done: str) -> Row[Any]:
    if version not in versions:
        raise NotFound(f"there is no ruleset version {version}: see stockline rules")
    if versions[version].state != "draft":
        raise Conflict(f"ruleset version {version} is {versions[version].state}: only a draft can be {done}")
    return versions[version]


def _was_active(versions: Mapping[int, Row[Any]], version: int) -> None:
    if version and version not in versions:
        raise NotFound(f"there is no ruleset version {version}: see stockline rules")
    if version == active_of(versions):
        raise Conflict(f"ruleset version {version} is the active one: there is nothing to go back to")
    if version and versions[version].activated_at is None:
        raise Conflict(f"ruleset version {version} was never active: activate it, or draft from it")


def _make_active(db: Connection, versions: Mapping[int, Row[Any]], version: int, actor: str, now: datetime) -> None:
    make_active(db, rulesets, version, actor, now)
    record(db, now, actor, "ruleset.activated", f"ruleset:{version}", before=active_of(versions))
