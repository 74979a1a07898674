"""Runs the demo: once with a fixed script and a verdict, or until stopped with a line per order."""

from __future__ import annotations

import resource
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from demo import counts, machine, world
from demo.goods import ACTOR, UNKNOWN
from demo.pickers import Pickers
from demo.script import Script
from demo.world import World
from hub.store.tables import holds, listings
from hub.usecases.fix_holds import link_listing
from hub.wiring import Hub

SETTLE_S = 150.0
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """orders: how many (0: until stopped). per_s: orders a second. workers: processes in the scaled form."""

    orders: int = 330
    per_s: float = 9.0
    seed: int = 1
    workers: int = 2


def once(hub: Hub, options: Options, say: Say) -> dict[str, Any]:
    """Play the fixed script through all faults, wait until everything came to rest, and count."""
    started = time.monotonic()
    world.empty(hub)
    with machine.running(hub, options.workers) as address:
        stage = _open(hub, options, address, say)
        pickers = Pickers(hub.context("pickers"), options.seed)
        pickers.start()
        try:
            Script(stage, options.seed, options.orders, options.per_s).play()
            say(f"{options.orders} orders placed; waiting until every channel is told")
            mend(stage)
            left = settle(stage, say)
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
    stage = world.build(hub, options.seed)
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


def settle(stage: World, say: Say) -> dict[str, int]:
    """Calm the faults and wait until nothing is left to do, twice in a row; returns what is left at the end."""
    stage.faults.calm()
    deadline, quiet, told = time.monotonic() + SETTLE_S, 0, 0.0
    left: dict[str, int] = {}
    while time.monotonic() < deadline and quiet < 2:
        time.sleep(1.0)
        mend(stage)
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
