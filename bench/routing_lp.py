"""How long pricing the stock of a large company takes: 1,000 SKUs in 10 warehouses, 5,000 different orders expected."""

from __future__ import annotations

import time
from collections import Counter

import numpy as np

from bench.registry import Figure
from bench.routing_runs import QUICK, Scale
from hub.rules.bid_market import Basket, Market, Pair, Region
from hub.rules.bid_prices import price_stock

SKUS, PLACES, REGIONS, ORDERS = 1_000, 10, 40, 5_000
LINES = ((1, 0.35), (2, 0.22), (3, 0.18), (4, 0.12), (5, 0.08), (6, 0.05))
"""(different SKUs, share of the orders)."""

ROUNDS = 5


def company(seed: int) -> tuple[Market, dict[Pair, int]]:
    """A market whose SKUs sell by a power law, and a stock that on average lasts 1.1 horizons."""
    chance = np.random.default_rng(seed)
    codes = tuple(f"W{at}" for at in range(PLACES))
    regions = tuple(_region(chance) for _ in range(REGIONS))
    weights = np.arange(1, SKUS + 1) ** -0.8
    baskets = tuple(_basket(chance, weights / weights.sum()) for _ in range(ORDERS))
    wanted = Counter[str]()
    for basket in baskets:
        wanted.update(dict(basket.pieces))
    pairs = [(code, f"sku-{at}") for code in codes for at in range(SKUS)]
    stock = {pair: int(chance.poisson(1.1 * wanted[pair[1]] / PLACES)) for pair in pairs}
    return Market(codes, regions, baskets, frozenset(pairs)), stock


def _region(chance: np.random.Generator) -> Region:
    units = tuple(int(unit) for unit in chance.integers(500_000, 2_000_000, PLACES))
    return Region((8_759_000,) * PLACES, units, 20_000_000, 50_000_000)


def _basket(chance: np.random.Generator, weights: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Basket:
    lines = int(chance.choice([n for n, _ in LINES], p=[share for _, share in LINES]))
    skus = sorted(int(at) for at in chance.choice(SKUS, lines, replace=False, p=weights))
    return Basket(int(chance.integers(REGIONS)), tuple((f"sku-{at}", 1) for at in skus), 1.0)


def lp_seconds(scale: Scale) -> Figure:
    """Wall-clock seconds of building and solving the program, per round."""
    market, stock = company(1)
    taken = []
    for _ in range(1 if scale.instances <= QUICK.instances else ROUNDS):
        began = time.perf_counter()
        prices = price_stock(market, stock, [[basket.orders for basket in market.baskets]])
        taken.append(time.perf_counter() - began)
    return Figure(tuple(taken), {"pairs": len(market.carried), "orders": ORDERS, "prices": len(prices)})
