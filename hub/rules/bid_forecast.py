"""The orders that are expected, taken from the orders that came: each past horizon is one possible next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.rules.bid_market import Basket, Region
from hub.rules.routing.ruleset import Strategy
from hub.rules.routing.snapshot import Snapshot
from hub.rules.routing.stock import Stock
from hub.rules.routing.way import Way
from hub.rules.routing.words import Demand

HORIZON = timedelta(days=14)
"""So far ahead orders compete for the stock; later ones are served by stock that is not there yet."""

MOST_FUTURES = 4
LEAST_AGE = timedelta(days=1)
MISSING_FACTOR = 2
"""Where the rules do not say what leaving a piece out costs: twice its dearest way."""


@dataclass(frozen=True, slots=True)
class Sold:
    """Orders that came. region: index into the market's. pieces: (sku, pieces), each SKU once. orders: how many."""

    region: int
    placed_at: datetime
    pieces: tuple[tuple[str, int], ...]
    orders: int = 1


@dataclass(frozen=True, slots=True)
class Forecast:
    """baskets: with the orders that are expected in a horizon. futures: as `PriceModel.mean_prices` wants them."""

    baskets: tuple[Basket, ...]
    futures: tuple[tuple[float, ...], ...]


def forecast(sold: Sequence[Sold], now: datetime) -> Forecast:
    """What may come in the next `HORIZON`.

    Args:    sold: what came before `now`; in any order.
    Returns: one future for each whole horizon since the first order, at most `MOST_FUTURES`, the latest ones; where no
             whole one has passed, what came so far, in proportion.
    """
    if not sold:
        return Forecast((), ())
    age = max(LEAST_AGE, now - min(row.placed_at for row in sold))
    futures = min(MOST_FUTURES, max(1, age // HORIZON))
    stretch = max(1.0, HORIZON / age)
    index: dict[tuple[int, tuple[tuple[str, int], ...]], list[float]] = {}
    for row in sold:
        turn = max(timedelta(), now - row.placed_at) // HORIZON
        if turn < futures:
            came = index.setdefault((row.region, row.pieces), [0.0] * futures)
            came[turn] += row.orders * stretch
    baskets = tuple(Basket(region, pieces, sum(came) / futures) for (region, pieces), came in index.items())
    return Forecast(baskets, tuple(zip(*index.values(), strict=True)))


def regions_of(strategy: Strategy, snapshot: Snapshot, addresses: Sequence[Demand]) -> tuple[Region, ...]:
    """What serving these addresses costs under a strategy: the planner's own parcels and pieces, before bid prices.

    Args: addresses: orders without pieces. Capacity counts as free: it is, before the horizon ends.
    """
    bare = Snapshot(snapshot.places, rates=snapshot.rates, as_of=snapshot.as_of)
    way = Way(strategy, Stock(bare))
    return tuple(_region(way, demand) for demand in addresses)


def _region(way: Way, demand: Demand) -> Region:
    view, leftover = way.view(demand), way.strategy.leftover
    lane, may_serve = view.lane, frozenset(view.address.open)
    parcel = tuple(base + way.split_cost if at in may_serve else None for at, base in enumerate(lane.base))
    unit = tuple(each + more for each, more in zip(lane.each, way.prices.per_unit, strict=True))
    if leftover.unfilled_piece is not None:
        return Region(parcel, unit, leftover.unfilled_order, leftover.unfilled_piece)
    dearest = max((cost for cost in parcel if cost is not None), default=0)
    return Region(parcel, unit, 0, MISSING_FACTOR * (dearest + max(unit, default=0)))
