"""`stockline item`, `stockline listing`: what is sold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from hub.cli.shared import (
    ACTOR,
    ListingGroup,
    connection_id,
    json_option,
    micros,
    read_pieces,
    show,
    with_hub,
    with_new_hub,
)
from hub.reports.lists import item_list, listing_list
from hub.usecases.fix_holds import link_listing
from hub.usecases.manage_catalog import add_item, tag_item
from hub.usecases.unlink_listing import Unlinked, unlink_listing
from hub.wiring import Hub


@click.group(cls=ListingGroup)
def item() -> None:
    """List and add SKUs and kits."""


@item.command("list")
@json_option
@with_hub
def list_items(hub: Hub, as_json: bool) -> None:
    """List SKUs."""
    show(item_list(hub.db), ("sku", "title", "barcode", "kit"), as_json, "No SKU yet: stockline item add --help")


@item.command("add", epilog='For example: stockline item add MUG-RED --title "Mug, red"')
@click.argument("sku")
@click.option("--title", help="Kept as it is where it is left out.")
@click.option("--barcode", help="What a scanner reads; kept as it is where it is left out.")
@click.option("--weight-g", type=click.IntRange(0), help="Grams of one piece.")
@click.option("--value", metavar="MONEY", help="What one piece is worth.")
@click.option("--tag", "tags", multiple=True, help="For rules; several times, they replace the tags there are.")
@click.option("--kit", "parts", multiple=True, metavar="SKU=PIECES", help="A component; several times.")
@with_new_hub
def add(
    hub: Hub, sku: str, title: str | None, barcode: str | None, weight_g: int | None, value: str | None,
    tags: Sequence[str], parts: Sequence[str],
) -> None:  # fmt: skip
    """Add SKU, or change what is given of it; with --kit it is composed of other SKUs."""
    components = read_pieces(parts, "--kit")
    worth = None if value is None else micros("value", value)
    add_item(
        hub.context(), sku, title=title, barcode=barcode, weight_g=weight_g, value=worth, tags=tags or None,
        components=components or None, actor=ACTOR,
    )  # fmt: skip
    click.echo(f"Saved SKU {sku}.")


@item.command("tag")
@click.argument("sku")
@click.argument("tags", nargs=-1)
@with_hub
def tag(hub: Hub, sku: str, tags: Sequence[str]) -> None:
    """Give SKU these TAGS and no others; rules of routing and selling name them."""
    tag_item(hub.context(), sku, tags, actor=ACTOR)
    click.echo(f"{sku}: {', '.join(sorted(set(tags))) or 'no tags'}.")


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
    if connection:
        connection_id(hub, connection)
    show(listing_list(hub.db, connection=connection, unlinked=unlinked),
         ("connection", "listing_ref", "sku", "units", "offered_sku", "title", "unlinked_at"), as_json,
         "No listings.")  # fmt: skip


@listing.command("link")
@click.argument("connection")
@click.argument("listing_ref")
@click.argument("sku")
@click.option("--units", default=1, show_default=True, help="Base units of the SKU in one unit of the listing.")
@with_hub
def link(hub: Hub, connection: str, listing_ref: str, sku: str, units: int) -> None:
    """Say that LISTING_REF of CONNECTION is SKU; orders that were held for it run again by themselves.

    The shop must have such a listing, as far as its listings were read.
    """
    key = connection_id(hub, connection)
    released = link_listing(hub.context(), key, listing_ref, sku, units=units, actor=ACTOR, listed=True)
    click.echo(f"{connection} {listing_ref} is {sku}; holds released: {released}.")


@listing.command("unlink")
@click.argument("connection")
@click.argument("listing_ref")
@click.option("--zero", is_flag=True, help="Tell the channel 0 of it, once.")
@with_hub
def unlink(hub: Hub, connection: str, listing_ref: str, zero: bool) -> None:
    """Say that LISTING_REF of CONNECTION is no SKU of ours: it is told no number any more.

    That lasts until somebody links it again, also where it offers exactly a SKU of ours; it may be said before it was
    ever linked. The channel goes on showing its last number; with --zero it is told 0 first.
    """
    done = unlink_listing(hub.context(), connection_id(hub, connection), listing_ref, zero=zero, actor=ACTOR)
    for line in _unlinked_words(done, connection, listing_ref):
        click.echo(line)


def _unlinked_words(done: Unlinked, connection: str, ref: str) -> Iterator[str]:
    if done.sku:
        yield f"{connection} {ref} is {done.sku} no more."
    else:
        yield f"{connection} {ref} is no SKU, and stays so until somebody links it, also where it offers one of ours."
    if done.gone:
        yield "Nothing but this link ever named such a listing: it is not listed any more."
    if done.zero:
        yield f"The channel is told 0 of it, once: by a worker, or now with stockline connection push {connection}"
    elif done.shown:
        again = "" if done.gone else ", or say it again with --zero"
        yield f"The channel was last told {done.shown} of it, and goes on showing that: set its number there{again}."
