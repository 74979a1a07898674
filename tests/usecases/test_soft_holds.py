"""Unpaid orders keep stock for a time: it turns firm when they are paid, and is given back when they are not."""

from __future__ import annotations

import pytest

from hub.canonical.errors import Conflict
from hub.reports.arithmetic import explain_sku
from hub.reports.picks import find_picks
from hub.store import tables as t
from hub.usecases.expire_holds import expire_holds
from hub.usecases.pick_orders import start_picking
from hub.usecases.place_orders import place_orders
from tests.fakes.channel import payload
from tests.fakes.world import World

UNPAID = {"payment": "unpaid"}
AT_NINE = "2026-11-23T09:00:00Z"


@pytest.fixture
def soft(world: World) -> World:
    """The shop keeps stock for 30 minutes for unpaid orders, for an hour for authorized ones."""
    settings = {"soft_minutes": "unpaid=30, authorized=60"}
    with world.db.write() as db:
        db.execute(t.connections.update().where(t.connections.c.id == world.shop_id).values(settings=settings))
    return world


def number(world: World) -> int:
    (found,) = explain_sku(world.db, "A", world.clock())
    return found.offer.number


def statuses(world: World, ref: str) -> list[str]:
    return [row.status for row in world.lists(ref)]


def later(world: World, ref: str, at: str = AT_NINE, **more: object) -> str:
    world.arrive(payload(ref, {"a1": ("L-A", 3)}, at, **more))
    return world.state(ref)


def test_without_the_setting_an_unpaid_order_keeps_nothing(world: World) -> None:
    world.stock("A", "W1", 5)
    assert world.order("o1", more=UNPAID, A=3) == "unpaid"
    assert (world.balance("A", "W1"), world.row("o1").soft_until) == ((5, 0), None)


def test_an_unpaid_order_keeps_its_stock_and_no_picker_sees_it(soft: World) -> None:
    soft.stock("A", "W1", 5)
    assert soft.order("o1", more=UNPAID, A=3) == "unpaid"
    assert (soft.balance("A", "W1"), statuses(soft, "o1"), number(soft)) == ((5, 3), ["soft"], 2)
    assert find_picks(soft.db).rows == ()
    (work,) = soft.lists("o1")
    with pytest.raises(Conflict, match="waits for its order to be paid"):
        start_picking(soft.ctx, work.id, "bob")
    with pytest.raises(Conflict, match="waits for its order to be paid"):
        soft.ship(work.id, "p1")
    assert soft.order("o2", A=3) == "held"
    assert soft.event("o1", "soft_held") == {"until": "2026-11-23T10:00:00Z"}
    assert soft.rows(t.outbox) == []


def test_payment_turns_the_kept_stock_into_a_pick_list_and_the_channel_is_answered(soft: World) -> None:
    soft.stock("A", "W1", 5)
    soft.order("o1", more=UNPAID, A=3)
    assert later(soft, "o1") == "routed"
    assert (soft.balance("A", "W1"), statuses(soft, "o1")) == ((5, 3), ["open"])
    assert "soft_firm" in soft.events("o1")
    assert [(row.topic, row.body["accepted"]) for row in soft.rows(t.outbox)] == [("answer", True)]
    soft.clock.move(minutes=31)
    assert expire_holds(soft.ctx) == 0
    soft.ship_all("o1")
    assert soft.state("o1") == "shipped"


def test_what_is_not_paid_in_time_is_given_back_once_and_who_waited_gets_it(soft: World) -> None:
    soft.stock("A", "W1", 5)
    soft.order("o1", more=UNPAID, A=3)
    assert soft.order("o2", A=4) == "held"
    soft.clock.move(minutes=29, seconds=59)
    assert expire_holds(soft.ctx) == 0
    soft.clock.move(seconds=1)
    assert (expire_holds(soft.ctx), expire_holds(soft.ctx)) == (1, 0)
    assert (soft.state("o1"), statuses(soft, "o1")) == ("unpaid", ["cancelled"])
    assert soft.events("o1").count("soft_expired") == 1
    soft.work()
    assert (soft.state("o2"), soft.state("o1"), soft.balance("A", "W1")) == ("routed", "unpaid", (5, 4))


def test_a_late_payment_reserves_anew_or_is_held_naming_what_is_missing(soft: World) -> None:
    soft.stock("A", "W1", 5)
    for ref in ("o1", "o2"):
        soft.order(ref, more=UNPAID, A=3)
        soft.clock.move(minutes=30)
        assert expire_holds(soft.ctx) == 1
    assert later(soft, "o1") == "routed"
    assert later(soft, "o2") == "held"
    assert soft.holds() == ["short:A"]


def test_an_unpaid_order_without_stock_holds_up_nobody_and_is_not_refused(soft: World) -> None:
    with soft.db.write() as db:
        db.execute(t.connections.update().values(on_shortage="refuse"))
    assert soft.order("o1", more=UNPAID, A=3) == "unpaid"
    assert (soft.holds(), soft.events("o1").count("soft_short"), place_orders(soft.ctx)) == ([], 1, 0)
    soft.stock("A", "W1", 5)
    assert later(soft, "o1") == "routed"


def test_an_order_may_grow_while_it_is_unpaid_and_its_own_stock_does_not_stand_in_its_way(soft: World) -> None:
    soft.stock("A", "W1", 5)
    soft.order("o1", more=UNPAID, A=3)
    soft.arrive(payload("o1", {"a1": ("L-A", 5)}, AT_NINE, payment="unpaid"))
    assert (soft.state("o1"), soft.balance("A", "W1"), statuses(soft, "o1")) == ("unpaid", (5, 5), ["soft", "soft"])
    soft.arrive(payload("o1", {"a1": ("L-A", 4)}, "2026-11-23T09:01:00Z", payment="unpaid"))
    assert soft.balance("A", "W1") == (5, 4)
    assert later(soft, "o1", "2026-11-23T09:02:00Z") == "routed"
    assert soft.balance("A", "W1") == (5, 3)


def test_a_cancelled_unpaid_order_gives_its_stock_back_at_once(soft: World) -> None:
    soft.stock("A", "W1", 5)
    soft.order("o1", more=UNPAID, A=3)
    assert later(soft, "o1", status="cancelled") == "cancelled"
    assert (soft.balance("A", "W1"), statuses(soft, "o1")) == ((5, 0), ["cancelled"])
    soft.clock.move(minutes=31)
    assert expire_holds(soft.ctx) == 0


def test_an_authorized_order_has_its_own_time_and_is_picked_only_once_it_is_paid(soft: World) -> None:
    soft.stock("A", "W1", 5)
    soft.order("o1", more=UNPAID, A=3)
    soft.clock.move(minutes=20)
    assert later(soft, "o1", payment="authorized") == "unpaid"
    soft.clock.move(minutes=59)
    assert (expire_holds(soft.ctx), statuses(soft, "o1")) == (0, ["soft"])
    soft.clock.move(minutes=1)
    assert (expire_holds(soft.ctx), soft.state("o1")) == (1, "unpaid")
    assert later(soft, "o1", "2026-11-23T10:00:00Z") == "routed"


def test_an_authorized_order_is_placed_at_once_where_no_time_is_set(world: World) -> None:
    world.stock("A", "W1", 5)
    assert world.order("o1", more={"payment": "authorized"}, A=3) == "routed"


AUTHORIZED = {"payment": "authorized"}


def answers(world: World) -> list[tuple[str, bool]]:
    return [(row.topic, row.body["accepted"]) for row in world.rows(t.outbox)]


def test_a_channel_that_waits_for_our_word_has_it_once_the_stock_is_kept_and_nobody_picks_before_the_money(
    soft: World,
) -> None:
    soft.stock("A", "W1", 5)
    assert soft.order("o1", more=AUTHORIZED, A=3) == "unpaid"
    assert (statuses(soft, "o1"), answers(soft), soft.row("o1").answered) == (["soft"], [("answer", True)], "accepted")
    assert later(soft, "o1", payment="paid") == "routed"
    assert (statuses(soft, "o1"), answers(soft)) == (["open"], [("answer", True)])


def test_such_an_order_that_there_is_no_stock_for_is_refused_or_held_at_once(soft: World) -> None:
    assert soft.order("o1", more=AUTHORIZED, A=3) == "held"
    assert (soft.holds(), answers(soft)) == (["short:A"], [])
    soft.stock("A", "W1", 3)
    soft.work()
    assert (soft.state("o1"), statuses(soft, "o1"), answers(soft)) == ("unpaid", ["soft"], [("answer", True)])
    with soft.db.write() as db:
        db.execute(t.connections.update().values(on_shortage="refuse"))
    assert soft.order("o2", more=AUTHORIZED, A=1) == "refused"
    assert answers(soft) == [("answer", True), ("answer", False)]
    assert soft.balance("A", "W1") == (3, 3)


def test_an_order_gets_the_time_of_an_authorized_one_also_where_an_unpaid_one_has_none(soft: World) -> None:
    with soft.db.write() as db:
        db.execute(t.connections.update().values(settings={"soft_minutes": "authorized=60"}))
    soft.stock("A", "W1", 5)
    assert soft.order("o1", more=UNPAID, A=3) == "unpaid"
    assert (soft.balance("A", "W1"), answers(soft)) == ((5, 0), [])
    assert later(soft, "o1", payment="authorized") == "unpaid"
    assert (soft.balance("A", "W1"), statuses(soft, "o1"), answers(soft)) == ((5, 3), ["soft"], [("answer", True)])
    assert later(soft, "o1", "2026-11-23T09:30:00Z", payment="paid") == "routed"


def test_stock_that_was_kept_for_an_unpaid_order_is_answered_for_once_it_is_authorized(soft: World) -> None:
    soft.stock("A", "W1", 5)
    assert soft.order("o1", more=UNPAID, A=3) == "unpaid"
    assert answers(soft) == []
    assert later(soft, "o1", payment="authorized") == "unpaid"
    assert (soft.balance("A", "W1"), statuses(soft, "o1"), answers(soft)) == ((5, 3), ["soft"], [("answer", True)])
    assert later(soft, "o1", "2026-11-23T09:30:00Z", payment="paid") == "routed"
    assert answers(soft) == [("answer", True)]
