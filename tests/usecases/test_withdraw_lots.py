"""Lots that may no longer leave are taken off pick lists: another lot, another place, or a hold that says why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from hub.canonical.errors import Conflict
from hub.store import tables as t
from hub.usecases.change_stock import adjust_stock
from hub.usecases.fix_holds import hold_order
from hub.usecases.manage_catalog import save_warehouse
from hub.usecases.pick_orders import pack_order, pick_scan, start_picking
from hub.usecases.push_stock import push_stock
from hub.usecases.set_selling import set_life, set_pool
from hub.usecases.ship_parcel import Parcel, ship_parcel
from hub.usecases.withdraw_lots import withdraw_lots
from tests.fakes.channel import payload
from tests.fakes.world import World


def receive(world: World, lot: str, pieces: int, days: int | None, place: str = "W1", sku: str = "A") -> None:
    last = None if days is None else world.clock().date() + timedelta(days=days)
    adjust_stock(world.ctx, sku, place, pieces, reason="delivery", actor="test", key=f"{lot}:{place}:{pieces}",
                 kind="receive", lot=lot, expires_on=last)  # fmt: skip


def lots(world: World, ref: str) -> dict[tuple[str, str], int]:
    """(warehouse, lot) -> pieces of A that are still to leave."""
    found = dict[tuple[str, str], int]()
    for row in world.lists(ref):
        for line in world.rows(t.fulfillment_lines, t.fulfillment_lines.c.fulfillment_order_id == row.id):
            if left := line.quantity - line.shipped - line.cancelled:
                found[row.warehouse, line.lot] = found.get((row.warehouse, line.lot), 0) + left
    return found


def shelf(world: World, lot: str, place: str = "W1") -> tuple[int, int, int]:
    """(on hand, reserved, on quality hold)"""
    b = t.stock_balances.c
    (row,) = world.rows(t.stock_balances, b.sku == "A", b.warehouse == place, b.lot == lot)
    return row.on_hand, row.reserved, row.quality_hold


def withdraw(world: World) -> list[int]:
    """What each run did until there was nothing to do; then orders are planned."""
    done = [withdraw_lots(world.ctx)]
    while done[-1]:
        done.append(withdraw_lots(world.ctx))
    world.work()
    return done


def tomorrow(world: World, days: int = 1) -> None:
    world.clock.move(hours=24 * days)


@pytest.fixture
def old(world: World) -> World:
    """Order o1 holds three of the five pieces of lot OLD, which is good until today."""
    receive(world, "OLD", 5, 0)
    assert world.order("o1", A=3) == "routed"
    assert lots(world, "o1") == {("W1", "OLD"): 3}
    return world


def test_the_last_good_day_itself_is_still_good(old: World) -> None:
    receive(old, "NEW", 5, 90)
    assert withdraw(old) == [0]
    assert lots(old, "o1") == {("W1", "OLD"): 3}


def test_another_lot_of_the_shelf_leaves_instead_and_the_expired_one_is_set_aside(old: World) -> None:
    receive(old, "NEWER", 5, 90)
    receive(old, "NEW", 2, 30)
    tomorrow(old)
    assert withdraw(old) == [2, 0]
    assert lots(old, "o1") == {("W1", "NEW"): 2, ("W1", "NEWER"): 1}
    assert (shelf(old, "OLD"), shelf(old, "NEW"), shelf(old, "NEWER")) == ((5, 0, 5), (2, 2, 0), (5, 1, 0))
    assert old.state("o1") == "routed" and len(old.lists("o1")) == 1
    day = str(old.clock().date() - timedelta(days=1))
    assert old.event("o1", "lots_withdrawn") == {"warehouse": "W1", "lots": [
        {"sku": "A", "lot": "OLD", "quantity": 3, "good_until": day,
         "instead": [{"lot": "NEW", "quantity": 2}, {"lot": "NEWER", "quantity": 1}]},
    ]}  # fmt: skip
    (aside,) = old.rows(t.stock_ledger, t.stock_ledger.c.kind == "state")
    assert (aside.lot, aside.quality_hold, aside.on_hand, aside.reason) == ("OLD", 5, 0, f"expired: {day}")
    old.ship_all("o1")
    assert old.state("o1") == "shipped"


def test_where_the_shelf_has_no_other_the_order_is_planned_for_another_place(old: World) -> None:
    receive(old, "FAR", 3, 60, "W2")
    receive(old, "FEW", 2, 60)
    tomorrow(old)
    withdraw(old)
    assert sum(lots(old, "o1").values()) == 3 and ("W1", "OLD") not in lots(old, "o1")
    assert old.state("o1") == "routed"
    revoked = old.lists("o1", "cancelled")
    assert [row.reject_reason for row in revoked] == ["unfit"]


def test_where_no_place_has_any_it_is_held_and_the_hold_names_what_lacks(old: World) -> None:
    tomorrow(old)
    withdraw(old)
    assert (old.state("o1"), lots(old, "o1"), old.holds()) == ("held", {}, ["short:A"])
    assert old.rows(t.holds)[0].why.startswith("3 of 3 missing")
    assert shelf(old, "OLD") == (5, 0, 5)
    receive(old, "NEW", 3, 60)
    old.work()
    assert lots(old, "o1") == {("W1", "NEW"): 3}


def test_a_channel_that_wants_longer_life_gets_it_and_others_may_have_the_rest(world: World) -> None:
    receive(world, "SHORT", 3, 12)
    receive(world, "LONG", 2, 90)
    set_life(world.ctx, 10, connection_id=world.shop_id, actor="eve")
    assert world.order("o1", A=2) == "routed"
    assert lots(world, "o1") == {("W1", "SHORT"): 2}
    tomorrow(world, 3)
    assert withdraw(world) == [1, 0]
    assert lots(world, "o1") == {("W1", "LONG"): 2}
    assert shelf(world, "SHORT") == (3, 0, 0)
    other = world.connect("other")
    world.order("o2", A=1, shop_id=other)
    assert lots(world, "o2") == {("W1", "SHORT"): 1}


def steps(world: World, work: int) -> dict[str, Callable[[], object]]:
    return {
        "start": lambda: start_picking(world.ctx, work, "bob"),
        "scan": lambda: pick_scan(world.ctx, work, "A", "bob"),
        "pack": lambda: pack_order(world.ctx, work, "bob"),
        "ship": lambda: ship_parcel(world.ctx, work, Parcel("p", "DHL", "T"), "bob"),
    }


@pytest.mark.parametrize("step", ["start", "scan", "pack", "ship"])
def test_no_step_lets_an_expired_lot_go_on_before_the_timer_came(old: World, step: str) -> None:
    (work,) = old.lists("o1")
    if step in ("pack", "ship"):
        start_picking(old.ctx, work.id, "bob")
        pick_scan(old.ctx, work.id, "A", "bob", 3)
    tomorrow(old)
    with pytest.raises(Conflict) as refused:
        steps(old, work.id)[step]()
    day = old.clock().date() - timedelta(days=1)
    assert str(refused.value) == (
        f"lot OLD of A was good until {day}: put its 3 pieces aside, others are being looked for"
    )
    assert shelf(old, "OLD") == (5, 3, 0)
    assert old.rows(t.shipments) == []


def test_a_lot_that_is_too_short_for_its_order_is_refused_in_other_words(world: World) -> None:
    receive(world, "SHORT", 3, 5)
    world.order("o1", A=2)
    (work,) = world.lists("o1")
    set_life(world.ctx, 10, connection_id=world.shop_id, actor="eve")
    today = world.clock().date()
    with pytest.raises(Conflict) as refused:
        ship_parcel(world.ctx, work.id, Parcel("p", "DHL", "T"), "bob")
    assert str(refused.value) == (
        f"lot SHORT of A is good until {today + timedelta(days=5)}, and this order needs it good until "
        f"{today + timedelta(days=10)}: put its 2 pieces back, others are being looked for"
    )


def test_good_pieces_of_the_same_list_may_leave_meanwhile(old: World) -> None:
    old.stock("C", "W1", 1)
    old.order("o2", A=1, C=1)
    (work,) = old.lists("o2")
    tomorrow(old)
    old.ship(work.id, "p", {old.list_lines(work.id)["C"].id: 1})
    assert old.pieces("o2") == {"A": (1, 1, 0), "C": (1, 0, 1)}


def test_a_packed_list_is_picked_again_and_leaves_with_the_other_lot(old: World) -> None:
    receive(old, "NEW", 3, 60)
    (work,) = old.lists("o1")
    old.pick(work.id)
    tomorrow(old)
    withdraw(old)
    assert old.lists("o1")[0].status == "picking"
    with pytest.raises(Conflict, match="not picked yet: 3 x A"):
        pack_order(old.ctx, work.id, "bob")
    pick_scan(old.ctx, work.id, "A", "bob", 3)
    pack_order(old.ctx, work.id, "bob")
    old.ship(work.id, "p")
    assert (old.state("o1"), shelf(old, "NEW"), shelf(old, "OLD")) == ("shipped", (0, 0, 0), (5, 0, 5))


def test_what_left_in_time_stays_and_only_the_rest_is_replaced(old: World) -> None:
    receive(old, "NEW", 3, 60)
    (work,) = old.lists("o1")
    old.ship(work.id, "p1", {old.list_lines(work.id)["A"].id: 1})
    tomorrow(old)
    withdraw(old)
    assert lots(old, "o1") == {("W1", "NEW"): 2}
    old.ship(work.id, "p2")
    assert old.pieces("o1") == {"A": (3, 0, 3)}


def test_an_order_held_by_hand_is_mended_and_stays_held(old: World) -> None:
    hold_order(old.ctx, old.row("o1").id, "customer asked", actor="eve")
    receive(old, "NEW", 3, 60)
    tomorrow(old)
    withdraw(old)
    assert (old.state("o1"), lots(old, "o1")) == ("held", {("W1", "NEW"): 3})


def test_what_is_kept_for_an_unpaid_order_is_mended_as_well(world: World) -> None:
    with world.db.write() as db:
        db.execute(t.connections.update().values(settings={"soft_minutes": "unpaid=9999"}))
    receive(world, "OLD", 3, 0)
    world.order("o1", more={"payment": "unpaid"}, A=3)
    receive(world, "NEW", 3, 60)
    tomorrow(world)
    withdraw(world)
    assert [(row.status, lots(world, "o1")) for row in world.lists("o1")] == [("soft", {("W1", "NEW"): 3})]


def test_pieces_that_a_pool_keeps_for_another_channel_are_left_to_it(old: World) -> None:
    other = old.connect("other")
    receive(old, "NEW", 3, 60)
    set_pool(old.ctx, other, "A", mode="exclusive", units=3, actor="eve")
    tomorrow(old)
    withdraw(old)
    assert (old.state("o1"), lots(old, "o1")) == ("held", {})


def test_channels_never_see_an_expired_lot_before_or_after_it_was_set_aside(old: World) -> None:
    receive(old, "NEW", 9, 60)
    tomorrow(old)
    old.stock("B", "W1", 1)
    old.stock("A", "W2", 1)
    old.pull()  # after a day without orders no number goes up before they were asked for
    push_stock(old.ctx, old.shop_id)
    assert old.shop.shelf["L-A"] == 10
    withdraw(old)
    push_stock(old.ctx, old.shop_id)
    assert old.shop.shelf["L-A"] == 7


def test_it_waits_for_the_answer_where_a_cancellation_was_asked(old: World) -> None:
    save_warehouse(old.ctx, "W1", actor="test", asks_from="picked")
    receive(old, "NEW", 3, 60)
    (work,) = old.lists("o1")
    start_picking(old.ctx, work.id, "bob")
    pick_scan(old.ctx, work.id, "A", "bob", 3)
    old.arrive(payload("o1", {"a1": ("L-A", 3)}, "2026-11-23T09:00:00Z", status="cancelled"))
    tomorrow(old)
    assert withdraw(old) == [1, 0]
    assert shelf(old, "OLD") == (5, 3, 2)
