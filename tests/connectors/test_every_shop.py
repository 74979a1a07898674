"""The hub and every shop system: orders are shipped in parts, cancelled or refused; sweeps find what was missed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connectors.kit import guard, registry
from connectors.kit.practice.sandbox import BookOrder
from connectors.kit.practice.shop import ShopSandbox
from connectors.magento.sandbox import MagentoSandbox
from hub.ports.channel import Can, StockLine
from hub.store import tables as t
from hub.store.available import read_listings
from hub.usecases.pull_orders import pull_orders
from hub.usecases.reconcile_orders import reconcile_orders
from hub.usecases.reconcile_stock import find_drift, reconcile_stock
from tests.connectors.amazon import test_contract as amazon
from tests.connectors.contract import ITEMS, SHOPPER, ConnectorContract
from tests.connectors.douyin import test_contract as douyin
from tests.connectors.ebay import test_contract as ebay
from tests.connectors.harness import Joined, connection_to
from tests.connectors.magento import test_contract as magento
from tests.connectors.medusa import test_contract as medusa
from tests.connectors.mirakl import test_contract as mirakl
from tests.connectors.pinduoduo import test_contract as pinduoduo
from tests.connectors.shopify import test_contract as shopify
from tests.connectors.taobao import test_contract as taobao
from tests.connectors.vendure import test_contract as vendure
from tests.connectors.woocommerce import test_contract as woocommerce
from tests.fakes.world import World


class PaidMagento(magento.TestMagento):
    """Orders come paid, as those of the other shops do; the staff takes them back, not the buyer."""

    def make_sandbox(self) -> MagentoSandbox:
        return MagentoSandbox(paid=True)


CONTRACTS = (
    amazon.TestAmazon, douyin.TestDouyin, ebay.TestEbay, PaidMagento, medusa.TestMedusa, mirakl.TestMirakl,
    pinduoduo.TestPinduoduo, shopify.TestShopify, taobao.TestTaobao, vendure.TestVendure, woocommerce.TestWooCommerce,
)  # fmt: skip


@pytest.fixture(params=CONTRACTS, ids=lambda contract: contract.__name__.removeprefix("Test"))
def contract(request: pytest.FixtureRequest) -> ConnectorContract:
    made: ConnectorContract = request.param()
    return made


@pytest.fixture
def shop(contract: ConnectorContract) -> Iterator[ShopSandbox]:
    sandbox = contract.make_sandbox()
    assert isinstance(sandbox, ShopSandbox)
    sandbox.start()
    yield sandbox
    sandbox.stop()


def join(world: World, shop: ShopSandbox, on_shortage: str = "hold") -> Joined[ShopSandbox]:
    """The shops live in real time, and so does the hub here."""
    world.clock.now = datetime.now(UTC)
    return Joined(world, shop, registry.build(connection_to(shop)), on_shortage)


def book(shop: ShopSandbox, ref: str) -> BookOrder:
    return next(order for order in shop.book() if order.ref == ref)


def test_an_order_leaves_in_two_parcels_and_the_shop_shows_what_is_left(world: World, shop: ShopSandbox) -> None:
    circle = join(world, shop)
    world.stock("A", "W1", 3)
    world.stock("B", "W2", 4)
    ref = shop.place_order(SHOPPER, [("A", 2), ("B", 1)])
    circle.pull()
    assert circle.lists(ref) == ("routed", {"open"})
    circle.send()  # what a shop wants to hear before parcels leave
    at_once = shop.channel == "pinduoduo"  # there the first parcel ships the order, and others are named beside it
    assert circle.ship_in_two(ref) == ["shipped" if at_once else "partial", "shipped"]
    told = book(shop, ref)
    assert (len(told.trackings), sorted(line.shipped for line in told.lines)) == (2, [1, 2])

    circle.push()
    assert {sku: shop.shown_stock()[sku] for sku in ("A", "B")} == {"A": 1, "B": 3}
    circle.pull()
    assert (world.state(ref), world.rows(t.holds)) == ("shipped", [])


def test_an_order_that_got_more_before_the_hub_saw_it_is_placed(world: World, shop: ShopSandbox) -> None:
    circle = join(world, shop)
    world.stock("A", "W1", 9)
    ref = shop.place_order(SHOPPER, [("A", 2)])
    wanted = 3 if shop.edit_order(ref, "A", 3) else 2
    circle.pull()
    assert (world.state(ref), world.balance("A", "W1")) == ("routed", (9, wanted))


def test_a_shop_that_sold_more_than_it_had_shows_in_its_books_what_it_tells_the_hub(
    world: World, shop: ShopSandbox
) -> None:
    circle = join(world, shop)
    shop.place_order(SHOPPER, [("A", 7)])
    with world.db.read() as db:
        (row,) = [row for row in read_listings(db, circle.id) if "A" in (row.offered_sku, row.sku)]
    line = StockLine(row.listing_ref, 0, "", "A", None, row.place)
    (told,) = world.ctx.channel(circle.id).read_stock([line])
    assert told.available == shop.shown_stock()["A"]


def test_a_cancelled_order_gives_its_stock_back(world: World, shop: ShopSandbox) -> None:
    circle = join(world, shop)
    world.stock("A", "W1", 5)
    ref = shop.place_order(SHOPPER, [("A", 3)])
    circle.pull()
    assert world.balance("A", "W1") == (5, 3)
    paid_back = isinstance(shop, MagentoSandbox)
    assert shop.refund_order(ref, "A", 3) if isinstance(shop, MagentoSandbox) else shop.cancel_order(ref)
    circle.pull()
    assert (world.state(ref), world.balance("A", "W1")) == ("closed" if paid_back else "cancelled", (5, 0))


def test_an_order_that_there_is_no_stock_for_is_refused_or_waits_for_a_person(world: World, shop: ShopSandbox) -> None:
    may_refuse = Can.REFUSE_ORDER in registry.spec(shop.channel).can
    circle = join(world, shop, on_shortage="refuse" if may_refuse else "hold")
    ref = shop.place_order(SHOPPER, [("A", 2)])
    circle.pull()
    circle.send()
    assert world.state(ref) == ("refused" if may_refuse else "held")
    assert (book(shop, ref).state in ("refused", "cancelled")) is may_refuse


def test_an_order_that_the_pull_went_past_is_found_and_the_pull_goes_on_where_it_was(
    contract: ConnectorContract, world: World, shop: ShopSandbox
) -> None:
    circle, future = join(world, shop), contract.future_cursor()
    with world.db.write() as db:
        which = (t.streams.c.connection_id == circle.id, t.streams.c.stream == "orders")
        db.execute(t.streams.update().where(*which).values(cursor=future))
    ref = shop.place_order(SHOPPER, [("A", 2)])
    assert pull_orders(world.ctx, circle.id) == 0
    assert reconcile_orders(world.ctx, circle.id) == 1
    world.work()
    assert world.row(ref).connection_id == circle.id
    (stream,) = world.rows(t.streams, *which)
    assert stream.cursor == future
    assert reconcile_orders(world.ctx, circle.id) == 0


def test_a_number_that_somebody_changed_by_hand_is_found_and_healed(world: World, shop: ShopSandbox) -> None:
    circle = join(world, shop)
    world.stock("A", "W1", 7)
    circle.push()
    assert shop.shown_stock()["A"] == 7
    shop.change_stock_by_hand("A", 3)
    assert [(one.sku, one.seen, one.ours, one.cause) for one in find_drift(world.ctx, circle.id) if one.sku == "A"] == [
        ("A", 3, 7, "edited_there")
    ]
    assert reconcile_stock(world.ctx, circle.id) >= 1
    circle.push()
    assert shop.shown_stock()["A"] == 3  # an order may stand behind it: those are read before anything is written
    assert pull_orders(world.ctx, circle.id) == 0
    world.clock.move(seconds=10)
    circle.push()
    assert shop.shown_stock()["A"] == 7
    assert [one for one in find_drift(world.ctx, circle.id) if one.sku == "A"] == []


def test_what_a_shop_tells_is_what_the_port_says(shop: ShopSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each channel as if it came from another package: its guard takes every answer."""
    monkeypatch.setattr(guard, "foreign_package", lambda name: f"stockline_{name}")
    shop.stock_shelves(ITEMS)
    for ref in [shop.place_order(SHOPPER, [(ITEMS[0].sku, 1)]), shop.place_order(SHOPPER, [(ITEMS[1].sku, 2)])][1:]:
        shop.cancel_order(ref)
    channel = guard.guarded(shop.channel, lambda: registry.build(connection_to(shop)))
    assert channel.check()
    records = [record for page in channel.pull_orders(None) for record in page.records]
    assert len([order for record in records for order in channel.to_orders(record)]) >= 2
    lines = [StockLine(offer.listing_ref, 7, f"k{at}", offer.sku, place=offer.place)
             for at, offer in enumerate(channel.pull_listings())]  # fmt: skip
    assert len(channel.push_stock(lines)) == len(lines) == len(ITEMS)
    assert len(list(channel.read_stock(lines))) == len(lines)
    fetched = channel.fetch_order(records[0].ref)
    assert fetched is not None and fetched.ref == records[0].ref
