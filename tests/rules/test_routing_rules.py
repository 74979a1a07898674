"""Routing by example: each rule once, with exact answers."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given, settings

from hub.canonical.errors import BadInput, InvariantBroken
from hub.rules.routing import (
    CRITERIA,
    Candidate,
    Demand,
    Piece,
    Place,
    Point,
    Ruleset,
    Shortage,
    Snapshot,
    Take,
    haversine_km,
    plan,
    snapshot_hash,
    why,
)
from hub.rules.routing import search as routing_search
from tests.rules.routing_cases import demands, snapshots, table, wanted, winner

SHENZHEN, BERLIN, HAMBURG = Point(22.5431, 114.0579), Point(52.5200, 13.4050), Point(53.5511, 9.9937)
SZX = Place("SZX", 1, point=SHENZHEN, country="CN")
BER = Place("BER", 2, point=BERLIN, country="DE")
LAX = Place("LAX", 3, point=Point(33.94, -118.41), country="US", ships_to=frozenset({"US", "MX"}))
PLACES = (SZX, BER, LAX)


def order(*pieces: tuple[str, int], country: str | None = "DE", point: Point | None = HAMBURG, **more: bool) -> Demand:
    rows = tuple(Piece(str(n), sku, quantity) for n, (sku, quantity) in enumerate(pieces, 1))
    return Demand("order-1", rows, country, point, **more)  # type: ignore[arg-type]


def test_kilometers_agree_with_published_distances() -> None:
    assert haversine_km(BERLIN, HAMBURG) == pytest.approx(255.3, abs=0.5)
    assert haversine_km(Point(36.12, -86.67), Point(33.94, -118.40)) == pytest.approx(2886.45, abs=0.1)
    assert haversine_km(Point(0, 0), Point(0, 180)) == pytest.approx(20015.1, abs=0.1)
    assert haversine_km(BERLIN, BERLIN) == 0


def test_priority_decides_between_two_full_places_and_the_loser_says_so() -> None:
    stock = Snapshot(PLACES, {("SZX", "mug"): 5, ("BER", "mug"): 9, ("LAX", "mug"): 9})
    demand = order(("mug", 2), ("mug", 3))
    decision = plan(stock, [demand], Ruleset.flat(version=4))[0]
    assert decision.takes == (Take("1", "mug", "SZX", 2), Take("2", "mug", "SZX", 3))
    assert table(stock, demand, Ruleset.flat()) == (
        Candidate(("SZX",), 5, 5, 1, 8886.6, 1, True, "chosen"),
        Candidate(("BER",), 5, 5, 1, 255.3, 2, False, "lower_priority"),
        Candidate(("LAX",), 0, 5, 1, 9093.8, 3, False, "does_not_ship_to"),
    )
    assert decision.candidates == table(stock, demand, Ruleset.flat())[:2]
    assert decision.excluded == (("LAX", "does_not_ship_to"),)
    assert decision.ruleset_version == 4
    assert why(decision) == (
        "first_priority_full",
        {"warehouse": "SZX", "km": 8887, "priority": 1, "rival": "BER", "rival_km": 255, "rival_priority": 2},
    )


def test_distance_first_sends_from_the_nearest_full_place() -> None:
    stock = Snapshot(PLACES, {("SZX", "mug"): 5, ("BER", "mug"): 9})
    decision = plan(stock, [order(("mug", 2))], Ruleset.flat(criteria=("distance", "full_coverage", "priority")))[0]
    assert winner(decision) == ("BER",)
    assert why(decision)[0] == "nearest_full"


def test_a_place_without_a_point_is_farther_than_the_antipodes() -> None:
    places = (Place("A", 1), Place("B", 1, point=Point(-53.5, -170.0)))
    stock = Snapshot(places, {("A", "mug"): 1, ("B", "mug"): 1})
    decision = plan(stock, [order(("mug", 1))], Ruleset.flat())[0]
    assert [(row.warehouses, row.distance_km is None, row.reason) for row in decision.candidates] == [
        (("B",), False, "chosen"),
        (("A",), True, "farther"),
    ]


def test_equal_places_go_by_code() -> None:
    places = (Place("B", 1), Place("A", 1))
    decision = plan(Snapshot(places, {("A", "mug"): 1, ("B", "mug"): 1}), [order(("mug", 1))], Ruleset.flat())[0]
    assert winner(decision) == ("A",)
    assert why(decision)[0] == "tie_full"


def test_the_second_order_sees_what_the_first_one_took() -> None:
    stock = Snapshot(PLACES, {("SZX", "mug"): 3, ("BER", "mug"): 3})
    first, second, third = plan(stock, [order(("mug", 3))] * 3, Ruleset.flat())
    assert (winner(first), winner(second)) == (("SZX",), ("BER",))
    assert (third.outcome, third.takes, third.shortages) == ("short", (), (Shortage("1", "mug", 3, 3),))
    assert why(third)[0] == "short"


def test_two_parcels_when_no_place_has_everything_and_lines_stay_whole() -> None:
    stock = Snapshot(PLACES, {("SZX", "mug"): 1, ("SZX", "tee"): 1, ("BER", "mug"): 2, ("LAX", "cap"): 1})
    demand = order(("mug", 2), ("tee", 1))
    decision = plan(stock, [demand], Ruleset.flat())[0]
    assert decision.takes == (Take("1", "mug", "BER", 2), Take("2", "tee", "SZX", 1))
    assert why(decision) == (
        "fewest_parcels",
        {
            "warehouses": ("BER", "SZX"),
            "parcels": 2,
            "km": 9142,
            "wanted": 3,
            "best_single": "SZX",
            "best_single_covers": 2,
        },
    )


@pytest.mark.parametrize(
    ("_case", "demand", "rules"),
    [
        ("ruleset forbids splits", order(("mug", 3)), Ruleset.flat(split=False)),
        ("one parcel at most", order(("mug", 3)), Ruleset.flat(max_parcels=1)),
        ("order stays together", order(("mug", 3), together=True), Ruleset.flat()),
    ],
)
def test_without_splits_the_shortage_is_what_the_best_place_lacks(_case: str, demand: Demand, rules: Ruleset) -> None:
    stock = Snapshot(PLACES, {("SZX", "mug"): 1, ("BER", "mug"): 2})
    decision = plan(stock, [demand], rules)[0]
    assert (decision.outcome, decision.takes, decision.shortages) == ("short", (), (Shortage("1", "mug", 3, 1),))
    reasons = [row.reason for row in table(stock, demand, rules)]
    assert reasons == ["covers_less", "covers_less", "does_not_ship_to"]


def test_parts_are_given_where_the_ruleset_allows_it() -> None:
    stock = Snapshot(PLACES, {("SZX", "mug"): 1, ("BER", "mug"): 2, ("BER", "tee"): -4})
    decision = plan(stock, [order(("mug", 4), ("tee", 1))], Ruleset.flat(allow_partial=True))[0]
    assert decision.takes == (Take("1", "mug", "SZX", 1), Take("1", "mug", "BER", 2))
    assert decision.shortages == (Shortage("1", "mug", 4, 1), Shortage("2", "tee", 1, 1))
    assert why(decision) == (
        "partial",
        {"warehouses": ("BER", "SZX"), "wanted": 5, "missing": 2, "skus": ("mug", "tee")},
    )


def test_who_may_not_serve_is_listed_with_the_reason() -> None:
    places = (Place("A", 1, active=False), Place("B", 1), Place("C", 1, ships_to=frozenset({"US"})), Place("D", 1), SZX)
    stock = Snapshot(places, {(place.code, "mug"): 9 for place in places if place.code != "D"})
    demand = Demand("1", (Piece("1", "mug", 1),), "DE", HAMBURG, excluded=frozenset({"B"}))
    reasons = {row.warehouses[0]: row.reason for row in table(stock, demand, Ruleset.flat())}
    assert reasons == {"A": "inactive", "B": "excluded", "C": "does_not_ship_to", "D": "no_stock", "SZX": "chosen"}


def test_an_unknown_country_rules_no_place_out() -> None:
    decision = plan(
        Snapshot((LAX,), {("LAX", "mug"): 1}), [order(("mug", 1), country=None, point=None)], Ruleset.flat()
    )[0]
    assert winner(decision) == ("LAX",)
    assert why(decision)[0] == "only_full"


def test_an_order_for_nothing_is_routed_from_nowhere() -> None:
    decision = plan(Snapshot(PLACES, {}), [order(("mug", 0), ("tee", -2))], Ruleset.flat())[0]
    assert (decision.outcome, decision.takes, decision.shortages) == ("routed", (), ())
    assert why(decision) == ("nothing_wanted", {})


def test_without_any_warehouse_everything_is_missing() -> None:
    decision = plan(Snapshot((), {}), [order(("mug", 2))], Ruleset.flat())[0]
    assert (decision.outcome, decision.shortages) == ("short", (Shortage("1", "mug", 2, 2),))
    assert why(decision) == (
        "short",
        {"wanted": 2, "missing": 2, "skus": ("mug",), "best_single": None, "best_single_covers": 0},
    )


def test_a_ruleset_that_cannot_be_meant_is_refused_with_what_to_write() -> None:
    with pytest.raises(BadInput, match=r"ruleset\.criteria\[0\] = 'nearest': use one of full_coverage, fewest"):
        Ruleset.flat(criteria=("nearest",))
    with pytest.raises(BadInput, match="at most once"):
        Ruleset.flat(criteria=("distance", "distance"))
    with pytest.raises(BadInput, match=r"ruleset\.max_parcels = 0: use a whole number from 1"):
        Ruleset.flat(max_parcels=0)


def test_a_stored_ruleset_may_leave_out_what_it_does_not_change() -> None:
    assert Ruleset.from_dict({"version": 3, "split": False}) == Ruleset.flat(3, split=False)
    with pytest.raises(BadInput, match=r"ruleset\.cheapest: no such setting; use version, max_parcels, split"):
        Ruleset.from_dict({"cheapest": True})


def test_two_places_with_one_code_are_a_fault_of_ours() -> None:
    with pytest.raises(InvariantBroken, match="one warehouse twice"):
        plan(Snapshot((SZX, SZX), {}), [], Ruleset.flat())


def test_the_hash_changes_with_the_stock_that_decides_and_with_no_other() -> None:
    demand = order(("mug", 1))
    stock = Snapshot(PLACES, {("SZX", "mug"): 1, ("SZX", "tee"): 5})
    other = Snapshot(PLACES, {("SZX", "mug"): 1, ("SZX", "tee"): 4})
    fewer = Snapshot(PLACES, {("SZX", "mug"): 0, ("SZX", "tee"): 5})
    seen = snapshot_hash(stock.only(demand.skus()))
    assert seen == snapshot_hash(other.only(demand.skus())) != snapshot_hash(fewer.only(demand.skus()))
    text = json.dumps(stock.to_dict(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert snapshot_hash(stock) == hashlib.sha256(text.encode()).hexdigest()


@settings(max_examples=150, deadline=None)
@given(snapshots(6), demands(1))
def test_beyond_the_search_limit_every_order_that_can_be_served_still_is(
    snapshot: Snapshot, orders: tuple[Demand, ...]
) -> None:
    exact = plan(snapshot, orders, Ruleset.flat(allow_partial=True))[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routing_search, "CHECKS", -1)
        greedy = plan(snapshot, orders, Ruleset.flat(allow_partial=True))[0]
    assert (greedy.outcome, greedy.shortages) == (exact.outcome, exact.shortages)
    assert len(winner(exact)) <= len(winner(greedy)) <= len(winner(exact)) + 1
    given_by = {take.warehouse for take in greedy.takes}
    assert tuple(sorted(given_by)) == winner(greedy)
    assert sum(take.quantity for take in greedy.takes) <= sum(wanted(orders[0]).values())


def test_forty_warehouses_and_ten_skus_are_covered_without_trying_every_set() -> None:
    places = tuple(Place(f"W{n:02}", 1 + n % 3, point=Point(n, n)) for n in range(40))
    skus = [f"sku-{n}" for n in range(10)]
    free = {(f"W{n:02}", sku): 1 for n in range(40) for at, sku in enumerate(skus) if at % 10 in {n % 10, (n * 3) % 10}}
    decision = plan(Snapshot(places, free), [order(*[(sku, 1) for sku in skus])], Ruleset.flat())[0]
    assert decision.outcome == "routed"
    assert len(winner(decision)) <= 6


def test_the_runner_up_needs_each_of_its_places() -> None:
    def north(code: str, km: int) -> Place:
        return Place(code, 1, point=Point(km / 111.2, 0.0))

    places = (north("far mugs", 50), north("mugs", 10), north("one mug", 1), north("tees", 10))
    free = {("far mugs", "mug"): 2, ("mugs", "mug"): 2, ("one mug", "mug"): 1, ("tees", "tee"): 1}
    demand = order(("mug", 2), ("tee", 1), point=Point(0.0, 0.0))
    decision = plan(Snapshot(places, free), [demand], Ruleset.flat(criteria=("distance",)))[0]
    pairs = [(row.warehouses, row.reason) for row in decision.candidates[:2]]
    assert pairs == [(("mugs", "tees"), "chosen"), (("far mugs", "tees"), "farther")]
    assert why(decision)[0] == "nearest_split"


def test_a_place_that_could_only_tag_along_makes_no_runner_up() -> None:
    stock = Snapshot((SZX, BER), {("SZX", "mug"): 2, ("BER", "mug"): 1})
    found = table(stock, order(("mug", 2)), Ruleset.flat(criteria=("distance",)))
    assert [(row.warehouses, row.reason) for row in found] == [
        (("SZX",), "chosen"),
        (("BER",), "covers_less"),
    ]


def test_beyond_the_search_limit_a_place_that_became_needless_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing_search, "CHECKS", -1)
    has = {"left": "abc", "right": "def", "tempting": "bcde"}
    stock = Snapshot(
        tuple(Place(code, 1) for code in has), {(code, sku): 1 for code, skus in has.items() for sku in skus}
    )
    decision = plan(stock, [order(*[(sku, 1) for sku in "abcdef"])], Ruleset.flat())[0]
    assert winner(decision) == ("left", "right")


def test_these_criteria_are_the_default() -> None:
    assert CRITERIA == ("full_coverage", "fewest_parcels", "full_day", "priority", "distance")
    assert tuple(row.by for row in Ruleset().strategies[0].criteria) == CRITERIA


def test_the_last_place_of_a_day_goes_to_the_first_order_of_a_batch() -> None:
    places = (Place("W1", 1), Place("W2", 2))
    stock = Snapshot(places, {("W1", "mug"): 9, ("W2", "mug"): 9}, capacity={"W1": (1, 5)})
    orders = [Demand(f"o{n}", (Piece("p", "mug", 1),), "DE", None) for n in range(3)]
    assert [[take.warehouse for take in made.takes] for made in plan(stock, orders, Ruleset())] == [
        ["W1"],
        ["W2"],
        ["W2"],
    ]
