"""Runs the demo: once with a fixed script and a verdict, or until stopped with a line per order."""

from __future__ import annotations

import resource
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from demo import counts, machine, world
from demo.goods import ACTOR, UNKNOWN
from demo.pickers import CARRIERS, Pickers
from demo.script import Script
from demo.world import THREE, Maker, World
from hub.ports.channel import Can
from hub.store.tables import holds, listings, orders
from hub.usecases.fix_holds import link_listing
from hub.wiring import Hub

SETTLE_S = 150.0
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """orders: how many (0: until stopped). per_s: orders a second. workers: processes in the scaled form.

    makers: the shops. carriers: who takes the parcels. settle_s: how long everything may take to come to rest after
    the last order, in seconds. more: pieces of each plain thing in every warehouse beside the usual ones.
    """

    orders: int = 330
    per_s: float = 9.0
    seed: int = 1
    workers: int = 2
    makers: Sequence[Maker] = THREE
    carriers: Sequence[str] = CARRIERS
    more: int = 0
    settle_s: float = SETTLE_S


def once(hub: Hub, options: Options, say: Say) -> dict[str, Any]:
    """Play the fixed script through all faults, wait until everything came to rest, and count."""
    started = time.monotonic()
    world.empty(hub)
    with machine.running(hub, options.workers) as address:
        stage = _open(hub, options, address, say)
        pickers = Pickers(hub.context("pickers"), options.seed, carriers=options.carriers)
        pickers.start()
        try:
            Script(stage, options.seed, options.orders, options.per_s).play()
            say(f"{options.orders} orders placed; waiting until every channel is told")
            mend(stage)
            left = settle(stage, say, options.settle_s)
            result = counts.count(stage)
        finally:
            pickers.stop()
            world.close(stage)
    if pickers.failure is not None:
        raise pickers.failure
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    wrong = (
        counts.verdict(result)
        + world.complaints(stage)
        + [f"not finished: {name} {number}" for name, number in left.items()]
    )
    return result | {"seconds": round(time.monotonic() - started, 1), "peak_rss_mb": memory, "wrong": wrong}


def _open(hub: Hub, options: Options, address: str, say: Say) -> World:
    stage = world.build(hub, options.seed, options.makers, options.more)
    troubles = world.connect_webhooks(stage, address)
    for trouble in troubles:
        say(f"check: {trouble}")
    say(f"hub at {address}; channels: {', '.join(shop.name for shop in stage.shops)}")
    return stage


def mend(stage: World) -> int:
    """What an admin does: link the listing that nobody knew; the orders that waited run again by themselves."""
    ctx = stage.context
    with ctx.db.read() as db:
        query = select(listings.c.connection_id, listings.c.listing_ref).where(
            listings.c.offered_sku == UNKNOWN, listings.c.sku.is_(None)
        )
        rows = db.execute(query).all()
        waiting = db.execute(
            select(holds.c.connection_id, holds.c.value).where(holds.c.kind == "unknown_sku", holds.c.state == "open")
        ).all()
    if not rows or not waiting:
        return 0
    return sum(
        link_listing(ctx, row.connection_id, row.listing_ref, "SKU-020", offered_sku=UNKNOWN, actor=ACTOR)
        for row in rows
    )


def give_up(stage: World) -> int:
    """Customers cancel what waits for stock in shops that take no refusal; returns how many could."""
    waits = (holds.c.kind == "short", holds.c.state == "open")
    query = select(orders.c.connection_id, orders.c.channel_ref).join(holds, holds.c.order_id == orders.c.id)
    with stage.context.db.read() as db:
        rows = db.execute(query.where(*waits).distinct()).all()
    patient = {shop.connection_id: shop.sandbox for shop in stage.shops if not shop.can(Can.REFUSE_ORDER)}
    waiting = [(patient[row.connection_id], row.channel_ref) for row in rows if row.connection_id in patient]
    return sum(sandbox.cancel_order(ref) for sandbox, ref in waiting)


def settle(stage: World, say: Say, seconds: float = SETTLE_S) -> dict[str, int]:
    """Calm the faults and wait until nothing is left to do, twice in a row; returns what is left at the end."""
    stage.faults.calm()
    deadline, quiet, told = time.monotonic() + seconds, 0, 0.0
    left: dict[str, int] = {}
    while time.monotonic() < deadline and quiet < 2:
        time.sleep(1.0)
        mend(stage)
        give_up(stage)
        left = counts.unfinished(stage)
        quiet = 0 if left else quiet + 1
        if left and time.monotonic() - told > 5:
            told = time.monotonic()
            say("still to do: " + ", ".join(f"{name} {number}" for name, number in left.items()))
    return left


def forever(
    hub: Hub, options: Options, ready: Callable[[str, World], None], watch: Callable[[World, float], None]
) -> None:
    """Customers and pickers until the process is stopped. `ready(address, stage)` once; `watch` blocks and prints."""
    started = time.monotonic()
    world.empty(hub)
    with ExitStack() as last, machine.running(hub, options.workers) as address:
        stage = _open(hub, options, address, lambda text: print(text, file=sys.stderr))
        last.callback(world.close, stage)  # after the hub: else it complains that its channels are gone
        pickers = Pickers(hub.context("pickers"), options.seed, patience_s=8.0)
        script = Script(stage, options.seed, 0, options.per_s)
        player = threading.Thread(target=script.play, name="customers", daemon=True)
        try:
            ready(address, stage)
            pickers.start()
            player.start()
            watch(stage, started)
        finally:
            script.stopping.set()
            pickers.stop()
