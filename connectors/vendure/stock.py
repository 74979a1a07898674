"""Listings and stock at one location. Vendure keeps what is on hand and what is allocated; on sale is the difference.

What is written is on hand, so that a sale between reading and writing, which Vendure allocates, still lowers what is on
sale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.kit.stock import AbsoluteStock, Shown
from connectors.vendure.client import GraphQL
from connectors.vendure.documents import SET_STOCK, VARIANTS
from hub.canonical.errors import InvariantBroken, NotFound
from hub.ports.channel import ListingOffer, StockAnswer, StockLine

PER_PAGE = 100
UNTRACKED, TRACKED = "FALSE", "TRUE"
Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Level(Shown):
    """What a variant shows at the location; on hand is `number + allocated`."""

    allocated: int = 0
    tracked: bool = True


class Stock(AbsoluteStock):
    """Listings and numbers of one shop.

    Args: location: gives the id of the stock location to write to.
    """

    def __init__(self, graph: GraphQL, location: Callable[[], str]) -> None:
        self._graph, self._location = graph, location

    def listings(self) -> Iterator[ListingOffer]:
        """Every variant; `available` is what is on sale at our location."""
        place = self._location()
        for node in self._every_variant():
            sku, title = node["sku"].strip() or None, node["name"].strip() or None
            level = _level(node, place)
            yield ListingOffer(str(node["id"]), sku, title, available=level.number, place={"location_id": place})

    def _every_variant(self) -> Iterator[Node]:
        """By id. Raises InvariantBroken where a page comes twice."""
        skip, total, seen = 0, 1, set[str]()
        while skip < total:
            found = self._asked({"take": PER_PAGE, "skip": skip, "sort": {"id": "ASC"}})
            fresh = [node for node in found["items"] if node["id"] not in seen]
            if found["items"] and not fresh:
                raise InvariantBroken(f"the products from number {skip} on came twice")
            seen.update(node["id"] for node in fresh)
            yield from fresh
            skip, total = skip + PER_PAGE, found["totalItems"]

    def _asked(self, options: Mapping[str, Any]) -> Any:
        return self._graph.query(VARIANTS, {"options": options})["productVariants"]

    def shown(self, lines: Sequence[StockLine]) -> Mapping[int, _Level]:
        """What is on sale at each line's location."""
        refs = sorted({line.listing_ref for line in lines})
        parts = [refs[start : start + PER_PAGE] for start in range(0, len(refs), PER_PAGE)]
        pages = (self._asked({"take": PER_PAGE, "filter": {"id": {"in": part}}})["items"] for part in parts)
        found = {str(node["id"]): node for page in pages for node in page}
        return {
            at: _level(found[line.listing_ref], self._place(line))
            for at, line in enumerate(lines)
            if line.listing_ref in found
        }

    def _place(self, line: StockLine) -> str:
        return line.place.get("location_id") or self._location()

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        """One mutation for all lines: Vendure takes all of them or none."""
        update = [_update(line, self._place(line), shown[at]) for at, line in lines.items()]
        try:
            nodes = self._graph.mutate(SET_STOCK, {"input": update}, absolute=True)
        except NotFound as error:
            return {at: StockAnswer(line.listing_ref, False, str(error), retry=True) for at, line in lines.items()}
        now = {str(node["id"]): node for node in nodes if node}
        return {
            at: StockAnswer(line.listing_ref, True, seen=line.available)
            for at, line in lines.items()
            if line.listing_ref in now and _level(now[line.listing_ref], self._place(line)).number == line.available
        }


def _level(node: Node, place: str) -> _Level:
    tracked = node["trackInventory"] != UNTRACKED
    row = next((row for row in node["stockLevels"] if str(row["stockLocationId"]) == place), None)
    if row is None:
        return _Level(None, tracked=tracked)
    on_sale = row["stockOnHand"] - row["stockAllocated"]
    return _Level(on_sale if tracked else None, allocated=row["stockAllocated"], tracked=tracked)


def _update(line: StockLine, place: str, shown: Shown) -> dict[str, Any]:
    """On hand must be what is on sale and what is allocated; a variant without tracking is tracked from now on."""
    level = shown if isinstance(shown, _Level) else _Level(shown.number)
    row = {"stockLocationId": place, "stockOnHand": line.available + level.allocated}
    update: dict[str, Any] = {"id": line.listing_ref, "stockLevels": [row]}
    return update if level.tracked else update | {"trackInventory": TRACKED}
