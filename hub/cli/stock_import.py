"""`stockline stock import`: stock from a CSV or Excel file."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path

import click

from hub.canonical.errors import BadInput
from hub.cli.shared import ACTOR, json_option, once_key, print_json, show, with_hub
from hub.reports.imports import import_rows, read_import
from hub.usecases.import_stock import MODES, StockFile, apply_import, preview_import
from hub.usecases.read_sheet import MOST_BYTES
from hub.wiring import Hub

COLUMNS = ("line", "sku", "warehouse", "lot", "before", "after", "status", "problem")
SHOWN = 50


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--warehouse", default="", help="Meant where a row names none.")
@click.option("--mode", type=click.Choice(MODES), default="set", show_default=True,
              help="set: the numbers are what lies there; add: they are added.")  # fmt: skip
@click.option("--apply", is_flag=True, help="Write it; without this, only show what it would change.")
@click.option("--yes", is_flag=True, help="What the breaker found strange is meant.")
@click.option("--skip-problems", is_flag=True, help="Leave out rows that cannot be used.")
@click.option("--key", default="", help="Your own name for this delivery: the same again is written once.")
@json_option
@with_hub
def import_file(
    hub: Hub, file: Path, warehouse: str, mode: str, apply: bool, yes: bool, skip_problems: bool, key: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Read FILE (columns sku, quantity and, if you like, warehouse, lot, expires_on; English or Chinese headers).

    Rows that are not in the file change nothing. Exit code 1 where rows cannot be used.
    """
    if file.stat().st_size > MOST_BYTES:
        raise BadInput(f"{file.name} has {file.stat().st_size} bytes; up to {MOST_BYTES} are read: split it")
    raw = file.read_bytes()
    given = StockFile(key or _key(raw, mode, warehouse, apply), file.name, raw, mode, warehouse)
    import_id = preview_import(hub.context(), given, actor=ACTOR)
    before = apply and read_import(hub.db, import_id).state == "applied"
    if before:
        click.echo(
            "This very file was applied before, and is not applied twice; --key NAME makes it another.", err=True
        )
    elif apply:
        apply_import(hub.context(), import_id, actor=ACTOR, yes=yes, skip_problems=skip_problems)
    problems = _print(hub, import_id, as_json, before=before)
    raise SystemExit(1 if problems else 0)


def _key(raw: bytes, mode: str, warehouse: str, apply: bool) -> str:
    """Adding the very same file a second time is a slip of the hand; setting the same numbers again is none."""
    if mode == "add" and apply:
        return f"file:{hashlib.sha256(raw + warehouse.encode()).hexdigest()}"
    return once_key()


def _print(hub: Hub, import_id: int, as_json: bool, *, before: bool) -> int:
    """Show the file and what it changes, or changed before; how many rows cannot be used."""
    found = read_import(hub.db, import_id)
    rows, _ = import_rows(hub.db, import_id, limit=500)
    if as_json:
        print_json(asdict(found) | {"rows": [asdict(row) for row in rows]})
        return found.summary["problem"]
    counts = ", ".join(f"{found.summary[name]} {name}" for name in ("new", "changed", "same", "problem"))
    click.echo(f"Import {found.id}: {found.summary['rows']} rows: {counts}; "
               f"{found.summary['more']} pieces more, {found.summary['fewer']} fewer.")  # fmt: skip
    told = [row for row in rows if row.status != "same"][:SHOWN]
    show([asdict(row) for row in told], COLUMNS, False, "Nothing would change.")
    if found.breaker:
        click.echo(f"It may be a mistake ({found.breaker}): it needs --yes.")
    if found.applied is None:
        click.echo("Nothing was written. Write it: the same command with --apply")
    else:
        when = f"Nothing was written now. Applied on {found.applied_at:%Y-%m-%d %H:%M} UTC" if before else "Applied"
        click.echo(f"{when}: {found.applied['rows']} rows, {found.applied['more']} pieces more, "
                   f"{found.applied['fewer']} fewer, {found.applied['late']} too late.")  # fmt: skip
    return found.summary["problem"]
