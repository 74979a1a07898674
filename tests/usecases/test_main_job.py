"""The main job from end to end: an order comes in, is reserved, routed, picked, shipped in parts, and told."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from hub.canonical.errors import BadInput, Conflict
from hub.store import tables as t
from hub.usecases.audit_stock import audit_stock
from hub.usecases.pick_orders import pack_order, pick_scan, start_picking
from hub.usecases.push_stock import push_stock
from hub.usecases.ship_parcel import Parcel, ship_parcel
from tests.fakes.channel import payload
from tests.fakes.world import World


def test_an_order_is_reserved_picked_shipped_and_told_with_exact_numbers(world: World) -> None:
    world.know_empty()
    world.stock("A", "W1", 10)
    assert world.order("o1", A=3) == "routed"
    assert world.balance("A", "W1") == (10, 3)
    assert world.takes("o1") == {("W1", "A"): 3}

    (work,) = world.lists("o1")
    world.pick(work.id)
    assert world.lists("o1")[0].status == "packed"
    world.ship(work.id, "p1")
    assert world.state("o1") == "shipped"
    assert world.balance("A", "W1") == (7, 0)
    assert world.pieces("o1") == {"A": (3, 0, 3)}

    assert world.send() == 1  # accepted; the shipment waits for it
    assert world.send() == 1
    assert [answer.accepted for answer in world.shop.answers()] == [True]
    (dispatch,) = world.shop.dispatches()
    assert (dispatch.order_ref, dispatch.tracking_no, dispatch.final) == ("o1", "T-p1", True)
    assert [(line.line_ref, line.quantity) for line in dispatch.lines] == [("a1", Decimal(3))]
    kinds = [(row.kind, row.on_hand, row.reserved) for row in world.rows(t.stock_ledger)]
    assert kinds == [("adjust", 10, 0), ("reserve", 0, 3), ("ship", -3, -3)]
    assert world.events("o1") == [
        "order_imported", "order_routed", "picking_started", "packed", "parcel_shipped", "channel_told", "channel_told",
    ]  # fmt: skip
    push_stock(world.ctx, world.shop_id)
    assert world.shop.shelf == {"L-A": 7, "L-B": 0, "L-C": 0, "L-KIT": 0}


def test_parcels_leave_one_by_one_and_each_is_told_with_its_own_tracking_number(world: World) -> None:
    world.stock("A", "W1", 5)
    world.stock("B", "W1", 5)
    world.order("o1", A=3, B=1)
    (work,) = world.lists("o1")
    lines = world.list_lines(work.id)
    world.ship(work.id, "p1", {lines["A"].id: 2})
    assert world.state("o1") == "partial"
    assert world.balance("A", "W1") == (3, 1)
    world.ship(work.id, "p2")
    assert world.state("o1") == "shipped"
    while world.send():
        pass
    told = [(d.tracking_no, d.final, [(x.line_ref, int(x.quantity)) for x in d.lines]) for d in world.shop.dispatches()]
    assert told == [("T-p1", False, [("a1", 2)]), ("T-p2", True, [("a1", 1), ("b1", 1)])]


def test_two_warehouses_share_an_order_that_none_can_give_alone(world: World) -> None:
    world.stock("A", "W1", 2)
    world.stock("A", "W2", 2)
    assert world.order("o1", A=3) == "routed"
    assert world.takes("o1") == {("W1", "A"): 2, ("W2", "A"): 1}
    first, second = world.lists("o1")
    world.ship(first.id, "p1")
    assert world.state("o1") == "partial"
    world.ship(second.id, "p2")
    assert world.state("o1") == "shipped"
    assert (world.balance("A", "W1"), world.balance("A", "W2")) == ((0, 0), (1, 0))


def test_half_a_kit_waits_for_its_other_half_before_the_channel_hears_of_it(world: World) -> None:
    world.stock("A", "W1", 5)
    world.stock("B", "W2", 9)
    assert world.order("o1", KIT=2) == "routed"
    assert world.pieces("o1") == {"A": (2, 2, 0), "B": (4, 4, 0)}
    by_place = {row.warehouse: row.id for row in world.lists("o1")}
    world.ship(by_place["W1"], "p1")
    assert [row.topic for row in world.rows(t.outbox)] == ["answer"]
    lines = world.list_lines(by_place["W2"])
    world.ship(by_place["W2"], "p2", {lines["B"].id: 3})
    world.ship(by_place["W2"], "p3")
    while world.send():
        pass
    told = [(d.tracking_no, d.final, [(x.line_ref, int(x.quantity)) for x in d.lines]) for d in world.shop.dispatches()]
    assert told == [("T-p2", False, [("kit1", 1)]), ("T-p3", True, [("kit1", 1)])]


def test_the_same_parcel_twice_leaves_once(world: World) -> None:
    world.stock("A", "W1", 5)
    world.order("o1", A=2)
    (work,) = world.lists("o1")
    assert world.ship(work.id, "p1") == world.ship(work.id, "p1")
    assert world.balance("A", "W1") == (3, 0)
    with pytest.raises(Conflict, match="it has left already"):
        world.ship(work.id, "p2")


def test_a_parcel_cannot_hold_more_than_its_pick_list_asks(world: World) -> None:
    world.stock("A", "W1", 5)
    world.order("o1", A=2)
    (work,) = world.lists("o1")
    line = world.list_lines(work.id)["A"]
    with pytest.raises(BadInput, match="3 pieces in the parcel, 2 are open"):
        world.ship(work.id, "p1", {line.id: 3})
    with pytest.raises(BadInput, match="0 are open"):
        world.ship(work.id, "p1", {line.id + 99: 1})
    assert world.balance("A", "W1") == (5, 2)


@pytest.mark.parametrize("pieces", [0, -1])
def test_a_scan_of_no_pieces_changes_nothing(pieces: int, world: World) -> None:
    world.stock("A", "W1", 5)
    world.order("o1", A=2)
    (work,) = world.lists("o1")
    with pytest.raises(BadInput, match=rf"^{pieces} pieces: a scan counts at least one; take one back with undo$"):
        pick_scan(world.ctx, work.id, "A", "bob", pieces)
    assert [(row.status, row.picker) for row in world.lists("o1")] == [("open", "")]


def test_a_picker_is_told_what_is_wrong_with_a_scan(world: World) -> None:
    world.stock("A", "W1", 5)
    world.order("o1", A=1)
    (work,) = world.lists("o1")
    start_picking(world.ctx, work.id, "bob")
    with pytest.raises(Conflict, match=r"is picking \(bob\)"):
        start_picking(world.ctx, work.id, "eve")
    with pytest.raises(BadInput, match="no SKU or barcode"):
        pick_scan(world.ctx, work.id, "nonsense", "bob")
    with pytest.raises(BadInput, match=r"B \(B\) is not on this pick list"):
        pick_scan(world.ctx, work.id, "B", "bob")
    with pytest.raises(Conflict, match="not picked yet: 1 x A"):
        pack_order(world.ctx, work.id, "bob")
    assert pick_scan(world.ctx, work.id, " 400A ", "bob") == "A"
    with pytest.raises(BadInput, match="all 1 are picked already"):
        pick_scan(world.ctx, work.id, "A", "bob")
    pack_order(world.ctx, work.id, "bob")


def test_orders_of_two_shops_may_have_the_same_number(world: World) -> None:
    other = world.connect("other")
    world.stock("A", "W1", 5)
    world.order("o1", A=1)
    world.arrive(payload("o1", {"1": ("L-A", 2)}), shop_id=other)
    assert [(row.connection_id, row.state) for row in world.rows(t.orders)] == [
        (world.shop_id, "routed"), (other, "routed"),
    ]  # fmt: skip
    assert world.balance("A", "W1") == (5, 3)


def test_a_listing_unit_of_several_pieces_takes_and_tells_whole_units(world: World) -> None:
    from hub.usecases.fix_holds import link_listing

    world.stock("A", "W1", 25)
    link_listing(world.ctx, world.shop_id, "L-BOX", "A", units=12, actor="test")
    world.arrive(payload("o1", {"1": ("L-BOX", 2)}))
    assert world.pieces("o1") == {"A": (24, 24, 0)}
    (work,) = world.lists("o1")
    world.ship(work.id, "p1", {world.list_lines(work.id)["A"].id: 13})
    world.ship(work.id, "p2")
    while world.send():
        pass
    assert [[int(line.quantity) for line in d.lines] for d in world.shop.dispatches()] == [[1], [1]]
    push_stock(world.ctx, world.shop_id)
    assert (world.shop.shelf["L-A"], world.shop.shelf["L-BOX"]) == (1, 0)


def test_the_audit_names_what_does_not_add_up(world: World) -> None:
    world.stock("A", "W1", 10)
    world.order("o1", A=3)
    with world.db.write() as db:
        db.execute(t.stock_balances.update().where(t.stock_balances.c.sku == "A").values(on_hand=9))
    try:
        found = {(m.check, m.sku, m.warehouse, m.ours, m.theirs) for m in audit_stock(world.ctx).mismatches}
        assert found == {("balance_is_ledger", "A", "W1", 9, 10)}
    finally:
        with world.db.write() as db:
            db.execute(t.stock_balances.update().where(t.stock_balances.c.sku == "A").values(on_hand=10))


def test_a_kit_with_the_tag_together_leaves_one_place_or_waits(world: World) -> None:
    world.stock("A", "W1", 5)
    world.stock("B", "W2", 6)
    assert world.order("o1", KIT=1) == "routed"
    assert world.takes("o1") == {("W1", "A"): 1, ("W2", "B"): 2}
    with world.db.write() as db:
        db.execute(t.items.update().where(t.items.c.sku == "KIT").values(tags=["together"]))
    assert world.order("o2", KIT=1) == "held"
    world.stock("A", "W2", 5)
    world.work()
    assert (world.state("o2"), world.takes("o2")) == ("routed", {("W2", "A"): 1, ("W2", "B"): 2})
    assert world.order("o3", KIT=1) == "routed"
    assert {place for place, _ in world.takes("o3")} == {"W2"}


def test_the_key_of_a_parcel_stands_for_that_parcel_only(world: World) -> None:
    world.stock("A", "W1", 4)
    world.order("o1", A=3)
    world.order("o2", A=1)
    (work,), (other,) = world.lists("o1"), world.lists("o2")
    line = world.list_lines(work.id)["A"].id
    parcel = Parcel("p1", "DHL", "T1", contents={line: 2})
    shipment = ship_parcel(world.ctx, work.id, parcel, "bob")
    same = (parcel, replace(parcel, tracking_no=" T1 "), replace(parcel, contents=None), replace(parcel, contents={}))
    assert [ship_parcel(world.ctx, work.id, one, "bob") for one in same] == [shipment] * 4
    for work_id, another in (
        (other.id, replace(parcel, contents=None)), (work.id, replace(parcel, tracking_no="T2")),
        (work.id, replace(parcel, carrier="UPS")), (work.id, replace(parcel, contents={line: 1})),
        (work.id, replace(parcel, tracking_url="https://t")),
    ):  # fmt: skip
        with pytest.raises(Conflict) as refused:
            ship_parcel(world.ctx, work_id, another, "bob")
        assert str(refused.value) == (
            f"key p1 stands for the parcel T1 (DHL) of pick list {work.id}, and this is another one: "
            "give it a key of its own"
        )
    assert (world.pieces("o1"), world.pieces("o2")) == ({"A": (3, 1, 2)}, {"A": (1, 1, 0)})
    assert len(world.rows(t.shipments)) == 1
