"""Explaining, replaying and simulating: a dry run is what live planning does, and other rules are told apart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from hub.canonical.errors import BadInput, NotFound
from hub.reports.routing import Wish, explain_order, read_simulation, read_wish, replay_decisions
from hub.rules.routing import Change
from hub.store import tables as t
from hub.usecases.import_rates import import_rates
from hub.usecases.manage_catalog import save_warehouse
from hub.usecases.manage_rulesets import activate_ruleset, draft_ruleset
from hub.usecases.move_order import move_order
from hub.usecases.simulate_rules import ask_simulation, run_simulations
from tests.fakes.channel import payload
from tests.fakes.world import World

NEAREST: dict[str, Any] = {"criteria": ["full_coverage", "distance"]}
CHEAPEST: dict[str, Any] = {"strategies": [{"name": "cheap", "search": "cheapest"}]}
RATES = "carrier,zone,up_to_g,price,days\nDHL,z,30000,4.90,1\nDHL,far,30000,9.90,3\n"


def _day(world: World, orders: int = 8) -> None:
    """Orders to Munich: W1 (Berlin) has priority, W2 (Munich) is nearer; some orders are short."""
    world.stock("A", "W1", 6)
    world.stock("A", "W2", 9)
    world.stock("B", "W2", 3)
    munich = {"ship_to": {"country": "DE", "city": "Munich", "postal_code": "80331"}}
    rows = [{"1": ("L-A", 1 + n % 3), **({"2": ("L-B", 1)} if n % 2 else {})} for n in range(orders)]
    world.arrive(*(payload(f"o{n}", lines, **munich) for n, lines in enumerate(rows)))


def _simulated(world: World, trial: Any, **more: Any) -> dict[str, Any]:
    made = ask_simulation(world.ctx, trial, actor="eve", **({"days": 7} | more))
    assert run_simulations(world.ctx) == 1
    found = read_simulation(world.db, made)
    assert (found.state, found.error) == ("done", "")
    return dict(found.result)


def test_the_active_rules_played_again_change_nothing(world: World) -> None:
    _day(world)
    result = _simulated(world, 0)
    assert (result["different"], result["differences"]) == (0, [])
    decided = {row.order_id: row for row in world.rows(t.routing_decisions)}
    assert result["base"] == result["trial"]
    assert result["base"]["orders"] == len(decided) == 8
    routed = [row for row in decided.values() if row.outcome == "routed"]
    assert result["base"]["complete"] == len(routed)
    assert result["base"]["parcels"] == len({(r.order_id, take[2]) for r in routed for take in r.decision["takes"]})


def test_the_active_rules_played_again_change_nothing_where_they_count_in_money(world: World) -> None:
    import_rates(world.ctx, "warehouse,country,zone\n,DE,z\nW1,DE,far\n", actor="eve")
    import_rates(world.ctx, RATES, actor="eve")
    version = draft_ruleset(world.ctx, actor="eve", given=CHEAPEST)
    activate_ruleset(world.ctx, version, actor="eve")
    _day(world)
    assert {row.ruleset_version for row in world.rows(t.routing_decisions)} == {version}
    result = _simulated(world, version)
    assert (result["different"], result["base"]["cost"]) == (0, result["trial"]["cost"])
    assert result["base"]["cost"] != "0.00"
    assert replay_decisions(world.db, 1000).identical == len(world.rows(t.routing_decisions))


def test_other_rules_are_told_apart_order_by_order(world: World) -> None:
    _day(world, 3)
    result = _simulated(world, NEAREST)
    assert result["different"] == 2
    first = result["differences"][0]
    assert (first["number"], first["base"]["warehouses"], first["trial"]["warehouses"]) == ("#o0", ["W1"], ["W2"])
    assert (result["base"]["mix"], result["trial"]["mix"]) == ({"W1": 2, "W2": 1}, {"W2": 3})
    assert [row.state for row in world.rows(t.orders)] == ["routed"] * 3


def test_rules_that_count_in_money_use_the_rates_of_today(world: World) -> None:
    _day(world, 3)
    import_rates(world.ctx, "warehouse,country,zone\n,DE,z\nW1,DE,far\n", actor="eve")
    import_rates(world.ctx, RATES, actor="eve")
    result = _simulated(world, CHEAPEST)
    assert (result["trial"]["mix"], result["trial"]["cost"]) == ({"W2": 3}, "14.70")
    assert result["base"]["cost"] == "24.70"


def test_orders_that_are_older_or_were_moved_by_hand_are_left_out(world: World) -> None:
    _day(world, 3)
    move_order(world.ctx, world.row("o0").id, "W2", actor="eve")
    assert _simulated(world, 0)["base"]["orders"] == 3  # before the move it was planned by the rules
    world.clock.move(days=8)
    assert _simulated(world, 0)["base"]["orders"] == 0


def test_a_scenario_is_played_on_one_stock_in_its_turn(world: World) -> None:
    place = {"code": "X", "priority": 1, "active": True, "point": None, "country": None, "ships_to": []}
    demand = {"pieces": [["1", "A", 2]], "country": None, "point": None, "excluded": [], "together": False}
    scenario = {
        "name": "two.json",
        "snapshot": {"places": [place], "free": [["X", "A", 3]]},
        "demands": [demand | {"order_ref": "first"}, demand | {"order_ref": "second"}],
    }
    result = _simulated(world, 0, days=None, scenario=scenario)
    assert (result["base"]["complete"], result["base"]["given"]) == (1, 2)
    partial = {"criteria": ["priority"], "allow_partial": True}
    result = _simulated(world, partial, days=None, scenario=scenario)
    assert (result["trial"]["given"], [row["order_ref"] for row in result["differences"]]) == (3, ["second"])


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({}, "say which orders: those of the last so many days, or a scenario; not both"),
        ({"days": 0}, "days = 0: use 1 to 366"),
        ({"scenario": {"snapshot": {}, "demands": []}}, "scenario.snapshot: KeyError 'places'; it must look as"),
        ({"scenario": {"snapshot": {"places": [], "free": []}, "demands": [{}]}}, "scenario.demands: KeyError"),
        ({"scenario": {"snapshot": {"places": [], "free": []}, "demands": []}}, "scenario.demands: use at least one"),
    ],
)
def test_what_cannot_be_played_is_said_before(world: World, more: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput) as refused:
        ask_simulation(world.ctx, 0, actor="eve", **more)
    assert str(refused.value).startswith(message)
    with pytest.raises(NotFound, match="there is no ruleset version 9"):
        ask_simulation(world.ctx, 9, actor="eve", days=1)
    assert (run_simulations(world.ctx), world.rows(t.simulations)) == (0, [])


def test_a_simulation_whose_player_died_is_taken_up_again(world: World) -> None:
    made = ask_simulation(world.ctx, 0, actor="eve", days=1)
    until = world.clock.now + timedelta(minutes=30)
    with world.db.write() as db:
        db.execute(update(t.simulations).values(state="running", leased_until=until))
    assert run_simulations(world.ctx) == 0
    world.clock.move(minutes=31)
    assert (run_simulations(world.ctx), read_simulation(world.db, made).state) == (1, "done")


def test_every_stored_decision_can_be_made_again(world: World) -> None:
    save_warehouse(world.ctx, "W1", actor="test", daily_orders=3)
    _day(world, 12)
    done = replay_decisions(world.db, 1000)
    stored = len(world.rows(t.routing_decisions))
    assert (done.replayed, done.identical, done.different) == (stored, stored, ())
    assert replay_decisions(world.db, 5).replayed == 5


def test_a_decision_that_was_tampered_with_is_found(world: World) -> None:
    _day(world, 3)
    rows = world.rows(t.routing_decisions)
    changed = rows[1].snapshot | {"free": [["W1", "A", 99], ["W2", "A", 99]]}
    with world.db.write() as db:
        db.execute(update(t.routing_decisions).where(t.routing_decisions.c.id == rows[1].id).values(snapshot=changed))
    assert replay_decisions(world.db, 100).different == (rows[1].id,)
    with pytest.raises(BadInput, match="count = 0: use 1 to 100000"):
        replay_decisions(world.db, 0)


def test_an_explanation_names_the_next_best_and_who_was_left_out(world: World) -> None:
    save_warehouse(world.ctx, "W3", actor="test", priority=1, active=False)
    _day(world, 1)
    found = explain_order(world.db, world.row("o0").id)
    assert found.winner is not None and found.runner_up is not None
    assert (found.winner.warehouses, found.runner_up.warehouses, found.runner_up.reason) == (
        ("W1",), ("W2",), "lower_priority",
    )  # fmt: skip
    assert (found.difference, found.excluded, found.explanation.same) == (None, {"W3": "inactive"}, True)
    assert found.differs == ("priority", 1, 2)


def test_the_difference_is_told_in_money_where_the_rules_count_in_it(world: World) -> None:
    import_rates(world.ctx, "warehouse,country,zone\n,DE,z\nW1,DE,far\n", actor="eve")
    import_rates(world.ctx, RATES, actor="eve")
    activate_ruleset(world.ctx, draft_ruleset(world.ctx, actor="eve", given=CHEAPEST), actor="eve")
    _day(world, 1)
    found = explain_order(world.db, world.row("o0").id)
    assert found.winner is not None and found.winner.warehouses == ("W2",)
    assert (found.difference, found.winner.cost) == ("5.00", 4_900_000)
    assert found.differs == ("cost", 4_900_000, 9_900_000)


def test_what_would_have_to_change_is_the_least_that_is_enough(world: World) -> None:
    _day(world, 1)
    assert read_wish(world.db, world.row("o0").id, "W1") == Wish("W1", True)
    assert read_wish(world.db, world.row("o0").id, "W2").single[0] == Change("priority", 1)
    with pytest.raises(NotFound, match="there is no warehouse 'W9' in what the plan saw"):
        read_wish(world.db, world.row("o0").id, "W9")


def test_an_order_that_was_never_routed_has_no_explanation(world: World) -> None:
    world.arrive(payload("o1", {"1": ("L-UNKNOWN", 1)}))
    with pytest.raises(NotFound, match="order '#o1' was never routed: it waits, is held, or needed nothing"):
        explain_order(world.db, world.row("o1").id)
    with pytest.raises(NotFound, match="there is no order 999"):
        explain_order(world.db, 999)
