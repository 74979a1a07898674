"""`stockline connection`: what is connected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import click

from connectors.kit import registry
from hub.canonical.errors import BadInput
from hub.cli.given import read_given
from hub.cli.shared import (
    ACTOR,
    ListingGroup,
    connection_id,
    json_option,
    print_json,
    show,
    with_hub,
    with_new_hub,
)
from hub.cli.stopped import found_words, health_words, judged_words, let_go_words
from hub.cli.traffic import backfill, pull, push, restart
from hub.reports.channels import ChannelState, read_channels
from hub.reports.lists import connection_list
from hub.reports.stopped import read_stopped, read_zeros
from hub.usecases.change_connection import change_connection
from hub.usecases.connect import add_connection, check_connection, pause_connection, resume_connection
from hub.usecases.mass_zero import allow_mass_zero
from hub.wiring import Hub

COLUMNS = ("name", "channel", "state", "health", "pulled_at", "failures", "holds", "reason")


@click.group(cls=ListingGroup)
def connection() -> None:
    """Add, check, run, pause and resume connections."""


for traffic in (pull, push, backfill, restart):
    connection.add_command(traffic)


@connection.command("list")
@json_option
@with_hub
def list_connections(hub: Hub, as_json: bool) -> None:
    """List connections with their state, how they do, and the last error of what fails."""
    channels = {channel.id: channel for channel in read_channels(hub.db, hub.context().clock())}
    rows = [_told(row, channels[row["id"]]) for row in connection_list(hub.db)]
    shown = rows if as_json else [row | _words(row) for row in rows]
    show(shown, COLUMNS, as_json, "No connection yet: stockline connection add --help")


def _told(row: Mapping[str, Any], channel: ChannelState) -> dict[str, Any]:
    return {**row, "health": channel.health, "last_error": channel.last_error}


def _words(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "state": _state(row), "health": health_words(row["health"]), "reason": row["state_reason"] or row["last_error"]
    }  # fmt: skip


def _state(row: Mapping[str, Any]) -> str:
    """How a connection is, for people: an active one may be stopped in part, and zeros may wait for a person."""
    stopped = [f"stopped: {', '.join(row['stopped'])}"] if row["stopped"] else []
    zeros = [f"waiting with 0: {row['waiting_zeros']}"] if row["waiting_zeros"] else []
    return "; ".join([row["state"], *stopped, *zeros])


@connection.command()
@click.argument("channel")
@click.argument("name")
@click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A setting; several times.")
@click.option("--secret", "secrets", multiple=True, metavar="KEY[=@FILE|=env:NAME]",
              help="A secret, from a file, an environment variable, or asked for at the terminal.")  # fmt: skip
@click.option("--on-shortage", type=click.Choice(["hold", "refuse"]), default="hold", show_default=True,
              help="Orders without stock: hold until there is some, or refuse at once.")  # fmt: skip
@with_new_hub
def add(hub: Hub, channel: str, name: str, pairs: Sequence[str], secrets: Sequence[str], on_shortage: str) -> None:
    """Connect a shop of CHANNEL (`stockline connectors` lists them) under the name NAME."""
    spec = registry.spec(channel)
    given = read_given(pairs, secrets)
    given.ask_for(spec.secrets)
    add_connection(
        hub.context(), hub.box.seal, spec, name, given.settings, given.secrets, actor=ACTOR, on_shortage=on_shortage,
        unread=given.unread,
    )  # fmt: skip
    click.echo(f"Added {name}. Now check it: stockline connection check {name}")


@connection.command()
@click.argument("name")
@click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A new value; KEY= takes the default again.")
@click.option("--secret", "secrets", multiple=True, metavar="KEY[=@FILE|=env:NAME]",
              help="A new secret, from a file, an environment variable, or asked for at the terminal.")  # fmt: skip
@click.option("--on-shortage", type=click.Choice(["hold", "refuse"]), help="Orders without stock.")
@with_hub
def change(hub: Hub, name: str, pairs: Sequence[str], secrets: Sequence[str], on_shortage: str | None) -> None:
    """Change settings and secrets of NAME; what is not named stays. A running hub follows within seconds."""
    if not pairs and not secrets and on_shortage is None:
        raise BadInput(f"nothing to change; for example: stockline connection change {name} --secret access_token")
    key = connection_id(hub, name)
    spec = registry.spec(next(row["channel"] for row in connection_list(hub.db) if row["id"] == key))
    given = read_given(pairs, secrets)
    change_connection(
        hub.context(), hub.box.seal, spec, key, given.settings, given.secrets, actor=ACTOR, on_shortage=on_shortage,
        unread=given.unread,
    )  # fmt: skip
    click.echo(f"Changed {name}. Now check it: stockline connection check {name}")


@connection.command()
@click.argument("name")
@click.option("--callback-url", default="", help="Where the channel should call; default: the public address.")
@json_option
@with_hub
def check(hub: Hub, name: str, callback_url: str, as_json: bool) -> None:
    """Look at credentials, scopes and webhooks of NAME, and repair webhooks. Exit code 1 where something is wrong.

    What it says "without" of is lost until it is mended; all else goes on.
    """
    key = connection_id(hub, name)
    ctx = hub.context()
    found = check_connection(ctx, key, callback_url or ctx.callback_url(name) or None)
    if as_json:
        print_json([asdict(finding) for finding in found])
    for finding in () if as_json else found:
        state = "repaired" if finding.repaired else "ok" if finding.ok else "WRONG" if finding.stops else "without"
        click.echo(f"{state:8}  {finding.what}" + (f": {finding.mend}" if not finding.ok else ""))
    raise SystemExit(1 if any(finding.stops for finding in found) else 0)


@connection.command()
@click.argument("name")
@click.option("--why", default="by hand", show_default=True)
@with_hub
def pause(hub: Hub, name: str, why: str) -> None:
    """Stop all traffic of NAME; webhooks are still kept."""
    pause_connection(hub.context(), connection_id(hub, name), ACTOR, why)
    click.echo(f"{name} is paused. Go on with: stockline connection resume {name}")


@connection.command()
@click.argument("name")
@with_hub
def resume(hub: Hub, name: str) -> None:
    """Let NAME and its stopped streams go on; what waited is due now, and zeros that wait are judged anew."""
    key = connection_id(hub, name)
    stopped, zeros = read_stopped(hub.db, key), read_zeros(hub.db, key)
    resume_connection(hub.context(), key, ACTOR)
    click.echo(f"{name} goes on.")
    for one in stopped:
        click.echo(f"{one.stream} was {found_words(one)}. It goes on.")
    for each in zeros:
        click.echo(judged_words(each))


@connection.command("allow-zeros")
@click.argument("name")
@click.option("--watch", is_flag=True, help="Arm the breaker again.")
@click.option("--off", is_flag=True, help="Switch the breaker off also where no zero waits, for zeros still to come.")
@with_hub
def allow_zeros(hub: Hub, name: str, watch: bool, off: bool) -> None:
    """The zeros that the mass-zero breaker keeps back at NAME are meant: they are told, and no others are kept back
    there until --watch. Where none waits nothing is done, unless --off says that the breaker is to be off."""
    if watch and off:
        raise BadInput("--watch arms the breaker, --off switches it off: say one of them")
    key = connection_id(hub, name)
    waited = allow_mass_zero(hub.context(), key, not watch, ACTOR, waiting_only=not off)
    for words in [f"The breaker of {name} watches again."] if watch else let_go_words(name, waited):
        click.echo(words)


@connection.command("key")
@click.argument("name")
@click.option("--days", default=365, show_default=True, help="How long it lives: 1 to 730.")
@with_hub
def make_key(hub: Hub, name: str, days: int) -> None:
    """Make a key with which NAME fetches its stock numbers, and does nothing else. It is printed once."""
    from hub.rules.permissions import SYSTEM, Role
    from hub.usecases.api_keys import create_key
    from hub.usecases.feed_stock import connection_named

    key = connection_named(hub.context(), name)
    made = create_key(hub.context(), SYSTEM, f"stock feed of {name}", Role.FEED, days, connection_id=key)
    click.echo(made.text)
    click.echo(f"It works until {made.expires_at:%Y-%m-%d} on {hub.settings.address}/api/v1/connections/{name}/stock/"
               "changes and …/ack; it is not shown again.", err=True)  # fmt: skip
