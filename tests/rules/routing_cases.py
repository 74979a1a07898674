"""Small routing problems for hypothesis, and a slow router that tries every set of places."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import combinations, permutations
from random import Random
from typing import Any

from hypothesis import strategies as st

from hub.canonical.geo import Point
from hub.rules.routing import (
    CRITERIA,
    Candidate,
    Decision,
    Demand,
    Leftover,
    Piece,
    Place,
    Ruleset,
    Snapshot,
    Strategy,
    explain,
    haversine_km,
)

POINTS = (None, Point(22.5, 114.1), Point(52.5, 13.4), Point(34.0, -118.2), Point(52.5, 13.4), Point(-33.9, 151.2))
DAYS = (date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 9))
COUNTRIES = st.sampled_from([None, "DE", "CN"])
SKUS = st.sampled_from(["mug", "tee", "cap"])


@st.composite
def snapshots(draw: st.DrawFn, most: int = 5) -> Snapshot:
    codes = [f"W{n}" for n in range(draw(st.integers(1, most)))]
    places = tuple(draw(_place(code)) for code in codes)
    keys = st.tuples(st.sampled_from(codes), SKUS)
    return Snapshot(draw(st.permutations(places).map(tuple)), draw(st.dictionaries(keys, st.integers(-2, 6))))


def _place(code: str) -> st.SearchStrategy[Place]:
    return st.builds(
        Place,
        code=st.just(code),
        priority=st.integers(1, 3),
        active=st.sampled_from([True, True, True, False]),
        point=st.sampled_from(POINTS),
        country=st.none(),
        ships_to=st.sampled_from([frozenset(), frozenset(), frozenset({"DE"}), frozenset({"CN", "DE"})]),
        ships_on=st.sampled_from(DAYS),
        moved_from=st.sampled_from([None, None, None, DAYS[0]]),
    )


@st.composite
def demands(draw: st.DrawFn, most: int = 4) -> tuple[Demand, ...]:
    return tuple(draw(_demand(f"order-{n}")) for n in range(draw(st.integers(1, most))))


@st.composite
def _demand(draw: st.DrawFn, order_ref: str) -> Demand:
    rows = draw(st.lists(st.tuples(SKUS, st.integers(0, 5)), max_size=4))
    return Demand(
        order_ref,
        tuple(Piece(f"{order_ref}/{n}", sku, quantity) for n, (sku, quantity) in enumerate(rows)),
        draw(COUNTRIES),
        draw(st.sampled_from(POINTS)),
        frozenset(draw(st.sets(st.sampled_from(["W0", "W1"]), max_size=1))),
        draw(st.sampled_from([False, False, False, True])),
    )


ORDERINGS = [
    ordering
    for size in range(len(CRITERIA) + 1)
    for names in combinations(CRITERIA, size)
    for ordering in permutations(names)
]
"""Every subset of the criteria in every order: 326."""

RULESETS = st.builds(
    Ruleset.flat,
    version=st.just(7),
    criteria=st.sampled_from(ORDERINGS),
    max_parcels=st.sampled_from([None, None, 1, 2, 3]),
    split=st.sampled_from([True, True, False]),
    allow_partial=st.booleans(),
)


def dense(seed: int) -> tuple[Snapshot, Demand, Ruleset]:
    """A problem of up to seven places in which one place alone seldom has everything; equal numbers are frequent."""
    rnd = Random(seed)
    places = [
        Place(f"W{n}", rnd.randint(1, 3), point=rnd.choice(POINTS), ships_on=rnd.choice(DAYS),
              moved_from=rnd.choice((None, None, None, DAYS[0])))
        for n in range(rnd.randint(2, 7))
    ]  # fmt: skip
    free = {(place.code, sku): rnd.choice((0, 0, 1, 1, 2, 3)) for place in places for sku in ("mug", "tee", "cap")}
    pieces = tuple(Piece(sku, sku, rnd.randint(1, 4)) for sku in ("mug", "tee", "cap")[: rnd.randint(1, 3)])
    rnd.shuffle(places)
    rules = Ruleset.flat(7, rnd.choice(ORDERINGS), rnd.choice((None, None, 2, 3)), allow_partial=True)
    return Snapshot(tuple(places), free), Demand("order", pieces, None, rnd.choice(POINTS)), rules


def way(ruleset: Ruleset) -> Strategy:
    """The only strategy of a flat ruleset."""
    (found,) = ruleset.strategies
    return found


def names(ruleset: Ruleset) -> tuple[str, ...]:
    """The criteria of a flat ruleset."""
    return tuple(criterion.by for criterion in way(ruleset).criteria)


def partly(ruleset: Ruleset, allowed: bool = True) -> Ruleset:
    """The same flat ruleset that gives parts of an order, or does not."""
    changed = replace(way(ruleset), leftover=Leftover(partial=allowed))
    return replace(ruleset, strategies=(changed,))


def wanted(demand: Demand) -> Counter[str]:
    """SKU -> pieces."""
    total: Counter[str] = Counter()
    for piece in demand.pieces:
        total[piece.sku] += max(0, piece.quantity)
    return +total


def may_serve(place: Place, demand: Demand) -> bool:
    ships = not place.ships_to or demand.country is None or demand.country in place.ships_to
    return place.active and place.code not in demand.excluded and ships


def brute_force(snapshot: Snapshot, demand: Demand, ruleset: Ruleset) -> tuple[tuple[str, ...], int]:
    """The best set of warehouses and what it covers, by trying all of them with the rules written anew."""
    places = sorted((p for p in snapshot.places if may_serve(p, demand)), key=lambda p: p.code)
    limit = 1 if demand.together else (way(ruleset).split.most or len(places))
    sets = [chosen for size in range(limit + 1) for chosen in combinations(places, size)]
    best = min(sets, key=lambda chosen: _rank(snapshot, demand, ruleset, chosen))
    return tuple(place.code for place in best), covered(snapshot, demand, tuple(p.code for p in best))


def second_best(snapshot: Snapshot, demand: Demand, ruleset: Ruleset, chosen: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The best other set with as many places that covers as much; [] where there is none."""
    places = sorted((p for p in snapshot.places if may_serve(p, demand)), key=lambda p: p.code)
    sets = [found for found in combinations(places, len(chosen)) if tuple(p.code for p in found) != chosen]
    ranked = sorted((_rank(snapshot, demand, ruleset, found), tuple(p.code for p in found)) for found in sets)
    same = [codes for rank, codes in ranked if -rank[0] == covered(snapshot, demand, chosen)]
    return same[:1]


def covered(snapshot: Snapshot, demand: Demand, codes: tuple[str, ...]) -> int:
    return sum(
        min(need, sum(max(0, snapshot.free.get((code, sku), 0)) for code in codes))
        for sku, need in wanted(demand).items()
    )


def _rank(snapshot: Snapshot, demand: Demand, ruleset: Ruleset, chosen: tuple[Place, ...]) -> tuple[Any, ...]:
    codes = tuple(place.code for place in chosen)
    points = [(place.point, demand.point) for place in chosen]
    known = [round(haversine_km(a, b) * 10) for a, b in points if a and b]
    measures = {
        "full_coverage": len(chosen) > 1,
        "fewest_parcels": len(chosen),
        "priority": sum(place.priority for place in chosen),
        "distance": (len(points) - len(known), sum(known)),
        "full_day": max(place.ships_on or DAYS[0] for place in chosen)
        if chosen and _moved(snapshot, demand)
        else DAYS[0],
    }
    ordered = tuple(measures[name] for name in names(ruleset))
    return (-covered(snapshot, demand, codes), *ordered, len(chosen), codes)


def _moved(snapshot: Snapshot, demand: Demand) -> bool:
    """Whether a place that may serve and has something of the order was moved by a full day."""
    moved = {place.code for place in snapshot.places if place.moved_from and may_serve(place, demand)}
    return any(snapshot.free.get((code, sku), 0) > 0 for code in moved for sku in wanted(demand))


def table(snapshot: Snapshot, demand: Demand, ruleset: Ruleset) -> tuple[Candidate, ...]:
    """Everything that was weighed for one order."""
    return explain(snapshot, demand, ruleset).candidates


def winner(decision: Decision) -> tuple[str, ...]:
    """The chosen warehouses, () where nothing was taken."""
    return next((row.warehouses for row in decision.candidates if row.chosen), ())
