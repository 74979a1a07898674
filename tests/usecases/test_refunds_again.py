"""Refunds told again, late, or from a place that was set back meanwhile: the newest word holds, and at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from hub.canonical.errors import Conflict
from hub.canonical.times import iso, parse_time
from hub.ports.channel import RawRecord
from hub.store import tables as t
from hub.store.inbox import pulled, store_arrivals
from hub.usecases.backfill_orders import ask_backfill
from hub.usecases.fix_holds import dismiss_hold, replay_hold
from hub.usecases.forget_buyers import forget_buyers
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.pull_refunds import pull_refunds
from hub.usecases.streams import due_work
from tests.fakes.channel import payload, refund
from tests.fakes.world import World
from tests.usecases.test_refunds import money, told, waiting

EARLY, LATE = "2026-11-24T08:00:00Z", "2026-11-25T08:00:00Z"
PLACES = (t.streams.c.stream == "refunds",)


@pytest.fixture
def placed(world: World) -> Iterator[World]:
    """o1, of two pieces A for 10.00, is on its pick list."""
    world.stock("A", "W1", 9)
    assert world.order("o1", A=2) == "routed"
    yield world


def came(world: World, *tellings: tuple[Any, str | None]) -> None:
    """These messages arrive one after the other, each with the time that it bears, and are read."""
    for body, at in tellings:
        with world.db.write() as db:
            raw = json.dumps(body).encode()
            record = RawRecord(body["channel_ref"], raw, at and parse_time(at, "at"), kind="refund")  # type: ignore[arg-type]
            store_arrivals(db, world.shop_id, [pulled(record)], world.clock())
        world.clock.move(seconds=1)
        world.work()


# A place that is set back while a pull runs.


def ask(world: World) -> str:
    since = world.clock() - timedelta(days=90)
    ask_backfill(world.ctx, world.shop_id, since, None, actor="eve")
    return iso(since)


@pytest.mark.parametrize("records", [0, 1, 5])
def test_a_backfill_that_is_asked_during_a_pull_of_refunds_is_not_lost(placed: World, records: int) -> None:
    told(placed, refund("r0", "o1", "0.10"))
    placed.clock.move(hours=1)
    placed.shop.page_size = 2
    placed.shop.refunds = [refund(f"r{n}", "o1", "1.00") for n in range(1, records + 1)]
    asked: list[str] = []
    placed.shop.meanwhile["pull_refunds"] = lambda: asked.append(ask(placed))
    placed.bell.rung.clear()
    new = pull_refunds(placed.ctx, placed.shop_id)
    (stream,) = placed.rows(t.streams, *PLACES)
    assert (stream.cursor, stream.total, new) == (asked[0], 1 + new, min(records, 2))
    assert ("refunds.pull", placed.shop_id) in placed.bell.rung
    assert ("refunds.pull", placed.shop_id) in due_work(placed.ctx)
    assert pull_refunds(placed.ctx, placed.shop_id) == records - new
    placed.work()
    assert placed.shop.cursors[-1] == asked[0]
    assert len(money(placed)[2]) == records + 1
    (stream,) = placed.rows(t.streams, *PLACES)
    assert (stream.cursor, stream.behind) == (f"r{records}" if records else asked[0], False)


def test_a_first_pull_that_had_no_place_yet_gives_way_too(placed: World) -> None:
    placed.shop.refunds = [refund("r1", "o1", "1.00")]
    asked: list[str] = []
    placed.shop.meanwhile["pull_refunds"] = lambda: asked.append(ask(placed))
    pull_refunds(placed.ctx, placed.shop_id)
    (stream,) = placed.rows(t.streams, *PLACES)
    assert (stream.cursor, stream.due_at) == (asked[0], placed.clock())


# A refund that is taken back.


def test_a_refund_that_is_taken_back_leaves_the_payment_that_the_order_told(placed: World) -> None:
    told(placed, refund("r1", "o1", "4.00"))
    assert money(placed)[0] == "partially_refunded"
    told(placed, refund("r1", "o1", "0.00"))
    assert money(placed) == ("paid", "0.00", [("r1", "0.00")])
    assert "payment_told" not in placed.document("o1")["extra"]


def test_what_the_other_refunds_say_holds_once_one_is_taken_back(placed: World) -> None:
    told(placed, refund("r1", "o1", "4.00"), refund("r2", "o1", "1.50"))
    told(placed, refund("r1", "o1", "0.00"), refund("r2", "o1", "1.50"))
    assert money(placed) == ("partially_refunded", "1.50", [("r1", "0.00"), ("r2", "1.50")])


def test_an_order_whose_refund_is_taken_back_is_sent_after_all(placed: World) -> None:
    told(placed, refund("r1", "o1", "10.00"))
    assert (placed.state("o1"), placed.balance("A", "W1")) == ("closed", (9, 0))
    told(placed, refund("r1", "o1", "0.00"))
    assert (placed.state("o1"), money(placed)[0], placed.balance("A", "W1")) == ("routed", "paid", (9, 2))


def test_a_version_that_tells_another_payment_is_what_stands_once_the_refund_is_taken_back(placed: World) -> None:
    told(placed, refund("r1", "o1", "4.00"))
    more = {"payment": "authorized"}
    placed.arrive(payload("o1", {"a1": ("L-A", 2)}, "2026-11-23T09:00:00Z", **more))
    assert money(placed)[0] == "partially_refunded"
    told(placed, refund("r1", "o1", "0.00"))
    assert money(placed)[0] == "authorized"


# Which of two tellings is the newer.


@pytest.mark.parametrize(("first", "second"), [(LATE, EARLY), (LATE, None), (None, EARLY)])
def test_the_newest_telling_holds_whichever_comes_last(placed: World, first: str | None, second: str | None) -> None:
    came(placed, (refund("r1", "o1", "4.00"), first), (refund("r1", "o1", "3.00"), second))
    older_came_last = (first, second) == (LATE, EARLY)
    assert money(placed)[1] == ("4.00" if older_came_last else "3.00")
    assert waiting(placed) == []
    (row,) = placed.rows(t.refunds)
    assert len(row.messages) == 2
    assert (row.message_id == row.messages[0]) is older_came_last


def test_both_are_told_in_one_batch(placed: World) -> None:
    with placed.db.write() as db:
        for amount, at in (("4.00", LATE), ("3.00", EARLY)):
            raw = json.dumps(refund("r1", "o1", amount)).encode()
            record = RawRecord("r1", raw, parse_time(at, "at"), kind="refund")
            store_arrivals(db, placed.shop_id, [pulled(record)], placed.clock())
    placed.work()
    assert money(placed)[1] == "4.00"


def test_an_older_telling_that_was_held_changes_nothing_once_it_is_read(placed: World) -> None:
    read = placed.shop.to_refunds
    came(placed, (refund("r1", "o1", "a lot"), None), (refund("r1", "o1", "3.00"), None))
    assert money(placed)[1] == "3.00"
    placed.shop.to_refunds = lambda record: read(  # type: ignore[method-assign]
        RawRecord(record.ref, record.raw.replace(b"a lot", b"9.00"), kind="refund")
    )
    (mark,) = placed.holds()
    replay_hold(placed.ctx, mark, "eve")
    placed.work()
    assert (money(placed)[1], waiting(placed), placed.holds()) == ("3.00", [], [])


# A refund that nobody can read.


def test_an_unreadable_refund_can_be_put_aside_and_is_kept(placed: World) -> None:
    told(placed, refund("r1", "o1", "a lot"), refund("r2", "o1", "1.00"))
    (mark,) = placed.holds()
    assert dismiss_hold(placed.ctx, mark, "eve") == 1
    (message,) = placed.rows(t.inbox, t.inbox.c.ref == "r1")
    assert (placed.holds(), placed.holds("dismissed"), message.state) == ([], [mark], "ignored")
    assert b"a lot" in message.raw
    assert money(placed)[1] == "1.00"


def test_what_an_order_waits_for_too_is_not_put_aside_with_a_refund(placed: World) -> None:
    told(placed, refund("r1", "o1", "odd", currency="EUR"))
    (mark,) = placed.holds()
    with placed.db.write() as db:
        (hold,) = placed.rows(t.holds)
        other = {"fingerprint": mark, "kind": "bad_record", "connection_id": hold.connection_id, "state": "open",
                 "order_id": placed.row("o1").id, "field": "", "value": "", "why": "", "created_at": placed.clock(),
                 "released_by": ""}  # fmt: skip
        db.execute(t.holds.insert().values(other))
    with pytest.raises(Conflict, match="an order waits"):
        dismiss_hold(placed.ctx, mark, "eve")
    assert placed.holds() == [mark, mark]


# A buyer who is to be forgotten.


def test_what_told_of_the_refunds_goes_with_the_buyer_and_the_money_stays(world: World) -> None:
    world.stock("A", "W1", 9)
    came(world, (refund("r1", "o1", "4.00", reason="Zoe Zebra's wish"), None), (refund("r1", "o1", "3.00"), None))
    assert world.order("o1", A=2, more={"buyer": {"channel_ref": "zoe"}}) == "routed"
    came(world, (refund("r2", "o1", "1.00"), None), (refund("r3", "o9", "1.00"), None))
    world.ship_all("o1")
    with world.db.write() as db:
        row = {"connection_id": world.shop_id, "name": "zoe", "asked_at": world.clock()}
        db.execute(t.forget_requests.insert().values(row))
    assert forget_buyers(world.ctx) == 1
    assert [row.ref for row in world.rows(t.inbox)] == ["r3"]
    assert money(world) == ("partially_refunded", "4.00", [("r1", "3.00"), ("r2", "1.00")])
    assert ingest_inbox(world.ctx) == 0
