"""The editor of a draft: a form without end, checked field by field; its buttons also work without scripts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from hub.canonical.errors import BadInput, Conflict
from hub.pages.labels import LABELS, label
from hub.pages.rule_form import MOST_STRATEGIES, Fields, RuleForm, place_of
from hub.pages.rule_words import RuleWords, Told
from hub.pages.sent import Pairs, sent
from hub.pages.shell import Page, page_for
from hub.reports.catalog import find_warehouses
from hub.reports.rulesets import RulesetFact, read_ruleset_fact
from hub.rules.routing import NAMED, Ruleset, named
from hub.store.rulesets import body as body_of
from hub.store.rulesets import ruleset_of
from hub.usecases.manage_rulesets import edit_draft

router = APIRouter()
Writing = Annotated[Page, Depends(page_for("routing.write"))]
BLANK = 2
"""Empty rows that a list of conditions or criteria always has."""


@dataclass(frozen=True, slots=True)
class Card:
    """One strategy ("s") or batch ("b") of the form, for its template.

    labels: name of a field -> what it is called, filled in as it is drawn.
    """

    kind: str
    n: int
    fields: Fields
    wrong: Mapping[str, str]
    labels: dict[str, str]
    told: Told | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}{self.n}"

    def name(self, key: str) -> str:
        return f"{self.key}.{key}"

    def get(self, key: str) -> str:
        return self.fields.get(key, "")

    def error(self, key: str) -> str:
        """What is wrong with this field, or with a part of it that has no field of its own."""
        own = self.name(key)
        return self.wrong.get(own) or next((why for at, why in self.wrong.items() if at.startswith(f"{own}.")), "")

    def opened(self, group: str) -> bool:
        """Whether this group of fields is in use or has a fault."""
        used = any(value and key.startswith(group) for key, value in self.fields.items())
        return used or any(at.startswith(self.name(group)) for at in self.wrong)

    @property
    def faulty(self) -> bool:
        return any(at.startswith(f"{self.key}.") for at in self.wrong)

    def conditions(self, group: str) -> range:
        return self._rows(group, "field")

    @property
    def criteria(self) -> range:
        return self._rows("criteria", "by")

    @property
    def sorts(self) -> range:
        return self._rows("sort", "")

    def _rows(self, group: str, part: str) -> range:
        pattern = re.compile(rf"{group}\.(\d+)\.?{part}$")
        last = max(
            (int(hit[1]) for key, value in self.fields.items() if value and (hit := pattern.match(key))), default=-1
        )
        return range(last + 1 + BLANK)


@dataclass
class Edit:
    """One look at the form. `wrong`: field -> what to do about it, in the person's language."""

    form: RuleForm
    note: str
    wrong: dict[str, str]
    problem: str = ""
    unsaved: bool = False
    looked_at: str = ""
    rules: Ruleset | None = None


@router.get("/routing/rules/{version}/edit")
def edit_page(page: Writing, version: int) -> Response:
    row = _draft(page, version)
    rules = ruleset_of(version, row.body)
    return _form(page, row, Edit(RuleForm.of(rules.to_dict()), row.note, {}, rules=rules))


@router.post("/routing/rules/{version}/edit")
def edit_save(page: Writing, version: int, pairs: Annotated[Pairs, Depends(sent)]) -> Response:
    """Save the draft, or do what one of the form's buttons says and show it again, unsaved."""
    row = _draft(page, version)
    typed = dict(pairs)
    edit = Edit(RuleForm.typed(pairs), typed.get("note", "").strip(), {}, unsaved=True)
    button = typed.get("do", "save")
    if button not in ("save", "look"):
        edit.looked_at = _act(edit.form, button, typed.get("named", ""))
        edit.rules = _readable(edit, version)
        return _form(page, row, edit)
    _check(page, edit, version)
    if button == "look" or edit.wrong or edit.problem:
        return _form(page, row, edit, 422 if edit.wrong or edit.problem else 200)
    edit_draft(page.ctx, version, edit.form.read()[0], actor=page.who.actor, note=edit.note)
    return page.redirect(f"/routing/rules/{version}", page.gettext("Saved. Now try it, or activate it."))


def _act(form: RuleForm, button: str, template: str) -> str:
    """Returns the part to look at. Raises BadInput: more strategies than the form has room for."""
    if button != "add:s":
        return form.act(button)
    if len(form.strategies) >= MOST_STRATEGIES:
        raise BadInput(f"{MOST_STRATEGIES} strategies are all that the form has room for: remove one, or use the API")
    return form.add(template_body(template)["strategies"])


def _check(page: Page, edit: Edit, version: int) -> None:
    """Fill in what is wrong; first what cannot be read, then what the rules refuse."""
    body, codes = edit.form.read()
    edit.wrong = {at: page.gettext(label("rule_problem", code)) for at, code in codes.items()}
    if edit.wrong:
        return
    try:
        edit.rules = ruleset_of(version, body)
    except BadInput as error:
        (at, _), (_, text) = place_of(str(error)), place_of(page.said(error))
        if at:
            edit.wrong = {at: text}
        else:
            edit.problem = text


def _readable(edit: Edit, version: int) -> Ruleset | None:
    """The rules of an unfinished form, for its sentences; None while it cannot be read."""
    body, codes = edit.form.read()
    try:
        return None if codes else ruleset_of(version, body)
    except BadInput:
        return None


def _draft(page: Page, version: int) -> RulesetFact:
    row = read_ruleset_fact(page.ctx.db, version)
    if row.state != "draft":
        raise Conflict(f"version {version} is {row.state} and does not change any more: make a draft of it")
    return row


def _form(page: Page, row: RulesetFact, edit: Edit, status: int = 200) -> Response:
    told = RuleWords(page).ruleset(edit.rules) if edit.rules else (None,) * len(edit.form.strategies)
    labels = dict[str, str]()
    strategies = [
        Card("s", n, fields, edit.wrong, labels, told[n] if n < len(told) else None)
        for n, fields in enumerate(edit.form.strategies)
    ]  # fmt: skip
    batches = [Card("b", n, fields, edit.wrong, labels) for n, fields in enumerate(edit.form.batches)]
    return page.render(
        "routing/edit.html", status, row=row, strategies=strategies, batches=batches, note=edit.note, wrong=edit.wrong,
        labels=labels, problem=edit.problem, unsaved=edit.unsaved, looked_at=edit.looked_at, improve=edit.form.improve,
        named=template_choices(page), choices=_choices(page),
    )  # fmt: skip


def _choices(page: Page) -> dict[str, Any]:
    """The words of all selects in the person's language."""

    def words(kind: str, blank: bool = False) -> list[tuple[str, str]]:
        rows = [(code, page.gettext(label(kind, code))) for code in LABELS[kind]]
        return [("", "–"), *rows] if blank else rows

    places, _ = find_warehouses(page.ctx.db, limit=20)
    return {
        "fields": words("rule_field", blank=True), "ops": words("rule_op"), "searches": words("rule_search"),
        "criteria": words("criterion", blank=True), "costs": words("cost_part"), "kinds": words("place_kind"),
        "leftovers": words("rule_leftover"), "sorts": words("rule_sort", blank=True),
        "modes": [("all", page.gettext("all of these hold")), ("any", page.gettext("one of these holds"))],
        "places": ", ".join(place.code for place in places) or "–",
    }  # fmt: skip


def template_choices(page: Page) -> list[tuple[str, str]]:
    """The strategies that come with the program: (name, what it does)."""
    return [(name, page.gettext(label("template", name))) for name in NAMED]


def template_body(name: str) -> dict[str, Any]:
    """A template as the data of a ruleset. Raises NotFound."""
    return body_of(named(name))
