"""Prices the stock for the orders that are expected, off the hot path; the router reads the prices where rules ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from hub.canonical.errors import Misconfigured
from hub.rules.bid_forecast import HORIZON, MOST_FUTURES, Sold, forecast, regions_of
from hub.rules.bid_market import Market, Pair, Region
from hub.rules.routing import Demand, Ruleset, Strategy
from hub.rules.routing_needs import Need, needs
from hub.store.bid_prices import read_sold, read_supply, write_prices
from hub.store.places import point_of
from hub.store.routing_snapshot import read_world, zones_of
from hub.store.rulesets import read_ruleset
from hub.store.tables import rulesets
from hub.store.versions import lock
from hub.usecases.context import Context

CELL_DEGREES = 2
"""Addresses of one country, one shipping zone and one cell of so many degrees are priced as one region."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be priced: the market, the orders of its possible futures, and the pieces there are."""

    market: Market
    futures: tuple[tuple[float, ...], ...]
    supply: Mapping[Pair, int]


def refresh_bid_prices(ctx: Context) -> int:
    """Compute the bid prices anew where the active ruleset asks for them; returns how many stock rows have one.

    The stock and the orders are read in one short transaction, the program is solved outside of any, and the prices are
    written in another: nobody waits for it.

    Raises: Misconfigured: the extra "optimize" is not installed. InvariantBroken: the solver failed.
    """
    with ctx.db.read() as db:
        ruleset = read_ruleset(db)
        strategy = pricing_strategy(ruleset)
        if strategy is None:
            return 0
        question = _question(db, ruleset, strategy, ctx.clock())
    prices = _solve(question)
    with ctx.db.write() as db:
        lock(db, rulesets)  # two that refresh at once write one after the other
        write_prices(db, prices, ctx.clock())
    return len(prices)


def pricing_strategy(ruleset: Ruleset) -> Strategy | None:
    """The first strategy that looks at bid prices; its costs are what they are computed with."""
    alone = ((strategy, Ruleset(ruleset.version, strategies=(strategy,))) for strategy in ruleset.strategies)
    return next((strategy for strategy, only in alone if Need.PRICES in needs(only)), None)


def _question(db: Connection, ruleset: Ruleset, strategy: Strategy, now: datetime) -> Question:
    supply = read_supply(db)
    world = read_world(db, {}, (), ruleset, now, lock=False)
    codes = [place.code for place in world.snapshot.places]
    past = read_sold(db, now - MOST_FUTURES * HORIZON)
    cells: dict[object, int] = {}
    addresses: list[Demand] = []
    sold = []
    for row in past.rows:
        address = Demand("", (), row.country, point_of(row), zones=zones_of(world.known.zones, codes, row))
        region = cells.setdefault(_cell(address), len(addresses))
        if region == len(addresses):
            addresses.append(address)
        if row.id in past.pieces:
            sold.append(Sold(region, row.came_at, tuple(past.pieces[row.id]), past.every))
    expected = forecast(sold, now)
    wanted = {sku for basket in expected.baskets for sku, _ in basket.pieces}
    carried = frozenset(pair for pair in supply if pair[1] in wanted)
    regions: tuple[Region, ...] = regions_of(strategy, world.snapshot, addresses)
    return Question(Market(tuple(sorted(codes)), regions, expected.baskets, carried), expected.futures, supply)


def _cell(address: Demand) -> object:
    point = address.point
    cell = None if point is None else (point.lat // CELL_DEGREES, point.lon // CELL_DEGREES)
    return address.country, address.zones, cell


def _solve(question: Question) -> dict[Pair, int]:
    if not question.market.carried:
        return {}
    try:
        from hub.rules.bid_prices import price_stock
    except ImportError:
        told = 'bid prices need the extra "optimize": run pip install "stockline[optimize]"'
        raise Misconfigured(told) from None
    return price_stock(question.market, question.supply, question.futures)
