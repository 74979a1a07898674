"""What winner and next best cost is known where rates are, and named where not, whatever the rules count in."""

from __future__ import annotations

from typing import Any

import pytest

from hub.reports.order import latest_decision
from hub.reports.routing import explain_order
from hub.store import tables as t
from hub.usecases.manage_rulesets import activate_ruleset, draft_ruleset
from hub.usecases.simulate_rules import ask_simulation, run_simulations
from tests.fakes.world import World


def _rate(warehouse: str, price: int, zone: str = "home") -> dict[str, Any]:
    return {"carrier": "DHL", "service": "", "warehouse": warehouse, "zone": zone, "up_to_g": 31_000, "days": 1,
            "price": price, "per_unit": 0}  # fmt: skip


@pytest.fixture
def priced(world: World) -> World:
    """W1 comes first by priority; a parcel costs 4.90 from there and 3.70 from W2, and W2 takes 0.50 for handling."""
    with world.db.write() as db:
        zone = {"warehouse": "", "country": "DE", "postal_prefix": "", "zone": "home"}
        db.execute(t.shipping_zones.insert(), zone)
        db.execute(t.shipping_rates.insert(), [_rate("W1", 4_900_000), _rate("W2", 3_700_000)])
        db.execute(t.warehouses.update().where(t.warehouses.c.code == "W2").values(handling=500_000))
    world.stock("A", "W1", 5)
    world.stock("A", "W2", 5)
    return world


def _without_rate_of(world: World, warehouse: str) -> None:
    with world.db.write() as db:
        db.execute(t.shipping_rates.delete().where(t.shipping_rates.c.warehouse == warehouse))


def _money(world: World, ref: str = "o1") -> Any:
    order_id = world.row(ref).id
    fact = latest_decision(world.db, order_id)
    found = explain_order(world.db, order_id).money
    assert fact is not None and fact.money == found
    return found


def test_rules_that_count_in_nothing_are_told_in_shipping_and_handling(priced: World) -> None:
    priced.order("o1", A=2)
    found = _money(priced)
    assert (found.winner, found.rival, found.difference, found.by_rules) == (4_900_000, 4_200_000, -700_000, False)
    assert explain_order(priced.db, priced.row("o1").id).difference == "-0.70"


@pytest.mark.parametrize("gone", ["W1", "W2"])
def test_one_unknown_rate_makes_the_difference_unknown_and_is_named(priced: World, gone: str) -> None:
    priced.order("o1", A=2)
    _without_rate_of(priced, gone)
    found = _money(priced)
    assert (found.difference, found.unknown) == (None, ((gone, "home"),))
    assert explain_order(priced.db, priced.row("o1").id).difference is None


def test_an_address_in_no_zone_is_named(priced: World) -> None:
    with priced.db.write() as db:
        db.execute(t.shipping_zones.delete())
    priced.order("o1", A=2)
    assert _money(priced).unknown == (("W1", None), ("W2", None))


def test_rules_that_count_in_money_keep_their_own_numbers(priced: World) -> None:
    rules = {"strategies": [{"search": "cheapest"}]}
    activate_ruleset(priced.ctx, draft_ruleset(priced.ctx, actor="test", given=rules), actor="test")
    priced.order("o1", A=2)
    found = _money(priced)
    assert (found.winner, found.rival, found.difference, found.by_rules) == (4_200_000, 4_900_000, 700_000, True)


def test_rules_that_count_in_money_without_any_rate_do_not_call_it_nothing(priced: World) -> None:
    for code in ("W1", "W2"):
        _without_rate_of(priced, code)
    rules = {"strategies": [{"search": "cheapest"}]}
    activate_ruleset(priced.ctx, draft_ruleset(priced.ctx, actor="test", given=rules), actor="test")
    priced.order("o1", A=2)
    found = _money(priced)
    assert (found.difference, found.unknown) == (None, (("W1", "home"), ("W2", "home")))


def test_an_order_without_a_next_best_has_the_cost_of_its_own(priced: World) -> None:
    priced.stock("B", "W1", 1)
    priced.order("o1", B=1)
    found = _money(priced)
    assert (found.winner, found.rival, found.difference, found.unknown) == (4_900_000, None, None, ())


def test_a_simulation_counts_money_though_none_of_its_rules_asks_for_rates(priced: World) -> None:
    priced.order("o1", A=2)
    _without_rate_of(priced, "W2")
    nearest = {"strategies": [{"criteria": ["distance"], "filters": {"places": ["W2"]}}]}
    ask_simulation(priced.ctx, nearest, actor="test", days=7)
    run_simulations(priced.ctx)
    (row,) = priced.rows(t.simulations)
    (differs,) = row.result["differences"]
    assert (differs["base"]["cost"], differs["trial"]["cost"]) == ("4.90", None)
    assert differs["trial"]["no_rate"] == [["W2", "home"]]
    assert (row.result["base"]["cost_per_order"], row.result["base"]["priced"], row.result["base"]["served"]) == (
        None, 0, 1,
    )  # fmt: skip
