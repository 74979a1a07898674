"""What buyers and merchants change after we have the order: cancellations, edits, payments, refunds."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from hub.canonical.errors import Conflict
from hub.store import tables as t
from hub.usecases.pick_orders import pick_scan, start_picking
from hub.usecases.push_stock import push_stock
from tests.fakes.channel import payload
from tests.fakes.world import World

EIGHT, NINE, TEN, ELEVEN = (f"2026-11-23T{hour:02}:00:00Z" for hour in (8, 9, 10, 11))


@pytest.fixture
def stocked(world: World) -> World:
    """10 A and 10 B in W1."""
    world.stock("A", "W1", 10)
    world.stock("B", "W1", 10)
    return world


def edit(world: World, at: str, lines: Mapping[str, tuple[str, str | int]], **more: object) -> str:
    """A version of o1 arrives; the state that follows."""
    world.arrive(payload("o1", lines, at, **more))
    return world.state("o1")


def test_an_unpaid_order_takes_nothing_until_it_is_paid(stocked: World) -> None:
    assert edit(stocked, EIGHT, {"1": ("L-A", 2)}, payment="unpaid") == "unpaid"
    assert stocked.balance("A", "W1") == (10, 0)
    assert edit(stocked, NINE, {"1": ("L-A", 2)}, payment="paid") == "routed"
    assert stocked.balance("A", "W1") == (10, 2)


def test_an_unpaid_order_that_is_cancelled_takes_nothing(stocked: World) -> None:
    edit(stocked, EIGHT, {"1": ("L-A", 2)}, payment="unpaid")
    assert edit(stocked, NINE, {"1": ("L-A", 2)}, payment="void") == "cancelled"
    assert stocked.balance("A", "W1") == (10, 0)


def test_an_authorized_payment_is_enough(stocked: World) -> None:
    assert edit(stocked, EIGHT, {"1": ("L-A", 2)}, payment="authorized") == "routed"


def test_a_cancellation_before_routing_takes_nothing(stocked: World) -> None:
    stocked.pull(payload("o1", {"1": ("L-A", 2)}, EIGHT), payload("o1", {"1": ("L-A", 2)}, NINE, status="cancelled"))
    stocked.work()
    assert (stocked.state("o1"), stocked.balance("A", "W1"), stocked.lists("o1")) == ("cancelled", (10, 0), [])


def test_a_cancellation_after_routing_frees_the_stock_and_revokes_the_pick_list(stocked: World) -> None:
    edit(stocked, EIGHT, {"1": ("L-A", 2)})
    push_stock(stocked.ctx, stocked.shop_id)
    assert stocked.shop.shelf["L-A"] == 8
    assert edit(stocked, NINE, {"1": ("L-A", 2)}, status="cancelled") == "cancelled"
    assert stocked.balance("A", "W1") == (10, 0)
    (work,) = stocked.lists("o1")
    assert (work.status, work.request_status) == ("cancelled", "cancelled")
    with pytest.raises(Conflict, match="put the pieces back on their shelves"):
        start_picking(stocked.ctx, work.id, "bob")
    push_stock(stocked.ctx, stocked.shop_id)
    assert stocked.shop.shelf["L-A"] == 10
    assert stocked.events("o1")[-2:] == ["order_cancelled", "order_state"]


@pytest.mark.parametrize("change", [{"status": "cancelled"}, {"payment": "void"}, {"payment": "refunded"}])
def test_every_way_to_call_an_order_off_frees_its_stock(stocked: World, change: Mapping[str, str]) -> None:
    edit(stocked, EIGHT, {"1": ("L-A", 2)})
    state = edit(stocked, NINE, {"1": ("L-A", 2)}, **change)
    assert state == ("closed" if change == {"payment": "refunded"} else "cancelled")
    assert stocked.balance("A", "W1") == (10, 0)
    assert stocked.takes("o1") == {}


def test_an_order_that_somebody_else_fulfilled_is_not_shipped_again(stocked: World) -> None:
    edit(stocked, EIGHT, {"1": ("L-A", 2)})
    assert edit(stocked, NINE, {"1": ("L-A", 2)}, fulfillment="fulfilled") == "closed"
    assert (stocked.takes("o1"), stocked.balance("A", "W1")) == ({}, (10, 0))


def test_the_echo_of_our_own_shipment_changes_nothing(stocked: World) -> None:
    edit(stocked, EIGHT, {"1": ("L-A", 2)})
    stocked.ship_all("o1")
    assert edit(stocked, NINE, {"1": ("L-A", 2)}, fulfillment="fulfilled", status="closed") == "shipped"
    assert stocked.balance("A", "W1") == (8, 0)
    assert "too_late_to_take_back" not in stocked.events("o1")


def test_a_cancellation_after_picking_revokes_the_list_with_its_picked_pieces(stocked: World) -> None:
    edit(stocked, EIGHT, {"1": ("L-A", 2)})
    (work,) = stocked.lists("o1")
    stocked.pick(work.id)
    assert edit(stocked, NINE, {"1": ("L-A", 2)}, status="cancelled") == "cancelled"
    line = stocked.list_lines(work.id)["A"]
    assert (line.quantity, line.picked, line.shipped, line.cancelled) == (2, 0, 0, 2)
    with pytest.raises(Conflict, match="was revoked"):
        stocked.ship(work.id, "p1")


def test_a_cancellation_after_a_partial_shipment_keeps_what_left_and_frees_the_rest(stocked: World) -> None:
    edit(stocked, EIGHT, {"1": ("L-A", 3)})
    (work,) = stocked.lists("o1")
    stocked.ship(work.id, "p1", {stocked.list_lines(work.id)["A"].id: 1})
    assert edit(stocked, NINE, {"1": ("L-A", 3)}, status="cancelled") == "shipped"
    assert (stocked.balance("A", "W1"), stocked.pieces("o1")) == ((9, 0), {"A": (0, 0, 1)})
    assert stocked.event("o1", "too_late_to_take_back") == {"pieces": 1, "next": "return"}
    assert stocked.lists("o1")[0].status == "shipped"


def test_a_cancellation_after_everything_left_is_too_late(stocked: World) -> None:
    edit(stocked, EIGHT, {"1": ("L-A", 3)})
    stocked.ship_all("o1")
    assert edit(stocked, NINE, {"1": ("L-A", 3)}, status="cancelled") == "shipped"
    assert stocked.event("o1", "too_late_to_take_back") == {"pieces": 3, "next": "return"}
    assert stocked.balance("A", "W1") == (7, 0)


def test_a_lowered_line_frees_the_difference_and_what_was_ordered_is_kept(stocked: World) -> None:
    edit(stocked, EIGHT, {"1": ("L-A", 5)})
    assert edit(stocked, NINE, {"1": ("L-A", 2)}) == "routed"
    assert stocked.lines("o1") == {"1": ("A", "5", 2)}
    assert (stocked.pieces("o1"), stocked.balance("A", "W1")) == ({"A": (2, 2, 0)}, (10, 2))
    assert stocked.event("o1", "order_amended")["changes"] == [{"line": "1", "sku": "A", "before": 5, "after": 2}]
    (document,) = stocked.rows(t.order_documents)
    assert (document.first["lines"][0]["quantity"], document.current["lines"][0]["quantity"]) == ("5", "2")
    (work,) = stocked.lists("o1")
    stocked.pick(work.id)
    stocked.ship(work.id, "p1")
    assert (stocked.state("o1"), stocked.balance("A", "W1")) == ("shipped", (8, 0))


def test_a_raised_line_takes_the_difference_on_a_further_pick_list(stocked: World) -> None:
    edit(stocked, EIGHT, {"1": ("L-A", 2)})
    assert edit(stocked, NINE, {"1": ("L-A", 6)}) == "routed"
    assert stocked.lines("o1") == {"1": ("A", "2", 6)}
    assert (stocked.pieces("o1"), stocked.balance("A", "W1")) == ({"A": (6, 6, 0)}, (10, 6))
    assert [sum(line.quantity for line in stocked.list_lines(row.id).values()) for row in stocked.lists("o1")] == [2, 4]


def test_a_removed_line_frees_its_stock_and_stays_visible(stocked: World) -> None:
    edit(stocked, EIGHT, {"1": ("L-A", 2), "2": ("L-B", 3)})
    assert edit(stocked, NINE, {"2": ("L-B", 3)}) == "routed"
    assert stocked.lines("o1") == {"1": ("A", "2", 0), "2": ("B", "3", 3)}
    assert (stocked.balance("A", "W1"), stocked.balance("B", "W1")) == ((10, 0), (10, 3))


def test_a_removed_line_that_comes_back_is_the_same_line(stocked: World) -> None:
    edit(stocked, EIGHT, {"1": ("L-A", 2), "2": ("L-B", 3)})
    edit(stocked, NINE, {"2": ("L-B", 3)})
    assert edit(stocked, TEN, {"1": ("L-A", 4), "2": ("L-B", 3)}) == "routed"
    assert stocked.lines("o1") == {"1": ("A", "2", 4), "2": ("B", "3", 3)}
    assert stocked.balance("A", "W1") == (10, 4)


def test_an_added_line_is_reserved_too(stocked: World) -> None:
    edit(stocked, EIGHT, {"1": ("L-A", 2)})
    assert edit(stocked, NINE, {"1": ("L-A", 2), "2": ("L-B", 1)}) == "routed"
    assert stocked.pieces("o1") == {"A": (2, 2, 0), "B": (1, 1, 0)}


def test_a_line_that_changes_its_sku_gives_back_the_old_and_takes_the_new(stocked: World) -> None:
    edit(stocked, EIGHT, {"1": ("L-A", 2)})
    assert edit(stocked, NINE, {"1": ("L-B", 3)}) == "routed"
    assert stocked.lines("o1") == {"1": ("B", "2", 3)}
    assert stocked.pieces("o1") == {"A": (0, 0, 0), "B": (3, 3, 0)}
    assert (stocked.balance("A", "W1"), stocked.balance("B", "W1")) == ((10, 0), (10, 3))
    assert stocked.takes("o1") == {("W1", "B"): 3}


def test_an_edit_while_picking_keeps_the_picked_pieces_as_long_as_they_are_wanted(stocked: World) -> None:
    edit(stocked, EIGHT, {"1": ("L-A", 4)})
    (work,) = stocked.lists("o1")
    start_picking(stocked.ctx, work.id, "bob")
    pick_scan(stocked.ctx, work.id, "A", "bob", 3)
    edit(stocked, NINE, {"1": ("L-A", 2)})
    line = stocked.list_lines(work.id)["A"]
    assert (line.quantity, line.cancelled, line.picked) == (4, 2, 2)
    assert stocked.balance("A", "W1") == (10, 2)


def test_a_line_lowered_below_what_left_says_so_and_the_rest_of_the_order_goes_on(stocked: World) -> None:
    edit(stocked, EIGHT, {"1": ("L-A", 2), "2": ("L-B", 2)})
    (work,) = stocked.lists("o1")
    stocked.ship(work.id, "p1", {stocked.list_lines(work.id)["A"].id: 2})
    assert edit(stocked, NINE, {"2": ("L-B", 2)}) == "partial"
    assert stocked.event("o1", "too_late_to_take_back") == {"pieces": 2, "next": "return"}
    assert stocked.takes("o1") == {("W1", "B"): 2}
    stocked.ship(work.id, "p2")
    assert stocked.state("o1") == "shipped"


def test_a_shipped_order_that_is_raised_ships_the_difference(stocked: World) -> None:
    edit(stocked, EIGHT, {"1": ("L-A", 2)})
    stocked.ship_all("o1")
    assert edit(stocked, NINE, {"1": ("L-A", 3)}) == "partial"
    stocked.ship_all("o1")
    assert (stocked.state("o1"), stocked.balance("A", "W1")) == ("shipped", (7, 0))
    while stocked.send():
        pass
    assert [[int(line.quantity) for line in d.lines] for d in stocked.shop.dispatches()] == [[2], [1]]


def test_a_refund_seen_on_the_channel_lowers_what_is_still_wanted_and_overwrites_nothing(stocked: World) -> None:
    lines: Mapping[str, tuple[str, str | int]] = {"1": ("L-A", 3), "2": ("L-B", 1)}
    edit(stocked, EIGHT, lines)
    state = edit(stocked, NINE, lines, payment="partially_refunded", extra={"current": {"1": "1"}})
    assert state == "routed"
    assert stocked.lines("o1") == {"1": ("A", "3", 1), "2": ("B", "1", 1)}
    assert (stocked.balance("A", "W1"), stocked.balance("B", "W1")) == ((10, 1), (10, 1))
    assert edit(stocked, TEN, lines, payment="refunded") == "closed"
    assert (stocked.balance("A", "W1"), stocked.balance("B", "W1")) == ((10, 0), (10, 0))


def test_a_refund_after_the_parcel_left_takes_nothing_back(stocked: World) -> None:
    edit(stocked, EIGHT, {"1": ("L-A", 3)})
    stocked.ship_all("o1")
    assert edit(stocked, NINE, {"1": ("L-A", 3)}, payment="refunded") == "shipped"
    assert stocked.balance("A", "W1") == (7, 0)


def test_an_edited_kit_releases_its_components_in_step(world: World) -> None:
    world.stock("A", "W1", 9)
    world.stock("B", "W1", 9)
    edit(world, EIGHT, {"1": ("L-KIT", 4)})
    assert world.pieces("o1") == {"A": (4, 4, 0), "B": (8, 8, 0)}
    assert edit(world, NINE, {"1": ("L-KIT", 1)}) == "routed"
    assert world.pieces("o1") == {"A": (1, 1, 0), "B": (2, 2, 0)}
    assert (world.balance("A", "W1"), world.balance("B", "W1")) == ((9, 1), (9, 2))


def test_every_edit_is_kept_as_it_came(stocked: World) -> None:
    for at, quantity in ((EIGHT, 2), (NINE, 3), (TEN, 1)):
        edit(stocked, at, {"1": ("L-A", quantity)})
    raw = [json.loads(row.raw)["lines"][0]["quantity"] for row in stocked.rows(t.inbox)]
    assert raw == ["2", "3", "1"]
    assert stocked.row("o1").version == 3
    kinds = [(row.kind, row.reserved) for row in stocked.rows(t.stock_ledger) if row.order_id]
    assert kinds == [("reserve", 2), ("reserve", 1), ("release", -1), ("release", -1)]
