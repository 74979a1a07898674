"""`stockline rates`: carriers' zones and rates, listed and imported from CSV."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import click

from hub.cli.shared import ACTOR, ListingGroup, in_house, json_option, print_json, show, with_hub, with_new_hub
from hub.reports.lists import rate_list, zone_list
from hub.rules.shipping import RATE_COLUMNS, ZONE_COLUMNS
from hub.usecases.import_rates import decoded, import_rates
from hub.wiring import Hub


@click.group(cls=ListingGroup)
def rates() -> None:
    """List and import carriers' zones and rates."""


@rates.command("list")
@click.option("--zone", default="", help="Only this zone.")
@json_option
@with_hub
def list_rates(hub: Hub, zone: str, as_json: bool) -> None:
    """List what a parcel costs, by carrier, warehouse, zone and weight."""
    show(rate_list(hub.db, zone=zone), RATE_COLUMNS, as_json, "No rates yet: stockline rates import --help",
         in_house(hub, "price", "per_unit"))  # fmt: skip


@rates.command("zones")
@json_option
@with_hub
def list_zones(hub: Hub, as_json: bool) -> None:
    """List which addresses are in which zone."""
    show(zone_list(hub.db), ZONE_COLUMNS, as_json, "No zones yet: stockline rates import --help")


@rates.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--replace", is_flag=True, help="Remove what is not in the file.")
@json_option
@with_new_hub
def import_file(hub: Hub, file: IO[bytes], replace: bool, as_json: bool) -> None:
    """Take in FILE, a CSV of zones or of rates; all of it or, where a line is wrong, nothing.

    Zones: warehouse,country,postal_prefix,zone. Rates: carrier,service,warehouse,zone,up_to_g,price,per_unit,days.
    """
    text = decoded(file.read(), Path(file.name).name)
    done = import_rates(hub.context(), text, actor=ACTOR, replace=replace)
    counts = {"added": done.added, "changed": done.changed, "removed": done.removed, "same": done.same}
    if as_json:
        print_json({"kind": done.kind} | counts)
        return
    click.echo(f"{done.kind}: {', '.join(f'{count} {word}' for word, count in counts.items())}.")
