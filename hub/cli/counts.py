"""`stockline count`: count shelves, hand the numbers in, approve them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import click

from hub.cli.shared import ACTOR, ListingGroup, in_house, json_option, print_json, read_pieces, show, with_hub
from hub.reports.counts import find_counts, read_count
from hub.usecases.count_shelves import CountPlan, Entry, enter_counts, open_count, scan_count, submit_count
from hub.usecases.decide_count import approve_count, reject_count
from hub.wiring import Hub

STATES = ("open", "submitted", "approved", "rejected")
COLUMNS = ("id", "warehouse", "kind", "state", "shelves", "counted", "differing", "more", "fewer", "value", "problems")
LINE_COLUMNS = ("sku", "lot", "counted", "expected", "variance", "value", "written")


@click.group(cls=ListingGroup)
def count() -> None:
    """Count shelves: open a count, enter or scan numbers, submit, approve or reject."""


@count.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only counts in this state.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500))
@json_option
@with_hub
def list_counts(hub: Hub, state: str | None, limit: int, as_json: bool) -> None:
    """List counts, newest first."""
    found, _ = find_counts(hub.db, state=state or "", limit=limit)
    show([asdict(each) for each in found], COLUMNS, as_json, "No counts. Open one: stockline count open WAREHOUSE",
         in_house(hub, "value"))  # fmt: skip


@count.command("open")
@click.argument("warehouse")
@click.argument("skus", nargs=-1)
@click.option("--tag", default="", help="All SKUs with this tag.")
@click.option("--shown", is_flag=True, help="Show who counts what the books say (else the count is blind).")
@click.option("--note", default="")
@json_option
@with_hub
def open_one(
    hub: Hub, warehouse: str, skus: Sequence[str], tag: str, shown: bool, note: str, as_json: bool
) -> None:  # fmt: skip
    """Open a count of SKUS in WAREHOUSE; without any, of all that lies there."""
    wanted = CountPlan(warehouse, tuple(skus), tag, not shown, note)
    _print(hub, open_count(hub.context(), wanted, actor=ACTOR), as_json)


@count.command("show")
@click.argument("count_id", type=int)
@json_option
@with_hub
def show_count(hub: Hub, count_id: int, as_json: bool) -> None:
    """Show one count with its shelves; once submitted, with variances and their value."""
    _print(hub, count_id, as_json)


@count.command()
@click.argument("count_id", type=int)
@click.argument("parts", nargs=-1, required=True, metavar="SKU=PIECES...")
@click.option("--lot", default="", help="The lot that was counted.")
@json_option
@with_hub
def enter(hub: Hub, count_id: int, parts: Sequence[str], lot: str, as_json: bool) -> None:
    """Write down what lies on some shelves."""
    entries = [Entry(sku, pieces, lot) for sku, pieces in read_pieces(parts, "shelf").items()]
    enter_counts(hub.context(), count_id, entries, actor=ACTOR)
    _print(hub, count_id, as_json)


@count.command()
@click.argument("count_id", type=int)
@click.argument("code")
@click.argument("pieces", type=int, default=1)
@click.option("--lot", default="", help="The lot that was counted.")
@with_hub
def scan(hub: Hub, count_id: int, code: str, pieces: int, lot: str) -> None:
    """Add PIECES (default 1) of what a scanner read: a SKU or a barcode."""
    sku, counted = scan_count(hub.context(), count_id, code, actor=ACTOR, quantity=pieces, lot=lot)
    click.echo(f"{sku}: {counted} counted.")


@count.command()
@click.argument("count_id", type=int)
@json_option
@with_hub
def submit(hub: Hub, count_id: int, as_json: bool) -> None:
    """Hand the count in; shelves that were not counted stay as they are."""
    submit_count(hub.context(), count_id, actor=ACTOR)
    _print(hub, count_id, as_json)


@count.command()
@click.argument("count_id", type=int)
@json_option
@with_hub
def approve(hub: Hub, count_id: int, as_json: bool) -> None:
    """Write the variances. Exit code 1 where promised pieces stand against some."""
    approve_count(hub.context(), count_id, actor=ACTOR)
    _print(hub, count_id, as_json)
    raise SystemExit(1 if read_count(hub.db, count_id).problems else 0)


@count.command()
@click.argument("count_id", type=int)
@click.option("--reason", required=True, help="What is doubted.")
@click.option("--recount", is_flag=True, help="Have the shelves with a variance counted again.")
@click.option("--sku", "skus", multiple=True, help="Have this SKU counted again; several times.")
@json_option
@with_hub
def reject(hub: Hub, count_id: int, reason: str, recount: bool, skus: Sequence[str], as_json: bool) -> None:
    """Throw the count away, or have shelves counted again."""
    again = skus if recount or skus else None
    reject_count(hub.context(), count_id, actor=ACTOR, reason=reason, recount=again)
    _print(hub, count_id, as_json)


def _print(hub: Hub, count_id: int, as_json: bool) -> None:
    found = read_count(hub.db, count_id)
    if as_json:
        print_json(asdict(found))
        return
    click.echo(f"Count {found.id}: {found.warehouse}, {found.state}, {found.counted} of {found.shelves} counted.")
    show([asdict(line) for line in found.lines], LINE_COLUMNS, False, "No shelves.", in_house(hub, "value"))
    for line in found.lines:
        if line.problem:
            numbers = ", ".join(str(order["number"]) for order in line.problem["orders"])
            click.echo(f"{line.sku}: {line.problem['mend']}{': ' + numbers if numbers else ''}")
