"""Seeded instances of the routing benchmarks: places, stock, customers, what orders hold, and what serving them costs.

Source: parameters of Jasin and Sinha 2015 as Ma 2023 uses them (arXiv 2207.04774); what is drawn at random there is
drawn here from a seed. All money is in micros.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bench.routing_sites import CITIES, MORE_WAREHOUSES, WAREHOUSES, City, all_cities
from hub.canonical.geo import Point
from hub.rules.bid_market import Basket, Market, Pair, Region
from hub.rules.distance import haversine_km

KM_PER_MILE = 1.61
"""As the source has it."""

PARCEL = 8_759_000
PER_PIECE, PER_PIECE_MILE = 423_000, 541
MISSING_FACTOR = 2
"""What stays unfilled costs twice the parcel, and twice the piece from the farthest place."""

SAFETY = 0.5
MISSING_PIECE_B = 100_000_000


@dataclass(frozen=True, slots=True)
class Size:
    """How large a network is drawn. `sets`: item sets of each order size. `carry`: chance that a place has an item."""

    items: int
    most_in_order: int
    sets: int
    arrivals: int
    carry: float


SMALL = Size(items=20, most_in_order=5, sets=5, arrivals=10_000, carry=0.75)
LARGE = Size(items=100, most_in_order=10, sets=10, arrivals=100_000, carry=0.5)


@dataclass(frozen=True, slots=True)
class World:
    """One instance.

    regions: costs by place, as the bid prices want them. kinds: what an order may hold, each SKU once.
    chances: [kind, city], sum < 1: the rest of the arrivals wants nothing. stock: pieces by (place, sku).
    """

    places: Mapping[str, Point]
    cities: tuple[City, ...]
    regions: tuple[Region, ...]
    kinds: tuple[tuple[str, ...], ...]
    chances: NDArray[np.float64]
    stock: Mapping[Pair, int]
    arrivals: int

    def market(self) -> Market:
        """All orders of the horizon as they are expected, a basket for each kind and city."""
        return _market(self, self.regions, self.chances)

    def coarse_market(self, hubs: int) -> Market:
        """The same with each city counted as the nearest of the first `hubs`, at the mean cost of its people."""
        people = np.array([city.people for city in self.cities], dtype=np.float64)
        nearest = np.array([_nearest(city.point, self.cities[:hubs]) for city in self.cities])
        share = np.array([np.where(nearest == hub, people, 0.0) for hub in range(hubs)])
        chances = np.array([self.chances[:, nearest == hub].sum(axis=1) for hub in range(hubs)]).T
        return _market(self, tuple(_mean(self.regions, row) for row in share), chances)


Order = tuple[int, int, int]
"""(time of arrival, kind, city)."""


def arrivals(world: World, seed: int) -> tuple[Order, ...]:
    """One sequence of orders; who wants nothing is left out."""
    chances = np.append(world.chances.ravel(), max(0.0, 1 - world.chances.sum()))
    drawn = np.random.default_rng(seed).choice(len(chances), size=world.arrivals, p=chances / chances.sum())
    cities = len(world.cities)
    return tuple((time, int(at) // cities, int(at) % cities) for time, at in enumerate(drawn) if at < chances.size - 1)


def js_small(seed: int) -> World:
    """5 places, 10 cities, 20 items, orders of up to 5 items, 10,000 arrivals."""
    return draw(seed, SMALL, WAREHOUSES, CITIES)


def js_small_b(seed: int) -> World:
    """The same, but each unfilled piece costs 100, so that leaving pieces out never pays."""
    world = js_small(seed)
    dear = tuple(replace(region, missing_order=0, missing_unit=MISSING_PIECE_B) for region in world.regions)
    return replace(world, regions=dear)


def js_large(seed: int, carry: float, arrivals: int = LARGE.arrivals) -> World:
    """10 places, 99 cities, 100 items, orders of up to 10 items, 100,000 arrivals."""
    size = replace(LARGE, carry=carry, arrivals=arrivals)
    return draw(seed, size, WAREHOUSES | MORE_WAREHOUSES, all_cities())


def draw(seed: int, size: Size, places: Mapping[str, Point], cities: tuple[City, ...]) -> World:
    """One instance of this size."""
    chance = np.random.default_rng(seed)
    skus = [f"item-{n:03}" for n in range(size.items)]
    kinds = tuple(
        tuple(sorted(skus[item] for item in chance.permutation(size.items)[:pieces]))
        for pieces in range(1, size.most_in_order + 1)
        for _ in range(size.sets)
    )
    by_kind = _chances_of_kinds(chance, size)
    people = np.array([city.people for city in cities], dtype=np.float64)
    chances = np.outer(by_kind, people / people.sum())
    miles = np.array([[haversine_km(place, city.point) / KM_PER_MILE for place in places.values()] for city in cities])
    carried = chance.random((size.items, len(places))) < size.carry
    regions = tuple(_region(row) for row in miles)
    demand = _nearest_demand(carried, miles, chances, kinds, skus)
    pieces = np.rint(size.arrivals * demand + SAFETY * np.sqrt(size.arrivals * demand * (1 - demand)))
    stock = {(code, sku): int(pieces[i, k]) for k, code in enumerate(places) for i, sku in enumerate(skus)}
    return World(places, cities, regions, kinds, chances, {p: n for p, n in stock.items() if n}, size.arrivals)


def _chances_of_kinds(chance: np.random.Generator, size: Size) -> NDArray[np.float64]:
    """Weights of the sizes (0 = wants nothing) and of the sets of a size are uniform."""
    sizes = chance.random(size.most_in_order + 1)
    sets = chance.random((size.most_in_order, size.sets))
    shares = sets / sets.sum(axis=1, keepdims=True)
    found: NDArray[np.float64] = (sizes[1:, None] / sizes.sum() * shares).ravel()
    return found


def _region(miles: NDArray[np.float64]) -> Region:
    units = tuple(round(PER_PIECE + PER_PIECE_MILE * float(far)) for far in miles)
    return Region((PARCEL,) * len(units), units, MISSING_FACTOR * PARCEL, MISSING_FACTOR * max(units))


def _nearest_demand(
    carried: NDArray[np.bool_],
    miles: NDArray[np.float64],
    chances: NDArray[np.float64],
    kinds: tuple[tuple[str, ...], ...],
    skus: list[str],
) -> NDArray[np.float64]:
    """[item, place] pieces per arrival that the nearest place with the item would give."""
    wants = np.array([[sku in kind for kind in kinds] for sku in skus], dtype=np.float64)
    per_city = wants @ chances
    demand = np.zeros(carried.shape)
    for item, has in enumerate(carried):
        if has.any():
            nearest = np.where(has, miles, np.inf).argmin(axis=1)
            np.add.at(demand[item], nearest, per_city[item])
    return demand


def _market(world: World, regions: tuple[Region, ...], chances: NDArray[np.float64]) -> Market:
    baskets = tuple(
        Basket(at, tuple((sku, 1) for sku in kind), float(chances[row, at]) * world.arrivals)
        for row, kind in enumerate(world.kinds)
        for at in range(len(regions))
    )
    return Market(tuple(world.places), regions, baskets, frozenset(world.stock))


def _nearest(point: Point, cities: tuple[City, ...]) -> int:
    return min(range(len(cities)), key=lambda at: haversine_km(point, cities[at].point))


def _mean(regions: tuple[Region, ...], people: NDArray[np.float64]) -> Region:
    units = np.array([[*region.unit, region.missing_unit] for region in regions], dtype=np.float64)
    mean = [round(float(value)) for value in people @ units / people.sum()]
    return replace(regions[0], unit=tuple(mean[:-1]), missing_unit=mean[-1])
