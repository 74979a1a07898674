"""What to move or buy so that orders that wait for stock can be filled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from hub.canonical.geo import Point
from hub.rules.distance import distances_hm, hm_to_km
from hub.rules.routing import Place
from hub.rules.routing.flow import match

Spot = tuple[str, str]
"""(warehouse, SKU)"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Pieces of one SKU that an order waits for, and where they are to go."""

    order_id: int
    sku: str
    pieces: int
    country: str | None = None
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Move `quantity` pieces from `source` to `destination`, or buy them for it (source None).

    orders: those that wait there for this SKU. km: the way, None where it is not known.
    """

    kind: Literal["transfer", "purchase"]
    sku: str
    source: str | None
    destination: str
    quantity: int
    orders: tuple[int, ...]
    km: float | None = None


@dataclass(frozen=True, slots=True)
class Supply:
    """Stock as the proposals see it, in pieces, never below 0; a spot that is missing has none.

    free:    may be promised there: on hand, less reserved, damaged, held and safety; expired lots left out.
    needed:  of the free pieces, those that the place will sell itself soon.
    coming:  on the way there already: transfers, purchases.
    """

    free: Mapping[Spot, int]
    needed: Mapping[Spot, int]
    coming: Mapping[Spot, int]


def propose(backlog: Sequence[Backlog], places: Sequence[Place], supply: Supply) -> tuple[Proposal, ...]:
    """Fill the backlog: by transfers from where there is a surplus, and by purchases for the rest.

    Args:    backlog: in the order in which it is served. places: every warehouse, also those that are switched off or
                      do not serve the region: their surplus may be moved.
    Returns: by SKU, source and destination. An order's pieces are brought to the nearest active place that serves it,
             less what such places have free or coming. No place gives more than its surplus: what is free and not
             needed by itself. The place whose order is oldest gets as much as can be, then the next, and of all such
             ways the transfers of a SKU take the one with the fewest piece-kilometers. An order that no place serves
             gets no proposal.
    """
    found: list[Proposal] = []
    by_sku: dict[str, list[Backlog]] = defaultdict(list)
    for line in backlog:
        by_sku[line.sku].append(line)
    for sku, lines in sorted(by_sku.items()):
        found += _for_sku(sku, lines, places, supply)
    return tuple(found)


def _for_sku(sku: str, lines: Sequence[Backlog], places: Sequence[Place], supply: Supply) -> list[Proposal]:
    left = {place.code: supply.free.get((place.code, sku), 0) for place in places}
    coming = {place.code: supply.coming.get((place.code, sku), 0) for place in places}
    needs: dict[str, int] = defaultdict(int)
    orders: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        serving = _serving(line, places)
        need = _taken_from(left, serving, _taken_from(coming, serving, line.pieces))
        if need and serving:
            needs[serving[0]] += need
            orders[serving[0]].append(line.order_id)
    spare = {code: min(left[code], _surplus(supply, code, sku)) for code in left}
    return _matched(sku, needs, orders, spare, {place.code: place for place in places})


def _serving(line: Backlog, places: Sequence[Place]) -> list[str]:
    """Active places that serve the order, nearest first."""
    able = [place for place in places if place.active and _serves(place, line.country)]
    ways = distances_hm([place.point for place in able], line.point)
    ranked = sorted(zip(ways, able, strict=True), key=lambda pair: (pair[0], pair[1].priority, pair[1].code))
    return [place.code for _, place in ranked]


def _serves(place: Place, country: str | None) -> bool:
    return not place.ships_to or country is None or country in place.ships_to


def _taken_from(left: dict[str, int], codes: Sequence[str], need: int) -> int:
    """Take from these places what they have; returns what is still needed."""
    for code in codes:
        take = min(left[code], need)
        left[code] -= take
        need -= take
    return need


def _surplus(supply: Supply, code: str, sku: str) -> int:
    return max(0, supply.free.get((code, sku), 0) - supply.needed.get((code, sku), 0))


def _matched(
    sku: str, needs: Mapping[str, int], orders: Mapping[str, list[int]], spare: Mapping[str, int],
    places: Mapping[str, Place],
) -> list[Proposal]:  # fmt: skip
    """The cheapest way to bring the spare pieces to the places that need them; the rest is bought."""
    targets, sources = list(needs), sorted(code for code, pieces in spare.items() if pieces)
    way = [distances_hm([places[source].point for source in sources], places[target].point) for target in targets]
    prices = [[None if source == target else way[t][s] for s, source in enumerate(sources)]
              for t, target in enumerate(targets)]  # fmt: skip
    flow = match([needs[target] for target in targets], [spare[source] for source in sources], prices)
    found = [
        Proposal("transfer", sku, sources[s], targets[t], pieces, tuple(orders[targets[t]]), hm_to_km(way[t][s]))
        for (t, s), pieces in flow.items()
    ]
    found.sort(key=lambda each: (each.source or "", each.destination))
    for t, target in enumerate(targets):
        rest = needs[target] - sum(pieces for (to, _), pieces in flow.items() if to == t)
        if rest:
            found.append(Proposal("purchase", sku, None, target, rest, tuple(orders[target])))
    return found
