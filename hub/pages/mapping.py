"""What one connection's words mean: the versions of its mapping, the editor of a draft, its dry run, activation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from hub.canonical.errors import BadInput, Conflict
from hub.pages.mapping_form import MappingForm, Mistake, line_of, mistake_of
from hub.pages.sent import Pairs, cut, sent
from hub.pages.shell import Page, page_for
from hub.ports.mapping import BuiltIn
from hub.reports.channels import read_channel
from hub.reports.mappings import active_of, diff_mappings, find_mappings, one_of, unread_messages
from hub.usecases.manage_mappings import (
    activate_mapping,
    draft_mapping,
    edit_mapping,
    replay_unread,
    retire_mapping,
    roll_back_mapping,
)
from hub.usecases.try_mapping import DryRun, dry_run

router = APIRouter()
Reading = Annotated[Page, Depends(page_for("channels.read"))]
Writing = Annotated[Page, Depends(page_for("channels.write"))]
Text = Annotated[str, Form()]
Sent = Annotated[Pairs, Depends(sent)]
ON_A_PAGE = 20
DRAFTS_SHOWN = 5
MOST_SHOWN = 50
"""Messages of a dry run that are shown."""
LASTS = ("20", "100", "500", "1000")
"""How many orders a dry run may read."""


@dataclass
class Edit:
    """One look at the form. version: of the draft, None for one that is not saved yet; base: what it begins with."""

    form: MappingForm
    note: str = ""
    version: int | None = None
    base: int = 0
    wrong: Mistake = field(default_factory=Mistake)
    unsaved: bool = False


@router.get("/channels/{connection_id}/mapping")
def mapping_page(page: Reading, connection_id: int, after: str = "") -> Response:
    versions = find_mappings(page.ctx.db, connection_id)
    shown, more = cut(versions, after, ON_A_PAGE)
    drafts = [row for row in versions if row.state == "draft"][:DRAFTS_SHOWN]
    return page.render(
        "mapping/versions.html", channel=_channel(page, connection_id), active=active_of(versions), drafts=drafts,
        versions=shown, next=more, built_in=_built_in(page, connection_id),
        unread=unread_messages(page.ctx.db, connection_id),
    )  # fmt: skip


@router.get("/channels/{connection_id}/mapping/new")
def mapping_new(page: Writing, connection_id: int, base: str = "", table: str = "", value: str = "") -> Response:
    """The form of a new draft; `table` and `value`: with a row for this word of the channel."""
    versions = find_mappings(page.ctx.db, connection_id)
    start = one_of(versions, _number(base)) if base else active_of(versions)
    edit = Edit(MappingForm.of(start.body), base=start.version, unsaved=bool(table))
    edit.form.with_value(table, value[:200], _built_in(page, connection_id))
    return _form(page, connection_id, edit)


@router.post("/channels/{connection_id}/mapping/new")
def mapping_draft(page: Writing, connection_id: int, pairs: Sent) -> Response:
    """Make the draft, or do what one of the form's buttons says and show it again."""
    edit = _typed(page, connection_id, pairs)
    if _acted(page, connection_id, edit, pairs):
        return _form(page, connection_id, edit)
    try:
        version = draft_mapping(
            page.ctx, connection_id, actor=page.who.actor, base=edit.base, given=edit.form.body(), note=edit.note
        )
    except BadInput as error:
        return _refused(page, connection_id, edit, error)
    said = page.gettext("A draft: nothing changes until it is active.")
    return page.redirect(f"/channels/{connection_id}/mapping/{version}", said)


@router.get("/channels/{connection_id}/mapping/{version}")
def mapping_version(page: Reading, connection_id: int, version: int, against: str = "") -> Response:
    """One version, compared with the active one or with `against`."""
    return _version(page, connection_id, version, against=against)


@router.get("/channels/{connection_id}/mapping/{version}/edit")
def mapping_edit_page(page: Writing, connection_id: int, version: int) -> Response:
    row = one_of(find_mappings(page.ctx.db, connection_id), version)
    if row.state != "draft":
        raise Conflict(f"version {version} is {row.state} and does not change any more: make a draft of it")
    return _form(page, connection_id, Edit(MappingForm.of(row.body), row.note, version))


@router.post("/channels/{connection_id}/mapping/{version}/edit")
def mapping_edit(page: Writing, connection_id: int, version: int, pairs: Sent) -> Response:
    """Save the draft, or do what one of the form's buttons says and show it again, unsaved."""
    edit = _typed(page, connection_id, pairs, version)
    if _acted(page, connection_id, edit, pairs):
        return _form(page, connection_id, edit)
    try:
        edit_mapping(page.ctx, connection_id, version, edit.form.body(), actor=page.who.actor, note=edit.note)
    except BadInput as error:
        return _refused(page, connection_id, edit, error)
    said = page.gettext("Saved. Now try it, or activate it.")
    return page.redirect(f"/channels/{connection_id}/mapping/{version}", said)


@router.post("/channels/{connection_id}/mapping/{version}/try")
def mapping_try(page: Writing, connection_id: int, version: int, last: Text = "100") -> Response:
    """Read stored messages by the draft; nothing is changed."""
    run = dry_run(page.ctx, connection_id, version, last=_number(last) or 100)
    return _version(page, connection_id, version, run)


@router.post("/channels/{connection_id}/mapping/{version}/activate")
def mapping_activate(page: Writing, connection_id: int, version: int, force: Text = "", replay: Text = "") -> Response:
    tried = activate_mapping(page.ctx, connection_id, version, actor=page.who.actor, force=force == "1")
    said = _active_words(page, tried)
    if replay == "1" and (count := replay_unread(page.ctx, connection_id, actor=page.who.actor)):
        again = page.gettext("%(count)s run again; what still fails is held anew.", count=count)
        said = f"{said} {again}"
    return page.redirect(f"/channels/{connection_id}/mapping", said)


@router.post("/channels/{connection_id}/mapping/{version}/rollback")
def mapping_roll_back(page: Writing, connection_id: int, version: int) -> Response:
    new = roll_back_mapping(page.ctx, connection_id, version, actor=page.who.actor)
    said = page.gettext("Version %(old)s is back, as version %(n)s.", old=version, n=new)
    return page.redirect(f"/channels/{connection_id}/mapping", said)


@router.post("/channels/{connection_id}/mapping/{version}/retire")
def mapping_retire(page: Writing, connection_id: int, version: int) -> Response:
    retire_mapping(page.ctx, connection_id, version, actor=page.who.actor)
    return page.redirect(f"/channels/{connection_id}/mapping", page.gettext("The draft was put aside."))


@router.post("/channels/{connection_id}/mapping/replay")
def mapping_replay(page: Writing, connection_id: int) -> Response:
    """Read again what is held because nobody could read it."""
    count = replay_unread(page.ctx, connection_id, actor=page.who.actor)
    said = page.gettext("%(count)s run again; what still fails is held anew.", count=count)
    return page.redirect(f"/channels/{connection_id}/mapping", said)


def _version(
    page: Page, connection_id: int, version: int, run: DryRun | None = None, against: str = ""
) -> Response:  # fmt: skip
    versions = find_mappings(page.ctx.db, connection_id)
    row, active = one_of(versions, version), active_of(versions)
    other = one_of(versions, _number(against) if against else _usual(row.parent, version, active.version))
    shown = [one for one in run.messages if one.verdict != "same"][:MOST_SHOWN] if run else []
    others = [
        (str(one.version), page.gettext("Version %(n)s", n=one.version))
        for one in versions[:200] if one.version != version
    ]  # fmt: skip
    return page.render(
        "mapping/version.html", channel=_channel(page, connection_id), row=row, active=active, against=other,
        changes=diff_mappings(page.ctx.db, connection_id, other.version, version), run=run, shown=shown,
        others=others, lasts=[(one, one) for one in LASTS], unread=unread_messages(page.ctx.db, connection_id),
    )  # fmt: skip


def _active_words(page: Page, tried: DryRun) -> str:
    """That it is active now, how many orders read otherwise by it, and the first of them."""
    first, changed = "; ".join(tried.differences()), tried.counts["changed"]
    if not changed:
        return page.gettext("Version %(n)s is active: every new order is read by it.", n=tried.version)
    return page.gettext(
        "Version %(n)s is active: every new order is read by it. %(changed)s of the orders that were tried read "
        "otherwise now, for example: %(first)s",
        n=tried.version, changed=changed, first=first,
    )  # fmt: skip


def _usual(parent: int | None, version: int, active: int) -> int:
    """The version to compare with: the active one, else the one it was made from."""
    return (parent or 0) if active == version else active


def _typed(page: Page, connection_id: int, pairs: Pairs, version: int | None = None) -> Edit:
    given = dict(pairs)
    form = MappingForm.typed(pairs, _built_in(page, connection_id))
    return Edit(form, given.get("note", "")[:200], version, _number(given.get("base", "")), unsaved=True)


def _acted(page: Page, connection_id: int, edit: Edit, pairs: Pairs) -> bool:
    """Whether another button than Save was pressed; then it is done."""
    button = dict(pairs).get("do", "save")
    if button == "save":
        return False
    edit.form.act(button, _built_in(page, connection_id))
    return True


def _refused(page: Page, connection_id: int, edit: Edit, error: BadInput) -> Response:
    edit.wrong = mistake_of(str(error))
    return _form(page, connection_id, edit, 422)


def _form(page: Page, connection_id: int, edit: Edit, status: int = 200) -> Response:
    excerpt = line_of(edit.form.files.get(edit.wrong.file, ""), edit.wrong.line)
    return page.render(
        "mapping/edit.html", status, channel=_channel(page, connection_id), edit=edit, excerpt=excerpt,
        built_in=_built_in(page, connection_id), why=page.said(edit.wrong.why),
    )  # fmt: skip


def _channel(page: Page, connection_id: int) -> object:
    return read_channel(page.ctx.db, connection_id, page.now)


def _built_in(page: Page, connection_id: int) -> BuiltIn:
    return page.ctx.mappings.built_in(read_channel(page.ctx.db, connection_id, page.now).channel)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
