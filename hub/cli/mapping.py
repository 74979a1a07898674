"""`stockline mapping`: what one connection's mapping says differently from the built-in one, as versions."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from hub.canonical.errors import BadInput
from hub.cli.shared import ACTOR, connection_id, json_option, print_json, show, with_hub
from hub.reports.mappings import MappingFact, active_of, diff_mappings, find_mappings, one_of, unread_messages
from hub.rules.mapping_body import with_changes
from hub.rules.order_diff import MessageDiff
from hub.rules.ruleset_diff import sentence
from hub.usecases.manage_mappings import (
    activate_mapping,
    draft_mapping,
    edit_mapping,
    replay_unread,
    retire_mapping,
    roll_back_mapping,
)
from hub.usecases.try_mapping import LAST, MOST, DryRun, dry_run
from hub.wiring import Hub

COLUMNS = ("version", "state", "files", "rows", "parent", "note", "created_by", "created_at", "activated_at")
_note = click.option("--note", default="", help="Why, for those who come later.")
_connection = click.argument("connection")
_version = click.argument("version", type=int)
_CHANGES = (
    click.option("--yaml", "files", multiple=True, metavar="NAME=FILE", help="YAML over a file: orders=my.yaml."),
    click.option("--row", "rows", multiple=True, metavar="TABLE=VALUE,CELL…",
                 help="A row, a cell for each column: status=on-hold,open,paid,unfulfilled; a cell may be empty."),
    click.option("--drop-row", "drops", multiple=True, metavar="TABLE=VALUE", help="Take out a row of your own."),
)  # fmt: skip


def _changes(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_CHANGES):
        command = option(command)
    return command


@click.group()
def mapping() -> None:
    """Say what one connection's words mean: show, draft, diff, dry-run, activate, roll back."""


@mapping.command("show")
@_connection
@click.argument("version", type=int, required=False)
@click.option("--built-in", is_flag=True, help="Print the files and tables that the program comes with.")
@json_option
@with_hub
def show_mapping(hub: Hub, connection: str, version: int | None, built_in: bool, as_json: bool) -> None:
    """List the versions, newest first (0 is the built-in mapping), or print what a VERSION says differently."""
    key = connection_id(hub, connection)
    if built_in:
        _show_built_in(hub, key)
        return
    facts = find_mappings(hub.db, key)
    if version is not None:
        print_json(dict(one_of(facts, version).body))
        return
    more = ("activated_by", "tried", "body")
    rows = [{name: getattr(fact, name) for name in (*COLUMNS, *(more if as_json else ()))} for fact in facts]
    show(rows, COLUMNS, as_json, "No version.")


def _show_built_in(hub: Hub, key: int) -> None:
    found = hub.context().mappings.built_in(hub.channels.get(key).spec.name)
    for name, text in found.files.items():
        click.echo(f"# {name}.yaml\n{text}")
    for table in found.tables:
        click.echo(f"# tables/{table.name}.csv\n" + "\n".join(",".join(row) for row in (table.columns, *table.rows)))


@mapping.command("draft")
@_connection
@click.option("--from", "base", type=int, help="The version to begin with; the active one where it is left out.")
@_changes
@_note
@json_option
@with_hub
def draft(
    hub: Hub, connection: str, base: int | None, files: Sequence[str], rows: Sequence[str], drops: Sequence[str],
    note: str, as_json: bool,
) -> None:  # fmt: skip
    """Make a draft from a version, with these changes; nothing is read by it yet."""
    key = connection_id(hub, connection)
    facts = find_mappings(hub.db, key)
    start = active_of(facts) if base is None else one_of(facts, base)
    given = _changed(start, files, rows, drops)
    version = draft_mapping(hub.context(), key, actor=ACTOR, base=start.version, given=given, note=note)
    if as_json:
        print_json({"version": version})
        return
    click.echo(f"Version {version} is a draft. Try it: stockline mapping dry-run {connection} {version}")


@mapping.command("edit")
@_connection
@_version
@_changes
@_note
@with_hub
def edit(
    hub: Hub, connection: str, version: int, files: Sequence[str], rows: Sequence[str], drops: Sequence[str], note: str
) -> None:
    """Change a draft."""
    key = connection_id(hub, connection)
    given = _changed(one_of(find_mappings(hub.db, key), version), files, rows, drops)
    edit_mapping(hub.context(), key, version, given, actor=ACTOR, note=note or None)
    click.echo(f"Version {version} was changed.")


@mapping.command("diff")
@_connection
@click.argument("before", type=int)
@click.argument("after", type=int)
@json_option
@with_hub
def diff(hub: Hub, connection: str, before: int, after: int, as_json: bool) -> None:
    """Say what differs between two versions."""
    changes = diff_mappings(hub.db, connection_id(hub, connection), before, after)
    if as_json:
        print_json([change.to_dict() for change in changes])
        return
    click.echo("\n".join(map(sentence, changes)) or f"Versions {before} and {after} say the same.")


@mapping.command("dry-run")
@_connection
@_version
@click.option("--last", default=LAST, show_default=True, type=click.IntRange(1, MOST), help="Orders to read again.")
@json_option
@with_hub
def try_draft(hub: Hub, connection: str, version: int, last: int, as_json: bool) -> None:
    """Read the last orders, and what is held, by VERSION, and say what differs. Exit code 1: it breaks some."""
    run = dry_run(hub.context(), connection_id(hub, connection), version, last=last)
    if as_json:
        print_json({**run.counts, "data": [_as_data(one) for one in run.messages if one.verdict != "same"]})
    else:
        _tell(run)
    raise SystemExit(1 if run.counts["broken"] else 0)


@mapping.command("activate")
@_connection
@_version
@click.option(
    "--force",
    is_flag=True,
    help="Also where its dry run shows orders that it breaks, or of which it changes what is paid or sent.",
)
@click.option("--replay", is_flag=True, help="Then read again what is held because nobody could read it.")
@with_hub
def activate(hub: Hub, connection: str, version: int, force: bool, replay: bool) -> None:
    """Read all orders by a draft from now on; it is tried first, and refused where it breaks what is read now, or
    changes what is paid or sent."""
    key = connection_id(hub, connection)
    tried = activate_mapping(hub.context(), key, version, actor=ACTOR, force=force)
    click.echo(f"Version {version} is active.")
    for line in _changed_words(tried):
        click.echo(line)
    _read_held(hub, connection, key, replay)


@mapping.command("rollback")
@_connection
@click.argument("to", type=int)
@_note
@with_hub
def rollback(hub: Hub, connection: str, to: int, note: str) -> None:
    """Activate an old version again, as a new one; 0 is the built-in mapping."""
    ctx, key = hub.context(), connection_id(hub, connection)
    tried = dry_run(ctx, key, to)
    version = roll_back_mapping(ctx, key, to, actor=ACTOR, note=note)
    click.echo(f"Version {version} is active; it says what version {to} said.")
    for line in _changed_words(tried):
        click.echo(line)


@mapping.command("retire")
@_connection
@_version
@with_hub
def retire(hub: Hub, connection: str, version: int) -> None:
    """Put a draft aside."""
    retire_mapping(hub.context(), connection_id(hub, connection), version, actor=ACTOR)
    click.echo(f"Version {version} is retired.")


@mapping.command("replay")
@_connection
@with_hub
def replay_held(hub: Hub, connection: str) -> None:
    """Read again what is held because nobody could read it; what still fails is held anew."""
    _read_held(hub, connection, connection_id(hub, connection), True)


def _read_held(hub: Hub, connection: str, key: int, now: bool) -> None:
    if now:
        click.echo(f"{replay_unread(hub.context(), key, actor=ACTOR)} held messages are read again.")
    elif waiting := unread_messages(hub.db, key):
        click.echo(f"{waiting} held messages wait. Read them again: stockline mapping replay {connection}")


def _changed(start: MappingFact, files: Sequence[str], rows: Sequence[str], drops: Sequence[str]) -> dict[str, Any]:
    texts = {name: _text(file) for name, file in (_pair("--yaml", one) for one in files)}
    cells = [(table, next(csv.reader([line]))) for table, line in (_pair("--row", one) for one in rows)]
    return with_changes(start.body, files=texts, rows=cells, drop=[_pair("--drop-row", one) for one in drops])


def _pair(option: str, text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    if not name or not value.strip():
        raise BadInput(f"{option} {text!r}: write NAME=VALUE")
    return name.strip(), value


def _text(file: str) -> str:
    try:
        return Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"--yaml {file}: it cannot be read ({getattr(error, 'strerror', None) or 'no UTF-8'})") from None


def _tell(run: DryRun) -> None:
    for one in run.messages:
        if one.verdict != "same":
            click.echo(f"{one.verdict:8} {one.number}")
        for line in (*map(sentence, one.changes), *_errors(one)):
            click.echo(f"         {line}")
    counts = run.counts
    words = ("money", "money or currency"), ("sent", "what is sent")
    parts = [f"{counts[name]} in {said}" for name, said in words if counts[name]]
    money = f" ({', '.join(parts)})" if parts else ""
    click.echo("{messages} messages read: {changed} would change{paid}, {mended} mended, {broken} broken, "
               "{stuck} still not read.".format(**counts, paid=money))  # fmt: skip


def _changed_words(run: DryRun) -> list[str]:
    """How many of the orders that were tried read otherwise now, and the first of them."""
    counts = run.counts
    sent = f", {counts['sent']} in what is sent" if counts["sent"] else ""
    told = (
        "{changed} of {messages} messages read otherwise now, {money} of them in money or currency{also}; for example:"
    )
    return [told.format(**counts, also=sent), *(f"  {line}" for line in run.differences())] if counts["changed"] else []


def _errors(one: MessageDiff) -> list[str]:
    return [f"{word}: {text}" for word, text in (("now", one.before), ("then", one.after)) if text]


def _as_data(one: MessageDiff) -> dict[str, Any]:
    changes = [change.to_dict() for change in one.changes]
    names = ("message_id", "ref", "number", "verdict", "before", "after")
    return {name: getattr(one, name) for name in names} | {"changes": json.loads(json.dumps(changes, default=str))}
