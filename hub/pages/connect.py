"""Connect a channel: choose its kind, fill in the form of its passport, see what the check found; change it later."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from hub.canonical.errors import BadInput, Conflict, Misconfigured, NotFound, Rejected
from hub.pages.common_fields import common_fields
from hub.pages.labels import label
from hub.pages.said import called
from hub.pages.shell import Page, page_for
from hub.ports.channel import Can, ConnectorSpec, Field, Finding
from hub.reports.channels import read_channel
from hub.reports.setup import ConnectionSetup, read_setup
from hub.rules.callbacks import CALLBACK
from hub.store.secrets import SecretBox
from hub.usecases.change_connection import change_connection
from hub.usecases.connect import add_connection, check_connection

router = APIRouter()
Writing = Annotated[Page, Depends(page_for("channels.write"))]
ORDER = tuple(Can)
"""What a channel can do, in the order in which it is told."""


async def sent_values(request: Request) -> dict[str, str]:
    """The posted texts by name; files are left out."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


Sent = Annotated[dict[str, str], Depends(sent_values)]


@dataclass(frozen=True, slots=True)
class Asked:
    """One field of the form in the person's language. `stored`: a secret that is kept when nothing is typed."""

    name: str
    label: str
    help: str
    value: str
    error: str
    required: bool
    choices: tuple[str, ...]
    lines: int
    stored: bool = False


@router.get("/connect")
def connectors_page(page: Writing) -> Response:
    """Step 1: which kind of channel."""
    found = sorted(page.services.specs(), key=lambda spec: spec.title.casefold())
    cards = [(spec, abilities(page, spec), _words(page, (*spec.settings, *spec.secrets))) for spec in found]
    return page.render("connect/choose.html", cards=cards)


@router.get("/connect/{channel}")
def connect_form(page: Writing, channel: str) -> Response:
    """Step 2: its name, settings and secrets."""
    return _form(page, spec_of(page, channel), {})


@router.post("/connect/{channel}")
def connect_channel(page: Writing, sent: Sent, channel: str) -> Response:
    """Step 3: stored, checked, and what the check found."""
    spec, name = spec_of(page, channel), sent.get("name", "").strip()
    try:
        connection_id = add_connection(
            page.ctx, box_of(page).seal, spec, name, _given("settings", _fields(spec), sent),
            _given("secrets", spec.secrets, sent), actor=page.who.actor, on_shortage=sent.get("on_shortage", "hold"),
        )  # fmt: skip
    except (BadInput, Conflict) as error:
        return _form(page, spec, sent, error=error)
    return _result(page, connection_id, checked=True)


@router.get("/channels/{connection_id}/setup")
def setup_page(page: Writing, connection_id: int) -> Response:
    """Where the channel should call, and the button that checks."""
    return _result(page, connection_id, checked=False)


@router.post("/channels/{connection_id}/setup")
def setup_check(page: Writing, connection_id: int) -> Response:
    return _result(page, connection_id, checked=True)


@router.get("/channels/{connection_id}/edit")
def edit_form(page: Writing, connection_id: int) -> Response:
    setup = read_setup(page.ctx.db, connection_id)
    return _form(page, spec_of(page, setup.channel), _stored(setup), setup)


@router.post("/channels/{connection_id}/edit")
def edit_connection(page: Writing, sent: Sent, connection_id: int) -> Response:
    """Settings as typed, secrets only where something was typed; then checked."""
    setup = read_setup(page.ctx.db, connection_id)
    spec = spec_of(page, setup.channel)
    settings = {f.name: sent[f"settings.{f.name}"] for f in _fields(spec) if f"settings.{f.name}" in sent}
    drop = [f.name for f in spec.secrets if not f.required and sent.get(f"drop.{f.name}")]
    try:
        change_connection(
            page.ctx, box_of(page).seal, spec, connection_id, settings, _given("secrets", spec.secrets, sent),
            actor=page.who.actor, drop=drop, on_shortage=sent.get("on_shortage"),
        )  # fmt: skip
    except BadInput as error:
        return _form(page, spec, sent, setup, error)
    page.services.forget(connection_id)
    return _result(page, connection_id, checked=True)


def spec_of(page: Page, channel: str) -> ConnectorSpec:
    """The passport of a connector. Raises NotFound: none of that name is installed."""
    found = next((spec for spec in page.services.specs() if spec.name == channel), None)
    if found is None:
        raise NotFound(f"there is no connector {channel!r}; stockline connectors lists them")
    return found


def box_of(page: Page) -> SecretBox:
    """What seals secrets. Raises Misconfigured: this process has no keys."""
    if page.services.box is None:
        raise Misconfigured("this process cannot seal secrets: set STOCKLINE_SECRET_KEYS, or give it its data folder")
    return page.services.box


def callback_of(page: Page, setup: ConnectionSetup) -> str:
    """Where the channel's webhooks go: below the public address, else where they went before; empty: nowhere yet."""
    return page.ctx.callback_url(setup.name) or setup.settings.get(CALLBACK, "")


def check_now(page: Page, connection_id: int) -> tuple[Finding, ...]:
    """Ask the channel, repair its webhooks; what was found, in the person's language where we have the words."""
    callback = callback_of(page, read_setup(page.ctx.db, connection_id))
    found = check_connection(page.ctx, connection_id, callback or None)
    return tuple(replace(finding, what=_what(page, finding.what), mend=_say(page, finding.mend)) for finding in found)


def abilities(page: Page, spec: ConnectorSpec) -> list[str]:
    """What the channel can do, in words."""
    return [page.gettext(label("can", can)) for can in ORDER if can in spec.can]


def _what(page: Page, what: str) -> str:
    kind, _, topic = what.partition(" ")
    return page.gettext("webhook %(topic)s", topic=topic) if kind == "webhook" and topic else _say(page, what)


def _say(page: Page, text: str) -> str:
    """A text of a connector in the person's language, where a catalog has it."""
    return page.said(text)


def _given(kind: str, fields: Sequence[Field], sent: Mapping[str, str]) -> dict[str, str]:
    """Name -> what was typed; fields that hold nothing but blanks are left out."""
    typed = {field.name: sent.get(f"{kind}.{field.name}", "") for field in fields}
    return {name: text for name, text in typed.items() if text.strip()}


def _fields(spec: ConnectorSpec) -> tuple[Field, ...]:
    """Every setting that the form has."""
    return (*spec.settings, *common_fields(spec))


def _stored(setup: ConnectionSetup) -> dict[str, str]:
    settings = {f"settings.{name}": text for name, text in setup.settings.items()}
    return settings | {"name": setup.name, "on_shortage": setup.on_shortage}


def _form(
    page: Page, spec: ConnectorSpec, values: Mapping[str, str], setup: ConnectionSetup | None = None,
    error: Rejected | None = None,
) -> Response:  # fmt: skip
    """The form again; of `values` only what is no secret is shown."""
    wrong = error.fields if isinstance(error, BadInput) else {"name": "taken"} if error else {}
    labels = {field.name: _say(page, field.label) for field in (*_fields(spec), *spec.secrets)}
    words = {name: called(page.said(label("wrong", code)), labels) for name, code in wrong.items()}
    return page.render(
        "connect/form.html", error.status if error else 200, spec=spec, setup=setup, wrong=words,
        retype=any(values.get(f"secrets.{field.name}") for field in spec.secrets),
        name=values.get("name", ""), on_shortage=values.get("on_shortage", "hold"),
        may_refuse=Can.REFUSE_ORDER in spec.can or values.get("on_shortage") == "refuse",
        settings=[_setting(page, field, values, words) for field in spec.settings],
        common=[_setting(page, field, values, words) for field in common_fields(spec)],
        secrets=_secrets(page, spec.secrets, words, setup.secrets if setup else ()),
    )  # fmt: skip


def _setting(page: Page, field: Field, values: Mapping[str, str], wrong: Mapping[str, str]) -> Asked:
    name = f"settings.{field.name}"
    words, value = _words(page, (field,))[0], values.get(name, field.default)
    choices = (*field.choices, value) if field.choices and value not in field.choices else field.choices
    needed = field.required and not field.default
    return Asked(name, *words, value, wrong.get(name, ""), needed, choices, field.lines)


def _secrets(page: Page, fields: Sequence[Field], wrong: Mapping[str, str], stored: Collection[str]) -> list[Asked]:
    return [
        Asked(
            f"secrets.{field.name}", *words, "", wrong.get(f"secrets.{field.name}", ""),
            field.required and field.name not in stored, (), field.lines, field.name in stored,
        )
        for field, words in zip(fields, _words(page, fields), strict=True)
    ]  # fmt: skip


def _words(page: Page, fields: Sequence[Field]) -> list[tuple[str, str]]:
    return [(_say(page, field.label), _say(page, field.help)) for field in fields]


def _result(page: Page, connection_id: int, *, checked: bool) -> Response:
    findings = check_now(page, connection_id) if checked else ()
    setup = read_setup(page.ctx.db, connection_id)
    spec = next((spec for spec in page.services.specs() if spec.name == setup.channel), None)
    return page.render(
        "connect/result.html", setup=setup, findings=findings, checked=checked, callback=callback_of(page, setup),
        webhooks=spec is not None and Can.WEBHOOKS in spec.can, asks=spec is not None and Can.STOCK_FEED in spec.can,
        ready=not any(finding.stops for finding in findings),
        channel=read_channel(page.ctx.db, connection_id, page.now),
    )  # fmt: skip
