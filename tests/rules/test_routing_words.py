"""Rulesets and snapshots as data: read strictly, written back as they were, refused by path."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from hub.canonical.errors import BadInput, NotFound
from hub.rules.routing import (
    NAMED,
    Demand,
    Piece,
    Place,
    Point,
    Rate,
    Ruleset,
    Snapshot,
    named,
    snapshot_hash,
)
from hub.rules.routing_needs import Need, needs

EVERYTHING: dict[str, Any] = {
    "version": 9,
    "name": "all words",
    "batches": [
        {"name": "express", "include": {"any": [{"field": "ship_method", "op": "is", "value": "express"},
                                                {"field": "tags", "op": "all_of", "value": ["gift", "vip"]}]},
         "exclude": {"all": [{"field": "value", "op": "at_most", "value": "9.99"}]}, "sort": ["deliver_by", "-value"]},
    ],
    "strategies": [
        {"name": "near", "when": {"all": [{"field": "country", "op": "any_of", "value": ["AT", "DE"]},
                                          {"any": [{"field": "weight_g", "op": "at_most", "value": 5000}]}]},
         "filters": {"tags": ["cold"], "not_tags": ["slow"], "kinds": ["store", "warehouse"], "places": ["A"],
                     "not_places": ["B"], "max_km": 500, "within_days": 2, "in_time": True, "all_available": True,
                     "min_confidence": 800, "min_left": 1},
         "search": "walk",
         "objective": {"weights": {"handling": 500}, "estimate": {"base": "4.90", "per_kg": "0.25"}},
         "split": {"most": 2, "fewest": True, "min_part_value": "20.00", "keep_together": False},
         "leftover": {"action": "next", "partial": True},
         "criteria": [{"by": "distance", "band": 100}, {"by": "cost", "band": "0.50"}, "capacity_left"]},
        {"name": "money", "search": "cheapest",
         "objective": {"split": "0.30", "capacity": "1.00", "stockout": "2.00", "stockout_days": 14, "ageing": "0.10",
                       "ageing_days": 60, "late": "5.00"},
         "leftover": {"action": "wait_until", "partial": True, "days": 3, "unfilled_order": "17.50",
                      "unfilled_piece": "2.000001"}},
    ],
    "improve": 500,
}  # fmt: skip


def changed(path: str, value: object) -> dict[str, Any]:
    body: Any = json.loads(json.dumps(EVERYTHING))
    at = body
    *way, last = path.split(".")
    for step in way:
        at = at[int(step)] if step.isdigit() else at[step]
    at[last] = value
    return dict(body)


def test_a_ruleset_with_every_word_is_written_back_as_it_was() -> None:
    assert Ruleset.from_dict(EVERYTHING).to_dict() == EVERYTHING
    assert Ruleset.from_dict(json.loads(json.dumps(EVERYTHING))) == Ruleset.from_dict(EVERYTHING)


def test_a_flat_body_reads_as_one_strategy_and_is_written_as_such() -> None:
    flat = Ruleset.from_dict({"version": 2, "max_parcels": 3, "allow_partial": True})
    assert flat == Ruleset.from_dict(
        {"version": 2, "strategies": [{"split": {"most": 3}, "leftover": {"partial": True}}]}
    )
    assert Ruleset.from_dict(flat.to_dict()) == flat


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("stratgies", [], "ruleset.stratgies: no such setting; use version, name, batches, strategies, improve"),
        ("version", "2", "ruleset.version = '2': use a whole number from 0 to 1000000000000"),
        ("strategies", [], "ruleset.strategies: use at least one strategy"),
        ("improve", True, "ruleset.improve = True: use a whole number from 0 to 100000"),
        ("batches.0.sort", ["oldest"], "ruleset.batches[0].sort[0] = 'oldest': use one of placed_at, deliver_by"),
        ("batches.0.include", [], "ruleset.batches[0].include = []: use {\"all\": [conditions]}"),
        ("batches.0.include.any.0.field", "colour",
         "ruleset.batches[0].include.any[0].field = 'colour': use one of channel, connection, country"),
        ("batches.0.include.any.0.op", "at_least",
         "ruleset.batches[0].include.any[0].op = 'at_least': use one of is, is_not, any_of, none_of"),
        ("batches.0.include.any.0.value", 3, "ruleset.batches[0].include.any[0].value[0] = 3: use a text"),
        ("batches.0.exclude.all.0.value", "lots", "value = 'lots': use an amount of money as text, such as \"4.90\""),
        ("strategies.0.when.all.1.any.0.value", 1.5, "when.all[1].any[0].value = 1.5: use a whole number"),
        ("strategies.0.search", "random", "strategies[0].search = 'random': use one of best, walk, cheapest"),
        ("strategies.0.filters.kinds", ["shop"], "filters.kinds[0] = 'shop': use one of warehouse, store, supplier"),
        ("strategies.0.filters.max_km", -1, "filters.max_km = -1: use a whole number from 0"),
        ("strategies.0.filters.in_time", "yes", "filters.in_time = 'yes': use true or false"),
        ("strategies.0.filters.tags", "cold", "filters.tags = 'cold': use a list"),
        ("strategies.0.filters", "none", "strategies[0].filters = 'none': use a group of settings"),
        ("strategies.0.name", 7, "strategies[0].name = 7: use a text"),
        ("strategies.0.criteria", [{"by": "priority", "band": 2}], "criteria[0].by = 'priority': use one of distance"),
        ("strategies.0.criteria", [{"band": 2}], "criteria[0] = {'band': 2}: use the name of a criterion, or"),
        ("strategies.0.criteria", [{"by": "cost", "band": "0"}], "criteria[0].band = '0': use more than 0"),
        ("strategies.0.criteria", ["distance", "distance"], "'distance, distance': use each of full_coverage"),
        ("strategies.1.criteria", ["distance"], "strategies[1].criteria: leave them out where search = cheapest"),
        ("strategies.1.objective.weights", {"luck": 1}, "objective.weights.luck: no such setting; use shipping"),
        ("strategies.1.objective.late", 5, "objective.late = 5: use an amount of money as text"),
        ("strategies.1.objective.late", "0.0000001", "objective.late = '0.0000001': use an amount of money as text"),
        ("strategies.1.objective.late", "NaN", "objective.late = 'NaN': use an amount of money as text"),
        ("strategies.0.split", "two", "strategies[0].split = 'two': use one of none, any, fewest"),
        ("strategies.0.split.most", 0, "strategies[0].split.most = 0: use a whole number from 1"),
        ("strategies.1.leftover.action", "drop", "leftover.action = 'drop': use one of next, queue, backorder"),
        ("strategies.1.leftover.days", 0, "leftover.days: wait_until needs a number of days from 1"),
        ("strategies.1.leftover.partial", False, "leftover.partial: a price for missing pieces needs partial = true"),
        ("strategies.1.leftover.keep", True, "leftover.keep: leave out partial, and let the order wait: action is not"),
    ],
)  # fmt: skip
def test_a_word_that_no_ruleset_has_is_refused_by_its_path(path: str, value: object, message: str) -> None:
    with pytest.raises(BadInput) as refused:
        Ruleset.from_dict(changed(path, value))
    assert message in str(refused.value)


def test_the_named_rulesets_are_read_and_an_unknown_one_is_refused() -> None:
    assert [named(name).name for name in NAMED] == [
        "default", "cheapest", "fewest_parcels", "nearest", "priority_list", "magento_priority", "magento_distance",
        "bid_price",
    ]  # fmt: skip
    assert named("default", 0).strategies == Ruleset(0).strategies
    with pytest.raises(NotFound, match="no ready-made ruleset 'best'; use one of default, cheapest"):
        named("best")


FULL = Snapshot(
    (
        Place("A", 1, True, Point(1.5, 2.5), "DE", frozenset({"DE", "AT"}), "store", frozenset({"cold"}),
              "Europe/Berlin", date(2026, 3, 2), 700_000, 40_000),
        Place("B", 2),
    ),
    {("A", "mug"): 5, ("B", "mug"): 2, ("B", "tee"): 1},
    {("A", "mug"): (("L1", "2026-05-01", 2), ("L2", None, 3))},
    {("A", "mug"): 900},
    {"A": (3, 10)},
    (Rate("A", "far", ((1000, 9_900_000, 0),), 2, "post", "eco"),
     Rate("A", "near", ((1000, 4_900_000, 0), (5000, 6_900_000, 100)), 2, "post", "eco")),
    {("A", "mug"): 12, ("B", "tee"): 5},
    {("A", "mug"): 2500},
    datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
)  # fmt: skip
ASKED = Demand(
    "7", (Piece("1", "mug", 2, 350, 9_990_000, "kit", date(2026, 4, 1), ("L1",)), Piece("2", "mug", 1)), "DE",
    Point(3.0, 4.0), frozenset({"B"}), False, (("", "near"),), "shopify", "12", frozenset({"gift"}), "express", "paid",
    datetime(2026, 2, 27, 8, 0, tzinfo=UTC), date(2026, 3, 9), 2, 19_980_000, "A",
)  # fmt: skip


def test_a_snapshot_and_a_demand_with_every_word_survive_storage() -> None:
    saw, asked = json.loads(json.dumps([FULL.to_dict(), ASKED.to_dict()]))
    assert Snapshot.from_dict(saw) == FULL
    assert snapshot_hash(Snapshot.from_dict(saw)) == snapshot_hash(FULL)
    assert Demand.from_dict(asked) == ASKED


def test_an_order_sees_only_what_decides_about_it() -> None:
    seen = FULL.seen_by(ASKED)
    assert seen.free == {("A", "mug"): 5, ("B", "mug"): 2}
    assert [rate.zone for rate in seen.rates] == ["near"]
    assert seen.prices == {("A", "mug"): 12}
    assert (seen.capacity, seen.as_of, seen.lots) == (FULL.capacity, FULL.as_of, FULL.lots)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lots", {("A", "mug"): (("L1", "2026-05-02", 2), ("L2", None, 3))}),
        ("confidence", {("A", "mug"): 901}),
        ("capacity", {"A": (2, 10)}),
        ("prices", {("A", "mug"): 13}),
        ("velocity", {}),
        ("as_of", datetime(2026, 3, 1, 9, 31, tzinfo=UTC)),
    ],
)
def test_the_hash_changes_with_everything_that_a_plan_may_use(field: str, value: object) -> None:
    other = Snapshot(**{**{name: getattr(FULL, name) for name in FULL.__slots__}, field: value})
    assert snapshot_hash(other) != snapshot_hash(FULL)


def test_a_leftover_that_waits_for_days_needs_to_know_the_time() -> None:
    def asked(**leftover: object) -> frozenset[Need]:
        return needs(Ruleset.from_dict({"strategies": [{"leftover": leftover}]}))

    assert asked(action="backorder") == frozenset()
    assert asked(action="wait_until", days=3) == {Need.TIME}
