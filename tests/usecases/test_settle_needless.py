"""A refusal that the channel did not take stays dead until its order ended there anyway: then it is needless."""

from __future__ import annotations

from typing import Any

import pytest

from hub.canonical.errors import Rejected
from hub.reports.dead import dead_count
from hub.store import tables as t
from hub.usecases import send_outbox as sending
from hub.usecases.cancel_order import ask_cancel
from hub.usecases.forget_buyers import forget_buyers
from hub.usecases.housekeeping import clean
from hub.usecases.push_stock import push_stock
from hub.usecases.replay_dead import replay_dead
from tests.fakes.slow import Slow, meanwhile
from tests.fakes.world import World

ZOE = {"buyer": {"channel_ref": "zoe", "name": "Zoe"}}
LATER, LATEST = "2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z"
WHY = "o1 cannot be cancelled: a parcel left; refund the rest there"


@pytest.fixture
def begun(world: World) -> World:
    """One of two pieces of o1 left, and the shop was told so."""
    world.stock("A", "W1", 9)
    world.order("o1", A=2, more=ZOE)
    (work,) = world.lists("o1")
    world.ship(work.id, "p1", {world.list_lines(work.id)["A"].id: 1})
    world.send_all()
    return world


@pytest.fixture
def refused(begun: World) -> World:
    """We called off the rest, which the shop does not take from us."""
    call_off(begun)
    begun.send_all()
    assert (letters(begun), dead_count(begun.db)) == ([("dead", WHY)], 1)
    return begun


def call_off(world: World) -> None:
    ask_cancel(world.ctx, world.row("o1").id, "broken", "eve")
    world.shop.fail["answer_order"] = [Rejected(WHY)] * 2  # it is asked twice


def letters(world: World) -> list[tuple[str, str]]:
    """State and error of what tells that we do not deliver; the first answer accepted the order."""
    rows = world.rows(t.outbox, t.outbox.c.topic == "answer")
    assert [row.body["accepted"] for row in rows] == [True, False]
    return [(row.state, row.error) for row in rows[1:]]


@pytest.mark.parametrize(
    ("pieces", "more"),
    [
        (1, {"payment": "partially_refunded"}),
        (2, {"status": "cancelled"}),
        (2, {"payment": "refunded"}),
        (1, {"status": "closed"}),
    ],
)
def test_it_is_settled_once_the_shop_itself_took_back_the_rest(
    refused: World, pieces: int, more: dict[str, str]
) -> None:
    refused.order("o1", LATER, A=pieces, more=more)
    assert (letters(refused), dead_count(refused.db)) == ([("sent", "")], 0)
    assert refused.event("o1", "message_needless") == {"topic": "answer", "error": WHY}
    assert refused.shop.calls["answer_order"] == 3
    refused.order("o1", LATEST, A=pieces, more=more | {"note": "thanks"})
    assert refused.events("o1").count("message_needless") == 1


@pytest.mark.parametrize(
    "more",
    [
        {"note": "ring twice"},
        {"payment": "partially_refunded"},
        {"status": "closed"},  # as some do with the last parcel that they are told
        {"fulfillment": "fulfilled"},
        {"lines": [], "extra": {"no_lines": True}},
    ],
)
def test_it_stays_as_long_as_the_shop_did_not_take_back_the_rest(refused: World, more: dict[str, Any]) -> None:
    refused.order("o1", LATER, A=2, more=more)
    assert (letters(refused), "message_needless" in refused.events("o1")) == ([("dead", WHY)], False)


def test_an_order_that_ended_there_before_the_letter_was_refused_makes_no_dead_one(begun: World) -> None:
    call_off(begun)
    begun.order("o1", LATER, A=1)
    begun.send_all()
    assert (letters(begun), dead_count(begun.db)) == ([("sent", "")], 0)
    assert begun.events("o1")[-2:] == ["channel_refused_message", "message_needless"]


def test_one_that_is_tried_again_after_the_end_is_settled_too(refused: World) -> None:
    with refused.db.write() as db:  # as it was left by an older program
        (row,) = refused.rows(t.order_documents)
        line = row.current["lines"][0] | {"quantity": "1"}
        db.execute(t.order_documents.update().values(current=row.current | {"lines": [line]}))
    refused.shop.fail["answer_order"] = [Rejected(WHY)] * 2  # it is asked twice
    assert replay_dead(refused.ctx, "outbox", refused.shop_id, actor="eve") == 1
    refused.send_all()
    assert (letters(refused), dead_count(refused.db)) == ([("sent", "")], 0)


def test_the_shop_that_put_its_pieces_back_is_told_our_number_again(refused: World) -> None:
    push_all(refused)
    shelf = refused.shop.shelf["L-A"]
    refused.shop.shelf["L-A"] += 1
    refused.order("o1", LATER, A=1, more={"payment": "partially_refunded"})
    push_all(refused)
    assert (letters(refused), refused.shop.shelf["L-A"]) == ([("sent", "")], shelf)


def push_all(world: World) -> None:
    while push_stock(world.ctx, world.shop_id):
        pass


def test_what_was_needless_is_deleted_with_what_was_sent_as_long_ago(refused: World) -> None:
    refused.order("o1", LATER, A=1)
    refused.clock.move(seconds=400 * 86400)
    clean(refused.ctx)
    assert refused.rows(t.outbox) == []


def test_a_refusal_and_a_buyer_to_forget_do_not_wait_in_a_circle(begun: World, monkeypatch: pytest.MonkeyPatch) -> None:
    call_off(begun)
    slow = Slow(sending.settle_needless_of, before=True)
    monkeypatch.setattr(sending, "settle_needless_of", slow)
    with begun.db.write() as db:
        asked = {"connection_id": begun.shop_id, "name": "zoe", "asked_at": begun.clock()}
        db.execute(t.forget_requests.insert().values(asked))
    meanwhile(lambda: begun.send_all(), slow, lambda: forget_buyers(begun.ctx))
    assert (letters(begun), begun.rows(t.forget_requests)) == ([("dead", WHY)], [])


def test_an_end_that_comes_while_the_letter_is_refused_is_not_missed(
    begun: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_off(begun)
    slow = Slow(sending.settle_needless_of)
    monkeypatch.setattr(sending, "settle_needless_of", slow)
    meanwhile(lambda: begun.send_all(), slow, lambda: begun.order("o1", LATER, A=1))
    assert (letters(begun), dead_count(begun.db)) == ([("sent", "")], 0)


def test_other_dead_letters_of_the_order_stay(refused: World) -> None:
    with refused.db.write() as db:
        db.execute(t.outbox.update().where(t.outbox.c.topic == "shipment").values(state="dead", error="no carrier"))
    refused.order("o1", LATER, A=1)
    assert dead_count(refused.db) == 1
    assert [row.state for row in refused.rows(t.outbox, t.outbox.c.topic == "shipment")] == ["dead"]


def test_half_a_kit_that_left_does_not_count_as_the_kit(world: World) -> None:
    world.half_a_kit()
    call_off(world)
    world.send_all()
    world.order("o1", LATER, KIT=1, more={"note": "where is it"})
    assert letters(world) == [("dead", WHY)]
    world.order("o1", LATEST, KIT=0)
    assert letters(world) == [("sent", "")]
