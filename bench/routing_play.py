"""Plays sequences of orders through the product's own planner and counts what serving them cost."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from bench.routing_world import Order, World
from hub.rules.bid_market import Market, Pair
from hub.rules.bid_prices import PriceModel
from hub.rules.routing import Decision, Demand, Piece, Place, Rate, Ruleset, Snapshot, plan

NOBODY = "nobody"
"""Stands for leaving pieces out: a supplier that has everything, at the price of leaving it out."""

AMPLE = 10**9
ANY_WEIGHT = 10**9
BATCHES = 50
"""Orders are planned in so many batches a horizon; before each the stock is priced anew."""

FUTURES = 15
"""So many possible futures of the small network are priced each time."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A ruleset, and whether the stock has bid prices under it."""

    name: str
    ruleset: Ruleset
    priced: bool = False


def _policy(name: str, strategy: Mapping[str, Any], priced: bool = False) -> Policy:
    body = {"version": 1, "name": name, "strategies": [{"name": name, **strategy}]}
    return Policy(name, Ruleset.from_dict(body), priced)


_ONLY_STOCK = {"filters": {"not_places": [NOBODY]}, "leftover": {"partial": True}}

NEAREST = _policy("nearest", {"search": "walk", "criteria": ["distance"], **_ONLY_STOCK})
PRIORITY = _policy("priority_list", {"search": "walk", "criteria": ["priority"], **_ONLY_STOCK})
FEWEST = _policy("fewest_parcels", {"criteria": ["fewest_parcels", "distance"], **_ONLY_STOCK})
CHEAPEST = _policy("cheapest", {"search": "cheapest"})
OURS = _policy("bid_price", {"search": "cheapest"}, priced=True)
BASELINES = (NEAREST, PRIORITY, FEWEST, CHEAPEST)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a policy did with a sequence. cost: micros, with what was left out; plan_s, price_s: seconds of planning the
    orders and of solving for prices."""

    cost: int
    orders: int
    pieces: int
    missing: int
    parcels: int
    plan_s: float
    price_s: float


def snapshot_of(world: World) -> Snapshot:
    """The instance in the planner's words: one shipping zone a city, and the costs as a rate table."""
    places = [Place(code, rank, point=point) for rank, (code, point) in enumerate(world.places.items(), 1)]
    places.append(Place(NOBODY, len(places) + 1, kind="supplier"))
    skus = sorted({sku for kind in world.kinds for sku in kind})
    free = dict(world.stock) | {(NOBODY, sku): AMPLE for sku in skus}
    rates = []
    for city, region in zip(world.cities, world.regions, strict=True):
        rows = [*zip(world.places, region.parcel, region.unit, strict=True)]
        for code, parcel, unit in [*rows, (NOBODY, region.missing_order, region.missing_unit)]:
            if parcel is not None:
                rates.append(Rate(code, city.name, ((ANY_WEIGHT, parcel, unit),)))
    return Snapshot(tuple(places), free, rates=tuple(rates))


def demands_of(world: World, orders: Sequence[Order]) -> tuple[Demand, ...]:
    """The orders in the planner's words."""
    pieces = [tuple(Piece(sku, sku, 1) for sku in kind) for kind in world.kinds]
    zones = [(("", city.name),) for city in world.cities]
    return tuple(
        Demand(str(time_), pieces[kind], point=world.cities[city].point, zones=zones[city])
        for time_, kind, city in orders
    )


Pricing = Callable[[Mapping[Pair, int], float], Mapping[Pair, int]]
"""(stock left, share of the horizon left) -> bid prices."""


def pricing(market: Market, futures: int) -> Pricing:
    """Prices averaged over futures that are drawn around the expected orders; always the same draws. 0: no draws."""
    model, chance = PriceModel(market), np.random.default_rng(1)
    expected = np.array([basket.orders for basket in market.baskets])

    def prices(left: Mapping[Pair, int], share: float) -> Mapping[Pair, int]:
        drawn = chance.poisson(expected * share, (futures, len(expected))).tolist()
        return model.mean_prices(left, drawn or [(expected * share).tolist()])

    return prices


def play(
    world: World, orders: Sequence[Order], policy: Policy, market: Market | None = None, futures: int = FUTURES
) -> Outcome:
    """Serve a sequence, batch by batch, never looking ahead.

    Args: market: the orders that the prices expect, where the policy has prices. futures: see `pricing`.
    """
    seen, demands = snapshot_of(world), demands_of(world, orders)
    price = pricing(market, futures) if policy.priced and market is not None else None
    free, prices, tally = dict(seen.free), dict[Pair, int](), Tally(world)
    plan_s = price_s = 0.0
    for share, batch in _batches(world, orders):
        began = time.perf_counter()
        prices = dict(price(free, share)) if price is not None else prices
        priced = time.perf_counter()
        decisions = plan(replace(seen, free=dict(free), prices=prices), demands[batch], policy.ruleset)
        plan_s, price_s = plan_s + time.perf_counter() - priced, price_s + priced - began
        for (_, kind, city), decision in zip(orders[batch], decisions, strict=True):
            tally.add(kind, city, decision)
            for take in decision.takes:
                free[take.warehouse, take.sku] -= take.quantity
    return tally.outcome(plan_s, price_s)


def _batches(world: World, orders: Sequence[Order]) -> Iterator[tuple[float, slice]]:
    """(share of the horizon that is left, the orders of the next batch); shorter batches towards the end."""
    times, shares = [arrived for arrived, _, _ in orders], [(1 - turn / BATCHES) ** 2 for turn in range(BATCHES + 1)]
    for share, then in pairwise(shares):
        first, last = (bisect_left(times, world.arrivals * (1 - left)) for left in (share, then))
        yield share, slice(first, last)


class Tally:
    """Adds up what decisions cost, by the instance's own prices."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._index = {code: at for at, code in enumerate(world.places)}
        self.cost = self.orders = self.pieces = self.missing = self.parcels = 0

    def add(self, kind: int, city: int, decision: Decision) -> None:
        """What was not taken from a place counts as left out."""
        region, wanted = self._world.regions[city], len(self._world.kinds[kind])
        given = Counter[str]()
        for take in decision.takes:
            given[take.warehouse] += take.quantity
        missing = wanted - given.total() + given.pop(NOBODY, 0)
        self.orders += 1
        self.pieces += wanted
        self.missing += missing
        self.parcels += len(given)
        self.cost += (region.missing_order + missing * region.missing_unit) if missing else 0
        for code, pieces in given.items():
            at = self._index[code]
            self.cost += (region.parcel[at] or 0) + pieces * region.unit[at]

    def outcome(self, plan_s: float, price_s: float) -> Outcome:
        return Outcome(self.cost, self.orders, self.pieces, self.missing, self.parcels, plan_s, price_s)
