"""Builds the demo's world: an empty database, three sandboxes, connections to them, goods on the shelves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from sqlalchemy import select
from sqlmodel import SQLModel

from connectors.kit import registry
from connectors.kit.sandbox import Faults, Sandbox, ShopItem
from connectors.shopify.sandbox import ShopifySandbox
from connectors.woocommerce.sandbox import WooSandbox
from connectors.x12.sandbox import X12Sandbox
from demo.goods import ACTOR, KITS, PREFIX, RATES, UNKNOWN, WAREHOUSES, ZONES, goods, shelves
from hub.canonical.errors import Conflict
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

INTERVALS = {"orders": 4, "reconcile_orders": 15, "reconcile_stock": 10, "listings": 600, "webhook_check": 10}
"""Seconds between runs of each stream: a demo's minute is a shop's day."""


@dataclass(frozen=True, slots=True)
class Shop:
    """One sandbox and the connection to it."""

    name: str
    sandbox: Sandbox
    connection_id: int


@dataclass(frozen=True, slots=True)
class World:
    """The running demo: `context` is the hub's, `faults` are shared by all sandboxes."""

    context: Context
    faults: Faults
    shops: tuple[Shop, ...]


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


def build(hub: Hub, seed: int) -> World:
    """Sandboxes up, goods stocked, connections made (webhooks are registered by `connect_webhooks`)."""
    ctx, faults = hub.context("demo"), Faults(seed)
    _stock(ctx)
    sandboxes = (ShopifySandbox(seed, faults), WooSandbox(seed, faults), X12Sandbox(seed, faults))
    shops = tuple(_connect(hub, ctx, cast(Sandbox, sandbox)) for sandbox in sandboxes)
    return World(ctx, faults, shops)


def _stock(ctx: Context) -> None:
    for place in WAREHOUSES:
        save_warehouse(ctx, str(place["code"]), actor=ACTOR, **{k: v for k, v in place.items() if k != "code"})
    for table in (ZONES, RATES):
        import_rates(ctx, table, actor=ACTOR)
    for good in goods():
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


def _connect(hub: Hub, ctx: Context, sandbox: Sandbox) -> Shop:
    sandbox.start()
    items = shelves(opening_numbers(ctx))
    if sandbox.channel == "woocommerce":
        items.append(ShopItem(UNKNOWN, "Mystery box 神秘盒", "20.00", 40))
    sandbox.stock_shelves(items)
    name = f"{PREFIX}{sandbox.channel}"
    connection_id = add_connection(
        ctx, hub.box.seal, registry.spec(sandbox.channel), name, sandbox.settings, sandbox.secrets, actor=ACTOR,
        on_shortage="refuse",
    )  # fmt: skip
    _hurry(ctx, connection_id)
    if sandbox.channel == "x12":
        for item in items:
            link_listing(ctx, connection_id, item.sku, item.sku, offered_sku=item.sku, actor=ACTOR)
    return Shop(name, sandbox, connection_id)


def _hurry(ctx: Context, connection_id: int) -> None:
    with ctx.db.read() as db:
        there = db.scalars(select(streams.c.stream).where(streams.c.connection_id == connection_id)).all()
    for stream in sorted(set(there) & set(INTERVALS)):
        set_interval(ctx, connection_id, stream, INTERVALS[stream], ACTOR)


def connect_webhooks(world: World, address: str) -> list[str]:
    """Let every channel check itself and register its webhooks; returns what is not fine."""
    troubles = []
    for shop in world.shops:
        callback = f"{address}/webhooks/{shop.name}"
        findings = check_connection(world.context, shop.connection_id, callback)
        troubles += [f"{shop.name}: {f.what}: {f.mend}" for f in findings if not f.ok]
    return troubles


def complaints(world: World) -> list[str]:
    """What the practice dealer found wrong in our documents."""
    dealers = (shop.sandbox for shop in world.shops)
    return [words for dealer in dealers if isinstance(dealer, X12Sandbox) for words in dealer.complaints]


def close(world: World) -> None:
    """Stop the sandboxes."""
    for shop in world.shops:
        shop.sandbox.stop()
