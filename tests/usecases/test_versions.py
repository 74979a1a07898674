"""Messages come doubled, stale, out of order, several at once, broken or poisonous; orders come out right."""

from __future__ import annotations

import json

from hub.store import tables as t
from hub.usecases.fix_holds import replay_hold
from hub.usecases.ingest_inbox import TRIES, ingest_inbox
from hub.usecases.replay_dead import replay_dead
from tests.fakes.channel import payload
from tests.fakes.world import World

EIGHT, NINE, TEN = (f"2026-11-23T{hour:02}:00:00Z" for hour in (8, 9, 10))


def two(quantity: int, at: str, **more: object) -> object:
    return payload("o1", {"1": ("L-A", quantity)}, at, **more)


def test_the_same_version_again_changes_nothing(world: World) -> None:
    world.stock("A", "W1", 10)
    world.arrive(two(2, EIGHT))
    before = world.row("o1")
    assert world.pull(two(2, EIGHT)) == 0
    assert ingest_inbox(world.ctx) == 0
    assert world.row("o1") == before


def test_the_same_content_in_other_bytes_changes_nothing(world: World) -> None:
    world.stock("A", "W1", 10)
    world.arrive(two(2, EIGHT))
    events = world.events("o1")
    assert world.pull(two(2, EIGHT, poison=False)) == 1
    world.work()
    assert (world.row("o1").version, world.events("o1")) == (1, events)


def test_a_stale_version_is_kept_but_not_applied(world: World) -> None:
    world.stock("A", "W1", 10)
    world.arrive(two(2, NINE))
    world.arrive(two(5, EIGHT))
    assert world.pieces("o1") == {"A": (2, 2, 0)}
    assert [row.state for row in world.rows(t.inbox)] == ["done", "done"]
    assert {row.order_id for row in world.rows(t.inbox)} == {world.row("o1").id}


def test_two_versions_in_one_batch_leave_the_newest_and_the_first_is_kept(world: World) -> None:
    world.stock("A", "W1", 10)
    world.arrive(two(5, NINE), two(2, EIGHT))
    assert world.pieces("o1") == {"A": (5, 5, 0)}
    assert world.lines("o1") == {"1": ("A", "2", 5)}
    (document,) = world.rows(t.order_documents)
    assert document.first["lines"][0]["quantity"] == "2"
    assert document.current["lines"][0]["quantity"] == "5"


def test_versions_in_any_order_over_several_batches_end_with_the_newest(world: World) -> None:
    world.stock("A", "W1", 10)
    for version in (two(3, TEN), two(1, EIGHT), two(2, NINE)):
        world.arrive(version)
    assert world.pieces("o1") == {"A": (3, 3, 0)}
    assert world.balance("A", "W1") == (10, 3)


def test_an_order_that_arrives_cancelled_takes_no_stock(world: World) -> None:
    world.stock("A", "W1", 10)
    world.arrive(two(2, EIGHT, status="cancelled"))
    assert (world.state("o1"), world.balance("A", "W1")) == ("cancelled", (10, 0))


def test_an_order_that_arrives_shipped_takes_no_stock_and_a_later_note_does_not_ship_it_again(world: World) -> None:
    world.stock("A", "W1", 10)
    world.arrive(two(2, EIGHT, fulfillment="fulfilled"))
    assert world.state("o1") == "closed"
    world.arrive(two(2, NINE, fulfillment="fulfilled", note="thank you"))
    assert (world.state("o1"), world.balance("A", "W1"), world.lists("o1")) == ("closed", (10, 0), [])


def test_an_order_that_the_channel_itself_fulfills_takes_no_stock(world: World) -> None:
    world.stock("A", "W1", 10)
    world.arrive(two(2, EIGHT, fulfilled_by="channel"))
    world.arrive(two(3, NINE, fulfilled_by="channel"))
    assert (world.state("o1"), world.balance("A", "W1")) == ("closed", (10, 0))


def test_an_unknown_status_is_held_and_runs_again_once_the_word_is_known(world: World) -> None:
    world.stock("A", "W1", 10)
    world.arrive(two(2, EIGHT, status="on-ice"), payload("o2", {"1": ("L-A", 1)}))
    assert world.state("o2") == "routed"
    (mark,) = world.holds()
    (message,) = world.rows(t.inbox, t.inbox.c.state == "held")
    assert mark == f"bad_record:{world.shop_id}:status:on-ice"
    assert message.error == "status = 'on-ice': unknown status: add it to the table"
    assert json.loads(message.raw)["channel_ref"] == "o1"

    world.shop.known_statuses.add("on-ice")
    assert replay_hold(world.ctx, mark, "eve") == 1
    world.work()
    assert (world.state("o1"), world.holds()) == ("routed", [])


def test_a_message_that_is_still_unknown_after_a_replay_is_held_again(world: World) -> None:
    world.arrive(two(2, EIGHT, status="on-ice"))
    (mark,) = world.holds()
    replay_hold(world.ctx, mark, "eve")
    world.work()
    assert world.holds() == [mark]


def test_a_poisonous_message_delays_no_neighbor_and_is_put_aside_after_five_tries(world: World) -> None:
    world.stock("A", "W1", 10)
    world.pull(two(2, EIGHT, poison=True), payload("o2", {"1": ("L-A", 1)}))
    assert ingest_inbox(world.ctx) == 2
    assert [row.channel_ref for row in world.rows(t.orders)] == ["o2"]
    assert [ingest_inbox(world.ctx) for _ in range(TRIES)] == [1, 1, 1, 1, 0]
    (message,) = world.rows(t.inbox, t.inbox.c.ref == "o1")
    assert (message.state, message.attempts) == ("dead", 5)
    assert message.error == "our code failed on it: ZeroDivisionError"
    assert world.holds() == [f"crashed:{world.shop_id}:message:ZeroDivisionError"]

    assert replay_dead(world.ctx, "inbox", world.shop_id, actor="eve") == 1
    assert (ingest_inbox(world.ctx), world.holds()) == (1, [])


def test_an_order_that_breaks_our_own_writing_is_put_aside_and_its_neighbors_are_stored(world: World) -> None:
    """A fault after the translation must not take the batch with it either."""
    world.stock("A", "W1", 10)
    broken = two(2, EIGHT, buyer={"name": "x"})
    broken["buyer"] = {"name": 5}  # type: ignore[index]
    broken["placed_at"] = "2026-11-23T08:00:00Z"  # type: ignore[index]
    broken["extra"] = {"current": {"1": "not a number"}}  # type: ignore[index]
    world.pull(payload("o0", {"1": ("L-A", 1)}), broken, payload("o2", {"1": ("L-A", 1)}))
    for _ in range(8):
        ingest_inbox(world.ctx)
    assert [row.channel_ref for row in world.rows(t.orders)] == ["o0", "o2"]
    (message,) = world.rows(t.inbox, t.inbox.c.ref == "o1")
    assert message.state in ("held", "dead")
    assert len(world.holds()) == 1


def test_text_that_a_database_cannot_keep_is_held_with_its_field(world: World) -> None:
    for ref, text in (("o1", "a\x00b"), ("o2", "a\ud800b")):
        world.pull(payload(ref, {"1": ("L-A", 1)}, note=text))
        ingest_inbox(world.ctx)
    world.pull(payload("o3", {"1": ("L-A", 1)}))
    ingest_inbox(world.ctx)
    assert [row.channel_ref for row in world.rows(t.orders)] == ["o3"]
    assert [row.state for row in world.rows(t.inbox)] == ["held", "held", "done"]
    assert {row.field for row in world.rows(t.holds)} == {"note"}


def test_a_line_id_that_stands_twice_is_held(world: World) -> None:
    body = two(1, EIGHT)
    body["lines"].append(dict(body["lines"][0]))  # type: ignore[index]
    world.pull(body)
    ingest_inbox(world.ctx)
    (hold,) = world.rows(t.holds)
    assert (hold.field, hold.value, hold.why) == ("lines[1].channel_ref", "1", "stands on two lines of one order")


def test_a_negative_total_is_held(world: World) -> None:
    world.pull(two(1, EIGHT, total="-1.00"))
    ingest_inbox(world.ctx)
    assert world.holds() == [f"bad_record:{world.shop_id}:total:-1.00"]


def test_an_order_without_its_lines_is_held_and_never_wipes_lines(world: World) -> None:
    world.stock("A", "W1", 10)
    world.arrive(two(2, EIGHT))
    cut = two(2, NINE, lines=[], extra={"no_lines": True})
    world.arrive(cut)
    assert world.lines("o1") == {"1": ("A", "2", 2)}
    assert (world.state("o1"), world.balance("A", "W1")) == ("held", (10, 2))
    assert [(row.kind, row.field) for row in world.rows(t.holds)] == [("bad_record", "lines")]

    world.arrive(two(3, TEN))
    assert (world.state("o1"), world.balance("A", "W1"), world.holds()) == ("routed", (10, 3), [])


def test_a_new_order_without_its_lines_is_held_until_they_come(world: World) -> None:
    world.stock("A", "W1", 10)
    world.arrive(two(2, EIGHT, lines=[], extra={"no_lines": True}))
    assert world.state("o1") == "held"
    world.arrive(two(2, NINE))
    assert (world.state("o1"), world.holds()) == ("routed", [])


def test_a_cancellation_without_lines_still_cancels(world: World) -> None:
    world.stock("A", "W1", 10)
    world.arrive(two(2, EIGHT))
    world.arrive(two(2, NINE, lines=[], extra={"no_lines": True}, status="cancelled"))
    assert (world.state("o1"), world.balance("A", "W1"), world.holds()) == ("cancelled", (10, 0), [])


def test_an_order_that_really_has_no_lines_is_closed(world: World) -> None:
    world.arrive(two(2, EIGHT, lines=[]))
    assert (world.state("o1"), world.holds()) == ("closed", [])


def test_versions_of_the_same_second_count_in_the_order_in_which_they_came(world: World) -> None:
    world.stock("A", "W1", 99)
    for n in range(1, 9):
        world.pull(payload("o1", {"1": ("L-A", n)}, EIGHT), payload("o1", {"1": ("L-A", n + 1)}, EIGHT))
    world.work()
    assert world.pieces("o1") == {"A": (9, 9, 0)}
