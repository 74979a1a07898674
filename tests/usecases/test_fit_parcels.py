"""A parcel that left before we heard of an edit: its channel is told what it still wants, and refuses it no more."""

from __future__ import annotations

from typing import Any

import pytest

from hub.canonical.errors import Rejected
from hub.reports.dead import dead_count
from hub.store import tables as t
from tests.fakes.world import World

LATER = "2026-11-23T09:00:00Z"
WHY = "quantity exceeds what is left of the order"


@pytest.fixture
def left(world: World) -> World:
    """Two A and one B of o1 left in one parcel, and its shop was not told of it yet."""
    world.stock("A", "W1", 9)
    world.stock("B", "W1", 9)
    world.order("o1", A=2, B=1)
    world.send_all()  # that we deliver
    world.ship_all("o1")
    return world


@pytest.fixture
def refused(left: World) -> World:
    """The shop refused the parcel: its buyer had taken one A back."""
    refuse(left)
    left.send_all()
    assert (letters(left), dead_count(left.db)) == ([("dead", {"a1": "2", "b1": "1"})], 1)
    return left


def refuse(world: World) -> None:
    world.shop.fail["push_shipment"] = [Rejected(WHY)] * 2  # it is asked twice


def letters(world: World) -> list[tuple[str, dict[str, str]]]:
    """State and pieces by line of what tells of parcels."""
    rows = world.rows(t.outbox, t.outbox.c.topic == "shipment")
    return [(row.state, {line["line_ref"]: line["quantity"] for line in row.body["lines"]}) for row in rows]


def told(world: World) -> list[dict[str, int]]:
    """What the shop heard of parcels: pieces by line."""
    parcels = [value for topic, _, value in world.shop.told if topic == "shipment"]
    return [{line.line_ref: int(line.quantity) for line in parcel.lines} for parcel in parcels]


def test_a_parcel_that_was_refused_is_told_anew_once_the_edit_is_here(refused: World) -> None:
    refused.order("o1", LATER, A=1, B=1)
    assert letters(refused) == [("new", {"a1": "1", "b1": "1"})]
    refused.send_all()
    assert (told(refused), dead_count(refused.db), refused.state("o1")) == ([{"a1": 1, "b1": 1}], 0, "shipped")
    assert refused.events("o1")[-3:] == ["too_late_to_take_back", "parcel_fitted", "channel_told"]


def test_a_shop_that_takes_it_hears_what_is_in_the_parcel(left: World) -> None:
    left.order("o1", LATER, A=1, B=1)
    left.send_all()
    assert told(left) == [{"a1": 2, "b1": 1}]


def test_one_that_refuses_it_hears_what_it_wants_though_the_edit_came_first(left: World) -> None:
    left.order("o1", LATER, A=1, B=1)
    refuse(left)
    left.send_all()
    assert (told(left), dead_count(left.db)) == ([{"a1": 1, "b1": 1}], 0)


def test_an_edit_that_came_while_the_shop_was_asked_is_found_when_it_refuses(left: World) -> None:
    refuse(left)
    with left.db.write() as db:  # the edit was written while the message was on its way
        (row,) = left.rows(t.order_documents)
        lines = [line | {"quantity": "1"} for line in row.current["lines"]]
        db.execute(t.order_documents.update().values(current=row.current | {"lines": lines}))
    left.send_all()
    assert (told(left), dead_count(left.db)) == ([{"a1": 1, "b1": 1}], 0)
    assert left.events("o1")[-3:] == ["channel_refused_message", "parcel_fitted", "channel_told"]


def test_what_is_refused_again_stays_for_a_person(refused: World) -> None:
    refused.order("o1", LATER, A=1, B=1)
    refuse(refused)
    refused.send_all()
    assert (letters(refused), dead_count(refused.db)) == ([("dead", {"a1": "1", "b1": "1"})], 1)


def test_a_line_that_was_taken_back_whole_is_told_no_more(refused: World) -> None:
    refused.order("o1", LATER, A=2)
    refused.send_all()
    assert told(refused) == [{"a1": 2}]


@pytest.mark.parametrize(
    "more", [{"status": "cancelled"}, {"payment": "refunded"}, {"lines": [], "extra": {"no_lines": True}}]
)
def test_an_order_that_ended_or_shows_no_lines_keeps_its_letter(refused: World, more: dict[str, Any]) -> None:
    refused.order("o1", LATER, A=2, B=1, more=more)
    assert letters(refused) == [("dead", {"a1": "2", "b1": "1"})]


@pytest.mark.parametrize("pieces", [3, 2])
def test_what_other_parcels_told_counts_first(world: World, pieces: int) -> None:
    """Of five A three are told, and the second parcel, with two, is refused."""
    world.stock("A", "W1", 9)
    world.order("o1", A=5)
    (work,) = world.lists("o1")
    line = world.list_lines(work.id)["A"].id
    world.ship(work.id, "p1", {line: 3})
    world.send_all()
    world.ship(work.id, "p2", {line: 1})
    refuse(world)
    world.send_all()
    world.order("o1", LATER, A=pieces)
    world.send_all()
    assert letters(world) == [("sent", {"a1": "3"}), ("sent", {})]
    assert (told(world)[0], dead_count(world.db)) == ({"a1": 3}, 0)
