"""Min-cost flow between pieces and supplies, small and exact: successive shortest paths."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

Flow = dict[tuple[int, int], int]
"""(demand number, supply number) -> pieces, at least 1."""

Prices = Sequence[Sequence[int | None]]
"""Per demand and supply the price of a piece; None = may not."""


def match(needs: Sequence[int], supplies: Sequence[int], prices: Prices) -> Flow:
    """Serve the demands from the supplies.

    Args:    needs, supplies: pieces. prices: whole numbers, any sign.
    Returns: the cheapest of all ways that serve as much as possible, earlier demands first: as much of the first
             as can be, then of the second, …, which is also the most that can be served in all.
    Source:  successive shortest paths, Ahuja, Magnanti, Orlin, Network Flows (1993), section 9.7.
    """
    flow: Flow = {}
    spare = list(supplies)
    for demand, need in enumerate(needs):
        while need > 0:
            path = _Paths(demand, prices, flow).cheapest(spare)
            if not path:
                break
            need -= _push(path, need, spare, flow)
    return flow


class _Paths:
    """All cheapest ways from one demand to the supplies, over demands that could turn from one supply to another."""

    def __init__(self, start: int, prices: Prices, flow: Flow) -> None:
        self.start, self.prices, self.flow = start, prices, flow
        self.cost: dict[int, int] = {start: 0}
        self.gave_up: dict[int, int] = {}
        self.best: dict[int, int] = {}
        self.via: dict[int, int] = {}
        waiting = deque([start])
        while waiting:
            demand = waiting.popleft()
            for supply in self._reached(demand):
                waiting.extend(turned for turned in self._turned(supply) if turned not in waiting)

    def _reached(self, demand: int) -> list[int]:
        """Supplies that are now cheaper to reach, through this demand."""
        found = []
        for supply, price in enumerate(self.prices[demand]):
            if price is not None and (supply not in self.best or self.cost[demand] + price < self.best[supply]):
                self.best[supply], self.via[supply] = self.cost[demand] + price, demand
                found.append(supply)
        return found

    def _turned(self, supply: int) -> list[int]:
        """Demands that could give this supply up, now cheaper than known."""
        found = []
        for demand, used in self.flow:
            price = self.prices[demand][used] or 0
            if used == supply and self.best[supply] - price < self.cost.get(demand, self.best[supply] - price + 1):
                self.cost[demand], self.gave_up[demand] = self.best[supply] - price, supply
                found.append(demand)
        return found

    def cheapest(self, spare: Sequence[int]) -> list[tuple[int, int]]:
        """[(demand, supply it turns to), …] from the start to a supply with something left; [] where there is none."""
        ends = [(cost, supply) for supply, cost in self.best.items() if spare[supply] > 0]
        if not ends:
            return []
        supply = min(ends)[1]
        path = [(self.via[supply], supply)]
        while path[-1][0] != self.start:
            supply = self.gave_up[path[-1][0]]
            path.append((self.via[supply], supply))
        return path[::-1]


def _push(path: Sequence[tuple[int, int]], need: int, spare: list[int], flow: Flow) -> int:
    """Send as much as fits along the path; returns the pieces."""
    turns = [(path[n + 1][0], path[n][1]) for n in range(len(path) - 1)]
    pieces = min(need, spare[path[-1][1]], *(flow[turn] for turn in turns))
    for pair in path:
        flow[pair] = flow.get(pair, 0) + pieces
    for turn in turns:
        flow[turn] -= pieces
        if not flow[turn]:
            del flow[turn]
    spare[path[-1][1]] -= pieces
    return pieces
