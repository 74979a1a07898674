"""The hub and every shop system: orders are shipped in parts, cancelled or refused; sweeps find what was missed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.kit import registry
from connectors.kit.sandbox import BookOrder, Sandbox, ShopItem
from connectors.magento.sandbox import MagentoSandbox
from hub.ports.channel import Connection
from hub.store import tables as t
from hub.store.database import Database
from hub.usecases.connect import add_connection
from hub.usecases.pull_listings import pull_listings
from hub.usecases.pull_orders import pull_orders
from hub.usecases.push_stock import push_stock
from hub.usecases.reconcile_orders import reconcile_orders
from hub.usecases.reconcile_stock import find_drift, reconcile_stock
from tests.connectors.contract import SHOPPER, ConnectorContract
from tests.connectors.ebay import test_contract as ebay
from tests.connectors.magento import test_contract as magento
from tests.connectors.medusa import test_contract as medusa
from tests.connectors.mirakl import test_contract as mirakl
from tests.connectors.shopify import test_contract as shopify
from tests.connectors.vendure import test_contract as vendure
from tests.connectors.woocommerce import test_contract as woocommerce
from tests.fakes.databases import blank_sqlite, fresh_db, shared_postgres
from tests.fakes.world import World

__all__ = ["blank_sqlite", "fresh_db", "shared_postgres"]


class PaidMagento(magento.TestMagento):
    """Orders come paid, as those of the other shops do; the staff takes them back, not the buyer."""

    def make_sandbox(self) -> MagentoSandbox:
        return MagentoSandbox(paid=True)


CONTRACTS = (
    ebay.TestEbay, PaidMagento, medusa.TestMedusa, mirakl.TestMirakl, shopify.TestShopify, vendure.TestVendure,
    woocommerce.TestWooCommerce,
)  # fmt: skip


@pytest.fixture(params=CONTRACTS, ids=lambda contract: contract.__name__.removeprefix("Test"))
def contract(request: pytest.FixtureRequest) -> ConnectorContract:
    made: ConnectorContract = request.param()
    return made


@pytest.fixture
def shop(contract: ConnectorContract) -> Iterator[Sandbox]:
    sandbox = contract.make_sandbox()
    sandbox.start()
    sandbox.stock_shelves([ShopItem("A", "Thing A", "9.90", 5), ShopItem("B", "Thing B", "4.50", 5)])
    yield sandbox
    sandbox.stop()


@pytest.fixture
def world(fresh_db: Database) -> Iterator[World]:
    """The shops live in real time, and so does the hub here."""
    made = World(fresh_db)
    made.clock.now = datetime.now(UTC)
    yield made
    made.check()


def join(world: World, shop: Sandbox, on_shortage: str = "hold") -> int:
    """The shop as a connection of the company; its id."""
    settings, secrets = dict(shop.settings), dict(shop.secrets)
    spec = registry.spec(shop.channel)
    cid = add_connection(
        world.ctx, lambda text, _: text, spec, "seller", settings, secrets, actor="test", on_shortage=on_shortage
    )
    channels: dict[int, Any] = world.shops
    channels[cid] = registry.build(Connection(cid, "seller", shop.channel, settings, secrets))
    pull_listings(world.ctx, cid)
    return cid


def pull(world: World, cid: int) -> None:
    pull_orders(world.ctx, cid)
    world.work()


def book(shop: Sandbox, ref: str) -> BookOrder:
    return next(order for order in shop.book() if order.ref == ref)


def send_stock(world: World, cid: int) -> None:
    while push_stock(world.ctx, cid):
        pass


def test_an_order_leaves_in_two_parcels_and_the_shop_shows_what_is_left(world: World, shop: Sandbox) -> None:
    cid = join(world, shop)
    world.stock("A", "W1", 3)
    world.stock("B", "W2", 4)
    ref = shop.place_order(SHOPPER, [("A", 2), ("B", 1)])
    pull(world, cid)
    first, second = world.lists(ref)
    assert (world.state(ref), first.status, second.status) == ("routed", "open", "open")
    world.send(cid)  # what a shop wants to hear before parcels leave

    world.ship(first.id, "p1")
    world.send(cid)
    assert book(shop, ref).state == "partial"
    world.ship(second.id, "p2")
    world.send(cid)
    told = book(shop, ref)
    assert (told.state, len(told.trackings), [line.shipped for line in told.lines]) == ("shipped", 2, [2, 1])

    send_stock(world, cid)
    assert {sku: shop.shown_stock()[sku] for sku in ("A", "B")} == {"A": 1, "B": 3}
    pull(world, cid)
    assert (world.state(ref), world.rows(t.holds)) == ("shipped", [])


def test_a_cancelled_order_gives_its_stock_back(world: World, shop: Sandbox) -> None:
    cid = join(world, shop)
    world.stock("A", "W1", 5)
    ref = shop.place_order(SHOPPER, [("A", 3)])
    pull(world, cid)
    assert world.balance("A", "W1") == (5, 3)
    paid_back = isinstance(shop, MagentoSandbox)
    assert shop.refund_order(ref, "A", 3) if isinstance(shop, MagentoSandbox) else shop.cancel_order(ref)
    pull(world, cid)
    assert (world.state(ref), world.balance("A", "W1")) == ("closed" if paid_back else "cancelled", (5, 0))


def test_an_order_that_there_is_no_stock_for_is_refused(world: World, shop: Sandbox) -> None:
    cid = join(world, shop, on_shortage="refuse")
    ref = shop.place_order(SHOPPER, [("A", 2)])
    pull(world, cid)
    world.send(cid)
    assert world.state(ref) == "refused"
    assert book(shop, ref).state in ("refused", "cancelled")


def test_an_order_that_the_pull_went_past_is_found_and_the_pull_goes_on_where_it_was(
    contract: ConnectorContract, world: World, shop: Sandbox
) -> None:
    cid, future = join(world, shop), contract.future_cursor()
    with world.db.write() as db:
        which = (t.streams.c.connection_id == cid, t.streams.c.stream == "orders")
        db.execute(t.streams.update().where(*which).values(cursor=future))
    ref = shop.place_order(SHOPPER, [("A", 2)])
    assert pull_orders(world.ctx, cid) == 0
    assert reconcile_orders(world.ctx, cid) == 1
    world.work()
    assert world.row(ref).connection_id == cid
    (stream,) = world.rows(t.streams, *which)
    assert stream.cursor == future
    assert reconcile_orders(world.ctx, cid) == 0


def test_a_number_that_somebody_changed_by_hand_is_found_and_healed(world: World, shop: Sandbox) -> None:
    cid = join(world, shop)
    world.stock("A", "W1", 7)
    send_stock(world, cid)
    assert shop.shown_stock()["A"] == 7
    shop.change_stock_by_hand("A", 3)
    assert [(one.sku, one.seen, one.ours, one.cause) for one in find_drift(world.ctx, cid) if one.sku == "A"] == [
        ("A", 3, 7, "edited_there")
    ]
    assert reconcile_stock(world.ctx, cid) >= 1
    send_stock(world, cid)
    assert shop.shown_stock()["A"] == 3  # an order may stand behind it: those are read before anything is written
    assert pull_orders(world.ctx, cid) == 0
    world.clock.move(seconds=10)
    send_stock(world, cid)
    assert shop.shown_stock()["A"] == 7
    assert [one for one in find_drift(world.ctx, cid) if one.sku == "A"] == []
