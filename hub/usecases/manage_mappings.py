"""What a connection's mapping says differently is drafted, tried, activated, rolled back and retired, as versions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.canonical.errors import BadInput, Conflict
from hub.store.audit import record
from hub.store.mappings import body_of, channel_of, no_version
from hub.store.tables import holds, mapping_versions
from hub.store.versions import active_of, insert, lock, make_active
from hub.usecases.context import Context
from hub.usecases.fix_holds import replay
from hub.usecases.try_mapping import DryRun, dry_run

_v = mapping_versions.c
REFUNDS = "refunds"
"""The file of a mapping that reads refunds which a channel tells apart from their orders."""
NO_COUNTS: Mapping[str, int] = MappingProxyType({})


def draft_mapping(
    ctx: Context, connection_id: int, *, actor: str, base: int | None = None, given: Mapping[str, Any] | None = None,
    note: str = "",
) -> int:  # fmt: skip
    """Make a draft and return its version.

    Args:   base:  the version to begin with, 0 says nothing differently; None: the one that is active.
            given: the whole body instead of the base's: {"files": {name: YAML}, "tables": {name: rows}}.
    Raises: NotFound: no such connection or version, or it has no mapping. BadInput: the body, with file, line, column,
            or one that is given and says what the active version says.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        channel, versions = _locked(db, connection_id)
        parent = active_of(versions) if base is None else base
        body = ctx.mappings.checked(channel, body_of(db, connection_id, parent) if given is None else given)
        active = active_of(versions)
        if given is not None and body == body_of(db, connection_id, active):
            raise BadInput(f"it says what version {active} says, which is active: change something first")
        version = _insert(db, connection_id, versions, now, actor, body=body, parent=parent or None, note=note)
        record(db, now, actor, "mapping.drafted", _subject(connection_id, version), base=parent)
    return version


def edit_mapping(
    ctx: Context, connection_id: int, version: int, given: Mapping[str, Any], *, actor: str, note: str | None = None
) -> None:
    """Write another body into a draft. Raises: NotFound; Conflict: it is no draft; BadInput: the body, by its place."""
    now = ctx.clock()
    with ctx.db.write() as db:
        channel, versions = _locked(db, connection_id)
        _draft(versions, version, "changed")
        values = {"body": ctx.mappings.checked(channel, given), "tried": {}, "updated_at": now}
        _update(db, connection_id, version, values | ({} if note is None else {"note": note}))
        record(db, now, actor, "mapping.edited", _subject(connection_id, version))


def activate_mapping(ctx: Context, connection_id: int, version: int, *, actor: str, force: bool = False) -> DryRun:
    """Read all orders of this connection by a draft from now on, once a dry run found nothing that it breaks.

    Args:   force: activate it all the same.
    Raises: NotFound; Conflict: it is no draft, breaks what is read now, changes what is paid or sent, or says of
            refunds, which no dry run reads, something else; BadInput: it cannot be used any more.
    """
    with ctx.db.read() as db:
        body, active = body_of(db, connection_id, version), _active(db, connection_id)
        present = body_of(db, connection_id, active)
    tried, now = dry_run(ctx, connection_id, version), ctx.clock()
    if not force:
        _must_hold(tried)
        _must_be_tried(version, present, body)
    with ctx.db.write() as db:
        _, versions = _locked(db, connection_id)
        row = _draft(versions, version, "activated; to go back to an old version, roll back to it")
        if row.body != body:
            raise Conflict(f"mapping version {version} was changed while it was tried: try it again")
        if (now_active := active_of(versions)) != active:
            raise Conflict(f"mapping version {now_active} became active while {version} was tried: try it again")
        _make_active(db, connection_id, versions, version, actor, now, tried.counts)
    ctx.look_again(connection_id)
    return tried


def _must_hold(tried: DryRun) -> None:
    """Raises Conflict: the draft breaks orders, or changes what is paid for some, or what is sent."""
    version, counts, first = tried.version, tried.counts, "; ".join(tried.differences())
    if broken := counts["broken"]:
        raise Conflict(f"with mapping version {version}, {broken} orders cannot be read that are read now: look at its "
                       "dry run, and mend it or force it")  # fmt: skip
    if money := counts["money"]:
        raise Conflict(f"with mapping version {version}, money or currency of {money} orders would change ({first}): "
                       "look at its dry run, and mend it or force it")  # fmt: skip
    if sent := counts["sent"]:
        raise Conflict(f"with mapping version {version}, what is sent, or whether, would change for {sent} orders "
                       f"({first}): look at its dry run, and mend it or force it")  # fmt: skip


def _must_be_tried(version: int, present: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    """Raises Conflict: it reads refunds otherwise, which a dry run does not read."""
    before, after = (each.get("files", {}).get(REFUNDS) for each in (present, body))
    if before != after:
        raise Conflict(f"mapping version {version} reads refunds otherwise, and a dry run reads orders only: look at "
                       "it once more, and force it")  # fmt: skip


def _active(db: Connection, connection_id: int) -> int:
    found = db.scalar(select(_v.version).where(_v.connection_id == connection_id, _v.state == "active"))
    return found or 0


def roll_back_mapping(ctx: Context, connection_id: int, to: int, *, actor: str, note: str = "") -> int:
    """Make a new version with the body of an old one, and activate it; returns its number. 0: as the program comes.

    Raises: NotFound; Conflict: that one is active now, or was never active; BadInput: it cannot be used any more.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        channel, versions = _locked(db, connection_id)
        _was_active(versions, to)
        body = ctx.mappings.checked(channel, body_of(db, connection_id, to))
        note = note or f"as version {to}"
        version = _insert(db, connection_id, versions, now, actor, body=body, parent=to or None, note=note)
        _make_active(db, connection_id, versions, version, actor, now)
    ctx.look_again(connection_id)
    return version


def retire_mapping(ctx: Context, connection_id: int, version: int, *, actor: str) -> None:
    """Put a draft aside for good. Raises: NotFound; Conflict: it is no draft."""
    now = ctx.clock()
    with ctx.db.write() as db:
        _, versions = _locked(db, connection_id)
        _draft(versions, version, "retired; activate another one instead")
        _update(db, connection_id, version, {"state": "retired", "updated_at": now})
        record(db, now, actor, "mapping.retired", _subject(connection_id, version))


def replay_unread(ctx: Context, connection_id: int, *, actor: str) -> int:
    """Read again what this connection's mapping could not read; returns how many messages. What still fails is held."""
    now = ctx.clock()
    unread = (holds.c.connection_id == connection_id, holds.c.state == "open", holds.c.inbox_id.is_not(None))
    with ctx.db.write() as db:
        marks = db.scalars(select(holds.c.fingerprint).where(*unread).distinct().order_by(holds.c.fingerprint)).all()
        count = replay(db, marks, actor, now) if marks else 0
        if count:
            record(db, now, actor, "hold.replayed", f"connection:{connection_id}", count=count)
    if count:
        ctx.doorbell.ring("inbox.ingest")
    return count


def _locked(db: Connection, connection_id: int) -> tuple[str, dict[int, Row[Any]]]:
    """The kind of channel, and all versions, locked. Raises NotFound."""
    channel = channel_of(db, connection_id, lock=True)
    return channel, lock(db, mapping_versions, connection_id=connection_id)


def _draft(versions: Mapping[int, Row[Any]], version: int, done: str) -> Row[Any]:
    if version not in versions:
        raise no_version(version)
    if versions[version].state != "draft":
        raise Conflict(f"mapping version {version} is {versions[version].state}: only a draft can be {done}")
    return versions[version]


def _was_active(versions: Mapping[int, Row[Any]], version: int) -> None:
    if version == active_of(versions):
        raise Conflict(f"mapping version {version} is the active one: there is nothing to go back to")
    if version in versions and versions[version].activated_at is None:
        raise Conflict(f"mapping version {version} was never active: activate it, or draft from it")


def _insert(
    db: Connection, connection_id: int, versions: Mapping[int, Row[Any]], now: datetime, actor: str, **values: Any
) -> int:
    number = max(versions, default=0) + 1
    return insert(db, mapping_versions, now, actor, connection_id=connection_id, version=number, **values)


def _make_active(
    db: Connection, connection_id: int, versions: Mapping[int, Row[Any]], version: int, actor: str, now: datetime,
    counts: Mapping[str, int] = NO_COUNTS,
) -> None:  # fmt: skip
    make_active(db, mapping_versions, version, actor, now, connection_id=connection_id)
    before, told = active_of(versions), {word: counts[word] for word in ("broken", "money", "sent") if counts.get(word)}
    record(db, now, actor, "mapping.activated", _subject(connection_id, version), before=before, **told)


def _update(db: Connection, connection_id: int, version: int, values: Mapping[str, Any]) -> None:
    mine = (_v.connection_id == connection_id, _v.version == version)
    db.execute(mapping_versions.update().where(*mine).values(values))


def _subject(connection_id: int, version: int) -> str:
    return f"mapping:{connection_id}:{version}"
