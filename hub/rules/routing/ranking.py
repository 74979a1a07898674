"""How sets of places compare under the criteria of a strategy: one tuple per set, less is better, no two alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from hub.rules.routing.address import Address
from hub.rules.routing.policies import Criterion

Places = tuple[int, ...]
"""Indices of places, ascending; places are sorted by code, so comparing indices compares codes."""

Rank = tuple[tuple[int, ...], int, Places]
"""The criteria's measures, then the number of parcels, then the places: a total order, less is better."""

Measure = Callable[[Places], int]

LOST_BY = {
    "full_coverage": "more_parcels",
    "fewest_parcels": "more_parcels",
    "priority": "lower_priority",
    "distance": "farther",
    "cost": "dearer",
    "availability": "covers_smaller_share",
    "ships_on": "ships_later",
    "full_day": "ships_later",
    "weeks_of_supply": "shorter_supply",
    "stock_balance": "less_stock",
    "capacity_left": "less_capacity",
}
PARCELS = frozenset({"full_coverage", "fewest_parcels"})
SUMS = frozenset({"priority", "distance"})
FIXED = frozenset({*PARCELS, *SUMS, "ships_on", "capacity_left"})
"""Criteria that do not depend on what is ordered, only on the address."""

UNKNOWN_DAY = 10**7
ANY_NUMBER = 10**9


class Ranking:
    """The criteria in their order, each with its measure of a set of places."""

    def __init__(self, names: Sequence[str], measures: Sequence[Measure]) -> None:
        self.names, self.measures = tuple(names), tuple(measures)
        self._singles: dict[Places, Rank] = {}

    def rank(self, chosen: Places) -> Rank:
        """Where a set of places stands among sets that cover the same."""
        if len(chosen) != 1:
            return tuple([measure(chosen) for measure in self.measures]), len(chosen), chosen
        found = self._singles.get(chosen)
        if found is None:
            found = self._singles[chosen] = tuple([measure(chosen) for measure in self.measures]), 1, chosen
        return found

    def lost_by(self, loser: Places, winner: Places) -> str:
        """Why `loser` ranks behind `winner` when both cover the same."""
        (mine, my_size, _), (best, best_size, _) = self.rank(loser), self.rank(winner)
        for name, one, other in zip(self.names, mine, best, strict=True):
            if one != other:
                return LOST_BY[name]
        return "more_parcels" if my_size != best_size else "tie_by_code"


def singles_first(names: Sequence[str]) -> bool:
    """True when one place that gives everything always beats any combination."""
    return _before_places(names, PARCELS)


def fewest_first(names: Sequence[str]) -> bool:
    """True when fewer parcels always beat more."""
    return _before_places(names, frozenset({"fewest_parcels"}))


def _before_places(names: Sequence[str], parcels: frozenset[str]) -> bool:
    for name in names:
        if name in parcels:
            return True
        if name not in PARCELS:
            return False
    return True


def values_of(criterion: Criterion, address: Address, needs: Mapping[str, int]) -> list[int] | None:
    """The criterion by place index, less is better; None where it is not a matter of single places."""
    make = _VALUES.get(criterion.by)
    return make(criterion.band, address, needs) if make else None


def measure_of(criterion: Criterion, values: Sequence[int] | None, others: Mapping[str, Measure]) -> Measure:
    """How a set of places measures: the sum or the worst of its places, or what the order itself knows of it."""
    if values is None:
        return others[criterion.by]
    if criterion.by in SUMS:
        return lambda chosen: sum([values[at] for at in chosen])
    return lambda chosen: max([values[at] for at in chosen])


PARCEL_MEASURES: Mapping[str, Measure] = {
    "full_coverage": lambda chosen: 1 if len(chosen) > 1 else 0,
    "fewest_parcels": len,
}


def _priority(band: int, address: Address, needs: Mapping[str, int]) -> list[int]:
    return [place.priority for place in address.stock.places]


def _distance(band: int, address: Address, needs: Mapping[str, int]) -> list[int]:
    return [hm // (band * 10) for hm in address.hm] if band else address.hm


def _ships_on(band: int, address: Address, needs: Mapping[str, int]) -> list[int]:
    days = [place.ships_on for place in address.stock.places]
    return [day.toordinal() // (band or 1) if day else UNKNOWN_DAY for day in days]


def _full_day(band: int, address: Address, needs: Mapping[str, int]) -> list[int]:
    """The ship days where one of the places that have something of it was moved by a full day; else none before others.

    A day that only the calendar makes late is the rules' own business: it counts where a place has to be compared with
    one that sends later than it could.
    """
    stock = address.stock
    moved = [at for at in address.open if stock.places[at].moved_from]
    if any(stock.left(sku)[at] > 0 for at in moved for sku in needs):
        return _ships_on(band, address, needs)
    return [0] * len(stock.places)


def _capacity_left(band: int, address: Address, needs: Mapping[str, int]) -> list[int]:
    return [-limit[0] if limit else -ANY_NUMBER for limit in address.stock.capacity]


def _stock_balance(band: int, address: Address, needs: Mapping[str, int]) -> list[int]:
    return [-sum(column) for column in zip(*(address.stock.left(sku) for sku in needs), strict=True)]


def _weeks_of_supply(band: int, address: Address, needs: Mapping[str, int]) -> list[int]:
    """Hundredths of a week, negative so that more is better; 1 where no SKU sells at a known speed."""
    stock = address.stock
    rows = [(sku, stock.left(sku)) for sku in needs]
    speed = stock.snapshot.velocity
    weeks = []
    for at, code in enumerate(stock.codes):
        known = [(row[at], speed[code, sku]) for sku, row in rows if speed.get((code, sku))]
        weeks.append(-min((left * 100_000 // (sells * 7) for left, sells in known), default=-1))
    return weeks


_VALUES: Mapping[str, Callable[[int, Address, Mapping[str, int]], list[int]]] = {
    "priority": _priority,
    "distance": _distance,
    "ships_on": _ships_on,
    "full_day": _full_day,
    "capacity_left": _capacity_left,
    "stock_balance": _stock_balance,
    "weeks_of_supply": _weeks_of_supply,
}
