"""What a connection's mapping says differently: versions as data; drafted, compared, tried, activated, rolled back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Response
from pydantic import Field

from hub.api.parts import In, OnceOnly, Out, PathId, Served, Text, Time, resource
from hub.api.rulesets import ChangeOut, DiffFilter, DiffOut, Version
from hub.reports.mappings import diff_mappings, find_mappings, one_of
from hub.rules.order_diff import MessageDiff
from hub.rules.permissions import Principal
from hub.rules.ruleset_diff import Change, sentence
from hub.usecases.context import Context
from hub.usecases.manage_mappings import (
    activate_mapping,
    draft_mapping,
    edit_mapping,
    replay_unread,
    retire_mapping,
    roll_back_mapping,
)
from hub.usecases.try_mapping import LAST, MOST, dry_run
from hub.web.auth import require

router = resource("connections")
ROOT = "/{connection_id}/mappings"
PathVersion = Annotated[int, Path(ge=0, lt=2**31)]
Reads = Annotated[Principal, Depends(require("channels.read"))]
Writes = Annotated[Principal, Depends(require("channels.write"))]


class MappingOut(Out):
    """One version; 0 is what the program comes with. `state`: draft, active, retired.

    `body`: `files`, YAML by the name of a mapping; `tables`, rows of texts by the name of a table.
    `tried`: what its last dry run found, {} where there was none.
    """

    version: int
    state: str
    active: bool
    parent: int | None
    note: str
    body: dict[str, Any]
    tried: dict[str, Any]
    created_by: str
    created_at: Time | None
    updated_at: Time | None
    activated_by: str
    activated_at: Time | None


class MappingsOut(Out):
    data: list[MappingOut]


class DraftIn(In):
    """`base`: the version to begin with, the active one where it is left out. `body`: instead of the base's."""

    base: Version | None = None
    body: dict[str, Any] | None = None
    note: Text = ""


class EditIn(In):
    body: dict[str, Any]
    note: Text | None = None


class TryIn(In):
    """`last`: so many orders are read again, beside what is held."""

    last: Annotated[int, Field(strict=True, ge=1, le=MOST)] = LAST


class ActivateIn(In):
    """`force`: also where its dry run shows orders that it breaks, or of which it changes what is paid or sent.

    `replay`: then read again what is held.
    """

    force: bool = False
    replay: bool = False


class RollbackIn(In):
    note: Text = ""


class MessageOut(Out):
    """`verdict`: changed, mended, broken (not read any more), stuck. `before`, `after`: why it is not read."""

    message_id: str
    ref: str
    number: str
    verdict: str
    changes: list[ChangeOut]
    before: str
    after: str


class DryRunOut(Out):
    """Counts of all messages that were read, and those that do not read as before.

    `money`: those of the changed ones of which another amount or currency would be paid; `sent`: of which something
    else would be sent, or an order that was not ready to be.
    """

    version: int
    messages: int
    changed: int
    money: int
    sent: int
    mended: int
    broken: int
    stuck: int
    data: list[MessageOut]


class ActivatedOut(Out):
    """`replayed`: held messages read again. `changed`, `money`, `sent`: as its dry run's; `first`: some, in words."""

    mapping: MappingOut
    replayed: int
    changed: int
    money: int
    sent: int
    first: list[str]


@router.get(ROOT)
def list_mappings(connection_id: PathId, services: Served, _who: Reads) -> MappingsOut:
    """All versions, newest first."""
    found = find_mappings(services.ctx.db, connection_id)
    return MappingsOut.model_validate({"data": found}, from_attributes=True)


@router.get(ROOT + "/{version}")
def get_mapping(connection_id: PathId, version: PathVersion, services: Served, _who: Reads) -> MappingOut:
    """One version."""
    return _read(services.ctx, connection_id, version)


@router.get(ROOT + "/{version}/diff")
def get_mapping_diff(
    connection_id: PathId, version: PathVersion, asked: Annotated[DiffFilter, Query()], services: Served, _who: Reads
) -> DiffOut:
    """What changes from version `against` to this one."""
    found = diff_mappings(services.ctx.db, connection_id, asked.against, version)
    return DiffOut(data=list(map(_change, found)))


@router.post(ROOT, status_code=201, response_model=MappingOut)
def draft_version(connection_id: PathId, body: DraftIn, once: OnceOnly, who: Writes) -> Response:
    """Make a draft; 422 names file, line and column of what is wrong in a body."""

    def act(ctx: Context) -> MappingOut:
        made = draft_mapping(ctx, connection_id, actor=who.actor, base=body.base, given=body.body, note=body.note)
        return _read(ctx, connection_id, made)

    return once(act, 201)


@router.put(ROOT + "/{version}", response_model=MappingOut)
def edit_version(connection_id: PathId, version: PathVersion, body: EditIn, once: OnceOnly, who: Writes) -> Response:
    """Write another body into a draft."""

    def write(ctx: Context) -> None:
        edit_mapping(ctx, connection_id, version, body.body, actor=who.actor, note=body.note)

    return once(_step(connection_id, version, write))


@router.post(ROOT + "/{version}/dry-run", response_model=DryRunOut)
def try_version(connection_id: PathId, version: PathVersion, body: TryIn, once: OnceOnly, who: Writes) -> Response:
    """Read the stored messages of the last orders, and what is held, by this version; nothing is changed."""

    def act(ctx: Context) -> DryRunOut:
        run = dry_run(ctx, connection_id, version, last=body.last)
        shown = [_message(one) for one in run.messages if one.verdict != "same"]
        return DryRunOut(version=version, **run.counts, data=shown)

    return once(act)


@router.post(ROOT + "/{version}/activate", response_model=ActivatedOut)
def activate_version(
    connection_id: PathId, version: PathVersion, body: ActivateIn, once: OnceOnly, who: Writes
) -> Response:
    """Read new orders by this draft; it is tried first; 409 where it breaks some, or changes what is paid or sent."""

    def act(ctx: Context) -> ActivatedOut:
        tried = activate_mapping(ctx, connection_id, version, actor=who.actor, force=body.force)
        count = replay_unread(ctx, connection_id, actor=who.actor) if body.replay else 0
        return ActivatedOut(
            mapping=_read(ctx, connection_id, version), replayed=count, changed=tried.counts["changed"],
            money=tried.counts["money"], sent=tried.counts["sent"], first=tried.differences(),
        )  # fmt: skip

    return once(act)


@router.post(ROOT + "/{version}/rollback", status_code=201, response_model=MappingOut)
def roll_back_version(
    connection_id: PathId, version: PathVersion, body: RollbackIn, once: OnceOnly, who: Writes
) -> Response:  # fmt: skip
    """Activate what this old version says, as a new version."""

    def act(ctx: Context) -> MappingOut:
        made = roll_back_mapping(ctx, connection_id, version, actor=who.actor, note=body.note)
        return _read(ctx, connection_id, made)

    return once(act, 201)


@router.post(ROOT + "/{version}/retire", response_model=MappingOut)
def retire_version(connection_id: PathId, version: PathVersion, once: OnceOnly, who: Writes) -> Response:
    """Put a draft aside."""
    return once(_step(connection_id, version, lambda ctx: retire_mapping(ctx, connection_id, version, actor=who.actor)))


def _step(connection_id: int, version: int, write: Callable[[Context], object]) -> Callable[[Context], MappingOut]:
    def act(ctx: Context) -> MappingOut:
        write(ctx)
        return _read(ctx, connection_id, version)

    return act


def _read(ctx: Context, connection_id: int, version: int) -> MappingOut:
    return MappingOut.model_validate(one_of(find_mappings(ctx.db, connection_id), version))


def _message(one: MessageDiff) -> MessageOut:
    return MessageOut(
        message_id=str(one.message_id), ref=one.ref, number=one.number, verdict=one.verdict,
        changes=list(map(_change, one.changes)), before=one.before, after=one.after,
    )  # fmt: skip


def _change(change: Change) -> ChangeOut:
    return ChangeOut(**change.to_dict(), words=sentence(change))
