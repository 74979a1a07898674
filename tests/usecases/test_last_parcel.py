"""An order whose rest is no longer wanted after a parcel left: its channel hears that this parcel was the last."""

from __future__ import annotations

from typing import Any

import pytest

from hub.ports.channel import Can, ConnectorSpec
from hub.store import tables as t
from hub.usecases.cancel_order import ask_cancel
from hub.usecases.fix_holds import hold_order, link_listing, replay_hold
from tests.fakes.channel import SPEC, FakeChannel
from tests.fakes.world import World

LATER, LATEST = "2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z"


@pytest.fixture
def begun(world: World) -> World:
    """One of two pieces of o1 left, and the shop was told so."""
    world.stock("A", "W1", 9)
    begin(world)
    return world


def begin(world: World, shop_id: int | None = None, **lines: int) -> None:
    world.order("o1", shop_id=shop_id, **(lines or {"A": 2}))
    (work,) = world.lists("o1")
    world.ship(work.id, "p1", {world.list_lines(work.id)["A"].id: 1})
    world.send_all(shop_id)


def told(world: World) -> list[tuple[str, str, bool, list[str]]]:
    """(key, tracking number, final, quantities) of each parcel that the shop was told."""
    return [
        (key, parcel.tracking_no, parcel.final, [str(line.quantity) for line in parcel.lines])
        for topic, key, parcel in world.shop.told
        if topic == "shipment"
    ]


def again(world: World) -> list[Any]:
    return world.rows(t.outbox, t.outbox.c.topic == "last_parcel")


def test_a_parcel_that_turns_out_to_be_the_last_is_told_once_more_as_final(begun: World) -> None:
    (parcel,) = begun.rows(t.shipments)
    key = f"shipment:{parcel.id}"
    assert begun.order("o1", LATER, A=1) == "shipped"
    assert [(row.key, row.state, row.body["final"]) for row in again(begun)] == [(f"{key}:last:2", "new", True)]
    begun.send_all()
    assert told(begun) == [(key, "T-p1", False, ["1"]), (f"{key}:last:2", "T-p1", True, ["1"])]
    first, last = begun.shop.dispatches()
    assert (last.shipment_no, last.shipped_at, last.warehouse) == (first.shipment_no, first.shipped_at, "W1")
    assert [line["quantity"] for line in last.order["lines"]] == ["1"]


def test_it_is_told_by_each_version_that_ends_the_order_and_by_no_other(begun: World) -> None:
    begun.order("o1", LATER, A=1)
    begun.order("o1", LATER, A=1)
    begun.send_all()
    assert begun.order("o1", LATEST, A=2) != "shipped"
    assert len(again(begun)) == 1
    assert begun.order("o1", "2026-11-23T11:00:00Z", A=1) == "shipped"
    begun.send_all()
    assert [row.key.rpartition(":")[2] for row in again(begun)] == ["2", "4"]
    assert {row.state for row in again(begun)} == {"sent"}


def test_of_two_parcels_the_newer_one_is_the_last(world: World) -> None:
    world.stock("A", "W1", 9)
    begin(world, A=3)
    (work,) = world.lists("o1")
    world.ship(work.id, "p2", {world.list_lines(work.id)["A"].id: 1})
    world.order("o1", LATER, A=2)
    assert [row.body["tracking_no"] for row in again(world)] == ["T-p2"]


def test_a_line_that_waits_for_stock_may_be_the_rest_that_is_taken_back(world: World) -> None:
    world.stock("A", "W1", 1)
    world.order("o1", A=1)
    world.order("o1", LATER, A=1, B=1)
    world.ship_all("o1")
    assert world.state("o1") != "shipped"
    assert world.order("o1", LATEST, A=1) == "shipped"
    assert [row.body["final"] for row in again(world)] == [True]


def test_an_order_that_its_parcels_complete_is_told_each_of_them_once(begun: World) -> None:
    begun.ship_all("o1")
    begun.order("o1", LATER, A=2, more={"note": "ring twice"})
    begun.send_all()
    assert begun.state("o1") == "shipped"
    assert [final for _, _, final, _ in told(begun)] == [False, True]
    assert again(begun) == []


def test_an_order_of_which_nothing_left_is_no_matter_of_parcels(world: World) -> None:
    world.stock("A", "W1", 9)
    world.order("o1", A=2, B=1)
    world.order("o1", LATER, A=1)
    assert again(world) == []


@pytest.mark.parametrize("more", [{"status": "cancelled"}, {"payment": "refunded"}, {"fulfillment": "fulfilled"}])
def test_an_order_that_the_shop_itself_ended_is_not_told(begun: World, more: dict[str, str]) -> None:
    assert begun.order("o1", LATER, A=2, more=more) == "shipped"
    assert again(begun) == []


def test_what_left_of_an_order_that_we_called_off_is_told_before_the_refusal(begun: World) -> None:
    ask_cancel(begun.ctx, begun.row("o1").id, "broken", "eve")
    assert [row.topic for row in begun.rows(t.outbox)][-2:] == ["last_parcel", "answer"]
    begun.order("o1", LATER, A=1)
    assert begun.state("o1") == "shipped"
    assert len(again(begun)) == 1


def test_half_a_kit_never_counts_as_a_kit_that_left(world: World) -> None:
    world.half_a_kit()
    assert world.order("o1", LATER, KIT=0) == "shipped"
    assert [row.body["lines"] for row in again(world)] == [[]]


@pytest.mark.parametrize("later", [{"KIT": 0, "C": 1}, {"C": 1}])
def test_half_a_kit_that_was_cut_is_no_kit_in_the_parcel_that_ends_the_order(
    world: World, later: dict[str, int]
) -> None:
    for sku in ("A", "B", "C"):
        world.stock(sku, "W1", 9)
    begin(world, KIT=1, C=1)
    assert world.order("o1", LATER, **later) == "partial"
    world.ship_all("o1")
    world.send_all()
    assert world.state("o1") == "shipped"
    assert [(parcel.final, [line.sku for line in parcel.lines]) for parcel in world.shop.dispatches()] == [
        (True, ["C"])
    ]


def test_what_a_line_no_longer_is_keeps_no_unit_from_being_told(world: World) -> None:
    for sku in ("A", "B"):
        world.stock(sku, "W1", 9)
    world.order("o1", A=1)
    link_listing(world.ctx, world.shop_id, "L-A", "B", offered_sku="A", actor="eve")
    assert world.order("o1", LATER, A=2) == "routed"
    assert world.pieces("o1") == {"A": (0, 0, 0), "B": (2, 2, 0)}
    world.ship_all("o1")
    world.send_all()
    assert [(parcel.final, [str(line.quantity) for line in parcel.lines]) for parcel in world.shop.dispatches()] == [
        (True, ["2"])
    ]


def test_a_held_order_is_told_once_nothing_holds_it(begun: World) -> None:
    row = begun.row("o1")
    hold_order(begun.ctx, row.id, "call first", "eve")
    assert begun.order("o1", LATER, A=1) == "held"
    assert again(begun) == []
    replay_hold(begun.ctx, f"by_hand:{row.id}", "eve")
    begun.work()
    assert begun.state("o1") == "shipped"
    assert len(again(begun)) == 1


def test_a_channel_that_keeps_each_parcel_by_itself_is_not_told_twice(world: World) -> None:
    world.stock("A", "W1", 9)
    cid = world.connect("dealer", shop=FakeChannel(ConnectorSpec("fake", "Dealer", SPEC.can - {Can.LAST_PARCEL})))
    begin(world, cid)
    before = world.events("o1").count("channel_told")
    world.order("o1", LATER, shop_id=cid, A=1)
    world.send_all(cid)
    assert world.state("o1") == "shipped"
    assert world.shops[cid].calls["push_shipment"] == 1
    assert [row.state for row in again(world)] == ["sent"]
    assert world.events("o1").count("channel_told") == before
