"""Laws of `plan`: each holds for every small problem hypothesis can think of."""

from __future__ import annotations

import json
from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.rules.routing import Decision, Demand, Ruleset, Snapshot, as_seen, explain, plan, snapshot_hash, why
from tests.rules.routing_cases import (
    RULESETS,
    brute_force,
    covered,
    demands,
    dense,
    may_serve,
    names,
    partly,
    second_best,
    snapshots,
    table,
    wanted,
    way,
    winner,
)

LAW = settings(max_examples=80, deadline=None)


@LAW
@given(snapshots(), demands(), RULESETS)
def test_every_piece_is_taken_or_named_missing_exactly_once(
    snapshot: Snapshot, orders: tuple[Demand, ...], rules: Ruleset
) -> None:
    for order, decision in zip(orders, plan(snapshot, orders, partly(rules)), strict=True):
        got: Counter[str] = Counter()
        for take in decision.takes:
            assert take.quantity >= 1
            got[take.piece_ref] += take.quantity
        for shortage in decision.shortages:
            assert 1 <= shortage.missing <= shortage.wanted
            got[shortage.piece_ref] += shortage.missing
        assert got == Counter({piece.ref: piece.quantity for piece in order.pieces if piece.quantity})
        assert (decision.outcome == "routed") is (not decision.shortages)


@LAW
@given(snapshots(), demands(), RULESETS)
def test_takes_name_the_sku_of_their_piece_and_never_pass_the_free_stock(
    snapshot: Snapshot, orders: tuple[Demand, ...], rules: Ruleset
) -> None:
    skus = {piece.ref: piece.sku for order in orders for piece in order.pieces}
    taken: Counter[tuple[str, str]] = Counter()
    for decision in plan(snapshot, orders, rules):
        for take in decision.takes:
            assert take.sku == skus[take.piece_ref]
            taken[take.warehouse, take.sku] += take.quantity
    assert all(quantity <= snapshot.free.get(key, 0) for key, quantity in taken.items())


@LAW
@given(snapshots(), demands(), RULESETS)
def test_only_places_that_may_serve_give_and_never_more_parcels_than_allowed(
    snapshot: Snapshot, orders: tuple[Demand, ...], rules: Ruleset
) -> None:
    places = {place.code: place for place in snapshot.places}
    for order, decision in zip(orders, plan(snapshot, orders, rules), strict=True):
        used = {take.warehouse for take in decision.takes}
        limit = 1 if order.together else way(rules).split.most or len(places)
        assert all(may_serve(places[code], order) for code in used)
        assert len(used) <= limit
        assert tuple(sorted(used)) == winner(decision)


@LAW
@given(snapshots(), demands(), RULESETS)
def test_an_order_is_taken_whole_or_not_at_all_unless_parts_are_allowed(
    snapshot: Snapshot, orders: tuple[Demand, ...], rules: Ruleset
) -> None:
    for order, decision in zip(orders, plan(snapshot, orders, partly(rules, False)), strict=True):
        total = sum(take.quantity for take in decision.takes)
        assert total == (sum(wanted(order).values()) if decision.outcome == "routed" else 0)


@LAW
@given(snapshots(), demands(1), RULESETS)
def test_a_refused_order_names_what_its_best_plan_would_miss(
    snapshot: Snapshot, orders: tuple[Demand, ...], rules: Ruleset
) -> None:
    whole = plan(snapshot, orders, partly(rules, False))[0]
    part = plan(snapshot, orders, partly(rules))[0]
    missing = sum(shortage.missing for shortage in whole.shortages)
    assert missing == sum(shortage.missing for shortage in part.shortages)
    assert missing == sum(wanted(orders[0]).values()) - brute_force(snapshot, orders[0], rules)[1]


@LAW
@given(snapshots(), demands(), RULESETS, st.randoms(use_true_random=False))
def test_the_order_of_the_places_and_of_the_stock_rows_changes_nothing(
    snapshot: Snapshot, orders: tuple[Demand, ...], rules: Ruleset, rnd: Random
) -> None:
    places, free = list(snapshot.places), list(snapshot.free.items())
    rnd.shuffle(places)
    rnd.shuffle(free)
    shuffled = Snapshot(tuple(places), dict(free))
    assert plan(shuffled, orders, rules) == plan(snapshot, orders, rules)
    assert snapshot_hash(shuffled) == snapshot_hash(snapshot)


@LAW
@given(snapshots(), demands(1), RULESETS, st.integers(1, 3), st.data())
def test_more_stock_never_makes_a_routed_order_short(
    snapshot: Snapshot, orders: tuple[Demand, ...], rules: Ruleset, more: int, data: st.DataObject
) -> None:
    code = data.draw(st.sampled_from([place.code for place in snapshot.places]))
    sku = data.draw(st.sampled_from(["mug", "tee", "cap"]))
    richer = Snapshot(snapshot.places, {**snapshot.free, (code, sku): snapshot.free.get((code, sku), 0) + more})
    before, after = plan(snapshot, orders, rules)[0], plan(richer, orders, rules)[0]
    if before.outcome == "routed":
        assert after.outcome == "routed"
    assert sum(row.missing for row in after.shortages) <= sum(row.missing for row in before.shortages)


@settings(max_examples=150, deadline=None)
@given(snapshots(6), demands(1), RULESETS)
def test_the_chosen_places_are_the_best_of_all_sets_under_any_criteria(
    snapshot: Snapshot, orders: tuple[Demand, ...], rules: Ruleset
) -> None:
    decision = plan(snapshot, orders, partly(rules))[0]
    best, covers = brute_force(snapshot, orders[0], rules)
    assert winner(decision) == best
    assert sum(take.quantity for take in decision.takes) == covers


@pytest.mark.parametrize("start", range(0, 2_000, 500))
def test_the_chosen_places_are_the_best_of_all_sets_where_parcels_must_be_combined(start: int) -> None:
    combined = 0
    for seed in range(start, start + 500):
        snapshot, order, rules = dense(seed)
        decision = plan(snapshot, [order], rules)[0]
        best, covers = brute_force(snapshot, order, rules)
        assert (seed, winner(decision)) == (seed, best)
        assert sum(take.quantity for take in decision.takes) == covers
        combined += len(best) > 1
        if len(best) > 1 and names(rules)[:1] == ("fewest_parcels",):
            assert decision.runner_up in (*decision.candidates[1:], None)
            listed = [row.warehouses for row in table(snapshot, order, rules) if row.parcels > 1 and not row.chosen]
            assert (seed, listed) == (seed, second_best(snapshot, order, rules, best))
    assert combined > 250


@settings(max_examples=60, deadline=None)
@given(snapshots(6), demands(1), RULESETS)
def test_beside_a_chosen_combination_stands_the_next_best_one_of_its_size(
    snapshot: Snapshot, orders: tuple[Demand, ...], rules: Ruleset
) -> None:
    fewest = Ruleset.flat(7, ("fewest_parcels", "priority", "distance"), way(rules).split.most, allow_partial=True)
    decision = plan(snapshot, orders, fewest)[0]
    chosen = winner(decision)
    listed = [row.warehouses for row in table(snapshot, orders[0], fewest) if row.parcels > 1 and not row.chosen]
    if len(chosen) > 1:
        assert listed == second_best(snapshot, orders[0], fewest, chosen)


@LAW
@given(snapshots(), demands(1))
def test_the_default_rules_send_the_fewest_parcels_possible(snapshot: Snapshot, orders: tuple[Demand, ...]) -> None:
    decision = plan(snapshot, orders, Ruleset.flat())[0]
    best, _ = brute_force(snapshot, orders[0], Ruleset.flat())
    if decision.outcome == "routed":
        assert len({take.warehouse for take in decision.takes}) == len(best)


@LAW
@given(snapshots(), demands(1), RULESETS)
def test_every_place_is_listed_once_with_numbers_and_reason(
    snapshot: Snapshot, orders: tuple[Demand, ...], rules: Ruleset
) -> None:
    order, decision = orders[0], explain(snapshot, orders[0], rules)
    singles = [row for row in decision.candidates if row.parcels == 1]
    assert sorted(row.warehouses[0] for row in singles) == sorted(place.code for place in snapshot.places)
    assert sum(row.chosen for row in decision.candidates) == bool(decision.decision.takes)
    barred = {place.code for place in snapshot.places if not may_serve(place, order)}
    for row in decision.candidates:
        assert row.chosen == (row.reason == "chosen")
        if row.reason in {"inactive", "excluded", "does_not_ship_to"}:
            assert row.warehouses[0] in barred and row.covers == 0
        else:
            assert barred.isdisjoint(row.warehouses)
            assert row.covers == covered(snapshot, order, row.warehouses)
            assert (row.reason == "no_stock") == (row.covers == 0)


@LAW
@given(snapshots(), demands(1), RULESETS)
def test_the_reason_tells_the_first_criterion_in_which_a_candidate_is_worse(
    snapshot: Snapshot, orders: tuple[Demand, ...], rules: Ruleset
) -> None:
    decision = explain(snapshot, orders[0], rules)
    best = next((row for row in decision.candidates if row.chosen), None)
    if best is None:
        return
    for row in decision.candidates:
        far, near = (10**9 if km is None else km for km in (row.distance_km, best.distance_km))
        holds = {
            "chosen": row == best,
            "covers_less": row.covers < best.covers,
            "more_parcels": row.covers == best.covers and row.parcels > best.parcels,
            "lower_priority": row.covers == best.covers and row.priority > best.priority,
            "farther": row.covers == best.covers and (far > near or row.parcels > best.parcels),
            "tie_by_code": row.covers == best.covers and row.warehouses > best.warehouses,
        }
        assert holds.get(row.reason, row.covers == 0)


@LAW
@given(snapshots(), demands(), RULESETS)
def test_a_decision_and_what_it_saw_survive_storage_and_give_the_same_decision_again(
    snapshot: Snapshot, orders: tuple[Demand, ...], rules: Ruleset
) -> None:
    decisions = plan(snapshot, orders, rules)
    for order, seen, decision in zip(orders, as_seen(snapshot, orders, decisions), decisions, strict=True):
        stored = json.dumps([seen.to_dict(), order.to_dict(), rules.to_dict(), decision.to_dict()])
        saw, asked, ruled, answered = json.loads(stored)
        assert Decision.from_dict(answered) == decision
        assert plan(Snapshot.from_dict(saw), [Demand.from_dict(asked)], Ruleset.from_dict(ruled)) == (decision,)
        assert snapshot_hash(Snapshot.from_dict(saw)) == snapshot_hash(seen)
        assert all(sku in order.skus() for _, sku in seen.free)


@LAW
@given(snapshots(), demands(), RULESETS)
def test_a_batch_is_the_orders_one_by_one_on_what_is_left(
    snapshot: Snapshot, orders: tuple[Demand, ...], rules: Ruleset
) -> None:
    left = snapshot
    alone: list[Decision] = []
    for order in orders:
        alone.extend(plan(left, [order], rules))
        left = left.after(alone[-1].takes)
    assert tuple(alone) == plan(snapshot, orders, rules)


@LAW
@given(snapshots(), demands(), RULESETS)
def test_every_decision_can_say_why(snapshot: Snapshot, orders: tuple[Demand, ...], rules: Ruleset) -> None:
    for order, decision in zip(orders, plan(snapshot, orders, rules), strict=True):
        code, numbers = why(decision)
        if not wanted(order):
            assert (code, numbers) == ("nothing_wanted", {})
        elif decision.outcome == "short":
            assert code == ("partial" if decision.takes else "short")
            assert numbers["missing"] == sum(row.missing for row in decision.shortages) >= 1
        elif len(winner(decision)) == 1:
            assert code in {"only_full", "nearest_full", "first_priority_full", "tie_full"}
            assert (numbers["warehouse"],) == winner(decision)
        else:
            assert code in {"fewest_parcels", "nearest_split", "first_priority_split", "tie_split"}
            assert numbers["warehouses"] == winner(decision)
