"""Refunds that a channel tells apart from its orders: joined once, whichever comes first, and never taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hub.canonical.errors import NotAllowed
from hub.canonical.order import Order
from hub.canonical.times import iso
from hub.ports.channel import Can
from hub.reports.channels import read_channel
from hub.reports.holds import held_after
from hub.store import tables as t
from hub.usecases import place_on_arrival as placing
from hub.usecases.backfill_orders import ask_backfill, cancel_backfill
from hub.usecases.cancel_order import answer_cancel
from hub.usecases.connect import check_connection, sync_now
from hub.usecases.fix_holds import replay_hold
from hub.usecases.housekeeping import clean
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.join_refunds import join_refunds
from hub.usecases.manage_catalog import save_warehouse
from hub.usecases.pull_orders import pull_orders
from hub.usecases.pull_refunds import REFUSED, pull_refunds
from hub.usecases.streams import due_work
from tests.fakes.channel import payload, refund
from tests.fakes.world import World

LATER = "2026-11-23T09:00:00Z"
BACK = {"reason": "Refund Order", "lines": [{"sku": "A", "quantity": "1", "amount": "4.00"}]}


def told(world: World, *refunds: Any) -> int:
    """The shop tells these refunds now; they are pulled and joined. How many records were new."""
    world.shop.refunds = list(refunds)
    new = pull_refunds(world.ctx, world.shop_id)
    world.work()
    return new


def money(world: World, ref: str = "o1") -> tuple[str | None, str | None, list[tuple[str, str]]]:
    """How far the order is paid, what went back in all, and the refunds."""
    body = world.document(ref)
    back = [(row["channel_ref"], row["amount"]) for row in body["extra"].get("money_back", ())]
    assert world.row(ref).payment == body["payment"]
    return body["payment"], body["refunded_total"], back


def waiting(world: World) -> list[str]:
    return [row.ref for row in world.rows(t.refunds, t.refunds.c.waits)]


@pytest.fixture
def placed(world: World) -> Iterator[World]:
    """o1, of two pieces A for 10.00, is on its pick list."""
    world.stock("A", "W1", 9)
    assert world.order("o1", A=2) == "routed"
    yield world


def test_a_refund_of_a_part_is_told_with_the_order_and_touches_nothing_else(placed: World) -> None:
    before = (placed.takes("o1"), placed.balance("A", "W1"), placed.lines("o1"), placed.row("o1").source_updated_at)
    assert told(placed, refund("r1", "o1", "4.00", **BACK)) == 1
    assert money(placed) == ("partially_refunded", "4.00", [("r1", "4.00")])
    (row,) = placed.document("o1")["extra"]["money_back"]
    assert row["lines"] == [{"sku": "A", "quantity": "1", "amount": "4.00"}]
    assert before == (
        placed.takes("o1"), placed.balance("A", "W1"), placed.lines("o1"), placed.row("o1").source_updated_at,
    )  # fmt: skip
    assert placed.state("o1") == "routed"
    assert placed.event("o1", "money_back") == {
        "ref": "r1", "amount": "4.00", "currency": "EUR", "reason": "Refund Order",
    }  # fmt: skip


def test_no_order_is_asked_for_again_because_of_a_refund(placed: World) -> None:
    told(placed, refund("r1", "o1", "4.00"))
    assert placed.rows(t.inbox, t.inbox.c.kind == "refetch") == []
    assert placed.shop.calls["fetch_order"] == 0


def test_what_the_orders_say_next_does_not_take_a_refund_away(placed: World) -> None:
    told(placed, refund("r1", "o1", "4.00"))
    placed.arrive(payload("o1", {"a1": ("L-A", 2)}))
    placed.arrive(payload("o1", {"a1": ("L-A", 1)}, LATER))
    assert money(placed) == ("partially_refunded", "4.00", [("r1", "4.00")])
    assert placed.pieces("o1") == {"A": (1, 1, 0)}
    assert placed.events("o1").count("money_back") == 1


def test_a_refund_that_comes_before_its_order_waits_for_it(world: World) -> None:
    world.stock("A", "W1", 9)
    told(world, refund("r1", "o1", "4.00"), refund("r2", "o1", "1.50"))
    assert waiting(world) == ["r1", "r2"]
    assert world.order("o1", A=2) == "routed"
    assert money(world) == ("partially_refunded", "5.50", [("r1", "4.00"), ("r2", "1.50")])
    assert (waiting(world), world.events("o1").count("money_back")) == ([], 2)
    assert world.row("o1").version == 1


def test_an_order_whose_money_was_given_back_before_it_came_takes_no_stock(world: World) -> None:
    world.stock("A", "W1", 9)
    told(world, refund("r1", "o1", "10.00"))
    assert world.order("o1", A=2) == "closed"
    assert (money(world)[0], world.balance("A", "W1"), world.lists("o1")) == ("refunded", (9, 0), [])


def test_an_order_that_was_taken_in_while_its_refund_was_kept_gets_it_by_the_next_pull(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers at once: the one that inserts the order does not see the refund yet, the other not the order."""
    world.stock("A", "W1", 9)

    def blind(_db: Any, found: dict[Any, Order]) -> dict[Any, Order]:
        return dict(found)

    told(world, refund("r1", "o1", "4.00"))
    with monkeypatch.context() as patched:
        patched.setattr(placing, "joined", blind)
        world.pull(payload("o1", {"a1": ("L-A", 2)}))
        ingest_inbox(world.ctx)
    assert (money(world), waiting(world)) == (("paid", None, []), ["r1"])
    pull_refunds(world.ctx, world.shop_id)
    assert ("refunds.join", None) in world.bell.rung
    assert join_refunds(world.ctx) == 1
    assert (money(world), waiting(world)) == (("partially_refunded", "4.00", [("r1", "4.00")]), [])


def test_a_refund_that_is_told_twice_is_one(placed: World) -> None:
    first = refund("r1", "o1", "4.00")
    assert told(placed, first, first) == 1
    assert told(placed, first) == 0
    released = refund("r1", "o1", "4.00", at="2026-12-02T08:00:00Z", released=True)
    assert told(placed, released) == 1
    assert money(placed) == ("partially_refunded", "4.00", [("r1", "4.00")])
    (row,) = placed.document("o1")["extra"]["money_back"]
    assert row["refunded_at"] == "2026-11-24T08:00:00Z"
    assert placed.events("o1").count("money_back") == 1


def test_a_refund_that_is_told_with_another_amount_is_corrected(placed: World) -> None:
    told(placed, refund("r1", "o1", "4.00"))
    told(placed, refund("r1", "o1", "4.50"))
    assert money(placed) == ("partially_refunded", "4.50", [("r1", "4.50")])


def test_refunds_come_in_pages_and_the_cursor_stays_where_they_end(placed: World) -> None:
    placed.shop.page_size = 2
    told(placed, *(refund(f"r{n}", "o1", "1.00") for n in range(5)))
    assert money(placed)[1] == "5.00"
    (stream,) = placed.rows(t.streams, t.streams.c.stream == "refunds")
    assert (stream.cursor, stream.total, stream.error) == ("r5", 5, "")


def test_fees_that_move_are_no_news(placed: World) -> None:
    told(placed, refund("r1", "o1", "0.00"))
    assert money(placed) == ("paid", "0.00", [("r1", "0.00")])
    assert "money_back" not in placed.events("o1")


def test_an_order_whose_money_all_went_back_before_it_left_takes_no_stock_any_more(placed: World) -> None:
    told(placed, refund("r1", "o1", "4.00"), refund("r2", "o1", "6.00"))
    assert (placed.state("o1"), money(placed)[0], placed.balance("A", "W1")) == ("closed", "refunded", (9, 0))


def test_goods_that_left_stay_gone_when_their_money_goes_back(placed: World) -> None:
    placed.ship_all("o1")
    told(placed, refund("r1", "o1", "10.00"))
    assert (placed.state("o1"), money(placed)[0], placed.balance("A", "W1")) == ("shipped", "refunded", (7, 0))


@pytest.fixture
def asked(placed: World) -> World:
    """The buyer wants one piece less of what a warehouse has in hand, and that warehouse must agree."""
    save_warehouse(placed.ctx, "W1", actor="test", priority=1, country="DE", city="Berlin", asks_from="packed")
    (work,) = placed.lists("o1")
    placed.pick(work.id)
    placed.arrive(payload("o1", {"a1": ("L-A", 1)}, LATER))
    assert placed.pieces("o1") == {"A": (2, 2, 0)}
    return placed


def test_a_refund_leaves_alone_what_a_warehouse_was_asked(asked: World) -> None:
    told(asked, refund("r1", "o1", "4.00"))
    assert money(asked)[1] == "4.00"
    assert [row.state for row in asked.rows(t.cancel_requests)] == ["asked"]
    answer_cancel(asked.ctx, asked.row("o1").id, True, "bob")
    assert asked.pieces("o1") == {"A": (1, 1, 0)}
    assert money(asked) == ("partially_refunded", "4.00", [("r1", "4.00")])


def test_all_money_back_is_asked_with_the_newest_that_the_channel_said(asked: World) -> None:
    told(asked, refund("r1", "o1", "10.00"))
    assert (asked.state("o1"), asked.document("o1")["payment"]) == ("routed", "paid")
    (request,) = asked.rows(t.cancel_requests)
    assert (request.state, request.document["lines"][0]["quantity"]) == ("asked", "1")
    answer_cancel(asked.ctx, asked.row("o1").id, True, "bob")
    assert (asked.state("o1"), money(asked)[:2]) == ("closed", ("refunded", "10.00"))


def test_an_account_that_may_not_read_refunds_goes_on_with_its_orders(placed: World) -> None:
    why = "give the application the role Finance and Accounting"
    placed.shop.fail["pull_refunds"] = [NotAllowed(why)]
    with pytest.raises(NotAllowed):
        pull_refunds(placed.ctx, placed.shop_id)
    (stream,) = placed.rows(t.streams, t.streams.c.stream == "refunds")
    (connection,) = placed.rows(t.connections)
    assert (stream.error, stream.failures, connection.state) == (why, 0, "active")
    assert ("refunds.pull", placed.shop_id) not in due_work(placed.ctx)
    assert placed.order("o2", A=1) == "routed"
    placed.clock.move(seconds=REFUSED.total_seconds())
    assert ("refunds.pull", placed.shop_id) in due_work(placed.ctx)
    pull_orders(placed.ctx, placed.shop_id)
    channel = read_channel(placed.db, placed.shop_id, placed.clock())
    assert {one.stream: one.health for one in channel.streams}["refunds"] == "on_time"


class _Between:
    """The database, with something that happens after each commit."""

    def __init__(self, db: Any, act: Callable[[], object]) -> None:
        self._db, self._act = db, act

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    @contextmanager
    def write(self) -> Iterator[Any]:
        with self._db.write() as connection:
            yield connection
        self._act()


@pytest.mark.parametrize("during", [False, True])
def test_a_person_who_asks_for_refunds_while_they_are_refused_is_not_put_off(placed: World, during: bool) -> None:
    def stream() -> Any:
        return placed.rows(t.streams, t.streams.c.stream == "refunds")[0]

    asked: list[str] = []

    def ask() -> None:
        if not asked and (during or stream().error):
            asked.append(stream().error)
            sync_now(placed.ctx, placed.shop_id, ["refunds"])

    placed.clock.move(seconds=60)
    placed.shop.fail["pull_refunds"] = [NotAllowed("no")]
    with pytest.raises(NotAllowed):
        pull_refunds(replace(placed.ctx, db=_Between(placed.db, ask)), placed.shop_id)  # type: ignore[arg-type]
    assert asked == ["" if during else "no"]
    assert (stream().error, stream().failures, stream().leased_until) == ("no", 0, None)
    assert ("refunds.pull", placed.shop_id) in due_work(placed.ctx)


def test_a_check_without_complaint_has_refunds_read_at_once(placed: World) -> None:
    placed.shop.fail["pull_refunds"] = [NotAllowed("no")]
    with pytest.raises(NotAllowed):
        pull_refunds(placed.ctx, placed.shop_id)
    assert not any(finding.stops for finding in check_connection(placed.ctx, placed.shop_id, None))
    assert ("refunds.pull", placed.shop_id) in due_work(placed.ctx)


def test_a_refund_that_cannot_be_read_is_held_by_field_and_value_and_read_again(placed: World) -> None:
    told(placed, refund("r1", "o1", "a lot"), refund("r2", "o1", "1.00"))
    assert money(placed)[2] == [("r2", "1.00")]
    (hold,) = placed.rows(t.holds, t.holds.c.state == "open")
    assert (hold.kind, hold.field, hold.value, hold.order_id) == ("bad_record", "amount", "a lot", None)
    assert held_after(placed.db, 0, placed.shop_id) == 1
    read = placed.shop.to_refunds
    placed.shop.to_refunds = lambda record: read(  # type: ignore[method-assign]
        type(record)(record.ref, record.raw.replace(b"a lot", b"2.00"), kind="refund")
    )
    replay_hold(placed.ctx, hold.fingerprint, "eve")
    placed.work()
    assert money(placed) == ("partially_refunded", "3.00", [("r1", "2.00"), ("r2", "1.00")])


def test_a_backfill_reads_the_refunds_of_its_days_again(placed: World) -> None:
    told(placed, refund("r1", "o1", "4.00"))
    since = placed.clock.now - timedelta(days=90)
    ask_backfill(placed.ctx, placed.shop_id, since, None, actor="eve")
    (stream,) = placed.rows(t.streams, t.streams.c.stream == "refunds")
    assert (stream.cursor, stream.due_at) == ("2026-08-25T09:30:00Z", placed.clock.now)


def test_only_refunds_whose_order_never_came_are_ever_deleted(placed: World) -> None:
    told(placed, refund("r1", "o1", "4.00"), refund("r2", "nobody", "4.00"))
    placed.clock.move(days=729)
    clean(placed.ctx)
    assert [row.ref for row in placed.rows(t.refunds)] == ["r1", "r2"]
    placed.clock.move(days=2)
    clean(placed.ctx)
    assert [row.ref for row in placed.rows(t.refunds)] == ["r1"]


def test_a_channel_that_tells_refunds_within_its_orders_is_never_asked_for_them(world: World) -> None:
    shop = type(world.shop)(world.shop.spec.__class__("fake", "Fake shop", frozenset(Can) - {Can.PULL_REFUNDS}))
    cid = world.connect("other", shop=shop)
    streams = {row.stream for row in world.rows(t.streams, t.streams.c.connection_id == cid)}
    assert "refunds" not in streams
    assert "orders" in streams
    pull_orders(world.ctx, cid)


def test_a_backfill_of_later_days_skips_no_refund_that_was_not_read_yet(placed: World) -> None:
    told(placed, refund("r1", "o1", "1.00"))
    old = iso(placed.clock() - timedelta(days=60))
    which = (t.streams.c.connection_id == placed.shop_id, t.streams.c.stream == "refunds")
    for cursor, expected in ((old, old), (None, "since")):
        with placed.db.write() as db:
            db.execute(t.streams.update().where(*which).values(cursor=cursor))
        since = placed.clock() - timedelta(days=5)
        ask_backfill(placed.ctx, placed.shop_id, since, None, actor="eve")
        (stream,) = placed.rows(t.streams, *which)
        assert stream.cursor == (iso(since) if expected == "since" else expected)
        cancel_backfill(placed.ctx, placed.shop_id, actor="eve")


def test_a_refund_that_cannot_be_joined_stops_no_other(placed: World, caplog: pytest.LogCaptureFixture) -> None:
    placed.order("o2", A=1)
    broken = t.order_documents.c.order_id == placed.row("o1").id
    (document,) = placed.rows(t.order_documents, broken)
    placed.shop.refunds = [refund("r1", "o1", "1.00"), refund("r2", "o2", "2.00")]
    pull_refunds(placed.ctx, placed.shop_id)
    ingest_inbox(placed.ctx)
    with placed.db.write() as db:
        db.execute(t.order_documents.update().where(broken).values(current={"nonsense": True}))
    assert join_refunds(placed.ctx) == 1
    assert (waiting(placed), money(placed, "o2")[1]) == (["r1"], "2.00")
    assert "the refunds of order o1" in caplog.text
    with placed.db.write() as db:
        db.execute(t.order_documents.update().where(broken).values(current=document.current))
    assert join_refunds(placed.ctx) == 1
    assert (waiting(placed), money(placed)[1]) == ([], "1.00")
