"""`stockline keys`: the keys that seal the channels' credentials."""

from __future__ import annotations

import click

from hub.cli.shared import with_hub
from hub.store.secrets import KEY_FILE, new_key_line
from hub.usecases.rotate_secrets import rotate_secrets
from hub.wiring import Hub


@click.group()
def keys() -> None:
    """Make a key, and move the stored credentials to the newest one."""


@keys.command()
def new() -> None:
    """Print a fresh key line: put it in front of the others, restart, then rotate."""
    click.echo(new_key_line())
    click.echo(
        "Put it first in STOCKLINE_SECRET_KEYS (a comma between keys), or as the first line of the file "
        f"{KEY_FILE}, on every machine; restart, run `stockline keys rotate`, then take the old key away.",
        err=True,
    )


@keys.command()
@with_hub
def rotate(hub: Hub) -> None:
    """Seal every stored credential with the first key, while the hub runs; older keys may go afterwards."""
    click.echo(f"{rotate_secrets(hub.context(), hub.box)} credentials moved to the newest key")
