"""`stockline selling`: policies beyond the stock, pools of channels, buffers, remaining life, freshness."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from hub.cli.shared import ACTOR, connection_id, json_option, show, with_hub
from hub.reports.selling import find_buffers, find_lives, find_policies, find_pools
from hub.usecases import set_selling
from hub.usecases.set_freshness import ON_STALE, set_freshness
from hub.wiring import Hub

DAY = click.DateTime(["%Y-%m-%d"])
MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"])
CONNECTION = click.option("--connection", default="", help="Left out: all connections.")
SKU = click.option("--sku", default="", help="Left out: every SKU.")


@click.group()
def selling() -> None:
    """Say how stock is offered; `stockline stock explain SKU` shows what follows."""


def _id(hub: Hub, name: str) -> int:
    """0 stands for all connections."""
    return connection_id(hub, name) if name else 0


def _all(find: Callable[[str], tuple[list[Any], str | None]]) -> Iterable[dict[str, Any]]:
    """The rows of all pages."""
    after: str | None = ""
    while after is not None:
        rows, after = find(after)
        yield from (asdict(row) for row in rows)


@selling.command("list")
@json_option
@with_hub
def list_terms(hub: Hub, as_json: bool) -> None:
    """List all policies, pools, buffers and rules of remaining life."""
    now, db = hub.context().clock(), hub.db
    kinds: dict[str, Callable[[str], tuple[list[Any], str | None]]] = {
        "policy": lambda after: find_policies(db, after=after, limit=500),
        "pool": lambda after: find_pools(db, now, after=after, limit=500),
        "buffer": lambda after: find_buffers(db, after=after, limit=500),
        "life": lambda after: find_lives(db, after=after, limit=500),
    }
    rows = [{"kind": kind} | row for kind, find in kinds.items() for row in _all(find)]
    if as_json:
        return show(rows, (), True, "")
    told = [
        {"kind": row["kind"], "sku": row["sku"] or "all", "connection": row["connection"] or "all", "says": _says(row)}
        for row in rows
    ]
    return show(told, ("kind", "sku", "connection", "says"), False, "Everything is sold from stock, to everybody.")


def _says(row: dict[str, Any]) -> str:
    hidden = {"kind", "sku", "connection", "connection_id"}
    return ", ".join(
        f"{name} {value}" for name, value in row.items() if name not in hidden and value not in (None, "", False)
    )


@selling.command("policy")
@click.argument("sku")
@click.argument("mode", type=click.Choice(("stock", "backorder", "presale", "none")))
@click.option("--units", default=0, help="At most so many pieces owed at once.")
@click.option("--available-on", type=DAY, help="The day that buyers are promised.")
@CONNECTION
@with_hub
def policy(hub: Hub, sku: str, mode: str, units: int, available_on: datetime | None, connection: str) -> None:
    """Sell SKU from stock, as backorder (UNITS beyond the stock) or as presale until a day; `none` forgets it."""
    key = _id(hub, connection)
    if mode == "none":
        set_selling.drop_policy(hub.context(), sku, key, actor=ACTOR)
    else:
        day = available_on.date() if available_on else None
        set_selling.set_policy(hub.context(), sku, key, mode=mode, units=units, available_on=day, actor=ACTOR)
    click.echo(f"{sku} on {connection or 'all connections'}: {mode}.")


@selling.command("pool")
@click.argument("connection")
@click.argument("mode", type=click.Choice(("shared", "exclusive", "ratio", "none")))
@SKU
@click.option("--units", default=0, help="Exclusive: pieces that are kept for it.")
@click.option("--permille", default=1000, show_default=True, help="Ratio: of what it could sell.")
@click.option("--max-listed", type=int, help="Never show more.")
@click.option("--end-when", type=int, help="Show 0 once no more than this is left.")
@click.option("--ends-at", type=MOMENT, help="The pool is over then (UTC).")
@with_hub
def pool(hub: Hub, connection: str, mode: str, sku: str, ends_at: datetime | None, **numbers: Any) -> None:
    """Give CONNECTION its part of a SKU, or of all; `none` forgets it."""
    key = connection_id(hub, connection)
    if mode == "none":
        set_selling.drop_pool(hub.context(), key, sku, actor=ACTOR)
    else:
        end = ends_at.replace(tzinfo=UTC) if ends_at else None
        set_selling.set_pool(hub.context(), key, sku, mode=mode, ends_at=end, actor=ACTOR, **numbers)
    click.echo(f"{sku or 'every SKU'} on {connection}: {mode}.")


@selling.command("buffer")
@click.option("--units", default=0, help="Pieces kept back.")
@click.option("--permille", default=0, help="Of what is free, added to the pieces.")
@click.option("--position", default=0, help="The smallest position that fits is taken.")
@click.option("--warehouse")
@click.option("--tag")
@CONNECTION
@SKU
@click.option("--drop", type=int, help="Forget the rule with this id.")
@with_hub
def buffer(hub: Hub, connection: str, drop: int | None, **rule: Any) -> None:
    """Keep pieces back by a rule: per place, before the places are added up; the first rule that fits is taken."""
    if drop is not None:
        set_selling.drop_buffer(hub.context(), drop, actor=ACTOR)
        click.echo(f"Forgot buffer rule {drop}.")
        return
    made = set_selling.add_buffer(hub.context(), connection_id=_id(hub, connection) or None, actor=ACTOR, **rule)
    click.echo(f"Added buffer rule {made}.")


@selling.command("life")
@click.argument("days", type=int)
@click.option("--tag", default="", help="Left out: every SKU.")
@CONNECTION
@SKU
@click.option("--drop", is_flag=True, help="Forget the rule instead.")
@with_hub
def life(hub: Hub, days: int, connection: str, drop: bool, **which: Any) -> None:
    """A lot must be good for DAYS after today to be sold."""
    key = _id(hub, connection)
    if drop:
        set_selling.drop_life(hub.context(), connection_id=key, actor=ACTOR, **which)
        click.echo("Forgot the rule.")
        return
    set_selling.set_life(hub.context(), days, connection_id=key, actor=ACTOR, **which)
    click.echo(f"Lots must be good for {days} days on {connection or 'all connections'}.")


@selling.command("freshness")
@click.argument("warehouse")
@click.option("--hours", type=int, help="Left out: the numbers are our own and never stale.")
@click.option("--on-stale", default="freeze", show_default=True, type=click.Choice(ON_STALE))
@with_hub
def freshness(hub: Hub, warehouse: str, hours: int | None, on_stale: str) -> None:
    """Numbers of WAREHOUSE that are older than HOURS raise no number (freeze), or do not count (leave_out)."""
    set_freshness(hub.context(), warehouse, hours, on_stale=on_stale, actor=ACTOR)
    click.echo(f"{warehouse}: {'our own numbers' if hours is None else f'stale after {hours} hours ({on_stale})'}.")
