"""Runs of the routing instances, each made once per process and shared by the figures that look at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bench.at_once import at_once
from bench.routing_play import CHEAPEST, FEWEST, NEAREST, OURS, PRIORITY, Outcome, Policy, play
from bench.routing_world import Order, World, arrivals, js_large, js_small, js_small_b
from hub.rules.bid_divisible import Divisible
from hub.rules.bid_market import Market

COARSE_HUBS = 10
"""Cities of the large network are priced as so many regions; each order is still planned at its own city's costs."""


@dataclass(frozen=True, slots=True)
class Scale:
    """instances x sequences of the small network; arrivals of the large one, with stock in proportion.

    carry: the shares of items that a place of the large network has. `FULL` is as published.
    """

    instances: int
    sequences: int
    large_arrivals: int
    carry: tuple[float, ...]


QUICK = Scale(2, 1, 1_000, (0.25,))
DEFAULT = Scale(10, 3, 10_000, (0.25, 0.5))
FULL = Scale(30, 30, 100_000, (0.25, 0.5))


@dataclass(frozen=True, slots=True)
class Run:
    """One sequence. expected, hindsight: micros, the linear program over the expected and over the actual orders."""

    instance: int
    expected: float
    hindsight: float
    outcomes: dict[str, Outcome]

    def ratio(self, policy: Policy = OURS) -> float:
        """Cost over the program of expected orders."""
        return self.outcomes[policy.name].cost / self.expected

    def gap_captured(self) -> float:
        """Of what perfect foresight would save over the cheapest choice order by order, the share that was saved."""
        cheapest, ours = self.outcomes[CHEAPEST.name].cost, self.outcomes[OURS.name].cost
        return (cheapest - ours) / (cheapest - self.hindsight)


@dataclass(frozen=True, slots=True)
class Plan:
    """How one small network is drawn, and the policies on its first sequence and on the others."""

    draw: Callable[[int], World]
    first: tuple[Policy, ...]
    others: tuple[Policy, ...]


@lru_cache(maxsize=1)
def small(scale: Scale) -> tuple[Run, ...]:
    """JS-small: ours and cheapest on all sequences, the other baselines on the first one of each instance."""
    return _runs(Plan(js_small, (OURS, CHEAPEST, NEAREST, PRIORITY, FEWEST), (OURS, CHEAPEST)), scale)


@lru_cache(maxsize=1)
def small_b(scale: Scale) -> tuple[Run, ...]:
    """JS-small-B, on as many: one sequence says little, for the demand that happens to pass the stock costs most."""
    return _runs(Plan(js_small_b, (OURS, CHEAPEST), (OURS, CHEAPEST)), scale)


@lru_cache(maxsize=1)
def large(scale: Scale) -> tuple[tuple[float, Run], ...]:
    """(share of items a place has, run of JS-large): one sequence each."""
    return tuple(at_once(_large_of, [(carry, scale.large_arrivals) for carry in scale.carry]))


def _large_of(job: tuple[float, int]) -> tuple[float, Run]:
    carry, count = job
    world = js_large(1, carry, count)
    program = Divisible(world.market())
    expected = program.solve(world.stock).cost
    outcome = play(world, arrivals(world, 1), OURS, world.coarse_market(COARSE_HUBS), futures=0)
    return carry, Run(1, expected, expected, {OURS.name: outcome})


def _runs(plan: Plan, scale: Scale) -> tuple[Run, ...]:
    found = at_once(_runs_of, [(plan, instance, scale.sequences) for instance in range(scale.instances)])
    return tuple(run for runs in found for run in runs)


def _runs_of(job: tuple[Plan, int, int]) -> list[Run]:
    plan, instance, sequences = job
    world = plan.draw(instance)
    market = world.market()
    program = Divisible(market)
    expected = program.solve(world.stock).cost
    found = []
    for sequence in range(sequences):
        orders = arrivals(world, 1000 * instance + sequence)
        hindsight = program.solve(world.stock, _counts(market, world, orders)).cost
        policies = plan.others if sequence else plan.first
        outcomes = {policy.name: play(world, orders, policy, market) for policy in policies}
        found.append(Run(instance, expected, hindsight, outcomes))
    return found


def _counts(market: Market, world: World, orders: Sequence[Order]) -> list[float]:
    """How many orders of each basket really came; baskets stand kind by kind, city by city."""
    came = Counter((kind, city) for _, kind, city in orders)
    cities = len(world.cities)
    return [float(came[row // cities, row % cities]) for row in range(len(market.baskets))]
