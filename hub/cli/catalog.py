"""`stockline warehouse`, `stockline item`, `stockline listing`: what is sold, and where it lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from hub.cli.shared import ACTOR, ListingGroup, connection_id, json_option, read_pieces, show, with_hub
from hub.reports.lists import item_list, listing_list, warehouse_list
from hub.usecases.fix_holds import link_listing
from hub.usecases.manage_catalog import add_item, save_warehouse, set_kit
from hub.wiring import Hub

WAREHOUSE_COLUMNS = ("code", "title", "priority", "active", "country", "city", "postal_code", "ships_to")


@click.group(cls=ListingGroup)
def warehouse() -> None:
    """List and add warehouses."""


@warehouse.command("list")
@json_option
@with_hub
def list_warehouses(hub: Hub, as_json: bool) -> None:
    """List warehouses in the order in which they are asked."""
    show(warehouse_list(hub.db), WAREHOUSE_COLUMNS, as_json, "No warehouse yet: stockline warehouse add --help")


@warehouse.command("add")
@click.argument("code")
@click.option("--title")
@click.option("--priority", type=int, help="1 is asked first.")
@click.option("--country", help="Two letters, such as DE.")
@click.option("--region")
@click.option("--city")
@click.option("--postal-code")
@click.option("--lat", type=float)
@click.option("--lon", type=float)
@click.option("--ships-to", multiple=True, metavar="COUNTRY", help="Only there; several times. None: everywhere.")
@click.option("--active/--inactive", default=None)
@with_hub
def add_warehouse(hub: Hub, code: str, ships_to: Sequence[str], **given: Any) -> None:
    """Add the warehouse CODE, or change what is given of it."""
    values = {name: value for name, value in given.items() if value is not None}
    save_warehouse(hub.context(), code, actor=ACTOR, **values, **({"ships_to": list(ships_to)} if ships_to else {}))
    click.echo(f"Saved warehouse {code}.")


@click.group(cls=ListingGroup)
def item() -> None:
    """List and add SKUs and kits."""


@item.command("list")
@json_option
@with_hub
def list_items(hub: Hub, as_json: bool) -> None:
    """List SKUs."""
    show(item_list(hub.db), ("sku", "title", "barcode", "kit"), as_json, "No SKU yet: stockline item add --help")


@item.command("add")
@click.argument("sku")
@click.option("--title", help="Kept as it is where it is left out.")
@click.option("--barcode", help="What a scanner reads; kept as it is where it is left out.")
@click.option("--kit", "parts", multiple=True, metavar="SKU=PIECES", help="A component; several times.")
@with_hub
def add(hub: Hub, sku: str, title: str | None, barcode: str | None, parts: Sequence[str]) -> None:
    """Add SKU, or change its title and barcode; with --kit it is composed of other SKUs."""
    components = read_pieces(parts, "--kit")
    add_item(hub.context(), sku, title=title, barcode=barcode, actor=ACTOR)
    if components:
        set_kit(hub.context(), sku, components, actor=ACTOR)
    click.echo(f"Saved SKU {sku}.")


@click.group(cls=ListingGroup)
def listing() -> None:
    """List the channels' listings, and link them to SKUs."""


@listing.command("list")
@click.option("--connection", default="", help="Only this connection's.")
@click.option("--unlinked", is_flag=True, help="Only those that are no SKU yet.")
@json_option
@with_hub
def list_listings(hub: Hub, connection: str, unlinked: bool, as_json: bool) -> None:
    """List listings."""
    show(listing_list(hub.db, connection=connection, unlinked=unlinked),
         ("connection", "listing_ref", "sku", "units", "offered_sku", "title"), as_json, "No listings.")  # fmt: skip


@listing.command("link")
@click.argument("connection")
@click.argument("listing_ref")
@click.argument("sku")
@click.option("--units", default=1, show_default=True, help="Base units of the SKU in one unit of the listing.")
@with_hub
def link(hub: Hub, connection: str, listing_ref: str, sku: str, units: int) -> None:
    """Say that LISTING_REF of CONNECTION is SKU; orders that were held for it run again by themselves."""
    key = connection_id(hub, connection)
    released = link_listing(hub.context(), key, listing_ref, sku, units=units, actor=ACTOR)
    click.echo(f"{connection} {listing_ref} is {sku}; holds released: {released}.")
