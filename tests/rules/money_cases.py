"""Routing problems with prices, and a slow router that tries every way to deal the pieces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from random import Random
from typing import Any

from hub.rules.routing import Demand, Piece, Place, Point, Rate, Ruleset, Snapshot

SKUS = ("mug", "tee", "cap")
ZONES = (("", "near"),)
Ways = Iterator[dict[tuple[str, str], int]]


def priced(seed: int, most: int = 5, weights: bool = False) -> tuple[Snapshot, Demand]:
    """Up to `most` places with own handling costs, rates and bid prices; stock seldom enough in one place."""
    rnd = Random(seed)
    places = tuple(
        Place(
            f"W{n}",
            rnd.randint(1, 3),
            point=Point(n, 0.0),
            per_order=rnd.choice((0, 700_000)),
            per_unit=rnd.choice((0, 40_000)),
        )
        for n in range(rnd.randint(2, most))
    )
    free = {(place.code, sku): rnd.choice((0, 1, 2, 4)) for place in places for sku in SKUS}
    prices = {key: rnd.randint(0, 2_000_000) for key in free if rnd.random() < 0.7}
    rates = tuple(
        _rate(rnd, place.code, weights) for place in places for _ in range(rnd.choice((1, 1, 2)) if weights else 1)
    )
    pieces = tuple(
        Piece(sku, sku, rnd.randint(1, 3), rnd.choice((100, 900)) if weights else 0, 10_000_000)
        for sku in SKUS[: rnd.randint(1, 3)]
    )
    demand = Demand("order", pieces, "DE", Point(0.5, 0.0), zones=ZONES)
    return Snapshot(places, free, rates=rates, prices=prices), demand


def _rate(rnd: Random, code: str, weights: bool) -> Rate:
    first, each = rnd.randint(1, 9) * 500_000, rnd.choice((0, 100_000, 300_000))
    steps = (
        [(1000, first, each), (5000, first + rnd.randint(1, 6) * 400_000, each)] if weights else [(10**9, first, each)]
    )
    return Rate(code, "near", tuple(steps), rnd.randint(1, 4), "carrier", str(first))


def cheapest(**leftover: Any) -> Ruleset:
    strategy = {"name": "money", "search": "cheapest", "objective": {"split": "0.30"}, "leftover": leftover}
    return Ruleset.from_dict({"version": 3, "strategies": [strategy]})


def deals(snapshot: Snapshot, demand: Demand) -> Ways:
    """Every way to give at most what is wanted: (warehouse, sku) -> pieces."""
    columns = [list(_shares(snapshot, piece)) for piece in demand.pieces]
    for pick in product(*columns):
        yield {key: n for share in pick for key, n in share.items() if n}


def _shares(snapshot: Snapshot, piece: Piece) -> Ways:
    keys = [(place.code, piece.sku) for place in snapshot.places]
    for counts in product(*(range(min(piece.quantity, max(0, snapshot.free.get(key, 0))) + 1) for key in keys)):
        if sum(counts) <= piece.quantity:
            yield dict(zip(keys, counts, strict=True))


def cost(snapshot: Snapshot, demand: Demand, deal: Mapping[tuple[str, str], int]) -> int:
    """What a deal costs: written anew, without the planner. Micros; split penalty 0.30."""
    grams = {piece.sku: piece.weight_g for piece in demand.pieces}
    total = 0
    used = sorted({code for code, _ in deal})
    for code in used:
        place = next(place for place in snapshot.places if place.code == code)
        rows = [(sku, n) for (giver, sku), n in deal.items() if giver == code]
        units, weight = sum(n for _, n in rows), sum(n * grams[sku] for sku, n in rows)
        total += place.per_order + place.per_unit * units
        total += min(_parcel(rate, weight, units) for rate in snapshot.rates if rate.warehouse == code)
        total += sum(n * snapshot.prices.get((code, sku), 0) for sku, n in rows)
    return total + 300_000 * max(0, len(used) - 1)


def _parcel(rate: Rate, weight: int, units: int) -> int:
    for up_to, price, each in rate.steps:
        if weight <= up_to:
            return price + each * units
    up_to, price, each = rate.steps[-1]
    return price * -(-weight // up_to) + each * units
