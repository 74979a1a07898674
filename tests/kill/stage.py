"""The stage of a kill test: shops with books, customers, pickers and receipts in this process; the hub in others."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, text

from connectors.kit.practice.deliverer import Delivery
from demo import world
from demo.goods import SCARCE, WAREHOUSES, goods
from demo.pickers import Pickers
from demo.script import Script
from demo.world import Shop, World
from hub.ports.clock import utc_now
from hub.store.tables import streams
from hub.usecases.change_stock import adjust_stock
from hub.usecases.connect import sync_now
from hub.usecases.push_stock import push_stock
from hub.wiring import Hub

ORDERS_PER_S, SLOWLY = 6.0, 0.5
MOST_WAITING = 40
"""Customers come slowly while more than so much work waits: the machine decides how many come in all."""
RECEIPT_EVERY_S = 1.5
RECEIPT = 12
READS, READ_S = ("orders", "reconcile_orders"), 60.0
SPOILED = 3
"""Pieces of each scarce thing that are found broken in each warehouse at the opening: customers will want more."""


@dataclass(slots=True)
class Stage:
    """`received`: pieces that came in after the opening; `accepted`: (connection id, webhook that got its 2xx)."""

    world: World
    script: Script
    pickers: Pickers
    received: Counter[str] = field(default_factory=Counter)
    accepted: list[tuple[int, Delivery]] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)

    def halt(self) -> None:
        """No more orders and receipts; the pickers go on."""
        self.script.stopping.set()


@contextmanager
def playing(hub: Hub, address: str, seed: int) -> Iterator[Stage]:
    """An empty database, filled; shops connected to the hub at `address`; customers and pickers at work."""
    world.empty(hub)
    built = world.build(hub, seed)
    script = Script(built, seed, 0, ORDERS_PER_S)
    stage = Stage(built, script, Pickers(hub.context("pickers"), seed, patience_s=1.0))
    threads: list[threading.Thread] = []
    try:
        troubles = world.connect_webhooks(built, address)
        assert troubles == []
        for shop in built.shops:
            _listen(stage, shop)
        works = {"customers": script.play, "receipts": lambda: _receive(stage, seed), "door": lambda: _mind(stage)}
        threads = [_thread(stage, name, work) for name, work in works.items()]
        stage.pickers.start()
        yield stage
    finally:
        stage.halt()
        for thread in threads:
            thread.join(30)
        stage.pickers.stop()
        world.close(built)
    assert stage.failures == [] and stage.pickers.failure is None, (stage.failures, stage.pickers.failure)


def _thread(stage: Stage, name: str, work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - asserted on at the end
            stage.failures.append(error)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def _listen(stage: Stage, shop: Shop) -> None:
    """Note every webhook that the hub accepted: what it said 2xx to it must have."""
    hooks = getattr(shop.sandbox, "hooks", None)
    if hooks is None:
        return
    answered = hooks.deliverer._on_answer

    def note(delivery: Delivery, accepted: bool, final: bool) -> None:
        if accepted:
            stage.accepted.append((shop.connection_id, delivery))
        answered(delivery, accepted, final)

    hooks.deliverer._on_answer = note


def _receive(stage: Stage, seed: int) -> None:
    """Scarce things get scarcer; of everything else a delivery comes now and then."""
    dice, number = random.Random(f"receipts {seed}"), 0
    for sku, place in ((sku, str(place["code"])) for sku in SCARCE for place in WAREHOUSES):
        adjust_stock(stage.world.context, sku, place, -SPOILED, reason="broken", actor="kill-test", key=f"gone:{place}")
        stage.received[sku] -= SPOILED
    skus = [good.sku for good in goods() if good.sku not in SCARCE]
    while not stage.script.stopping.wait(RECEIPT_EVERY_S):
        number += 1
        sku, place = dice.choice(skus), str(dice.choice(WAREHOUSES)["code"])
        adjust_stock(stage.world.context, sku, place, RECEIPT, reason="delivery", actor="kill-test",
                     key=f"delivery:{number}", kind="receive")  # fmt: skip
        stage.received[sku] += RECEIPT


def _mind(stage: Stage) -> None:
    """Let customers in as fast as the hub serves them."""
    waiting = """SELECT (SELECT count(*) FROM inbox WHERE state = 'new') - (SELECT count(*) FROM orders)
        + (SELECT count(*) FROM outbox WHERE state = 'new') + (SELECT count(*) FROM orders WHERE state = 'waiting')"""
    while not stage.script.stopping.wait(0.3):
        with stage.world.context.db.read() as db:
            number = int(db.scalar(text(waiting)) or 0) + len(stage.script.placed)
        stage.script.per_s = SLOWLY if number > MOST_WAITING else ORDERS_PER_S


def wait_until(happened: Callable[[], bool], seconds: float) -> bool:
    """Whether it happened in time."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def read_what_came_of_it(stage: Stage) -> bool:
    """Every stream of orders runs anew, so that each shop's last echo of what it was told is here; False: too late.

    Twice, for a run that began before may have read before.
    """
    return all(_ran_since(stage, utc_now()) for _ in range(2))


def _ran_since(stage: Stage, since: datetime) -> bool:
    ctx, ran = stage.world.context, streams.c.ok_at
    for shop in stage.world.shops:
        sync_now(ctx, shop.connection_id, READS)
    not_yet = select(streams.c.stream).where(streams.c.stream.in_(READS), ran.is_(None) | (ran <= since))

    def happened() -> bool:
        with ctx.db.read() as db:
            return not db.scalars(not_yet).all()

    return wait_until(happened, READ_S)


def tell_last_numbers(stage: Stage) -> None:
    """What a timer changed just before the hub was stopped (a buffer follows the measured pace) is told, as its next
    start would tell it; what is leased or given up stays."""
    for shop in stage.world.shops:
        while push_stock(stage.world.context, shop.connection_id):
            pass


Environment = Mapping[str, str]
