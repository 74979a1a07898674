"""One round of the calm fleet at a steady rate, with or without a connection that answers 429 to everything."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from random import Random

from sqlalchemy import select

from connectors.kit.practice.sandbox import Faults
from connectors.woocommerce.sandbox import WooSandbox
from demo import machine, world
from demo.counts import drift
from demo.fleet import FLEET
from demo.goods import ACTOR, PREFIX, goods, shopper
from demo.world import Shop, World
from hub.canonical.errors import InvariantBroken
from hub.store.database import Database
from hub.store.tables import orders, stock_pushes
from hub.usecases.connect import set_interval
from hub.usecases.fix_holds import link_listing
from hub.wiring import Hub

WORKERS, PER_S, TICK_S, REST_S = 2, 2.0, 0.03, 180.0
"""PER_S: orders a second. Amazon allows five numbers a second, and each order changes one or two of them there: at four
orders a second its own queue, and nothing else, decides who of all channels waits longest."""
PULL_S = 2
"""Seconds between two pulls of a channel: what rings no bell waits for that."""
REFUSED = "rate_limited_429"
Ref = tuple[int, str]
"""(connection id, the channel's name of the order)"""


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds that the calm connections waited, and how often the other one answered 429.

    orders: from the click in the shop until the reservation is seen. pushes_of: channel -> from a change of stock to
    its yes.
    """

    orders: Sequence[float]
    pushes_of: Mapping[str, Sequence[float]]
    refused: int

    @property
    def by_name(self) -> Mapping[str, Sequence[float]]:
        """What is compared."""
        return {"orders": self.orders, "pushes": [wait for waits in self.pushes_of.values() for wait in waits]}


def waits(hub: Hub, count: int, seed: int, throttled: bool) -> Waits:
    """Let the fleet run at a steady rate until `count` orders of it are reserved and every shop shows the numbers."""
    world.empty(hub)
    with machine.running(hub, WORKERS) as address:
        stage = world.build(hub, seed, FLEET, more=count)
        shops = [*stage.shops, *([_refusing(hub, stage, seed)] if throttled else [])]
        try:
            for shop in stage.shops:
                set_interval(stage.context, shop.connection_id, "orders", PULL_S, ACTOR)
            troubles = world.connect_webhooks(stage, address)
            if troubles:
                raise InvariantBroken(f"the calm fleet is not well: {'; '.join(troubles)}")
            _until(lambda: _told(stage), "the shops show the first numbers")
            _forget_pushes(hub.db)
            waited = _play(stage, shops, count, seed)
            _until(lambda: _told(stage), "the shops show the last numbers")
            return Waits(waited, _pushes(hub.db, stage), sum(shop.sandbox.faults.counts[REFUSED] for shop in shops))
        finally:
            for shop in shops:
                shop.sandbox.stop()


def _refusing(hub: Hub, stage: World, seed: int) -> Shop:
    """A shop that answers 429 from its first request on; its listings are linked by hand, so it has numbers waiting."""
    sandbox = WooSandbox(seed + 1000, Faults(seed, {REFUSED: 1.0}))
    shop = world.connect(hub, stage.context, sandbox, f"{PREFIX}refusing")
    for good in goods():
        link_listing(
            stage.context, shop.connection_id, f"{good.sku}-there", good.sku, offered_sku=good.sku, actor=ACTOR
        )
    return shop


def _told(stage: World) -> bool:
    with stage.context.db.read() as db:
        return not any(drift(db, shop, stage.context.clock()) for shop in stage.shops)


def _until(happened: Callable[[], bool], what: str, seconds: float = REST_S) -> None:
    """Wait for it. Raises InvariantBroken: it took too long."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise InvariantBroken(f"after {seconds:.0f} seconds it is still not so that {what}")
        time.sleep(0.2)


def _forget_pushes(db: Database) -> None:
    """Waits of the opening do not count."""
    with db.write() as connection:
        connection.execute(stock_pushes.update().values(latency_ms=[]))


def _pushes(db: Database, stage: World) -> dict[str, list[float]]:
    p, found = stock_pushes.c, {shop.sandbox.channel: list[float]() for shop in stage.shops}
    channels = {shop.connection_id: shop.sandbox.channel for shop in stage.shops}
    with db.read() as connection:
        rows = connection.execute(select(p.connection_id, p.latency_ms).where(p.connection_id.in_(channels))).all()
    for row in rows:
        found[channels[row.connection_id]] += [float(wait) for wait in row.latency_ms or ()]
    return found


def _play(stage: World, shops: Sequence[Shop], count: int, seed: int) -> list[float]:
    """Customers click at a steady rate, in all shops in turn; how long each order of the calm ones waited."""
    dice, calm = Random(f"isolation {seed}"), {shop.connection_id for shop in stage.shops}  # noqa: S311
    clicked: dict[Ref, float] = {}
    watch = Watch(stage.context.db)
    watch.start()
    try:
        due = time.monotonic()
        for shop in islice(cycle(shops), count * len(shops) // len(stage.shops)):
            due += 1 / (PER_S * len(shops) / len(stage.shops))
            time.sleep(max(0.0, due - time.monotonic()))
            now = time.monotonic()
            basket = [(f"SKU-{dice.randrange(1, 21):03d}", dice.randrange(1, 3))]
            clicked[shop.connection_id, shop.sandbox.place_order(shopper(dice), basket)] = now
        ours = {ref: at for ref, at in clicked.items() if ref[0] in calm}
        _until(lambda: ours.keys() <= watch.seen.keys(), "every order of the calm shops is reserved")
    finally:
        watch.stop()
    return [(watch.seen[ref] - at) * 1000 for ref, at in ours.items()]


@dataclass(slots=True)
class Watch:
    """Looks every few milliseconds which orders are reserved; `seen`: order -> when, by the monotonic clock."""

    db: Database
    seen: dict[Ref, float] = field(default_factory=dict)
    _end: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        if self._thread:
            self._thread.join(10)

    def _look(self) -> None:
        o = orders.c
        query = select(o.connection_id, o.channel_ref).where(o.state == "routed")
        while not self._end.wait(TICK_S):
            with self.db.read() as db:
                rows = db.execute(query).all()
            now = time.monotonic()
            for row in rows:
                self.seen.setdefault((row.connection_id, row.channel_ref), now)
