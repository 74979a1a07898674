"""`stockline rules`: the versions of the routing rules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import click

from hub.canonical.errors import BadInput
from hub.cli.shared import ACTOR, ListingGroup, json_option, print_json, show, with_hub, with_new_hub
from hub.reports.rulesets import active_of, diff_rulesets, find_rulesets, read_ruleset_fact
from hub.rules.routing import NAMED, named
from hub.rules.ruleset_diff import sentence
from hub.rules.ruleset_gaps import gaps
from hub.store.rulesets import body, ruleset_of
from hub.usecases.add_new_criteria import add_new_criteria
from hub.usecases.manage_rulesets import (
    activate_ruleset,
    draft_ruleset,
    edit_draft,
    retire_ruleset,
    roll_back_ruleset,
)
from hub.wiring import Hub

COLUMNS = ("version", "state", "name", "parent", "note", "created_by", "created_at", "activated_by", "activated_at")
_file = click.option("--file", type=click.File("rb"), help="The body as JSON; - reads the standard input.")
_note = click.option("--note", default="", help="Why, for those who come later.")


@click.group(cls=ListingGroup)
def rules() -> None:
    """List, draft, compare and activate the routing rules."""


@rules.command("list")
@json_option
@with_hub
def list_rules(hub: Hub, as_json: bool) -> None:
    """List the versions, newest first; 0 is what the program comes with."""
    rows = [{name: getattr(fact, name) for name in (*COLUMNS, "body")} for fact in find_rulesets(hub.db)]
    show(rows, COLUMNS, as_json, "No version.")
    if not as_json:
        _tell_gaps(hub)


def _tell_gaps(hub: Hub) -> None:
    active = active_of(find_rulesets(hub.db))
    for strategy, criterion in gaps(ruleset_of(active.version, active.body)):
        click.echo(
            f"Version {active.version} is older than the criterion {criterion}, which strategy {strategy} lacks: make "
            "a draft with it by stockline rules draft --new-criteria, or leave it if that is on purpose."
        )


@rules.command("show")
@click.argument("version", type=int)
@with_hub
def show_rules(hub: Hub, version: int) -> None:
    """Print the body of a VERSION as JSON: change it, and give it to `draft --file`."""
    print_json(dict(read_ruleset_fact(hub.db, version).body))


@rules.command("draft")
@click.option("--from", "base", type=int, help="The version to begin with; the active one where it is left out.")
@click.option("--named", "ready", type=click.Choice(sorted(NAMED)), help="Rules that come with the program.")
@click.option("--new-criteria", "fill", is_flag=True, help="With the criteria that came after that version was made.")
@_file
@_note
@json_option
@with_new_hub
def draft(
    hub: Hub, base: int | None, ready: str | None, fill: bool, file: IO[bytes] | None, note: str, as_json: bool
) -> None:  # fmt: skip
    """Make a draft from a version, from rules that come with the program, or from a file."""
    if sum((bool(ready), fill, file is not None)) > 1:
        raise BadInput("--named, --new-criteria and --file: use one of them")
    version = (
        add_new_criteria(hub.context(), actor=ACTOR, base=base) if fill else _drafted(hub, base, ready, file, note)
    )
    _done(as_json, version, f"Version {version} is a draft. Try it: stockline simulate --ruleset {version} --days 7")


def _drafted(hub: Hub, base: int | None, ready: str | None, file: IO[bytes] | None, note: str) -> int:
    given = body(named(ready)) if ready else read_body(file) if file else None
    return draft_ruleset(hub.context(), actor=ACTOR, base=base, given=given, note=note)


@rules.command("edit")
@click.argument("version", type=int)
@click.option("--file", type=click.File("rb"), required=True, help="The body as JSON; - reads the standard input.")
@_note
@with_hub
def edit(hub: Hub, version: int, file: IO[bytes], note: str) -> None:
    """Write another body into a draft."""
    edit_draft(hub.context(), version, read_body(file), actor=ACTOR, note=note or None)
    click.echo(f"Version {version} was changed.")


@rules.command("diff")
@click.argument("before", type=int)
@click.argument("after", type=int)
@json_option
@with_hub
def diff(hub: Hub, before: int, after: int, as_json: bool) -> None:
    """Say what differs between two versions, setting by setting."""
    changes = diff_rulesets(hub.db, before, after)
    if as_json:
        print_json([change.to_dict() for change in changes])
        return
    click.echo("\n".join(sentence(change) for change in changes) or f"Versions {before} and {after} say the same.")


@rules.command("activate")
@click.argument("version", type=int)
@with_hub
def activate(hub: Hub, version: int) -> None:
    """Route everything by a draft from now on."""
    activate_ruleset(hub.context(), version, actor=ACTOR)
    click.echo(f"Version {version} is active.")


@rules.command("rollback")
@click.argument("to", type=int)
@_note
@json_option
@with_hub
def rollback(hub: Hub, to: int, note: str, as_json: bool) -> None:
    """Activate an old version again, as a new one."""
    version = roll_back_ruleset(hub.context(), to, actor=ACTOR, note=note)
    _done(as_json, version, f"Version {version} is active; it says what version {to} said.")


@rules.command("retire")
@click.argument("version", type=int)
@with_hub
def retire(hub: Hub, version: int) -> None:
    """Put a draft aside."""
    retire_ruleset(hub.context(), version, actor=ACTOR)
    click.echo(f"Version {version} is retired.")


def read_body(file: IO[bytes]) -> Mapping[str, Any]:
    """A body of rules from a JSON file. Raises BadInput: it is no JSON object."""
    return as_body(file.read(), Path(file.name).name)


def as_body(raw: bytes, name: str) -> Mapping[str, Any]:
    """The content of the file `name` as a body of rules. Raises BadInput: it is no JSON object."""
    try:
        found = json.loads(raw)
    except ValueError as error:
        raise BadInput(f"{name} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise BadInput(f"{name}: use one JSON object, as stockline rules show prints it")
    return found


def _done(as_json: bool, version: int, words: str) -> None:
    if as_json:
        print_json({"version": version})
    else:
        click.echo(words)
