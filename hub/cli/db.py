"""`stockline db`: migrations."""

from __future__ import annotations

import click

from hub.cli.shared import json_option, print_json, with_settings
from hub.settings import Settings
from hub.store import migrate
from hub.wiring import Hub


@click.group()
def db() -> None:
    """Bring the database up to date, or say whether it is."""


@db.command()
@with_settings
def upgrade(settings: Settings) -> None:
    """Run the steps that are missing. Safe to run twice, and from two machines at once."""
    with Hub(settings) as hub:
        before, after = migrate.upgrade(hub.db)
    what = "nothing to do" if before == after else f"it stood at {before or 'none'}"
    click.echo(f"The database stands at step {after}; {what}.")


@db.command()
@json_option
@with_settings
def check(settings: Settings, as_json: bool) -> None:
    """Say at which step the database stands. Exit code 1 where it is not up to date."""
    with Hub(settings) as hub:
        found = migrate.current(hub.db)
    fine = found == migrate.head()
    if as_json:
        print_json({"current": found, "head": migrate.head(), "up_to_date": fine})
    else:
        advice = "" if fine else "; run: stockline db upgrade"
        click.echo(f"The database stands at step {found or 'none'}, this program at {migrate.head()}{advice}")
    raise SystemExit(0 if fine else 1)
