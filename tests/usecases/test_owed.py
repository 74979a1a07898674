"""Orders under the terms of selling: pools are guarded, backorders served in turn, lots leave by expiry."""

from __future__ import annotations

from datetime import timedelta

from hub.reports.arithmetic import explain_sku
from hub.reports.overview import read_overview
from hub.reports.routing import explain_order
from hub.reports.sku import read_sku
from hub.store import tables as t
from hub.usecases.change_stock import adjust_stock
from hub.usecases.push_stock import push_stock
from hub.usecases.set_selling import drop_pool, set_life, set_policy, set_pool
from tests.fakes.channel import payload
from tests.fakes.world import World


def receive(world: World, warehouse: str, pieces: int, lot: str, days: int, sku: str = "A") -> None:
    expires_on = world.clock().date() + timedelta(days=days)
    adjust_stock(world.ctx, sku, warehouse, pieces, reason="delivery", actor="test", key=f"{lot}:{warehouse}",
                 kind="receive", lot=lot, expires_on=expires_on, sure=True)  # fmt: skip


def lots(world: World, ref: str) -> list[tuple[str, str, int]]:
    """(warehouse, lot, pieces) of the order's open pick lines."""
    f = t.fulfillment_lines.c
    places = {row.id: row.warehouse for row in world.lists(ref)}
    rows = world.rows(t.fulfillment_lines, f.order_id == world.row(ref).id, f.cancelled < f.quantity)
    return sorted((places[row.fulfillment_order_id], row.lot, row.quantity - row.cancelled) for row in rows)


def number(world: World, connection: str = "shop", sku: str = "A") -> int:
    (found,) = explain_sku(world.db, sku, world.clock(), connection)
    return found.offer.number


def test_an_order_of_another_channel_does_not_eat_an_exclusive_pool(world: World) -> None:
    other = world.connect("other")
    world.stock("A", "W1", 10)
    set_pool(world.ctx, world.shop_id, "A", mode="exclusive", units=6, actor="test")
    assert world.order("o1", A=5, shop_id=other) == "held"
    (hold,) = world.rows(t.holds, t.holds.c.state == "open")
    assert hold.why == (
        "1 of 5 missing: receive stock of A, and the orders that wait for it run again "
        "(kept in exclusive pools: 6 for shop)"
    )
    assert world.order("o2", A=4, shop_id=other) == "routed"
    assert world.order("o3", A=6) == "routed"
    drop_pool(world.ctx, world.shop_id, "A", actor="test")
    world.stock("A", "W1", 5)
    world.work()
    assert world.state("o1") == "routed"


def test_an_order_beyond_the_stock_waits_as_backorder_and_is_told_to_nobody_as_short(world: World) -> None:
    dealer = world.connect("dealer", on_shortage="refuse")
    world.stock("A", "W1", 2)
    set_policy(world.ctx, "A", mode="backorder", units=5, actor="test")
    assert number(world) == 7
    assert world.order("o1", A=4, shop_id=dealer) == "held"
    assert (world.holds(), world.row("o1").answered) == (["backorder:A"], "")
    assert "order_short" not in world.events("o1")
    assert world.event("o1", "order_backordered") == {
        "missing": [{"sku": "A", "missing": 2, "mode": "backorder", "available_on": None}]
    }
    assert number(world) == 2 + 5 - 4
    assert read_sku(world.db, "A", world.clock()).waiting == 1
    world.stock("A", "W1", 2)
    world.work()
    assert (world.state("o1"), number(world)) == ("routed", 5)


def test_planning_again_is_told_only_where_something_changed(world: World) -> None:
    set_policy(world.ctx, "A", mode="backorder", units=9, actor="test")
    for ref, more in (("o1", {"A": 3}), ("o2", {"B": 2})):
        assert world.order(ref, **more) == "held"
    said = [world.events("o1"), world.events("o2")]
    assert [kinds[-1] for kinds in said] == ["order_backordered", "order_short"]
    for sku in ("A", "B"):  # each is woken, planned again, and lacks as much as before
        world.stock(sku, "W1", 1)
        adjust_stock(world.ctx, sku, "W1", -1, reason="a mistake", actor="test", key=f"back {sku}")
        world.work()
    assert [world.events("o1"), world.events("o2")] == said
    for sku in ("A", "B"):
        world.stock(sku, "W1", 1)
        world.work()
    assert [world.events("o1")[len(said[0]):], world.events("o2")[len(said[1]):]] == [
        ["order_backordered"], ["order_short"],
    ]  # fmt: skip
    assert world.event("o2", "order_short")["missing"] == [{"sku": "B", "wanted": 2, "missing": 1}]
    for sku in ("A", "B"):
        world.stock(sku, "W1", 2)
        world.work()
    assert [world.events(ref)[-1] for ref in ("o1", "o2")] == ["order_routed", "order_routed"]


def test_more_than_may_be_owed_is_short(world: World) -> None:
    dealer = world.connect("dealer", on_shortage="refuse")
    set_policy(world.ctx, "A", mode="backorder", units=5, actor="test")
    assert [world.order("o1", A=3), world.order("o2", A=3), world.order("o3", A=2)] == ["held", "held", "held"]
    assert world.holds() == ["backorder:A", "backorder:A", "short:A"]
    assert world.order("o4", A=1, shop_id=dealer) == "refused"


def test_backorders_are_served_first_come_first_served(world: World) -> None:
    set_policy(world.ctx, "A", mode="backorder", units=50, actor="test")
    for ref in ("o1", "o2", "o3"):
        assert world.order(ref, A=2) == "held"
        world.clock.move(minutes=1)
    world.stock("A", "W1", 4)
    world.clock.move(minutes=1)
    assert world.order("late", A=1) == "held"
    assert [world.state(ref) for ref in ("o1", "o2", "o3", "late")] == ["routed", "routed", "held", "held"]


def test_an_order_of_two_skus_waits_whole_until_both_are_there(world: World) -> None:
    world.stock("B", "W1", 9)
    set_policy(world.ctx, "A", mode="backorder", units=5, actor="test")
    assert world.order("o1", A=1, B=1) == "held"
    assert world.balance("B", "W1") == (9, 0)
    assert world.order("o2", A=1, C=1) == "held"
    assert world.holds() == ["backorder:A", "short:A", "short:C"]


def test_a_presale_leaves_on_its_day_even_when_the_stock_came_before(world: World) -> None:
    day = world.clock().date() + timedelta(days=2)
    set_policy(world.ctx, "A", mode="presale", units=5, available_on=day, actor="test")
    world.stock("A", "W1", 10)
    assert (number(world), world.order("o1", A=3)) == (5, "held")
    assert world.event("o1", "order_backordered")["missing"][0]["available_on"] == str(day)
    assert (number(world), world.balance("A", "W1")) == (2, (10, 0))
    (hold,) = world.rows(t.holds, t.holds.c.state == "open")
    assert (hold.kind, hold.until, hold.why) == (
        "backorder", day, f"3 of A are kept for presale until {day}; then they leave, first come first served",
    )  # fmt: skip
    found = explain_order(world.db, world.row("o1").id)
    assert (found.why, found.numbers["until"]) == ("kept_for_presale", str(day))
    assert found.excluded == {"W1": "kept_for_presale", "W2": "no_stock"}
    assert world.order("o2", A=3) == "held"
    assert world.holds() == ["backorder:A", "short:A"]
    (more,) = world.rows(t.holds, t.holds.c.fingerprint == "short:A")
    assert (more.until, more.why) == (day, f"3 of 3 x A are kept for presale until {day}")
    world.clock.move(days=2)
    assert number(world) == 10
    world.stock("A", "W1", 1)
    world.work()
    assert [world.state("o1"), world.state("o2")] == ["routed", "routed"]


def test_the_lot_that_expires_first_leaves_first_and_pick_lines_say_which(world: World) -> None:
    receive(world, "W1", 3, "LATE", 90)
    receive(world, "W1", 2, "SOON", 10)
    receive(world, "W1", 9, "GONE", -1)
    assert world.order("o1", A=4) == "routed"
    assert lots(world, "o1") == [("W1", "LATE", 2), ("W1", "SOON", 2)]
    assert world.order("o2", A=2) == "held"
    world.ship_all("o1")
    b = t.stock_balances.c
    left = {row.lot: (row.on_hand, row.reserved) for row in world.rows(t.stock_balances, b.sku == "A", b.lot != "")}
    assert left == {"LATE": (1, 0), "SOON": (0, 0), "GONE": (9, 0)}


def test_a_dealer_gets_only_lots_that_live_long_enough(world: World) -> None:
    dealer = world.connect("dealer")
    set_life(world.ctx, 30, connection_id=dealer, actor="test")
    receive(world, "W1", 3, "SOON", 10)
    receive(world, "W2", 2, "LATE", 90)
    assert world.order("o1", A=2, shop_id=dealer) == "routed"
    assert lots(world, "o1") == [("W2", "LATE", 2)]
    assert world.order("o2", A=1, shop_id=dealer) == "held"
    assert world.order("o3", A=3) == "routed"


def test_pieces_with_and_without_a_lot_are_taken_from_one_place(world: World) -> None:
    world.stock("A", "W1", 2)
    receive(world, "W1", 2, "L1", 30)
    assert world.order("o1", A=3) == "routed"
    assert lots(world, "o1") == [("W1", "", 1), ("W1", "L1", 2)]
    world.pull(payload("o1", {"a1": ("L-A", 3)}, "2026-11-23T09:00:00Z", status="cancelled"))
    world.work()
    assert world.state("o1") == "cancelled"
    assert [row.reserved for row in world.rows(t.stock_balances, t.stock_balances.c.sku == "A")] == [0, 0]


def test_what_was_sold_ahead_of_the_stock_needs_no_person(world: World) -> None:
    set_policy(world.ctx, "A", mode="backorder", units=5, actor="test")
    assert [world.order("o1", A=2), world.order("o2", B=1)] == ["held", "held"]
    found = read_overview(world.db, world.clock())
    assert [(need.what, need.count) for need in found.needs if need.kind == "holds"] == [("short", 1)]


def test_what_is_owed_lowers_every_other_listing_at_once_and_stays_owed_while_it_is_planned_again(world: World) -> None:
    other = world.connect("other")
    world.know_empty()
    set_policy(world.ctx, "A", mode="backorder", units=3, actor="test")
    set_policy(world.ctx, "B", mode="backorder", units=3, actor="test")
    push_stock(world.ctx, other)
    assert world.shops[other].shelf["L-B"] == 3
    assert world.order("o1", A=2, B=2) == "held"
    assert push_stock(world.ctx, other) > 0
    assert {ref: world.shops[other].shelf[ref] for ref in ("L-A", "L-B")} == {"L-A": 1, "L-B": 1}
    world.stock("A", "W1", 1)
    assert world.holds() == []
    push_stock(world.ctx, other)
    assert {ref: world.shops[other].shelf[ref] for ref in ("L-A", "L-B")} == {"L-A": 2, "L-B": 1}
    world.work()
    push_stock(world.ctx, other)
    assert world.shops[other].shelf["L-B"] == 1


def test_an_order_that_was_promised_to_wait_is_never_refused_later_for_its_other_pieces(world: World) -> None:
    strict = world.connect("strict", on_shortage="refuse")
    world.stock("B", "W1", 2)
    day = world.clock().date() + timedelta(days=30)
    set_policy(world.ctx, "A", mode="presale", units=5, available_on=day, actor="test")
    assert world.order("o1", A=1, B=2, shop_id=strict) == "held"
    assert world.holds() == ["backorder:A"]
    assert world.order("o2", B=2) == "routed"
    world.stock("A", "W1", 1)
    world.work()
    assert (world.state("o1"), world.row("o1").answered) == ("held", "")
    assert "short:B" in world.holds()
