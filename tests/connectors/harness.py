"""What the tests of a connector do with its practice shop: start it, watch it, connect to it, join it to a company."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from connectors.kit.practice.sandbox import ShopItem
from connectors.kit.practice.shop import ShopSandbox
from hub.ports.channel import Channel, Connection
from hub.usecases.connect import add_connection
from hub.usecases.pull_listings import pull_listings
from hub.usecases.pull_orders import pull_orders
from hub.usecases.push_stock import push_stock
from tests.connectors.contract import ITEMS
from tests.connectors.openapi import held_to
from tests.fakes.world import World

SHELVES = (ShopItem("A", "Thing A", "9.90", 5), ShopItem("B", "Thing B", "4.50", 5))
Shop = TypeVar("Shop", bound=ShopSandbox)


def connection_to(sandbox: ShopSandbox, **changed: str) -> Connection:
    """A connection to the shop; `changed` replaces settings or secrets by name."""
    settings = {**sandbox.settings, **{k: v for k, v in changed.items() if k not in sandbox.secrets}}
    secrets = {**sandbox.secrets, **{k: v for k, v in changed.items() if k in sandbox.secrets}}
    return Connection(1, f"my-{sandbox.channel}", sandbox.channel, settings, secrets)


@contextlib.contextmanager
def started(published: Any) -> Iterator[Callable[[Shop], Shop]]:
    """Starts and fills shops, and holds every exchange with them to what is published, unless that is None."""
    with contextlib.ExitStack() as running:

        def start(sandbox: Shop) -> Shop:
            sandbox.start()
            running.callback(sandbox.stop)
            sandbox.stock_shelves(ITEMS)
            if published:
                running.enter_context(held_to(published, sandbox.server))
            return sandbox

        yield start


class Joined(Generic[Shop]):
    """A shop with the things A and B as a connection of the company. What time does by itself is done by hand."""

    def __init__(self, world: World, shop: Shop, channel: Channel, on_shortage: str = "hold") -> None:
        self.world, self.shop = world, shop
        shop.stock_shelves(SHELVES)
        settings, secrets = dict(shop.settings), dict(shop.secrets)
        self.id = add_connection(
            world.ctx, lambda text, _: text, channel.spec, f"my-{shop.channel}", settings, secrets, actor="test",
            on_shortage=on_shortage,
        )  # fmt: skip
        channels: dict[int, Any] = world.shops
        channels[self.id] = channel
        pull_listings(world.ctx, self.id)

    def pull(self) -> None:
        """Orders come in and are placed."""
        pull_orders(self.world.ctx, self.id)
        self.world.work()

    def send(self) -> int:
        """Parcels, answers and receipts go out."""
        return self.world.send(self.id)

    def push(self) -> None:
        """Numbers go out."""
        while push_stock(self.world.ctx, self.id):
            pass

    def lists(self, ref: str) -> tuple[str, set[str]]:
        """The order's state, and the states of its pick lists."""
        return self.world.state(ref), {row.status for row in self.world.lists(ref)}

    def ship_in_two(self, ref: str) -> list[str]:
        """Each of the order's two pick lists leaves as a parcel of its own; the shop's word after each."""
        first, second = self.world.lists(ref)
        words = []
        for work, number in ((first, "p1"), (second, "p2")):
            self.world.ship(work.id, number)
            self.send()
            words.append(next(book.state for book in self.shop.book() if book.ref == ref))
        return words
