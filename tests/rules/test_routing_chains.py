"""Strategies one after the other, by example: what is left for the next, for later, and for a better batch."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from msgspec import structs

from hub.rules.routing import (
    Decision,
    Demand,
    Piece,
    Place,
    Ruleset,
    Shortage,
    Snapshot,
    Take,
    plan,
    why,
)
from tests.rules.routing_cases import winner
from tests.rules.test_routing_strategies import MUG, NOW, STOCK, A, B, rules


def chain(*strategies: dict[str, Any]) -> Ruleset:
    return Ruleset.from_dict({"strategies": list(strategies)})


def test_the_next_strategy_tries_what_the_first_could_not_give_whole() -> None:
    stock = replace(STOCK, free={("A", "mug"): 1, ("B", "mug"): 1})
    strict = {"name": "one parcel", "split": "none", "leftover": {"action": "next"}}
    decision = plan(stock, [MUG], chain(strict, {"name": "two parcels"}))[0]
    assert (decision.strategy, winner(decision), decision.leftover) == ("two parcels", ("A", "B"), "")


def test_the_next_strategy_gets_only_the_rest_where_parts_are_given() -> None:
    stock = replace(STOCK, free={("A", "mug"): 1, ("B", "mug"): 5})
    first = {"name": "stores", "filters": {"kinds": ["store"]}, "leftover": {"action": "next", "partial": True}}
    decision = plan(stock, [MUG], chain(first, {"name": "warehouses", "filters": {"kinds": ["warehouse"]}}))[0]
    assert decision.takes == (Take("1", "mug", "A", 1), Take("1", "mug", "B", 1))
    assert [(row.warehouses, row.covers, row.reason) for row in decision.candidates] == [(("A", "B"), 2, "chosen")]


def test_a_strategy_is_for_the_orders_that_its_condition_names() -> None:
    vip = {
        "name": "vip",
        "when": {"any": [{"field": "tags", "op": "any_of", "value": ["vip"]}]},
        "criteria": ["distance"],
    }
    usual = {"name": "usual", "criteria": ["priority"]}
    found = [
        plan(STOCK, [structs.replace(MUG, tags=tags)], chain(vip, usual))[0]
        for tags in (frozenset({"vip"}), frozenset[str]())
    ]
    assert [(decision.strategy, winner(decision)) for decision in found] == [("vip", ("B",)), ("usual", ("A",))]
    nobody = plan(STOCK, [MUG], chain(vip))[0]
    assert (nobody.outcome, nobody.strategy, nobody.leftover) == ("short", "", "queue")
    assert nobody.shortages == (Shortage("1", "mug", 2, 2),)


@pytest.mark.parametrize(
    ("leftover", "action", "until"),
    [
        ({"action": "next"}, "queue", None),
        ({"action": "queue"}, "queue", None),
        ({"action": "backorder"}, "backorder", None),
        ({"action": "transfer_request"}, "transfer_request", None),
        ({"action": "wait_until", "days": 5}, "wait_until", "2026-03-07"),
        ({"action": "cancel_after", "days": 30}, "cancel_after", "2026-04-01"),
    ],
)
def test_what_is_missing_has_an_action(leftover: dict[str, Any], action: str, until: str | None) -> None:
    decision = plan(replace(STOCK, free={}), [MUG], rules(leftover=leftover))[0]
    assert (decision.outcome, decision.leftover, decision.until) == ("short", action, until)
    assert plan(STOCK, [MUG], rules(leftover=leftover))[0].leftover == ""


def batch(*batches: dict[str, Any], improve: int = 0, **strategy: Any) -> Ruleset:
    return Ruleset.from_dict({"batches": list(batches), "strategies": [strategy], "improve": improve})


def test_batches_are_served_one_after_the_other_each_in_its_own_order() -> None:
    stock = replace(STOCK, free={("A", "mug"): 99})
    orders = [
        structs.replace(MUG, order_ref="plain"),
        structs.replace(MUG, order_ref="late", deliver_by=date(2026, 3, 9)),
        structs.replace(MUG, order_ref="soon", deliver_by=date(2026, 3, 3)),
        structs.replace(MUG, order_ref="sample", deliver_by=date(2026, 3, 3), tags=frozenset({"sample"})),
        structs.replace(MUG, order_ref="big", value=900_000_000),
        structs.replace(MUG, order_ref="small", value=1_000_000),
    ]
    dated = {"include": {"any": [{"field": "days_left", "op": "at_most", "value": 30}]}, "sort": ["deliver_by"],
             "exclude": {"any": [{"field": "tags", "op": "any_of", "value": ["sample"]}]}}  # fmt: skip
    worth = {"include": {"all": [{"field": "value", "op": "at_least", "value": "1.00"}]}, "sort": ["value"]}
    decisions = plan(stock, orders, batch(dated, worth))
    served = sorted(decisions, key=lambda decision: decision.turn)
    assert [decision.order_ref for decision in served] == ["soon", "late", "big", "small", "plain", "sample"]
    assert [decision.order_ref for decision in decisions] == [order.order_ref for order in orders]
    assert plan(stock, orders, batch({"sort": ["-value"]}))[4].turn == 5


def test_improving_a_batch_serves_first_who_has_no_other_place() -> None:
    """Either order would take the only mug in A; the second can get nothing else."""
    stock = Snapshot((A, B), {("A", "mug"): 1, ("B", "mug"): 1, ("A", "tee"): 1}, as_of=NOW)
    picky = Demand("picky", (Piece("1", "mug", 1), Piece("2", "tee", 1)), "DE")
    easy = Demand("easy", (Piece("1", "mug", 1),), "DE")
    alone = rules(split="none")
    assert [d.outcome for d in plan(stock, [easy, picky], alone)] == ["routed", "short"]
    better = plan(stock, [easy, picky], batch(split="none", improve=50))
    assert [(d.outcome, winner(d), d.turn) for d in better] == [("routed", ("B",), 1), ("routed", ("A",), 0)]
    assert plan(stock, [easy, picky], batch(split="none", improve=1)) == plan(stock, [easy, picky], alone)


def test_improving_a_batch_lowers_its_cost() -> None:
    places = (Place("A", 1), Place("B", 1, per_order=1_000_000), Place("C", 1, per_order=9_000_000))
    stock = Snapshot(places, {("A", "mug"): 1, ("B", "mug"): 1, ("C", "tee"): 9, ("A", "tee"): 1})
    one = Demand("one", (Piece("1", "mug", 1),))
    two = Demand("two", (Piece("1", "mug", 1), Piece("2", "tee", 1)))

    def costs(improve: int) -> int:
        decisions: tuple[Decision, ...] = plan(
            stock, [one, two], batch(search="cheapest", objective={"split": "5.00"}, improve=improve)
        )
        return sum(decision.candidates[0].cost or 0 for decision in decisions)

    assert (costs(0), costs(50)) == (6_000_000, 1_000_000)


def test_what_is_kept_is_what_would_have_been_sent() -> None:
    many = structs.replace(MUG, pieces=(Piece("1", "mug", 12),))
    sent, kept = (
        plan(STOCK, [many], rules(leftover={"action": "backorder", word: True}))[0] for word in ("partial", "keep")
    )
    assert (sent.outcome, sent.takes, sent.shortages) == (kept.outcome, kept.takes, kept.shortages)
    assert (kept.outcome, bool(kept.takes), sent.keeps, kept.keeps) == ("short", True, False, True)
    assert (why(sent)[0], why(kept)[0]) == ("partial", "kept")
    assert Decision.from_dict(kept.to_dict()) == kept
    whole = plan(STOCK, [MUG], rules(leftover={"action": "backorder", "keep": True}))[0]
    assert (whole.outcome, whole.keeps) == ("routed", False)
