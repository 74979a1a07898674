"""What an order costs from a set of places under the weighted objective, in micros, and of what that is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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

    def __init__(self, address: Address, objective: Objective, tariffs: Sequence[Tariff]) -> None:
        self.tariffs = tariffs
        places, stock = address.stock.places, address.stock
        self.handling = [place.per_order * objective.weight("handling") // 1000 for place in places]
        scale = objective.capacity * objective.weight("capacity") // 1000
        self.capacity = [
            scale * (limit[1] - limit[0]) // limit[1] if limit and limit[1] else 0 for limit in stock.capacity
        ]
        own = [handling + full for handling, full in zip(self.handling, self.capacity, strict=True)]
        self.base = [tariff.base + more for tariff, more in zip(tariffs, own, strict=True)]
        self.floor = [tariff.floor + more for tariff, more in zip(tariffs, own, strict=True)]
        self.each = [tariff.each for tariff in tariffs]
        self.floor_each = [tariff.floor_each for tariff in tariffs]
        self.per_kg = [tariff.per_kg for tariff in tariffs]
        self.by_weight = any(self.per_kg)
        self.light = min([tariffs[at].light for at in address.open], default=-1)
        self.open = address.open
        self.two = sum(sorted(self.floor[at] for at in self.open)[:2]) if len(self.open) > 1 else ENDLESS * 1000


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
        shipping, late = self.lane.tariffs[at].parcel(self._weight(load), units)
        return shipping + late + self.lane.handling[at] + self.lane.capacity[at] - self.lane.floor_each[at] * units

    def _weight(self, load: Sequence[int]) -> int:
        return sum([n * weight for n, weight in zip(load, self.weights, strict=True)])

    def shipping(self, loads: Loads) -> dict[str, int]:
        """The parts that belong to parcels: shipping, lateness, handling and capacity."""
        parts = dict.fromkeys(COSTS, 0)
        for at, load in loads.items():
            shipping, late = self.lane.tariffs[at].parcel(self._weight(load), sum(load))
            by_weight = [n * (self.lane.per_kg[at] * g // 1000) for n, g in zip(load, self.weights, strict=True)]
            parts["shipping"] += shipping + sum(by_weight)
            parts["lateness"] += late
            parts["handling"] += self.lane.handling[at]
            parts["capacity"] += self.lane.capacity[at]
        return parts


class Shelf:
    """What giving a piece of a SKU costs a place, apart from sending it: handling, bid price, risk to run out."""

    def __init__(self, stock: Stock, objective: Objective, sku: str) -> None:
        self.stock, self.objective, self.sku = stock, objective, sku

    def row(self) -> list[int]:
        """Micros of a piece, by place index."""
        return [sum(prices) for prices in zip(self.handling(), self.scarcity(), self.stockout(), strict=True)]

    def handling(self) -> list[int]:
        weight = self.objective.weight("handling")
        return [place.per_unit * weight // 1000 for place in self.stock.places]

    def scarcity(self) -> list[int]:
        prices, weight = self.stock.snapshot.prices, self.objective.weight("scarcity")
        return [prices.get((code, self.sku), 0) * weight // 1000 for code in self.stock.codes]

    def stockout(self) -> list[int]:
        """In proportion to how far the stock lasts less than the days it should."""
        scale = self.objective.stockout * self.objective.weight("stockout") // 1000
        speed, days = self.stock.snapshot.velocity, self.objective.stockout_days
        if not scale or not speed:
            return [0] * len(self.stock.codes)
        sells = [speed.get((code, self.sku), 0) * days for code in self.stock.codes]
        return [
            scale * max(0, wanted - left * 1000) // wanted if wanted else 0
            for wanted, left in zip(sells, self.stock.left(self.sku), strict=True)
        ]
