"""`stockline user`: people and their one-time links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import click

from hub.canonical.errors import NotFound
from hub.cli.shared import ListingGroup, json_option, show, with_hub, with_new_hub
from hub.reports.people import people
from hub.rules.permissions import PEOPLE_ROLES, SYSTEM
from hub.usecases.login_links import link_for
from hub.usecases.manage_users import create_user
from hub.wiring import Hub


@click.group(cls=ListingGroup)
def user() -> None:
    """Add and list people; make one-time links."""


@user.command("list")
@json_option
@with_hub
def list_users(hub: Hub, as_json: bool) -> None:
    """List people."""
    rows = [asdict(person) for person in people(hub.db, hub.context().clock())]
    show(rows, ("name", "role", "state", "warehouses", "sessions", "signed_in_at"), as_json, "Nobody yet.")


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice([str(role) for role in PEOPLE_ROLES]), default="viewer", show_default=True)
@click.option("--warehouse", "warehouses", multiple=True, help="Confine the role warehouse to it; several times.")
@click.option("--password", is_flag=True, help="Ask for a password now; else a one-time link is printed.")
@with_new_hub
def add(hub: Hub, name: str, role: str, warehouses: Sequence[str], password: bool) -> None:
    """Add a person."""
    given = click.prompt("Password", hide_input=True, confirmation_prompt=True) if password else None
    user_id = create_user(hub.context(), SYSTEM, name, role, warehouses, given)
    click.echo(f"Added {name} ({role}).")
    if given is None:
        _print_link(hub, user_id)


@user.command()
@click.argument("name")
@with_hub
def link(hub: Hub, name: str) -> None:
    """Print a one-time link with which NAME sets a password (24 hours)."""
    known = {person.name: person.id for person in people(hub.db, hub.context().clock())}
    if name not in known:
        raise NotFound(f"nobody is named {name!r}; there are: {', '.join(known) or 'none yet'}")
    _print_link(hub, known[name])


def _print_link(hub: Hub, user_id: int) -> None:
    token = link_for(hub.context(), SYSTEM, user_id)
    click.echo(f"{hub.settings.address}/link/{token}")
    click.echo("It works once, within 24 hours. Where the hub answers elsewhere, put its address in front.", err=True)
