"""Messages to channels: in the order of each order, once per key, through every kind of failure."""

from __future__ import annotations

import pytest

from hub.canonical.errors import (
    AuthFailed,
    BadRecord,
    ChannelDown,
    Conflict,
    ConnectorFault,
    Rejected,
    Throttled,
    TimedOut,
)
from hub.ports.channel import Can, ConnectorSpec, Receipt
from hub.store import tables as t
from hub.usecases.replay_dead import replay_dead
from hub.usecases.streams import Busy, due_work
from tests.fakes.channel import FakeChannel, payload
from tests.fakes.world import World


def states(world: World) -> list[tuple[str, str, int]]:
    return [(row.topic, row.state, row.attempts) for row in world.rows(t.outbox)]


@pytest.fixture
def shipped(world: World) -> World:
    """o1 and o2 were accepted and told so; each was shipped and not told yet."""
    world.stock("A", "W1", 9)
    for ref in ("o1", "o2"):
        world.order(ref, A=1)
    world.send()
    for ref in ("o1", "o2"):
        world.ship_all(ref)
    world.shop.told.clear()
    world.shop.calls.clear()
    return world


def refs(world: World) -> list[str]:
    return [dispatch.order_ref for dispatch in world.shop.dispatches()]


def test_messages_of_an_order_go_in_their_order_and_one_waits_for_the_other(world: World) -> None:
    world.stock("A", "W1", 9)
    world.order("o1", A=2)
    (work,) = world.lists("o1")
    line = world.list_lines(work.id)["A"]
    world.ship(work.id, "p1", {line.id: 1})
    world.ship(work.id, "p2")
    world.shop.fail["answer_order"] = [ChannelDown("502")]
    with pytest.raises(ChannelDown):
        world.send()
    assert world.shop.told == []
    world.clock.move(minutes=5)
    while world.send():
        pass
    assert [topic for topic, _, _ in world.shop.told] == ["answer", "shipment", "shipment"]
    assert [d.tracking_no for d in world.shop.dispatches()] == ["T-p1", "T-p2"]


def test_a_message_is_sent_once(shipped: World) -> None:
    assert (shipped.send(), shipped.send()) == (2, 0)
    assert refs(shipped) == ["o1", "o2"]
    assert shipped.events("o1")[-1] == "channel_told"


def test_an_answer_that_got_lost_is_told_again_with_the_same_key(shipped: World) -> None:
    """The effect happened, the answer timed out: repeated with the same key it happens once."""
    shipped.shop.fail["after_push_shipment"] = [TimedOut("no answer in 20 s")]
    with pytest.raises(TimedOut):
        shipped.send()
    assert refs(shipped) == ["o1"]
    shipped.clock.move(minutes=1)
    shipped.send()
    assert refs(shipped) == ["o1", "o2"]
    assert shipped.shop.calls["push_shipment"] == 3
    assert {state for _, state, _ in states(shipped)} == {"sent"}


def test_a_crash_between_the_call_and_the_settling_is_repeated_with_the_same_key(shipped: World) -> None:
    shipped.shop.fail["after_push_shipment"] = [KeyboardInterrupt()]  # type: ignore[list-item]
    with pytest.raises(KeyboardInterrupt):
        shipped.send()
    with pytest.raises(Busy):
        shipped.send()
    shipped.clock.move(seconds=61)
    assert ("outbox.send", shipped.shop_id) in due_work(shipped.ctx)
    assert shipped.send() == 2
    assert (refs(shipped), shipped.shop.calls["push_shipment"]) == (["o1", "o2"], 3)


def test_a_channel_that_asks_to_wait_is_obeyed_and_the_rest_waits_untried(shipped: World) -> None:
    shipped.shop.fail["push_shipment"] = [Throttled("slow down", retry_after=40)]
    with pytest.raises(Throttled):
        shipped.send()
    assert shipped.shop.calls["push_shipment"] == 1
    assert states(shipped)[-2:] == [("shipment", "new", 0), ("shipment", "new", 0)]
    shipped.clock.move(seconds=39)
    assert ("outbox.send", shipped.shop_id) not in due_work(shipped.ctx)
    assert shipped.send() == 0
    shipped.clock.move(seconds=20)
    assert shipped.send() == 2


def test_a_message_is_a_dead_letter_after_eight_tries_and_can_be_replayed(shipped: World) -> None:
    for _ in range(8):
        shipped.shop.fail["push_shipment"] = [ChannelDown("502")]
        with pytest.raises(ChannelDown):
            shipped.send()
        with shipped.db.write() as db:  # only the first message is looked at
            db.execute(t.outbox.update().where(t.outbox.c.attempts == 0).values(due_at=shipped.clock.now.max.replace(
                year=9000, tzinfo=shipped.clock.now.tzinfo)))  # fmt: skip
        shipped.clock.move(minutes=10)
    assert states(shipped)[-2:] == [("shipment", "dead", 8), ("shipment", "new", 0)]
    assert shipped.events("o1")[-1] == "channel_refused_message"
    assert shipped.send() == 0
    assert replay_dead(shipped.ctx, "outbox", shipped.shop_id, actor="eve") == 1
    assert shipped.send() == 1
    assert refs(shipped) == ["o1"]


@pytest.mark.parametrize(
    ("error", "asked"), [(Rejected("unknown order"), 2), (BadRecord("line", "9", "no such line"), 1)]
)
def test_a_message_that_the_channel_refuses_is_dead_at_once_and_the_next_is_sent(
    shipped: World, error: Exception, asked: int
) -> None:
    shipped.shop.fail["push_shipment"] = [error] * asked
    assert shipped.send() == 2
    assert refs(shipped) == ["o2"]
    assert states(shipped)[-2:] == [("shipment", "dead", 1), ("shipment", "sent", 1)]
    assert shipped.event("o1", "channel_refused_message")["error"] == str(error)


def test_a_no_that_is_the_echo_of_our_own_word_is_no_refusal(shipped: World) -> None:
    """A worker that stood still told it at last, just before its successor: that one looks again."""
    shipped.shop.fail["push_shipment"] = [Conflict("not in an open state")]
    assert shipped.send() == 2
    assert {state for _, state, _ in states(shipped)} == {"sent"}
    assert "channel_refused_message" not in shipped.events("o1")


def test_what_was_told_stays_told_whatever_a_slower_worker_says(shipped: World) -> None:
    def overtaken() -> None:
        shipped.clock.move(minutes=10)
        assert shipped.send() == 2
        shipped.shop.fail["push_shipment"] = [Rejected("said too late")]
        raise Rejected("said too late")

    shipped.shop.meanwhile["push_shipment"] = overtaken
    shipped.send()
    assert {state for _, state, _ in states(shipped)} == {"sent"}
    assert shipped.events("o1").count("channel_told") == 2  # the answer, and the parcel once


def test_a_message_that_crashes_our_code_stops_no_other_and_ends_as_a_dead_letter(shipped: World) -> None:
    real = shipped.shop.push_shipment

    def crashes(dispatch, *, key):  # type: ignore[no-untyped-def]
        if dispatch.order_ref == "o1":
            raise ZeroDivisionError("a bug in a connector")
        real(dispatch, key=key)

    shipped.shop.push_shipment = crashes  # type: ignore[method-assign]
    assert shipped.send() == 2
    assert refs(shipped) == ["o2"]
    for _ in range(8):
        shipped.clock.move(minutes=10)
        shipped.send()
    assert states(shipped)[-2:] == [("shipment", "dead", 8), ("shipment", "sent", 1)]


def test_what_a_package_cannot_send_is_tried_again_and_names_the_package(shipped: World) -> None:
    words = ("corner", "stockline_corner", "push_shipment", "KeyError: 'id', at shop.py:7", "KeyError")
    shipped.shop.fail["push_shipment"] = [ConnectorFault(*words)]
    shipped.send()
    assert refs(shipped) == ["o2"]
    shipped.shop.fail["push_shipment"] = [ConnectorFault(*words) for _ in range(7)]
    for _ in range(7):
        shipped.clock.move(minutes=10)
        shipped.send()
    (dead,) = shipped.rows(t.outbox, t.outbox.c.state == "dead")
    assert (dead.attempts, dead.error) == (8, str(ConnectorFault(*words)))
    assert "its package stockline_corner has a fault of its own in push_shipment (KeyError: 'id'" in dead.error


def test_refused_credentials_keep_all_messages_and_count_no_try(shipped: World) -> None:
    shipped.shop.fail["push_shipment"] = [AuthFailed("token revoked")]
    with pytest.raises(AuthFailed):
        shipped.send()
    assert states(shipped)[-2:] == [("shipment", "new", 0), ("shipment", "new", 0)]
    assert shipped.rows(t.connections)[0].state == "auth_failed"


def test_what_a_channel_cannot_be_told_is_settled_without_a_call(world: World) -> None:
    spec = ConnectorSpec("fake", "Fake shop", frozenset({Can.PULL_ORDERS, Can.PULL_LISTINGS}))
    cid = world.connect("mute", shop=FakeChannel(spec))
    world.stock("A", "W1", 9)
    world.order("o1", A=1, shop_id=cid)
    world.ship_all("o1")
    while world.send(cid):
        pass
    assert states(world) == [("shipment", "sent", 1)]
    assert world.shops[cid].calls["push_shipment"] == 0
    assert "channel_told" not in world.events("o1")


def test_receipts_of_a_page_are_sent_once_however_often_the_page_is_read(world: World) -> None:
    world.shop.receipts = [Receipt("ISA-1", {"accepted": True})]
    for _ in range(2):
        world.pull(payload("o1", {"1": ("L-A", 1)}))
    while world.send():
        pass
    assert [(topic, key) for topic, key, _ in world.shop.told] == [("receipt", "ISA-1")]
