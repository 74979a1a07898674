"""Real threads under the terms of selling: no limit is passed, no pool is eaten, no soft hold is lost or kept twice."""

from __future__ import annotations

from hub.store import tables as t
from hub.usecases.expire_holds import expire_holds
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.place_orders import place_orders
from hub.usecases.set_selling import set_policy, set_pool
from tests.fakes.channel import payload
from tests.fakes.world import World
from tests.usecases.test_races import together


def come_in(world: World, shops: list[int], count: int, **more: object) -> None:
    """`count` orders of one A in each shop are in, and none is placed yet."""
    for shop_id in shops:
        orders = [payload(f"{shop_id}-{n}", {"a": ("L-A", 1)}, **more) for n in range(count)]
        world.pull(*orders, shop_id=shop_id)


def at_once(world: World, threads: int = 6) -> None:
    """Several workers take in and place until nothing waits."""

    def work() -> int:
        return sum(ingest_inbox(world.ctx, 3) + place_orders(world.ctx, 3) for _ in range(30))

    assert [error for error in together([work] * threads) if isinstance(error, Exception)] == []
    world.work()


def test_no_more_is_owed_than_may_be_whoever_comes_first(world: World) -> None:
    other = world.connect("other")
    set_policy(world.ctx, "A", mode="backorder", units=7, actor="test")
    come_in(world, [world.shop_id, other], 8)
    at_once(world)
    assert world.holds().count("backorder:A") == 7
    assert world.holds().count("short:A") == 9


def test_an_exclusive_pool_is_whole_after_a_rush_on_the_other_channels(world: World) -> None:
    others = [world.connect("one"), world.connect("two")]
    world.stock("A", "W1", 12)
    set_pool(world.ctx, world.shop_id, "A", mode="exclusive", units=5, actor="test")
    come_in(world, others, 10)
    at_once(world)
    assert world.balance("A", "W1") == (12, 7)
    come_in(world, [world.shop_id], 6)
    at_once(world)
    routed = world.rows(t.orders, t.orders.c.state == "routed", t.orders.c.connection_id == world.shop_id)
    assert (len(routed), world.balance("A", "W1")) == (5, (12, 12))


def test_soft_holds_end_once_while_payments_come_in(world: World) -> None:
    with world.db.write() as db:
        db.execute(t.connections.update().values(settings={"soft_minutes": "unpaid=10"}))
    world.stock("A", "W1", 20)
    come_in(world, [world.shop_id], 12, payment="unpaid")
    at_once(world)
    assert world.balance("A", "W1") == (20, 12)
    world.clock.move(minutes=10)
    world.pull(*[payload(f"{world.shop_id}-{n}", {"a": ("L-A", 1)}, "2026-11-23T09:00:00Z") for n in range(6)])

    def expire() -> int:
        return sum(expire_holds(world.ctx, 2) for _ in range(10))

    def work() -> int:
        return sum(ingest_inbox(world.ctx, 2) + place_orders(world.ctx, 2) for _ in range(20))

    found = together([expire, expire, work, work])
    assert [error for error in found if isinstance(error, Exception)] == []
    world.work()
    states = [row.state for row in world.rows(t.orders)]
    assert (states.count("routed"), states.count("unpaid")) == (6, 6)
    assert world.balance("A", "W1") == (20, 6)
