"""Min-cost flow against trying every way, on small problems."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from random import Random

from hub.rules.routing.flow import match

Prices = list[list[int | None]]


def problem(seed: int) -> tuple[list[int], list[int], Prices]:
    rnd = Random(seed)
    needs = [rnd.randint(0, 3) for _ in range(rnd.randint(1, 3))]
    supplies = [rnd.randint(0, 3) for _ in range(rnd.randint(1, 3))]
    prices = [[rnd.choice((None, rnd.randint(-5, 20))) for _ in supplies] for _ in needs]
    return needs, supplies, prices


def ways(needs: Sequence[int], supplies: Sequence[int], prices: Prices) -> Iterator[dict[tuple[int, int], int]]:
    """Every flow that the supplies and the prices allow."""
    pairs = [(d, s) for d in range(len(needs)) for s in range(len(supplies)) if prices[d][s] is not None]
    for counts in product(*(range(min(needs[d], supplies[s]) + 1) for d, s in pairs)):
        flow = dict(zip(pairs, counts, strict=True))
        served = [sum(n for (d, _), n in flow.items() if d == demand) for demand in range(len(needs))]
        used = [sum(n for (_, s), n in flow.items() if s == supply) for supply in range(len(supplies))]
        if all(a <= b for a, b in zip([*served, *used], [*needs, *supplies], strict=True)):
            yield flow


def worth(flow: dict[tuple[int, int], int], needs: Sequence[int], prices: Prices) -> tuple[list[int], int]:
    """What each demand gets, negative, then the cost: less is better."""
    served = [-sum(n for (d, _), n in flow.items() if d == demand) for demand in range(len(needs))]
    return served, sum(n * (prices[d][s] or 0) for (d, s), n in flow.items())


def test_earlier_demands_get_the_most_and_all_of_it_costs_least() -> None:
    for seed in range(400):
        needs, supplies, prices = problem(seed)
        found = match(needs, supplies, prices)
        assert all(n >= 1 and prices[d][s] is not None for (d, s), n in found.items())
        every = list(ways(needs, supplies, prices))
        assert {pair: n for pair, n in found.items() if n} in [{p: n for p, n in way.items() if n} for way in every]
        best = min(worth(way, needs, prices) for way in every)
        assert (seed, worth(found, needs, prices)) == (seed, best)


def test_the_most_that_can_be_served_is_served() -> None:
    for seed in range(400):
        needs, supplies, prices = problem(seed)
        most = max(sum(way.values()) for way in ways(needs, supplies, prices))
        assert (seed, sum(match(needs, supplies, prices).values())) == (seed, most)


def test_a_demand_gives_up_its_cheap_supply_where_another_one_has_no_other() -> None:
    assert match([2, 2], [2, 2], [[1, 5], [3, None]]) == {(0, 1): 2, (1, 0): 2}
    assert match([1, 1, 1], [1, 1, 1], [[1, 9, None], [None, 2, 9], [3, None, None]]) == {
        (0, 1): 1,
        (1, 2): 1,
        (2, 0): 1,
    }
