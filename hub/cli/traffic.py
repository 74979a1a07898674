"""`stockline connection pull|push|backfill|restart`: what goes between the hub and one shop at once, or again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from hub.canonical.errors import BadInput, BadRecord, NotAllowed
from hub.cli.doctor import scheduler_owner
from hub.cli.one_order import tell_held
from hub.cli.shared import ACTOR, connection_id, json_option, print_json, show, with_hub
from hub.cli.stopped import anew_words, stands_still, zeros_mend, zeros_words
from hub.ports.channel import Can
from hub.reports.dead import dead_counts
from hub.reports.holds import held_after, newest_hold
from hub.reports.stopped import Zeros, read_zeros
from hub.reports.unread import unread_of
from hub.usecases.restart_stream import PLACED
from hub.wiring import Hub

SAID = ("connection", "listing_ref", "sku", "state", "number", "why")


class Day(click.DateTime):
    """A day or a minute, UTC; what is none is told with how to write one."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d", "%Y-%m-%dT%H:%M"])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """As click does."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value!r} is no date: write a day such as 2026-11-01, or a minute such as 2026-11-01T08:30.",
                      param, ctx)  # fmt: skip


DAY = Day()


@click.command()
@click.argument("name")
@click.option(
    "--order", "number", default="", help="Only this order, by the number that its buyer sees or the channel's own id."
)
@json_option
@with_hub
def pull(hub: Hub, name: str, number: str, as_json: bool) -> None:
    """Pull listings and orders of NAME now, or one order; read them in and place them.

    `held` is what this pull held, `held now` all that is held of NAME, where a hub that runs held some before it.
    """
    key = connection_id(hub, name)
    if number:
        _pull_order(hub, key, number, as_json)
    else:
        _pull_all(hub, name, key, as_json)


def _pull_all(hub: Hub, name: str, key: int, as_json: bool) -> None:
    from hub.usecases.pull_listings import pull_listings
    from hub.usecases.pull_orders import pull_orders

    ctx, can = hub.context(), hub.channels.get(key).spec.can
    still = stands_still(hub, key, ("listings", "orders", "refunds"))
    before = newest_hold(hub.db)
    listings = pull_listings(ctx, key) if Can.PULL_LISTINGS in can and "listings" not in still else 0
    with _own_place(name, "orders"):
        received = pull_orders(ctx, key) if Can.PULL_ORDERS in can and "orders" not in still else 0
    refunds, without = _pull_refunds(hub, name, key) if Can.PULL_REFUNDS in can and "refunds" not in still else ({}, ())
    counts = {"listings": listings, "received": received, **refunds, **_take_in(hub)}
    held, in_all = held_after(hub.db, before, key), held_after(hub.db, 0, key)
    waiting = {"held_now" if as_json else "held now": in_all} if as_json or in_all != held else {}
    _report({**counts, "held": held, **waiting}, as_json)
    if in_all and not as_json:
        click.echo("What is held, and what mends it: stockline holds")
    for words in without:
        click.echo(f"without refunds: {words}", err=True)
    _complain([*still.values()])


@contextmanager
def _own_place(name: str, stream: str) -> Iterator[None]:
    """Raises BadInput with what mends a stream that cannot read its own place."""
    try:
        yield
    except BadRecord as error:
        if error.field != "cursor":
            raise
        raise BadInput(f"{error}; {anew_words(name, stream)}") from None


def _pull_refunds(hub: Hub, name: str, key: int) -> tuple[dict[str, int], Sequence[str]]:
    """How many refunds were told, or why the account may not read them: orders come in all the same."""
    from hub.usecases.pull_refunds import pull_refunds

    try:
        with _own_place(name, "refunds"):
            return {"refunds": pull_refunds(hub.context(), key)}, ()
    except NotAllowed as error:
        return {}, (str(error),)


def _take_in(hub: Hub) -> dict[str, int]:
    from hub.usecases.ingest_inbox import ingest_inbox
    from hub.usecases.join_refunds import join_refunds
    from hub.usecases.place_orders import place_orders

    ctx = hub.context()
    read = _until_none(lambda: ingest_inbox(ctx))
    _until_none(lambda: join_refunds(ctx))
    return {"read": read, "placed": _until_none(lambda: place_orders(ctx))}


def _pull_order(hub: Hub, key: int, number: str, as_json: bool) -> None:
    from hub.reports.lists import connection_list, order_list
    from hub.usecases.fetch_order import fetch_order

    found = fetch_order(hub.context(), key, number, actor=ACTOR)
    _take_in(hub)
    rows = order_list(hub.db, connection_key=key, text=found.ref)
    if as_json:
        print_json({"ref": found.ref, "new": found.new, "orders": rows})
        return
    click.echo(f"{found.ref}: " + ("read." if found.new else "nothing has changed since it was read last."))
    show(rows, ("id", "number", "state", "payment", "total", "placed_at"), False, "It is no order yet.")
    name = next(row["name"] for row in connection_list(hub.db) if row["id"] == key)
    tell_held(hub, rows, unread_of(hub.db, {(name, found.ref)}))


@click.command()
@click.argument("name", required=False)
@click.option("--sku", "skus", multiple=True, help="Only the listings of this SKU, at once; several times.")
@click.option("--again", is_flag=True, help="Also what was given up after many tries.")
@json_option
@with_hub
def push(hub: Hub, name: str | None, skus: Sequence[str], again: bool, as_json: bool) -> None:
    """Send to NAME what waits: messages, then stock. With --sku its numbers at once, to all channels without NAME.

    Exit code 1 where a channel does not show a number now.
    """
    key = connection_id(hub, name) if name else None
    if again and (skus or key is None):
        raise BadInput("--again goes with the name of a connection, and without --sku")
    if skus:
        _push_skus(hub, skus, key, as_json)
    elif key is None:
        raise BadInput("name a connection, or the SKUs to send to all of them: --sku MUG-RED")
    else:
        if again:
            _try_again(hub, key)
        _push_all(hub, key, as_json)


def _try_again(hub: Hub, key: int) -> None:
    from hub.usecases.replay_dead import replay_dead

    counts = dead_counts(hub.db, key)
    for kind in ("outbox", "push"):
        if counts[kind]:
            replay_dead(hub.context(), kind, key, actor=ACTOR)


def _push_skus(hub: Hub, skus: Sequence[str], key: int | None, as_json: bool) -> None:
    from hub.usecases.push_now import push_now

    said = push_now(hub.context(), skus, key, actor=ACTOR)
    show([asdict(one) for one in said], SAID, as_json, "No listing")
    shops = sorted({one.connection_id for one in said if one.state != "accepted"})
    _complain(why for shop in shops for why in _not_told(hub, shop, stands_still(hub, shop, ("stock",))))
    raise SystemExit(0 if all(one.state == "accepted" for one in said) else 1)


def _push_all(hub: Hub, key: int, as_json: bool) -> None:
    from hub.usecases.send_outbox import send_outbox

    ctx, still = hub.context(), stands_still(hub, key, ("outbox", "stock"))
    tells = Can.PUSH_STOCK in hub.channels.get(key).spec.can and "stock" not in still
    _report({
        "messages": 0 if "outbox" in still else _until_none(lambda: send_outbox(ctx, key)),
        "listings": _push_stock(hub, key) if tells else 0,
    }, as_json)  # fmt: skip
    _complain(_not_told(hub, key, still))


def _push_stock(hub: Hub, key: int) -> int:
    """How many listings were seen to; those that wait with 0 since then were not."""
    from hub.usecases.push_stock import push_stock

    ctx, before = hub.context(), _waiting(read_zeros(hub.db, key))
    return _until_none(lambda: push_stock(ctx, key)) + before - _waiting(read_zeros(hub.db, key))


def _waiting(zeros: Iterable[Zeros]) -> int:
    return sum(each.listings for each in zeros)


def _not_told(hub: Hub, key: int, still: Mapping[str, str]) -> list[str]:
    """Why something does not go to a connection, and what mends it: what stands still, and which zeros wait."""
    zeros = [f"{each.connection}: {zeros_words(each)}; {zeros_mend(each)}" for each in read_zeros(hub.db, key)]
    return [*still.values(), *zeros]


def _complain(whys: Iterable[str]) -> None:
    """Tell each reason once. Exit code 1 where there is any."""
    found = list(dict.fromkeys(whys))
    for why in found:
        click.echo(f"stockline: {why}", err=True)
    if found:
        raise SystemExit(1)


def _until_none(work: Callable[[], int]) -> int:
    return sum(iter(work, 0))


def _report(counts: dict[str, int], as_json: bool) -> None:
    if as_json:
        print_json(counts)
    else:
        click.echo(", ".join(f"{what}: {count}" for what, count in counts.items()))


@click.command(epilog="For example: stockline connection backfill shop --since 2026-11-01 --until 2026-11-15")
@click.argument("name")
@click.option("--since", type=DAY, help="From this day or minute on, UTC.")
@click.option("--until", type=DAY, help="Up to this day (whole) or minute, UTC; left out: up to now.")
@click.option("--cancel", is_flag=True, help="Stop the one under way; what was read stays.")
@click.option("--run", is_flag=True, help="Read here and now, also the one that waits; else the workers do.")
@json_option
@with_hub
def backfill(
    hub: Hub, name: str, since: datetime | None, until: datetime | None, cancel: bool, run: bool, as_json: bool
) -> None:
    """Read the orders of NAME again that were placed or changed in a range of days; without options: how far it is.

    The running pull is not touched, and orders that are here already are not doubled.
    """
    from hub.reports.backfills import read_backfills
    from hub.usecases import backfill_orders as work

    ctx, key = hub.context(), connection_id(hub, name)
    if cancel:
        work.cancel_backfill(ctx, key, actor=ACTOR)
    elif since is not None:
        end = work.end_of(until.replace(tzinfo=UTC)) if until else None
        if not (run and _waits(hub, key, since.replace(tzinfo=UTC), end)):
            work.ask_backfill(ctx, key, since.replace(tzinfo=UTC), end, actor=ACTOR)
    elif until is not None:
        raise BadInput(f"--until: say with --since where it begins: stockline connection backfill {name} "
                       f"--since YYYY-MM-DD --until {until:%Y-%m-%d}")  # fmt: skip
    if run:
        _run_backfill(hub, key)
    rows: list[dict[str, Any]] = [asdict(one) for one in read_backfills(hub.db, key)]
    show(rows, ("id", "since", "until", "state", "reached_at", "new", "known", "error"), as_json,
         f"None yet: stockline connection backfill {name} --since 2026-11-01")  # fmt: skip
    if since is not None and not as_json:
        _say_where_to_look(hub, name, rows)


def _waits(hub: Hub, key: int, since: datetime, until: datetime | None) -> bool:
    """Whether just this range was asked for already, and is not read yet."""
    from hub.reports.backfills import read_backfills

    return any((one.state, one.since, one.until) == ("running", since, until) for one in read_backfills(hub.db, key))


def _say_where_to_look(hub: Hub, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """How its way is seen once it was asked for, and what reads it where nobody does."""
    if rows and rows[0]["state"] == "running":
        click.echo(f"How far it is: stockline connection backfill {name}")
        if not scheduler_owner(hub):
            click.echo("Nobody looks for waiting work: start `stockline up`, or read it here: "
                       f"stockline connection backfill {name} --run", err=True)  # fmt: skip


def _run_backfill(hub: Hub, key: int) -> None:
    from hub.reports.backfills import read_backfills
    from hub.usecases.backfill_orders import backfill_orders

    while any(one.state == "running" for one in read_backfills(hub.db, key)):
        backfill_orders(hub.context(), key)
    _take_in(hub)


@click.command(epilog="For example: stockline connection restart shop orders --since 2026-11-01")
@click.argument("name")
@click.argument("stream", type=click.Choice(PLACED))
@click.option("--since", type=DAY, help="Begin at this day or minute, UTC; left out: where a first pull does.")
@with_hub
def restart(hub: Hub, name: str, stream: str, since: datetime | None) -> None:
    """Have the orders or refunds of NAME be read from the beginning: for a stream that fails at its own place.

    A first pull reads all that the channel still gives, or from the setting `orders_since` on, where the channel has
    it. Orders and refunds that are here already are not doubled. Listings are read whole each time: they need none.
    """
    from hub.usecases.restart_stream import restart_stream

    key, begin = connection_id(hub, name), since.replace(tzinfo=UTC) if since else None
    restart_stream(hub.context(), key, stream, actor=ACTOR, since=begin)
    place = f"at {begin:%Y-%m-%d %H:%M} UTC" if begin else "where a first pull does"
    click.echo(f"The next pull of {stream} of {name} begins {place}. At once: stockline connection pull {name}")
    _complain(stands_still(hub, key, (stream,)).values())
