"""Routing rules: versions as data; drafted, compared, activated, rolled back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Response
from pydantic import Field

from hub.api.parts import In, OnceOnly, Out, Served, Text, Time, resource
from hub.reports.rulesets import diff_rulesets, find_rulesets, read_ruleset_fact
from hub.rules.permissions import Principal
from hub.rules.ruleset_diff import sentence
from hub.usecases.context import Context
from hub.usecases.manage_rulesets import (
    activate_ruleset,
    draft_ruleset,
    edit_draft,
    retire_ruleset,
    roll_back_ruleset,
)
from hub.web.auth import require

router = resource("rulesets")
Version = Annotated[int, Field(strict=True, ge=0, lt=2**31)]
PathVersion = Annotated[int, Path(ge=0, lt=2**31)]


class RulesetOut(Out):
    """One version; 0 is what the program comes with. `state`: draft, active, retired."""

    version: int
    state: str
    active: bool
    parent: int | None
    name: str
    note: str
    body: dict[str, Any]
    created_by: str
    created_at: Time | None
    updated_at: Time | None
    activated_by: str
    activated_at: Time | None


class RulesetsOut(Out):
    data: list[RulesetOut]


class DraftIn(In):
    """`base`: the version to begin with, the active one where it is left out. `body`: instead of the base's."""

    base: Version | None = None
    body: dict[str, Any] | None = None
    note: Text = ""


class EditIn(In):
    body: dict[str, Any]
    note: Text | None = None


class RollbackIn(In):
    note: Text = ""


class DiffFilter(In):
    against: Annotated[int, Field(ge=0, lt=2**31)] = 0


class ChangeOut(Out):
    """`path`: names, and entries of lists by their own name. `words`: the change in English."""

    kind: str
    path: list[str]
    before: Any
    after: Any
    words: str


class DiffOut(Out):
    data: list[ChangeOut]


@router.get("")
def list_rulesets(services: Served, _who: Annotated[Principal, Depends(require("routing.read"))]) -> RulesetsOut:
    """All versions, newest first."""
    return RulesetsOut.model_validate({"data": find_rulesets(services.ctx.db)}, from_attributes=True)


@router.get("/{version}")
def get_ruleset(
    version: PathVersion, services: Served, _who: Annotated[Principal, Depends(require("routing.read"))]
) -> RulesetOut:
    """One version."""
    return _read(services.ctx, version)


@router.get("/{version}/diff")
def get_diff(
    version: PathVersion,
    asked: Annotated[DiffFilter, Query()],
    services: Served,
    _who: Annotated[Principal, Depends(require("routing.read"))],
) -> DiffOut:
    """What changes from version `against` to this one, setting by setting."""
    found = diff_rulesets(services.ctx.db, asked.against, version)
    return DiffOut(data=[ChangeOut(**change.to_dict(), words=sentence(change)) for change in found])


@router.post("", status_code=201, response_model=RulesetOut)
def draft(body: DraftIn, once: OnceOnly, who: Annotated[Principal, Depends(require("routing.write"))]) -> Response:
    """Make a draft; 422 names the path of what is wrong in a body, and what may stand there."""

    def act(ctx: Context) -> RulesetOut:
        made = draft_ruleset(ctx, actor=who.actor, base=body.base, given=body.body, note=body.note)
        return _read(ctx, made)

    return once(act, 201)


@router.put("/{version}", response_model=RulesetOut)
def edit(
    version: PathVersion, body: EditIn, once: OnceOnly, who: Annotated[Principal, Depends(require("routing.write"))]
) -> Response:
    """Write another body into a draft."""
    return once(_step(version, lambda ctx: edit_draft(ctx, version, body.body, actor=who.actor, note=body.note)))


@router.post("/{version}/activate", response_model=RulesetOut)
def activate(
    version: PathVersion, once: OnceOnly, who: Annotated[Principal, Depends(require("routing.write"))]
) -> Response:
    """Route everything by this draft from now on."""
    return once(_step(version, lambda ctx: activate_ruleset(ctx, version, actor=who.actor)))


@router.post("/{version}/rollback", status_code=201, response_model=RulesetOut)
def roll_back(
    version: PathVersion, body: RollbackIn, once: OnceOnly, who: Annotated[Principal, Depends(require("routing.write"))]
) -> Response:
    """Activate what this old version says, as a new version."""
    return once(lambda ctx: _read(ctx, roll_back_ruleset(ctx, version, actor=who.actor, note=body.note)), 201)


@router.post("/{version}/retire", response_model=RulesetOut)
def retire(
    version: PathVersion, once: OnceOnly, who: Annotated[Principal, Depends(require("routing.write"))]
) -> Response:
    """Put a draft aside."""
    return once(_step(version, lambda ctx: retire_ruleset(ctx, version, actor=who.actor)))


def _step(version: int, write: Callable[[Context], object]) -> Callable[[Context], RulesetOut]:
    def act(ctx: Context) -> RulesetOut:
        write(ctx)
        return _read(ctx, version)

    return act


def _read(ctx: Context, version: int) -> RulesetOut:
    return RulesetOut.model_validate(read_ruleset_fact(ctx.db, version))
