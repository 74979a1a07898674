"""Orders that cannot be served wait, or end, as the rules say; on both databases."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hub.store import tables as t
from hub.usecases.give_up_orders import give_up_orders
from hub.usecases.manage_rulesets import activate_ruleset, draft_ruleset
from tests.fakes.world import World


def _rules(world: World, leftover: dict[str, Any]) -> None:
    body = {"strategies": [{"name": "all", "leftover": leftover}]}
    activate_ruleset(world.ctx, draft_ruleset(world.ctx, actor="eve", given=body), actor="eve")


@pytest.mark.parametrize(
    ("leftover", "state", "give_up"),
    [
        ({"action": "queue"}, "refused", None),
        ({"action": "backorder"}, "held", None),
        ({"action": "transfer_request"}, "held", None),
        ({"action": "wait_until", "days": 3}, "held", date(2026, 11, 26)),
        ({"action": "cancel_after", "days": 5}, "held", date(2026, 11, 28)),
    ],
)
def test_a_shop_that_refuses_shortages_does_as_the_rules_say_first(
    world: World, leftover: dict[str, Any], state: str, give_up: date | None
) -> None:
    strict = world.connect("strict", on_shortage="refuse")
    _rules(world, leftover)
    assert world.order("o1", A=2, shop_id=strict) == state
    assert world.row("o1").give_up_on == give_up


def test_an_order_waits_until_its_day_and_is_called_off_then(world: World) -> None:
    _rules(world, {"action": "cancel_after", "days": 2})
    assert world.order("o1", A=2) == "held"
    world.clock.move(days=1)
    assert give_up_orders(world.ctx) == 0
    world.clock.move(days=1)
    assert [give_up_orders(world.ctx), give_up_orders(world.ctx)] == [1, 0]
    assert (world.state("o1"), world.holds()) == ("cancelled", [])
    assert world.event("o1", "order_called_off") == {"reason": "no stock came in time"}


def test_trying_again_does_not_put_the_day_off_and_stock_in_time_saves_the_order(world: World) -> None:
    _rules(world, {"action": "cancel_after", "days": 2})
    world.order("o1", A=2)
    world.clock.move(days=1)
    world.stock("A", "W1", 1)
    world.work()
    assert (world.state("o1"), world.row("o1").give_up_on) == ("held", date(2026, 11, 25))
    world.stock("A", "W1", 1)
    world.work()
    assert (world.state("o1"), world.row("o1").give_up_on) == ("routed", None)
    world.clock.move(days=5)
    assert give_up_orders(world.ctx) == 0


def test_a_shop_that_holds_shortages_waits_on_after_wait_until(world: World) -> None:
    _rules(world, {"action": "wait_until", "days": 1})
    assert world.order("o1", A=2) == "held"
    world.clock.move(days=3)
    assert (give_up_orders(world.ctx), world.row("o1").give_up_on, world.state("o1")) == (0, None, "held")


def test_an_order_that_is_held_for_another_reason_is_left_alone(world: World) -> None:
    _rules(world, {"action": "cancel_after", "days": 1})
    world.order("o1", A=2)
    with world.db.write() as db:
        db.execute(t.holds.update().values(kind="by_hand", fingerprint=f"by_hand:{world.row('o1').id}"))
    world.clock.move(days=2)
    assert give_up_orders(world.ctx) == 0
