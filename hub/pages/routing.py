"""Routing: what the active rules do in plain sentences, their versions, and what differs between two of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from hub.canonical.errors import BadInput
from hub.pages.labels import label
from hub.pages.rule_edit import template_body, template_choices
from hub.pages.rule_words import RuleWords, changes
from hub.pages.sent import cut
from hub.pages.shell import Page, page_for
from hub.pages.simulator import day_choices
from hub.reports.routing import last_try
from hub.reports.rulesets import RulesetFact, active_of, find_rulesets, one_of
from hub.rules.routing import Ruleset
from hub.rules.ruleset_gaps import gaps
from hub.store.rulesets import ruleset_of
from hub.usecases.add_new_criteria import add_new_criteria
from hub.usecases.manage_rulesets import activate_ruleset, draft_ruleset, retire_ruleset, roll_back_ruleset

router = APIRouter()
Reading = Annotated[Page, Depends(page_for("routing.read"))]
Writing = Annotated[Page, Depends(page_for("routing.write"))]
Text = Annotated[str, Form()]
ON_A_PAGE = 20
DRAFTS_SHOWN = 5


@router.get("/routing")
def routing_page(page: Reading, after: str = "") -> Response:
    versions = find_rulesets(page.ctx.db)
    active = active_of(versions)
    drafts = [row for row in versions if row.state == "draft"][:DRAFTS_SHOWN]
    shown, more = cut(versions, after, ON_A_PAGE)
    told, batches = _told(page, active)
    return page.render(
        "routing/rules.html", active=active, drafts=drafts, told=told, batches=batches, next=more,
        versions=shown, named=template_choices(page), gaps=_gaps(page, active),
    )  # fmt: skip


@router.get("/routing/rules/{version}")
def version_page(page: Reading, version: int, against: str = "") -> Response:
    """One version in sentences, compared with the active one or with `against`."""
    versions = find_rulesets(page.ctx.db)
    row, active = one_of(versions, version), active_of(versions)
    other = one_of(versions, _against(row, active, against))
    told, batches = _told(page, row)
    found = changes(RuleWords(page).ruleset, _rules(other), _rules(row))
    others = [
        (str(one.version), page.gettext("Version %(n)s", n=one.version))
        for one in versions[:200] if one.version != version
    ]  # fmt: skip
    return page.render(
        "routing/version.html", row=row, active_version=active.version, against=other, told=told, batches=batches,
        changes=found, others=others, body=row.body, tried=last_try(page.ctx.db, version), days=day_choices(page),
    )  # fmt: skip


def _against(row: RulesetFact, active: RulesetFact, asked: str) -> int:
    """The version to compare with: the one asked for, else the active one, else the one it was made from."""
    if asked.isascii() and asked.isdigit() and len(asked) < 9:
        return int(asked)
    return row.parent or 0 if active.version == row.version else active.version


@router.post("/routing/drafts")
def draft_add(page: Writing, parent: Text = "", named: Text = "") -> Response:
    """A new draft: of a version, or of a template of that name."""
    if named:
        note = page.gettext(label("template", named))
        version = draft_ruleset(page.ctx, actor=page.who.actor, given=template_body(named), note=note)
    elif parent.isascii() and parent.isdigit() and len(parent) < 9:
        version = draft_ruleset(page.ctx, actor=page.who.actor, base=int(parent))
    else:
        raise BadInput(f"parent = {parent!r}: name the version to begin with, such as 1, or a template")
    return page.redirect(f"/routing/rules/{version}/edit", page.gettext("A draft: nothing changes until it is active."))


@router.post("/routing/rules/{version}/new-criteria")
def version_fill(page: Writing, version: int) -> Response:
    """A draft of it with the criteria that came later, to be tried and activated like any other."""
    made = add_new_criteria(page.ctx, base=version, actor=page.who.actor)
    return page.redirect(f"/routing/rules/{made}", page.gettext("A draft: nothing changes until it is active."))


@router.post("/routing/rules/{version}/activate")
def version_activate(page: Writing, version: int) -> Response:
    activate_ruleset(page.ctx, version, actor=page.who.actor)
    said = page.gettext("Version %(n)s is active: every new plan follows it.", n=version)
    return page.redirect("/routing", said)


@router.post("/routing/rules/{version}/rollback")
def version_roll_back(page: Writing, version: int) -> Response:
    new = roll_back_ruleset(page.ctx, version, actor=page.who.actor)
    return page.redirect("/routing", page.gettext("Version %(old)s is back, as version %(n)s.", old=version, n=new))


@router.post("/routing/rules/{version}/retire")
def version_retire(page: Writing, version: int) -> Response:
    retire_ruleset(page.ctx, version, actor=page.who.actor)
    return page.redirect("/routing", page.gettext("The draft was put aside."))


def _rules(row: RulesetFact) -> Ruleset:
    return ruleset_of(row.version, row.body)


def _gaps(page: Page, row: RulesetFact) -> list[tuple[str, str]]:
    """(strategy, criterion in words) that came after this version was stored."""
    return [(name, page.gettext(label("criterion", criterion))) for name, criterion in gaps(_rules(row))]


def _told(page: Page, row: RulesetFact) -> tuple[object, list[str]]:
    words, rules = RuleWords(page), _rules(row)
    return words.ruleset(rules), [words.batch(batch) for batch in rules.batches]
