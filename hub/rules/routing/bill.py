"""What an order costs from a set of places under the weighted objective, in micros, and of what that is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from hub.rules.routing.address import Address
from hub.rules.routing.policies import COSTS, Objective
from hub.rules.routing.stock import Stock
from hub.rules.routing.tariff import ENDLESS, Tariff

Loads = Mapping[int, Sequence[int]]
"""Place index -> pieces per wanted SKU."""


class Lane:
    """The prices of all places for one address. Lists go by place index; `light`: see `Tariff`.

    two: what two parcels cost at least before their pieces; without end where only one place may serve.
    """

    def __init__(self, address: Address, prices: Prices, tariff: Callable[[int], Tariff]) -> None:
        self.open, self.prices = address.open, prices
        self._tariff, self._known = tariff, dict[int, Tariff]()
        if address.rates:
            tariffs = [self.tariff(at) for at in range(len(address.hm))]
            self.each = [tariff.each for tariff in tariffs]
            self.floor_each = [tariff.floor_each for tariff in tariffs]
            self.per_kg = [tariff.per_kg for tariff in tariffs]
            base, floor = [tariff.base for tariff in tariffs], [tariff.floor for tariff in tariffs]
            self.light = min([tariffs[at].light for at in address.open], default=-1)
        else:
            base, self.each = prices.estimated(address)
            floor, self.floor_each = base, self.each
            self.per_kg, self.light = [prices.per_kg] * len(base), ENDLESS
        own = prices.own(address)
        self.base = [price + more for price, more in zip(base, own, strict=True)]
        self.floor = [price + more for price, more in zip(floor, own, strict=True)]
        self.by_weight = any(self.per_kg)
        self.two = sum(sorted([self.floor[at] for at in self.open])[:2]) if len(self.open) > 1 else ENDLESS * 1000

    def tariff(self, at: int) -> Tariff:
        found = self._known.get(at)
        if found is None:
            found = self._known[at] = self._tariff(at)
        return found


class Prices:
    """What the objective says of all orders, weighted."""

    def __init__(self, objective: Objective, stock: Stock) -> None:
        self.objective, self.stock = objective, stock
        self.shipping, handling = objective.weight("shipping"), objective.weight("handling")
        self.late = objective.late * objective.weight("lateness") // 1000
        self.scarcity = objective.weight("scarcity")
        self.full = objective.capacity * objective.weight("capacity") // 1000
        self.risk = objective.stockout * objective.weight("stockout") // 1000
        self.per_kg = objective.estimate.per_kg * self.shipping // 1000
        self.handling = [place.per_order * handling // 1000 for place in stock.places]
        self.per_unit = [place.per_unit * handling // 1000 for place in stock.places]
        self.plain = not any(self.per_unit) and not self.risk

    def estimated(self, address: Address) -> tuple[list[int], list[int]]:
        """(parcel, piece) by place, lateness included, where no rates are known."""
        estimate, shipping = self.objective.estimate, self.shipping
        base = [(estimate.base + estimate.per_km * hm // 10) * shipping // 1000 for hm in address.hm]
        each = [(estimate.per_unit + estimate.per_unit_km * hm // 10) * shipping // 1000 for hm in address.hm]
        if self.late and address.demand.deliver_by:
            late = [self.late * address.days_late(place, 0) for place in self.stock.places]
            base = [price + more for price, more in zip(base, late, strict=True)]
        return base, each

    def own(self, address: Address) -> list[int]:
        """Of a parcel, apart from sending it."""
        full = self.capacity()
        return self.handling if full is None else [a + b for a, b in zip(self.handling, full, strict=True)]

    def capacity(self) -> list[int] | None:
        """In proportion to how full a place is; None where that costs nothing."""
        if not self.full or not self.stock.snapshot.capacity:
            return None
        limits = self.stock.capacity
        return [self.full * (limit[1] - limit[0]) // limit[1] if limit and limit[1] else 0 for limit in limits]

    def shelf(self, sku: str) -> list[int]:
        """What giving a piece costs, apart from sending it: handling, bid price, risk to run out."""
        scarcity = self.bid(sku)
        if self.plain:
            return scarcity
        return [sum(prices) for prices in zip(self.per_unit, scarcity, self.stockout(sku), strict=True)]

    def bid(self, sku: str) -> list[int]:
        prices, weight = self.stock.snapshot.prices, self.scarcity
        if not prices:
            return [0] * len(self.stock.codes)
        found = [prices.get((code, sku), 0) for code in self.stock.codes]
        return found if weight == 1000 else [price * weight // 1000 for price in found]

    def stockout(self, sku: str) -> list[int]:
        """In proportion to how far the stock lasts less than the days it should."""
        speed, days = self.stock.snapshot.velocity, self.objective.stockout_days
        if not self.risk or not speed:
            return [0] * len(self.stock.codes)
        sells = [speed.get((code, sku), 0) * days for code in self.stock.codes]
        return [
            self.risk * max(0, wanted - left * 1000) // wanted if wanted else 0
            for wanted, left in zip(sells, self.stock.left(sku), strict=True)
        ]


class Bill:
    """The prices of one order. `fixed`: of a parcel, `unit`: of a piece per SKU; both by place index.

    stepped: the parcels' weights matter: then `fixed` and `unit` are what they cost at least, and `total` is exact.
    """

    def __init__(
        self, lane: Lane, pieces: Sequence[Sequence[int]], weights: Sequence[int], needs: Sequence[int]
    ) -> None:
        self.lane, self.weights, self.rows = lane, weights, pieces
        weight = sum([each * need for each, need in zip(weights, needs, strict=True)])
        self.stepped = weight > lane.light
        self.fixed, each = (lane.floor, lane.floor_each) if self.stepped else (lane.base, lane.each)
        self.unit = [self._unit(row, each, weight) for row, weight in zip(pieces, weights, strict=True)]

    def _unit(self, row: Sequence[int], each: Sequence[int], weight_g: int) -> list[int]:
        if self.lane.by_weight and weight_g:
            row = [price + kg * weight_g // 1000 for price, kg in zip(row, self.lane.per_kg, strict=True)]
        return [price + add for price, add in zip(row, each, strict=True)]

    def total(self, loads: Loads, split: int) -> int:
        """Exact cost of the parcels; `split`: micros of each parcel after the first."""
        total = split * (len(loads) - 1) if loads else 0
        for at, load in loads.items():
            total += sum([n * row[at] for n, row in zip(load, self.unit, strict=True)])
            total += self.fixed[at] if not self.stepped else self._exact_parcel(at, load)
        return total

    def _exact_parcel(self, at: int, load: Sequence[int]) -> int:
        """The parcel itself, less what `unit` already counts for its pieces."""
        units = sum(load)
        shipping, late = self.lane.tariff(at).parcel(self._weight(load), units)
        own = self.fixed[at] - self.lane.tariff(at).floor
        return shipping + late + own - self.lane.floor_each[at] * units

    def _weight(self, load: Sequence[int]) -> int:
        return sum([n * weight for n, weight in zip(load, self.weights, strict=True)])

    def shipping(self, loads: Loads) -> dict[str, int]:
        """The parts that belong to parcels: shipping, lateness, handling and capacity."""
        parts, full = dict.fromkeys(COSTS, 0), self.lane.prices.capacity()
        for at, load in loads.items():
            shipping, late = self.lane.tariff(at).parcel(self._weight(load), sum(load))
            by_weight = [n * (self.lane.per_kg[at] * g // 1000) for n, g in zip(load, self.weights, strict=True)]
            parts["shipping"] += shipping + sum(by_weight)
            parts["lateness"] += late
            parts["handling"] += self.lane.prices.handling[at]
            parts["capacity"] += full[at] if full else 0
        return parts
