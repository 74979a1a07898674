"""What cannot be understood waits with its reason; mended once, everything that waited runs again by itself."""

from __future__ import annotations

import pytest

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.ports.channel import ListingOffer
from hub.store import tables as t
from hub.usecases.fix_holds import hold_order, link_listing, replay_hold
from hub.usecases.manage_catalog import add_item
from hub.usecases.pick_orders import pack_order, pick_scan, start_picking
from hub.usecases.place_orders import place_orders
from hub.usecases.pull_listings import pull_listings
from hub.usecases.ship_parcel import Parcel, ship_parcel
from tests.fakes.channel import payload
from tests.fakes.world import World

NINE = "2026-11-23T09:00:00Z"


def test_an_unknown_listing_holds_its_order_only_and_the_link_sets_all_of_them_going(world: World) -> None:
    world.stock("A", "W1", 10)
    for n in range(3):
        world.arrive(payload(f"x{n}", {"1": ("L-NEW", 1)}))
    assert world.order("o1", A=1) == "routed"
    mark = f"unknown_sku:{world.shop_id}:L-NEW:"
    assert (world.state("x0"), world.holds()) == ("held", [mark, mark, mark])
    assert world.balance("A", "W1") == (10, 1)

    assert link_listing(world.ctx, world.shop_id, "L-NEW", "A", actor="eve") == 3
    assert ("orders.place", None) in world.bell.rung
    assert [world.state(f"x{n}") for n in range(3)] == ["waiting"] * 3
    place_orders(world.ctx)
    assert [world.state(f"x{n}") for n in range(3)] == ["routed"] * 3
    assert (world.holds(), world.balance("A", "W1")) == ([], (10, 4))
    assert "hold_released" in world.events("x0")


def test_a_link_runs_only_what_it_mends(world: World) -> None:
    """Connection 1 and listing "1" must not be mixed up in a fingerprint."""
    world.stock("A", "W1", 10)
    first = str(world.shop_id)
    world.arrive(payload("x1", {"1": (first, 1)}), payload("x2", {"1": ("other", 1)}))
    assert link_listing(world.ctx, world.shop_id, first, "A", actor="eve") == 1
    assert (world.state("x1"), world.state("x2")) == ("waiting", "held")
    assert "hold_released" not in world.events("x2")


def test_a_listing_that_is_pulled_with_a_known_sku_mends_by_itself(world: World) -> None:
    world.stock("B", "W1", 10)
    world.arrive(payload("x1", {"1": ("L-NEW", 1)}))
    world.shop.listings.append(ListingOffer("L-NEW", "B"))
    pull_listings(world.ctx, world.shop_id)
    world.work()
    assert (world.state("x1"), world.balance("B", "W1")) == ("routed", (10, 1))


def test_a_sku_without_a_listing_is_linked_by_the_word_of_the_channel(world: World) -> None:
    world.stock("A", "W1", 10)
    line = {"channel_ref": "1", "sku": "THEIR-A", "quantity": "1"}
    world.arrive(payload("x1", {}, lines=[line]))
    assert world.holds() == [f"unknown_sku:{world.shop_id}::THEIR-A"]
    assert link_listing(world.ctx, world.shop_id, "", "A", offered_sku="THEIR-A", actor="eve") == 1
    world.work()
    assert (world.state("x1"), world.pieces("x1")) == ("routed", {"A": (1, 1, 0)})
    world.arrive(payload("x2", {}, lines=[line]))
    assert world.state("x2") == "routed"


def test_adding_the_missing_sku_sets_the_orders_going_that_name_it(world: World) -> None:
    line = {"channel_ref": "1", "sku": "D", "quantity": "1"}
    world.arrive(payload("x1", {}, lines=[line]))
    assert world.state("x1") == "held"
    add_item(world.ctx, "D", actor="eve")
    world.stock("D", "W1", 1)
    world.work()
    assert (world.state("x1"), world.pieces("x1")) == ("routed", {"D": (1, 1, 0)})


def test_a_sku_is_known_without_a_link_where_the_channel_writes_ours(world: World) -> None:
    world.stock("C", "W1", 1)
    world.arrive(payload("x1", {}, lines=[{"channel_ref": "1", "sku": "C", "listing_ref": "?", "quantity": "1"}]))
    assert world.state("x1") == "routed"


def test_a_quantity_that_is_not_whole_is_held_not_rounded(world: World) -> None:
    world.stock("A", "W1", 10)
    world.arrive(payload("x1", {"1": ("L-A", "1.5")}))
    assert world.holds() == [f"not_whole:{world.shop_id}:L-A:1.5"]
    assert world.pieces("x1") == {"A": (0, 0, 0)}
    link_listing(world.ctx, world.shop_id, "L-A", "A", units=2, actor="eve")
    world.work()
    assert (world.state("x1"), world.pieces("x1")) == ("routed", {"A": (3, 3, 0)})


def test_one_mended_cause_of_two_leaves_the_other(world: World) -> None:
    world.stock("A", "W1", 10)
    world.arrive(payload("x1", {"1": ("N1", 1), "2": ("N2", 1)}))
    link_listing(world.ctx, world.shop_id, "N1", "A", actor="eve")
    world.work()
    assert (world.state("x1"), world.holds()) == ("held", [f"unknown_sku:{world.shop_id}:N2:"])
    assert world.balance("A", "W1") == (10, 0)
    link_listing(world.ctx, world.shop_id, "N2", "A", actor="eve")
    world.work()
    assert (world.state("x1"), world.balance("A", "W1")) == ("routed", (10, 2))


def test_a_held_order_that_is_cancelled_waits_for_nobody(world: World) -> None:
    world.arrive(payload("x1", {"1": ("N1", 1)}))
    world.arrive(payload("x1", {"1": ("N1", 1)}, NINE, status="cancelled"))
    assert (world.state("x1"), world.holds()) == ("cancelled", [])


def test_a_wrong_link_is_refused_with_words(world: World) -> None:
    with pytest.raises(NotFound, match="no SKU 'Z'"):
        link_listing(world.ctx, world.shop_id, "L-NEW", "Z", actor="eve")
    with pytest.raises(BadInput, match="units = 0"):
        link_listing(world.ctx, world.shop_id, "L-NEW", "A", units=0, actor="eve")
    with pytest.raises(NotFound, match="nothing is held"):
        replay_hold(world.ctx, "unknown", "eve")


def test_a_hold_by_hand_stops_placing_and_replay_sets_it_going(world: World) -> None:
    world.pull(payload("o1", {"1": ("L-A", 1)}))
    from hub.usecases.ingest_inbox import ingest_inbox

    ingest_inbox(world.ctx)
    world.stock("A", "W1", 10)
    hold_order(world.ctx, world.row("o1").id, "looks like fraud", "eve")
    assert (place_orders(world.ctx), world.state("o1")) == (0, "held")
    assert replay_hold(world.ctx, f"by_hand:{world.row('o1').id}", "eve") == 1
    world.work()
    assert world.state("o1") == "routed"


def test_a_hold_by_hand_stops_picking_packing_and_shipping(world: World) -> None:
    world.stock("A", "W1", 10)
    world.order("o1", A=2)
    (work,) = world.lists("o1")
    start_picking(world.ctx, work.id, "bob")
    pick_scan(world.ctx, work.id, "A", "bob")
    hold_order(world.ctx, work.order_id, "looks like fraud", "eve")
    assert (world.state("o1"), world.balance("A", "W1")) == ("held", (10, 2))
    for act in (
        lambda: start_picking(world.ctx, work.id, "bob"),
        lambda: pick_scan(world.ctx, work.id, "A", "bob"),
        lambda: pack_order(world.ctx, work.id, "bob"),
        lambda: ship_parcel(world.ctx, work.id, Parcel("p1", "DHL", "T1"), "bob"),
    ):
        with pytest.raises(Conflict, match="held by hand: looks like fraud"):
            act()
    replay_hold(world.ctx, f"by_hand:{work.order_id}", "eve")
    world.pick(work.id)
    world.ship(work.id, "p1")
    assert world.state("o1") == "shipped"


def test_a_hold_by_hand_outlives_an_edit_and_another_cause_that_is_mended(world: World) -> None:
    world.stock("A", "W1", 10)
    world.arrive(payload("x1", {"1": ("N1", 1)}))
    order_id = world.row("x1").id
    hold_order(world.ctx, order_id, "call the buyer", "eve")
    link_listing(world.ctx, world.shop_id, "N1", "A", actor="eve")
    world.work()
    assert (world.state("x1"), world.holds()) == ("held", [f"by_hand:{order_id}"])
    world.arrive(payload("x1", {"1": ("N1", 2)}, NINE))
    assert (world.state("x1"), world.holds()) == ("held", [f"by_hand:{order_id}"])
    replay_hold(world.ctx, f"by_hand:{order_id}", "eve")
    world.work()
    assert (world.state("x1"), world.pieces("x1")) == ("routed", {"A": (2, 2, 0)})


def test_only_one_hold_by_hand_stands_on_an_order_and_none_on_one_that_is_over(world: World) -> None:
    world.order("o1", A=1)
    order_id = world.row("o1").id
    hold_order(world.ctx, order_id, "first", "eve")
    hold_order(world.ctx, order_id, "second", "eve")
    assert world.holds().count(f"by_hand:{order_id}") == 1
    world.arrive(payload("o2", {"1": ("L-A", 1)}, status="cancelled"))
    with pytest.raises(Conflict, match="is cancelled"):
        hold_order(world.ctx, world.row("o2").id, "why", "eve")
    with pytest.raises(NotFound):
        hold_order(world.ctx, 10**6, "why", "eve")


def test_holds_of_messages_and_orders_are_counted_once_per_cause(world: World) -> None:
    world.arrive(payload("x1", {"1": ("N1", 1), "2": ("N1", 2)}))
    assert world.holds() == [f"unknown_sku:{world.shop_id}:N1:"]
    assert [row.order_id for row in world.rows(t.holds)] == [world.row("x1").id]


def test_an_edit_or_a_replay_that_mends_nothing_leaves_the_order_held(world: World) -> None:
    world.arrive(payload("x1", {"1": ("N1", 1)}))
    (mark,) = world.holds()
    world.arrive(payload("x1", {"1": ("N1", 1)}, NINE, note="please hurry"))
    assert (world.state("x1"), world.holds()) == ("held", [mark])
    replay_hold(world.ctx, mark, "eve")
    world.work()
    assert (world.state("x1"), world.holds()) == ("held", [mark])


def test_a_listing_that_means_fewer_pieces_now_gives_the_others_back_when_the_order_is_read_again(world: World) -> None:
    world.stock("A", "W1", 30)
    link_listing(world.ctx, world.shop_id, "L-BOX", "A", units=12, actor="eve")
    world.arrive(payload("x1", {"1": ("L-BOX", 2)}))
    world.arrive(payload("x1", {"1": ("L-BOX", 2), "2": ("N1", 1)}, NINE))
    assert (world.state("x1"), world.balance("A", "W1")) == ("held", (30, 24))
    link_listing(world.ctx, world.shop_id, "L-BOX", "A", units=6, actor="eve")
    link_listing(world.ctx, world.shop_id, "N1", "A", actor="eve")
    world.work()
    assert (world.state("x1"), world.balance("A", "W1"), world.pieces("x1")) == ("routed", (30, 13), {"A": (13, 13, 0)})
