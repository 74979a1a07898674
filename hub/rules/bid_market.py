"""The words of bid prices: what orders are still expected, what serving them costs, and what the stock is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Pair = tuple[str, str]
"""(warehouse, sku)."""


@dataclass(frozen=True, slots=True)
class Region:
    """Where orders go, and what serving it costs, in micros.

    parcel, unit:  by place, in the order of `Market.places`: of each parcel from there and of each piece in it;
                   None = the place does not ship there.
    missing_order, missing_unit: what leaving pieces of an order out costs, once and for each piece.
    """

    parcel: tuple[int | None, ...]
    unit: tuple[int, ...]
    missing_order: int
    missing_unit: int


@dataclass(frozen=True, slots=True)
class Basket:
    """Orders that are alike: the region's index, (sku, pieces >= 1) with each SKU once, and how many are expected."""

    region: int
    pieces: tuple[tuple[str, int], ...]
    orders: float


@dataclass(frozen=True, slots=True)
class Market:
    """The orders of a horizon. `carried`: which place keeps which SKU at all; nothing else is ever given."""

    places: tuple[str, ...]
    regions: tuple[Region, ...]
    baskets: tuple[Basket, ...]
    carried: frozenset[Pair]


@dataclass(frozen=True, slots=True)
class Priced:
    """What the stock is worth for these orders.

    prices: (warehouse, sku) -> micros that one piece more would save; only those above 0.
    cost:   what the best fractional plan of all orders costs, in micros, over `orders`.
    bound:  no plan that keeps to the expected orders and the stock costs less; cost = bound at the optimum.
    rounds: how often baskets were offered new ways to be served.
    """

    prices: Mapping[Pair, int]
    cost: float
    bound: float
    rounds: int
