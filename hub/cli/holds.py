"""`stockline holds`: what waits for a person, by cause; run it again, or put an unreadable file or refund aside."""

from __future__ import annotations

import click

from hub.cli.held import cause_data, tell_cause, terminal_voice
from hub.cli.shared import ACTOR, ListingGroup, json_option, print_json, with_hub
from hub.pages.labels import label
from hub.reports.holds import KINDS, fingerprint_of, hold_causes, hold_counts
from hub.usecases.fix_holds import dismiss_hold, replay_hold
from hub.wiring import Hub


@click.group(cls=ListingGroup)
def holds() -> None:
    """Say what is held, by cause: how much waits, since when, and what mends it."""


@holds.command("list")
@click.option("--kind", default="", type=click.Choice(["", *KINDS]), metavar="KIND", help=f"Only: {', '.join(KINDS)}.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="Causes at most.")
@json_option
@with_hub
def list_holds(hub: Hub, kind: str, limit: int, as_json: bool) -> None:
    """List causes, the one with most waiting orders first. The texts are those of the page Holds."""
    found, counts = hold_causes(hub.db, kind=kind, limit=limit), hold_counts(hub.db)
    if as_json:
        print_json({"counts": counts, "causes": [cause_data(cause) for cause in found]})
        return
    say = terminal_voice()
    for cause in found:
        tell_cause(say, cause)
        click.echo()
    parts = ", ".join(f"{counts[one]} {say.gettext(label('hold', one))}" for one in KINDS if counts[one])
    click.echo(f"Causes: {counts['all']} ({parts}); shown: {len(found)}." if found or parts else "Nothing is held.")


@holds.command()
@click.argument("cause")
@with_hub
def again(hub: Hub, cause: str) -> None:
    """Run again what waits for CAUSE, its number or fingerprint; it also releases what was held by hand."""
    count = replay_hold(hub.context(), fingerprint_of(hub.db, cause), ACTOR)
    click.echo(f"{count} run again; what still fails is held anew.")


@holds.command()
@click.argument("cause")
@with_hub
def dismiss(hub: Hub, cause: str) -> None:
    """Put aside the files or refunds of CAUSE, which nobody can read; they are kept as they came."""
    count = dismiss_hold(hub.context(), fingerprint_of(hub.db, cause), ACTOR)
    click.echo(f"{count} put aside, and kept as it came.")
