"""Laws of the plan that hold whatever the ruleset says, on hundreds of batches with every word of routing in them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from hub.rules.routing import Decision, Demand, Ruleset, Snapshot, as_seen, explain, plan, snapshot_hash, why
from hub.rules.routing.decide import Desk, kept
from hub.rules.routing.decision import BARRED, LOST
from hub.rules.routing.explain import listed
from hub.rules.routing.serving import serving_order
from hub.rules.routing.stock import Stock
from tests.rules.world_cases import NOW, world

BLOCKS = pytest.mark.parametrize("start", range(0, 400, 80))
SIZE = 80


@BLOCKS
def test_every_piece_is_given_or_named_missing_and_nothing_twice(start: int) -> None:
    for seed in range(start, start + SIZE):
        snapshot, demands, rules = world(seed)
        for demand, decision in zip(demands, plan(snapshot, demands, rules), strict=True):
            got: Counter[str] = Counter()
            for take in decision.takes:
                assert take.quantity >= 1
                got[take.piece_ref] += take.quantity
            wanted = Counter({piece.ref: piece.quantity for piece in demand.pieces if piece.quantity > 0})
            missing = Counter({row.piece_ref: row.missing for row in decision.shortages})
            whole_or_not = not decision.takes and decision.outcome == "short"
            assert (seed, got + missing == wanted) == (seed, True) or whole_or_not
            assert (seed, decision.outcome == "routed") == (seed, not missing)
            assert all(row.missing >= 1 for row in decision.shortages)


@BLOCKS
def test_no_place_gives_more_than_it_has_can_take_or_is_believed(start: int) -> None:
    for seed in range(start, start + SIZE):
        snapshot, demands, rules = world(seed)
        given: Counter[tuple[str, str]] = Counter()
        lots: Counter[tuple[str, str, str]] = Counter()
        orders: Counter[str] = Counter()
        decisions = plan(snapshot, demands, rules)
        for seen, decision in zip(as_seen(snapshot, demands, decisions), decisions, strict=True):
            orders.update({take.warehouse for take in decision.takes})
            mine: Counter[tuple[str, str]] = Counter()
            for take in decision.takes:
                mine[take.warehouse, take.sku] += take.quantity
                lots[take.warehouse, take.sku, take.lot] += take.quantity
            for key, quantity in mine.items():
                assert (seed, quantity) <= (seed, seen.free[key] * seen.confidence.get(key, 1000) // 1000)
            given.update(mine)
        assert all(quantity <= snapshot.free[key] for key, quantity in given.items())
        for (warehouse, sku, lot), quantity in lots.items():
            rows = snapshot.lots.get((warehouse, sku))
            here = quantity if rows is None else sum(n for name, _, n in rows if name == lot)
            assert (seed, warehouse, lot, quantity <= here) == (seed, warehouse, lot if rows else "", True)
        assert all(n <= snapshot.capacity[code][0] for code, n in orders.items() if code in snapshot.capacity)


@BLOCKS
def test_lots_last_long_enough_and_the_first_to_expire_goes_first(start: int) -> None:
    for seed in range(start, start + SIZE):
        snapshot, demands, rules = world(seed)
        decisions = plan(snapshot, demands, rules)
        for demand, seen, decision in zip(demands, as_seen(snapshot, demands, decisions), decisions, strict=True):
            pieces = {piece.ref: piece for piece in demand.pieces}
            left = Counter({(*key, lot): n for key, lots in seen.lots.items() for lot, _, n in lots})
            days = {(*key, lot): until for key, lots in seen.lots.items() for lot, until, _ in lots}
            for take in decision.takes:
                left[take.warehouse, take.sku, take.lot] -= take.quantity
            for take in decision.takes:
                piece, key = pieces[take.piece_ref], (take.warehouse, take.sku)
                until = days.get((*key, take.lot))
                least = piece.min_life_until.isoformat() if piece.min_life_until else ""
                assert until is None or until >= least
                assert not piece.lots or take.lot in piece.lots
                for lot, other, _ in seen.lots.get(key, ()):
                    may = (not piece.lots or lot in piece.lots) and (other is None or other >= least)
                    sooner = (other or "9999") < (until or "9999")
                    assert (seed, may and sooner and left[*key, lot] > 0) == (seed, False)


@BLOCKS
def test_a_group_comes_whole_from_one_place_or_not_at_all(start: int) -> None:
    groups = 0
    for seed in range(start, start + SIZE):
        snapshot, demands, rules = world(seed)
        if (
            len(rules.strategies) > 1
            or not rules.strategies[0].split.keep_together
            or rules.strategies[0].search == "walk"
        ):
            continue
        for demand, decision in zip(demands, plan(snapshot, demands, rules), strict=True):
            for name in {piece.group for piece in demand.pieces if piece.group and piece.quantity > 0}:
                refs = {piece.ref: piece.quantity for piece in demand.pieces if piece.group == name}
                takes = [take for take in decision.takes if take.piece_ref in refs]
                assert (seed, sum(take.quantity for take in takes)) in {(seed, 0), (seed, sum(refs.values()))}
                assert len({take.warehouse for take in takes}) <= 1
                groups += bool(takes)
    assert groups >= 2


@BLOCKS
def test_each_order_can_be_decided_again_alone_from_what_it_saw(start: int) -> None:
    for seed in range(start, start + SIZE):
        snapshot, demands, rules = world(seed)
        decisions = plan(snapshot, demands, rules)
        for demand, seen, decision in zip(demands, as_seen(snapshot, demands, decisions), decisions, strict=True):
            stored = json.dumps([seen.to_dict(), demand.to_dict(), rules.to_dict(), decision.to_dict()])
            saw, asked, ruled, answered = json.loads(stored)
            again = plan(Snapshot.from_dict(saw), [Demand.from_dict(asked)], Ruleset.from_dict(ruled))
            assert (seed, again) == (seed, (decision,))
            assert Decision.from_dict(answered) == decision
            assert snapshot_hash(Snapshot.from_dict(saw)) == snapshot_hash(seen)


@BLOCKS
def test_the_order_of_places_stock_rates_and_lots_changes_nothing(start: int) -> None:
    for seed in range(start, start + SIZE):
        snapshot, demands, rules = world(seed)
        rnd = Random(seed)

        def mixed(rows: object) -> list[object]:
            found = list(rows)  # type: ignore[call-overload]
            rnd.shuffle(found)  # noqa: B023
            return list(found)

        other = replace(
            snapshot,
            places=tuple(mixed(snapshot.places)),
            free=dict(mixed(snapshot.free.items())),  # type: ignore[arg-type]
            lots={key: tuple(mixed(lots)) for key, lots in snapshot.lots.items()},
            rates=tuple(mixed(snapshot.rates)),
        )  # type: ignore[arg-type]
        assert (seed, plan(other, demands, rules)) == (seed, plan(snapshot, demands, rules))


@BLOCKS
def test_what_is_stored_small_is_what_the_full_table_says(start: int) -> None:
    for seed in range(start, start + SIZE):
        snapshot, demands, rules = world(seed)
        decisions = plan(snapshot, demands, rules)
        for demand, seen, decision in zip(demands, as_seen(snapshot, demands, decisions), decisions, strict=True):
            told = explain(seen, demand, rules, decision)
            assert (seed, told.same, told.decision) == (seed, True, decision)
            table = [row._replace(parts=()) for row in told.candidates]
            if sum(row.gave > 0 for row in told.tried) <= 1:
                assert (seed, [row for row in decision.candidates if row not in table]) == (seed, [])
                barred = {row.warehouses[0]: row.reason for row in told.candidates if row.reason in BARRED}
                assert set(decision.excluded) <= set(barred.items())
            assert {row.reason for row in told.candidates} <= {"chosen", *LOST, *BARRED}
            assert isinstance(why(decision)[0], str)


@BLOCKS
def test_an_explanation_lists_what_live_planning_lists_when_it_lists_everything(start: int) -> None:
    for seed in range(start, start + SIZE):
        snapshot, demands, rules = world(seed)
        rules = replace(rules, improve=0)
        decisions = plan(snapshot, demands, rules)
        desk = Desk(Stock(snapshot), rules)
        seen = as_seen(snapshot, demands, decisions)
        for number in serving_order(demands, rules, snapshot.as_of):
            tries = desk.tries(demands[number])
            live = [listed(solved, solved in kept(tries)) for solved in tries]
            told = explain(seen[number], demands[number], rules, decisions[number])
            assert (seed, [row.candidates for row in told.tried]) == (seed, live)
            assert desk.decide(demands[number]) == decisions[number]


@BLOCKS
def test_improving_a_batch_never_misses_more_pieces_and_stays_within_all_laws(start: int) -> None:
    better = 0
    for seed in range(start, start + SIZE):
        snapshot, demands, rules = world(seed)
        greedy = plan(snapshot, demands, replace(rules, improve=0))
        improved = plan(snapshot, demands, replace(rules, improve=200))
        missing = [_missing(demands, decisions) for decisions in (greedy, improved)]
        assert (seed, missing[1]) <= (seed, missing[0])
        better += missing[1] < missing[0]
    assert better >= 2


def _missing(demands: tuple[Demand, ...], decisions: tuple[Decision, ...]) -> int:
    wanted = sum(max(0, piece.quantity) for demand in demands for piece in demand.pieces)
    return wanted - sum(take.quantity for decision in decisions for take in decision.takes)


def test_the_worlds_are_rich() -> None:
    worlds = [world(seed) for seed in range(400)]
    decisions = [decision for snapshot, demands, rules in worlds for decision in plan(snapshot, demands, rules)]
    assert len(decisions) > 1000
    assert sum(decision.outcome == "routed" for decision in decisions) > 150
    assert sum(bool(decision.takes) and decision.outcome == "short" for decision in decisions) > 100
    assert sum(any(take.lot for take in decision.takes) for decision in decisions) > 100
    assert {decision.leftover for decision in decisions} > {"queue", "backorder", "wait_until", "transfer_request"}
    assert {decision.until for decision in decisions if decision.leftover == "wait_until"} == {
        NOW.date().replace(day=6).isoformat()
    }
