"""`stockline transfer`: pieces that go from one warehouse to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import click

from hub.canonical.errors import BadInput
from hub.cli.shared import ACTOR, ListingGroup, Row, json_option, once_key, print_json, read_pieces, show, with_hub
from hub.reports.transfers import Transfer, find_transfers, read_transfer
from hub.usecases.move_transfer import Arrived, close_transfer, receive_transfer, ship_transfer
from hub.usecases.plan_transfer import TransferPlan, cancel_transfer, create_transfer, reserve_transfer
from hub.wiring import Hub

STATES = ("draft", "ready", "in_transit", "received", "cancelled")
LINE_COLUMNS = ("sku", "lot", "quantity", "shipped", "received", "damaged", "lost", "under_way")


@click.group(cls=ListingGroup)
def transfer() -> None:
    """Move stock from one warehouse to another: create, reserve, ship, receive, close, cancel."""


@transfer.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only transfers in this state.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500))
@json_option
@with_hub
def list_transfers(hub: Hub, state: str | None, limit: int, as_json: bool) -> None:
    """List transfers, newest first."""
    found, _ = find_transfers(hub.db, state=state or "", limit=limit)
    rows = [asdict(each) for each in found] if as_json else [_line(each) for each in found]
    columns = ("id", "source", "destination", "state", "pieces", "under_way", "created_at")
    show(rows, columns, as_json, "No transfers. Make one: stockline transfer create FROM TO SKU=PIECES")


def _line(found: Transfer) -> Row:
    sums = {"pieces": sum(line.quantity for line in found.lines), "under_way": sum(ln.under_way for ln in found.lines)}
    return asdict(found) | sums


@transfer.command("show")
@click.argument("transfer_id", type=int)
@json_option
@with_hub
def show_transfer(hub: Hub, transfer_id: int, as_json: bool) -> None:
    """Show one transfer with its lines."""
    _print(hub, transfer_id, as_json)


@transfer.command()
@click.argument("source", metavar="FROM")
@click.argument("destination", metavar="TO")
@click.argument("parts", nargs=-1, required=True, metavar="SKU=PIECES...")
@click.option("--lot", default="", help="The lot of these pieces.")
@click.option("--note", default="")
@click.option("--key", default="", help="Your own name for it; the same again is the same transfer.")
@click.option("--reserve", is_flag=True, help="Keep the pieces at the source at once.")
@json_option
@with_hub
def create(
    hub: Hub, source: str, destination: str, parts: Sequence[str], lot: str, note: str, key: str, reserve: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Write a transfer down: FROM a warehouse TO another."""
    lines = tuple((sku, lot, pieces) for sku, pieces in read_pieces(parts, "line").items())
    wanted = TransferPlan(once_key(key), source, destination, lines, note)
    transfer_id = create_transfer(hub.context(), wanted, actor=ACTOR)
    if reserve:
        reserve_transfer(hub.context(), transfer_id, actor=ACTOR)
    _print(hub, transfer_id, as_json)


@transfer.command("reserve")
@click.argument("transfer_id", type=int)
@json_option
@with_hub
def reserve_one(hub: Hub, transfer_id: int, as_json: bool) -> None:
    """Keep the pieces of a draft at the source."""
    reserve_transfer(hub.context(), transfer_id, actor=ACTOR)
    _print(hub, transfer_id, as_json)


@transfer.command()
@click.argument("transfer_id", type=int)
@click.argument("parts", nargs=-1, metavar="[SKU=PIECES]...")
@click.option("--key", default="", help="The same key again has no second effect.")
@json_option
@with_hub
def ship(hub: Hub, transfer_id: int, parts: Sequence[str], key: str, as_json: bool) -> None:
    """Pieces leave: those named, or all that has not left yet."""
    contents = _by_line(hub, transfer_id, read_pieces(parts, "line")) if parts else None
    ship_transfer(hub.context(), transfer_id, actor=ACTOR, key=once_key(key), contents=contents)
    _print(hub, transfer_id, as_json)


@transfer.command()
@click.argument("transfer_id", type=int)
@click.argument("parts", nargs=-1, metavar="[SKU=PIECES]...")
@click.option("--damaged", multiple=True, metavar="SKU=PIECES", help="Pieces that came in broken; several times.")
@click.option("--reason", default="", help="What happened to the damaged pieces.")
@click.option("--key", default="", help="The same key again has no second effect.")
@json_option
@with_hub
def receive(
    hub: Hub, transfer_id: int, parts: Sequence[str], damaged: Sequence[str], reason: str, key: str, as_json: bool
) -> None:
    """Pieces arrive: those named, or all that is under way."""
    whole = _by_line(hub, transfer_id, read_pieces(parts, "line"))
    broken = _by_line(hub, transfer_id, read_pieces(damaged, "--damaged"))
    contents = {line: Arrived(whole.get(line, 0), broken.get(line, 0)) for line in {**whole, **broken}}
    receive_transfer(hub.context(), transfer_id, actor=ACTOR, key=once_key(key), contents=contents or None,
                     reason=reason)  # fmt: skip
    _print(hub, transfer_id, as_json)


@transfer.command()
@click.argument("transfer_id", type=int)
@click.option("--reason", required=True, help="What became of the pieces that did not arrive.")
@json_option
@with_hub
def close(hub: Hub, transfer_id: int, reason: str, as_json: bool) -> None:
    """Nothing more will come: write off what is under way."""
    close_transfer(hub.context(), transfer_id, actor=ACTOR, reason=reason)
    _print(hub, transfer_id, as_json)


@transfer.command()
@click.argument("transfer_id", type=int)
@click.option("--reason", required=True, help="Why it is called off.")
@json_option
@with_hub
def cancel(hub: Hub, transfer_id: int, reason: str, as_json: bool) -> None:
    """Call it off before anything left."""
    cancel_transfer(hub.context(), transfer_id, actor=ACTOR, reason=reason)
    _print(hub, transfer_id, as_json)


def _by_line(hub: Hub, transfer_id: int, pieces: dict[str, int]) -> dict[int, int]:
    """SKU -> pieces as line id -> pieces. Raises BadInput: a SKU with no line, or with several lots."""
    lines = read_transfer(hub.db, transfer_id).lines
    found = {}
    for sku, count in pieces.items():
        ids = [line.id for line in lines if line.sku == sku]
        if len(ids) != 1:
            why = "is not on it" if not ids else "is on it in several lots: name the lines through the API"
            raise BadInput(f"transfer {transfer_id}: {sku} {why}")
        found[ids[0]] = count
    return found


def _print(hub: Hub, transfer_id: int, as_json: bool) -> None:
    found = read_transfer(hub.db, transfer_id)
    if as_json:
        print_json(asdict(found))
        return
    click.echo(f"Transfer {found.id}: {found.source} to {found.destination}, {found.state}.")
    show([asdict(line) for line in found.lines], LINE_COLUMNS, False, "No lines.")
