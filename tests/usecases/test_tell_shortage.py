"""A hold for a shortage says whether pieces lack, or where they are and why the order may not have them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from hub.pages.said import said
from hub.store import tables as t
from hub.usecases.accept_work import reject_work
from hub.usecases.change_stock import adjust_stock
from hub.usecases.manage_catalog import save_warehouse
from hub.usecases.manage_rulesets import activate_ruleset, draft_ruleset
from hub.usecases.set_selling import set_life
from tests.fakes.world import World

RECEIVE = "{missing} of 3 missing: receive stock of A, and the orders that wait for it run again"
UNASKED = "the rules do not let this order have all it needs from there"
ELSEWHERE = (
    "{missing} of 3 missing, though there are more of A: change the warehouses or the rules, or receive stock "
    "elsewhere, and the orders that wait for it run again"
)


def _rules(world: World, strategy: dict[str, Any]) -> None:
    body = {"strategies": [{"name": "all", **strategy}]}
    activate_ruleset(world.ctx, draft_ruleset(world.ctx, actor="test", given=body), actor="test")


def _only(world: World, **settings: Any) -> None:
    """W1 alone is there, with these settings."""
    save_warehouse(world.ctx, "W2", actor="test", active=False)
    save_warehouse(world.ctx, "W1", actor="test", **settings)


def _why(world: World) -> str:
    (hold,) = world.rows(t.holds, t.holds.c.state == "open")
    return str(hold.why)


@pytest.mark.parametrize(
    ("_case", "settings", "strategy", "words"),
    [
        ("another country", {"ships_to": ["FR"]}, {}, "it does not ship to this address"),
        ("no day", {"daily_orders": 0}, {}, "it takes no more orders on that day"),
        ("switched off", {"active": False}, {}, "it is switched off"),
        ("a tag", {}, {"filters": {"tags": ["cold"]}}, "it lacks a tag that the rules ask for"),
        ("what stays", {}, {"filters": {"min_left": 5}}, UNASKED),
        (
            "no strategy", {}, {"when": {"all": [{"field": "country", "op": "any_of", "value": ["AT"]}]}},
            "no strategy of the rules is meant for this order",
        ),
    ],
)  # fmt: skip
def test_pieces_that_an_order_may_not_have_are_told_with_the_reason(
    world: World, _case: str, settings: dict[str, Any], strategy: dict[str, Any], words: str
) -> None:
    _only(world, **settings)
    _rules(world, strategy)
    world.stock("A", "W1", 5)
    assert world.order("o1", A=3) == "held"
    assert _why(world) == f"{ELSEWHERE.format(missing=3)}; free in W1: 5, but {words}"


def test_pieces_of_a_warehouse_that_sent_the_order_back_are_told(world: World) -> None:
    _only(world)
    world.stock("A", "W1", 5)
    world.order("o1", A=3)
    reject_work(world.ctx, world.lists("o1")[0].id, "busy", "picker")
    world.work()
    assert _why(world).startswith(f"{ELSEWHERE.format(missing=3)}; free in W1: 5, but it sent its share")


def test_pieces_in_several_places_are_told_where_the_rules_allow_no_second_parcel(world: World) -> None:
    _rules(world, {"split": "none"})
    world.stock("A", "W1", 2)
    world.stock("A", "W2", 2)
    world.order("o1", A=3)
    assert _why(world) == f"{ELSEWHERE.format(missing=1)}; free in W1: 2, but {UNASKED}; free in W2: 2, but {UNASKED}"


def test_stock_is_to_be_received_where_what_others_have_would_not_do(world: World) -> None:
    world.stock("A", "W1", 1)
    world.stock("A", "W2", 1)
    save_warehouse(world.ctx, "W2", actor="test", ships_to=["FR"])
    world.order("o1", A=3)
    assert _why(world) == (
        f"{RECEIVE.format(missing=2)}; free in W2: 1, but it does not ship to this address"
    )  # fmt: skip
    assert said(_why(world), "zh_CN") == (
        "缺 2 件（共需 3 件）：A 入库后，等它的订单会自动重新处理；W2 有可用 1 件，但它不发往此地址"
    )


def _lots_that_are_too_old(world: World) -> None:
    expires_on = world.clock().date() + timedelta(days=9)
    adjust_stock(world.ctx, "A", "W1", 5, reason="delivery", actor="test", key="k", kind="receive", lot="L",
                 expires_on=expires_on, sure=True)  # fmt: skip
    set_life(world.ctx, 30, actor="test")


def _nothing(world: World) -> None:
    del world


@pytest.mark.parametrize("there", [_nothing, _lots_that_are_too_old], ids=lambda there: there.__name__.strip("_"))
def test_nothing_more_is_told_where_there_is_nothing_to_have(world: World, there: Callable[[World], None]) -> None:
    there(world)
    world.order("o1", A=3)
    assert _why(world) == RECEIVE.format(missing=3)
