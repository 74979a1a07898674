"""A shop of six SKUs for the mass-zero breaker, and what can be seen of its zeros."""

from __future__ import annotations

from hub.store import tables as t
from hub.store.pushes import doubted
from hub.usecases.fix_holds import link_listing
from hub.usecases.push_stock import push_stock
from tests.fakes.world import World


def fill_shop(world: World) -> World:
    """Six SKUs with 5 pieces each, shown as L-S0 to L-S5; what else the shop lists shows 0."""
    world.know_empty()
    add_skus(world, *(f"S{n}" for n in range(6)))
    for n in range(6):
        link_listing(world.ctx, world.shop_id, f"L-S{n}", f"S{n}", actor="test")
        world.stock(f"S{n}", "W1", 5)
    push(world)
    return world


def add_skus(world: World, *skus: str) -> None:
    with world.db.write() as db:
        for sku in skus:
            db.execute(t.items.insert().values(sku=sku, title="", barcode="", created_at=world.clock()))


def second(world: World) -> int:
    """A further shop that sells the same."""
    other = world.connect("other")
    for n in range(6):
        link_listing(world.ctx, other, f"L-S{n}", f"S{n}", actor="test")
    return other


def write_down(world: World, *numbers: int) -> None:
    for n in numbers:
        world.stock(f"S{n}", "W1", -5)


def push(world: World) -> int:
    return push_stock(world.ctx, world.shop_id)


def shown(world: World) -> list[int | None]:
    return [world.shop.shelf[f"L-S{n}"] for n in range(6)]


def waiting(world: World) -> list[str]:
    """The listings whose 0 waits for a person."""
    return [row.listing_ref for row in world.rows(t.stock_pushes, doubted())]


def trips(world: World) -> list[str]:
    """Why the breaker tripped, each time."""
    return [row.data["reason"] for row in world.rows(t.audit_log, t.audit_log.c.action == "stock.breaker")]


def stopped(world: World) -> str:
    """Why the breaker keeps zeros back, "" where it keeps none; the stream itself goes on."""
    mine = t.streams.c.connection_id == world.shop_id
    (stream,) = world.rows(t.streams, mine, t.streams.c.stream == "stock")
    assert (stream.paused, stream.error) == (False, "")
    return trips(world)[-1] if waiting(world) else ""
