"""Builds a world: an empty database, sandboxes of any channels, connections to them, goods on the shelves."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import SQLModel

from connectors.kit import registry
from connectors.kit.practice.sandbox import Faults, Sandbox, ShopItem
from connectors.shopify.sandbox import ShopifySandbox
from connectors.woocommerce.sandbox import WooSandbox
from connectors.x12.sandbox import X12Sandbox
from demo.goods import ACTOR, KITS, PREFIX, RATES, UNKNOWN, WAREHOUSES, ZONES, Good, goods, shelves
from hub.canonical.errors import Conflict
from hub.ports.channel import Can
from hub.store import migrate
from hub.store.available import free_pieces
from hub.store.tables import connections, streams
from hub.usecases.change_stock import adjust_stock
from hub.usecases.connect import add_connection, check_connection, set_interval
from hub.usecases.context import Context
from hub.usecases.fix_holds import link_listing
from hub.usecases.import_rates import import_rates
from hub.usecases.manage_catalog import add_item, save_warehouse, set_kit
from hub.wiring import Hub

Maker = Callable[[int, Faults], Sandbox]
"""Makes a practice shop from a seed and the faults that all shops of a world share."""
THREE: tuple[Maker, ...] = (ShopifySandbox, WooSandbox, X12Sandbox)

INTERVALS = {"orders": 4, "reconcile_orders": 15, "reconcile_stock": 10, "listings": 600, "webhook_check": 10}
"""Seconds between runs of each stream: a demo's minute is a shop's day."""


@dataclass(frozen=True, slots=True)
class Shop:
    """One sandbox and the connection to it."""

    name: str
    sandbox: Sandbox
    connection_id: int

    def can(self, what: Can) -> bool:
        """Whether its channel can do that."""
        return what in registry.spec(self.sandbox.channel).can


@dataclass(frozen=True, slots=True)
class World:
    """The running demo: `context` is the hub's, `faults` are shared by all sandboxes, `goods` lay there at first."""

    context: Context
    faults: Faults
    shops: tuple[Shop, ...]
    goods: tuple[Good, ...]


def empty(hub: Hub) -> None:
    """Make the database new. Raises Conflict: it holds connections that are not the demo's."""
    migrate.upgrade(hub.db)
    with hub.db.write() as db:
        names = db.scalars(select(connections.c.name)).all()
        real = sorted(name for name in names if not name.startswith(PREFIX))
        if real:
            raise Conflict(
                f"this database holds real connections ({', '.join(real[:3])}): give the demo another place, "
                "for example --data-dir demo-data"
            )
        for table in reversed(SQLModel.metadata.sorted_tables):
            db.execute(table.delete())


def build(hub: Hub, seed: int, makers: Sequence[Maker] = THREE, more: int = 0) -> World:
    """Sandboxes up, goods stocked, connections made (webhooks are registered by `connect_webhooks`).

    more: pieces of each plain thing in every warehouse beside the usual ones.
    """
    ctx, faults, stock = hub.context("demo"), Faults(seed), goods(more)
    _stock(ctx, stock)
    shops = tuple(connect(hub, ctx, make(seed, faults)) for make in makers)
    return World(ctx, faults, shops, stock)


def _stock(ctx: Context, stock: Sequence[Good]) -> None:
    for place in WAREHOUSES:
        save_warehouse(ctx, str(place["code"]), actor=ACTOR, **{k: v for k, v in place.items() if k != "code"})
    for table in (ZONES, RATES):
        import_rates(ctx, table, actor=ACTOR)
    for good in stock:
        add_item(ctx, good.sku, title=good.title, barcode=good.barcode, actor=ACTOR)
        for place, pieces in zip(WAREHOUSES, good.stock, strict=True):
            code = str(place["code"])
            adjust_stock(ctx, good.sku, code, pieces, reason="opening stock", actor=ACTOR,
                         key=f"opening:{good.sku}:{code}", kind="receive")  # fmt: skip
    for sku, parts in KITS.items():
        add_item(ctx, sku, title=f"Set {sku}", actor=ACTOR)
        set_kit(ctx, sku, parts, actor=ACTOR)


def opening_numbers(ctx: Context) -> Mapping[str, int]:
    """SKU -> pieces on sale over all warehouses, kits by their scarcest component."""
    with ctx.db.read() as db:
        free = dict(free_pieces(db, [good.sku for good in goods()], ctx.clock().date()))
    sets = {kit: min(free[sku] // count for sku, count in parts.items()) for kit, parts in KITS.items()}
    return free | sets


def connect(hub: Hub, ctx: Context, sandbox: Sandbox, name: str = "") -> Shop:
    """Start and fill a practice shop, and add the connection to it; `name`: the channel's with the demo's prefix.

    Where the channel lists nothing, the listings are linked here; where it takes no refusal, orders wait.
    """
    sandbox.start()
    items = shelves(opening_numbers(ctx))
    if sandbox.channel == "woocommerce":
        items.append(ShopItem(UNKNOWN, "Mystery box 神秘盒", "20.00", 40))
    sandbox.stock_shelves(items)
    name = name or f"{PREFIX}{sandbox.channel}"
    can = registry.spec(sandbox.channel).can
    connection_id = add_connection(
        ctx, hub.box.seal, registry.spec(sandbox.channel), name, sandbox.settings, sandbox.secrets, actor=ACTOR,
        on_shortage="refuse" if Can.REFUSE_ORDER in can else "hold",
    )  # fmt: skip
    _hurry(ctx, connection_id)
    if Can.PULL_LISTINGS not in can:
        for item in items:
            link_listing(ctx, connection_id, item.sku, item.sku, offered_sku=item.sku, actor=ACTOR)
    return Shop(name, sandbox, connection_id)


def _hurry(ctx: Context, connection_id: int) -> None:
    with ctx.db.read() as db:
        there = db.scalars(select(streams.c.stream).where(streams.c.connection_id == connection_id)).all()
    for stream in sorted(set(there) & set(INTERVALS)):
        set_interval(ctx, connection_id, stream, INTERVALS[stream], ACTOR)


def connect_webhooks(world: World, address: str, patience_s: float = 60.0) -> list[str]:
    """Let every channel check itself and register its webhooks; returns what is still not fine after `patience_s`.

    Where a person enters the address of messages in a console, that is done too. A channel that asks the address for a
    proof while a busy machine answers late is asked again, as the hub itself does every few minutes.
    """
    deadline, troubles = time.monotonic() + patience_s, []
    for shop in world.shops:
        callback = f"{address}/webhooks/{shop.name}"
        if enter := getattr(shop.sandbox, "push_to", None):
            enter(callback)
        while (wrong := _wrong(world, shop, callback)) and time.monotonic() < deadline:
            time.sleep(1.0)
        troubles += wrong
    return troubles


def _wrong(world: World, shop: Shop, callback: str) -> list[str]:
    findings = check_connection(world.context, shop.connection_id, callback)
    return [f"{shop.name}: {f.what}: {f.mend}" for f in findings if not f.ok]


def complaints(world: World) -> list[str]:
    """What the practice dealer found wrong in our documents."""
    dealers = (shop.sandbox for shop in world.shops)
    return [words for dealer in dealers if isinstance(dealer, X12Sandbox) for words in dealer.complaints]


def close(world: World) -> None:
    """Stop the sandboxes."""
    for shop in world.shops:
        shop.sandbox.stop()
