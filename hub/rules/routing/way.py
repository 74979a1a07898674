"""A strategy made ready for one batch: what does not depend on the order, kept by address and by SKU."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from hub.canonical.lazy import lazy
from hub.rules.routing.address import Address
from hub.rules.routing.bill import Lane, Prices
from hub.rules.routing.policies import Criterion, Estimate
from hub.rules.routing.ranking import (
    FIXED,
    PARCEL_MEASURES,
    Measure,
    Ranking,
    fewest_first,
    measure_of,
    singles_first,
    values_of,
)
from hub.rules.routing.ruleset import Strategy
from hub.rules.routing.stock import Stock
from hub.rules.routing.tariff import Tariff, by_lane
from hub.rules.routing.words import Demand


class Way:
    """How one strategy looks at the stock of a batch."""

    def __init__(self, strategy: Strategy, stock: Stock) -> None:
        self.strategy, self.stock = strategy, stock
        self.criteria = _criteria(strategy, stock)
        self.names = tuple(criterion.by for criterion in self.criteria)
        self.fixed = FIXED.issuperset(self.names)
        self.by_cost = "cost" in self.names
        self.singles_first, self.fewest_first = singles_first(self.names), fewest_first(self.names)
        leftover = strategy.leftover
        self.priced = self.by_cost and leftover.unfilled_piece is not None
        self.dearest = leftover.unfilled_piece if self.priced else None
        self.split_cost = strategy.objective.split * strategy.objective.weight("split") // 1000
        self.prices = Prices(strategy.objective, stock)
        self.rates = by_lane(stock.snapshot.rates)
        self._watches_capacity = "capacity_left" in self.names or (self.by_cost and strategy.objective.capacity > 0)
        self._views: dict[Hashable, View] = {}
        self._tariffs: dict[Hashable, Tariff] = {}
        self._shelves: dict[str, list[int]] = {}

    def view(self, demand: Demand) -> View:
        """What the strategy knows of the order's address."""
        key = (demand.point, demand.country, demand.excluded, demand.pinned, demand.zones, demand.deliver_by)
        found = self._views.get(key)
        if found is None:
            found = self._views[key] = View(self, self._address(demand))
        return found

    def _address(self, demand: Demand) -> Address:
        objective = self.strategy.objective
        only_rates = self.by_cost and objective.estimate == Estimate() and objective.weight("shipping") > 0
        return Address(self.stock, self.strategy.filters, self.rates, demand, only_rates)

    def limit(self, demand: Demand, places: int) -> int:
        """At most so many parcels for this order."""
        most = 1 if demand.together else self.strategy.split.most or places
        return min(most, places)

    def tariff(self, address: Address, at: int) -> Tariff:
        """Kept for all addresses in one zone with one deadline; without rates it depends on the distance."""
        rates = address.rates_of(at)
        if not rates:
            return address.tariff(at, self.prices.objective)
        key = (at, rates[0].zone, address.demand.deliver_by)
        found = self._tariffs.get(key)
        if found is None:
            found = self._tariffs[key] = address.tariff(at, self.strategy.objective)
        return found

    def shelf(self, sku: str) -> list[int]:
        """What a piece costs by place, apart from sending it."""
        found = self._shelves.get(sku)
        if found is None:
            found = self._shelves[sku] = self.prices.shelf(sku)
        return found

    def reset(self) -> None:
        """The stock is the snapshot again."""
        self._shelves.clear()
        if self.stock.snapshot.capacity:
            self._views.clear()

    def given(self, skus: frozenset[str], booked: bool) -> None:
        """Forget what takes of these SKUs changed, and what a booked capacity changed."""
        if booked:
            full = any(limit is not None and limit[0] < 1 for limit in self.stock.capacity)
            if full or self._watches_capacity:
                self._views.clear()
        if self._shelves and self.strategy.objective.stockout:
            for sku in skus:
                self._shelves.pop(sku, None)


class View:
    """One address under one strategy."""

    def __init__(self, way: Way, address: Address) -> None:
        self.way, self.address = way, address

    @lazy
    def ranking(self) -> Ranking:
        """Of a strategy whose criteria do not depend on what is ordered."""
        return ranking_of(self.way, self.address, {}, {})

    @lazy
    def order(self) -> list[int]:
        """The places that may serve, best first."""
        columns = [values for row in self.way.criteria if (values := values_of(row, self.address, {})) is not None]
        keys = list(zip(*columns, self.way.stock.indices, strict=True))
        return sorted(self.address.open, key=keys.__getitem__)

    @lazy
    def lane(self) -> Lane:
        return Lane(self.address, self.way.prices, lambda at: self.way.tariff(self.address, at))


def ranking_of(way: Way, address: Address, needs: Mapping[str, int], more: Mapping[str, Measure]) -> Ranking:
    """The strategy's ranking for an order that wants `needs`; `more` measures what only the order knows."""
    measures = {**PARCEL_MEASURES, **more}
    rows = [(criterion, values_of(criterion, address, needs)) for criterion in way.criteria]
    return Ranking(way.names, [measure_of(criterion, values, measures) for criterion, values in rows])


def _criteria(strategy: Strategy, stock: Stock) -> tuple[Criterion, ...]:
    """Those that may tell two places apart."""
    rows = (Criterion("cost"),) if strategy.search == "cheapest" else strategy.criteria
    if not stock.moved:
        rows = tuple(row for row in rows if row.by != "full_day")
    if not strategy.split.fewest:
        return rows
    return (Criterion("fewest_parcels"), *(row for row in rows if row.by != "fewest_parcels"))
