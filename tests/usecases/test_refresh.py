"""Numbers follow the calendar and the pace of sales by themselves."""

from __future__ import annotations

from datetime import timedelta

from hub.reports.arithmetic import explain_sku
from hub.store import tables as t
from hub.usecases.push_stock import push_stock
from hub.usecases.refresh_offers import refresh_offers
from hub.usecases.refresh_paces import refresh_paces
from hub.usecases.set_freshness import set_freshness
from hub.usecases.set_selling import set_policy, set_pool
from tests.fakes.world import World
from tests.usecases.test_owed import receive
from tests.usecases.test_selling import shown


def slow_pushes(world: World, *shops: int, seconds: int = 600) -> None:
    """Every listing of these shops has one measured push of so many seconds."""
    with world.db.write() as db:
        of_these = t.stock_pushes.c.connection_id.in_(shops)
        db.execute(t.stock_pushes.update().where(of_these).values(latency_ms=[seconds * 1000]))


def buffers(world: World) -> dict[tuple[int, str], int]:
    return {(row.connection_id, row.listing_ref): row.buffer for row in world.rows(t.listing_paces)}


def test_a_listing_keeps_back_what_may_sell_elsewhere_while_its_push_is_under_way(world: World) -> None:
    other = world.connect("other")
    world.stock("A", "W1", 500)
    shown(world), shown(world, other)
    for n in range(3):
        assert world.order(f"o{n}", A=48, shop_id=other) == "routed"
    shown(world), shown(world, other)
    slow_pushes(world, world.shop_id, other)
    assert refresh_paces(world.ctx) == 3
    assert buffers(world) == {  # the listing that sold them knows; that of the kit with A does not, even in that shop
        (world.shop_id, "L-A"): 4, (world.shop_id, "L-KIT"): 4, (other, "L-A"): 0, (other, "L-KIT"): 4,
    }  # fmt: skip
    (found,) = explain_sku(world.db, "A", world.clock(), "shop")
    (arithmetic,) = found.pace["components"]
    assert {name: arithmetic[name] for name in ("sold_elsewhere", "days", "per_day", "latency_ms", "pieces")} == {
        "sold_elsewhere": 144, "days": 1.0, "per_day": 144.0, "latency_ms": 600_000, "pieces": 4,
    }  # fmt: skip
    assert (found.offer.units, found.offer.limits.lag, found.offer.number) == (356, 4, 352)
    assert shown(world)["L-A"] == 352
    assert refresh_paces(world.ctx) == 0


def test_a_shop_that_sells_alone_keeps_nothing_back_and_a_setting_switches_it_off(world: World) -> None:
    other = world.connect("other")
    world.stock("A", "W1", 500)
    shown(world), shown(world, other)
    assert world.order("o1", A=100, shop_id=other) == "routed"
    slow_pushes(world, world.shop_id, other)
    with world.db.write() as db:
        mine = t.connections.c.id == world.shop_id
        db.execute(t.connections.update().where(mine).values(settings={"lag_permille": "0"}))
    refresh_paces(world.ctx)
    assert buffers(world)[other, "L-A"] == 0
    assert (world.shop_id, "L-A") not in buffers(world)


def test_sales_of_long_ago_count_no_more(world: World) -> None:
    other = world.connect("other")
    world.stock("A", "W1", 500)
    shown(world), shown(world, other)
    world.order("o1", A=300, shop_id=other)
    slow_pushes(world, world.shop_id)
    refresh_paces(world.ctx)
    assert buffers(world)[world.shop_id, "L-A"] > 0
    world.clock.move(days=15)
    assert refresh_paces(world.ctx) == 2
    assert buffers(world) == {}
    assert shown(world)["L-A"] == 200


def test_an_expired_lot_leaves_the_channels_by_itself(world: World) -> None:
    receive(world, "W1", 3, "SOON", 1)
    receive(world, "W1", 2, "LATE", 9)
    assert shown(world)["L-A"] == 5
    world.clock.move(days=1)
    assert refresh_offers(world.ctx) == 0
    world.clock.move(days=1)
    assert refresh_offers(world.ctx) == 1
    assert shown(world)["L-A"] == 2
    assert refresh_offers(world.ctx) == 0


def test_a_pool_that_ends_a_presale_that_opens_and_a_feed_that_grows_stale_are_seen(world: World) -> None:
    now = world.clock()
    for sku in ("A", "B", "C"):
        world.stock(sku, "W1", 10)
        world.stock(sku, "W2", 1)
    set_pool(world.ctx, world.shop_id, "A", max_listed=4, ends_at=now + timedelta(hours=1), actor="test")
    set_policy(world.ctx, "B", mode="presale", units=2, available_on=now.date() + timedelta(days=1), actor="test")
    assert [world.order("o1", B=1), world.order("o2", B=3)] == ["held", "held"]
    assert world.holds() == ["backorder:B", "short:B"]
    set_freshness(world.ctx, "W2", 12, on_stale="leave_out", actor="test")
    assert {ref: n for ref, n in shown(world).items() if ref != "L-KIT"} == {"L-A": 4, "L-B": 1, "L-C": 11}
    world.clock.move(days=1)
    assert refresh_offers(world.ctx) == 4
    world.work()
    world.pull()
    assert [world.state("o1"), world.state("o2")] == ["routed", "routed"]
    assert {ref: n for ref, n in shown(world).items() if ref != "L-KIT"} == {"L-A": 10, "L-B": 6, "L-C": 10}


def test_what_was_sold_as_presale_waits_on_when_the_stock_is_late_and_is_never_refused(world: World) -> None:
    dealer = world.connect("dealer", on_shortage="refuse")
    day = world.clock().date() + timedelta(days=1)
    set_policy(world.ctx, "A", mode="presale", units=2, available_on=day, actor="test")
    assert world.order("o1", A=2, shop_id=dealer) == "held"
    world.clock.move(days=1)
    refresh_offers(world.ctx)
    world.work()
    assert (world.state("o1"), world.holds()) == ("held", ["backorder:A"])
    count = len(world.events("o1"))
    refresh_offers(world.ctx)
    world.work()
    assert len(world.events("o1")) == count
    assert world.order("o2", A=1, shop_id=dealer) == "refused"
    push_stock(world.ctx, world.shop_id)
