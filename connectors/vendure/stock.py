"""Listings and stock at one location. Vendure keeps what is on hand and what is allocated; on sale is the difference.

What is written is on hand, so that a sale between reading and writing, which Vendure allocates, still lowers what is on
sale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.kit.feed import offset_pages
from connectors.kit.listings import StockByListing, all_refused
from connectors.kit.stock import Shown
from connectors.vendure.client import GraphQL
from connectors.vendure.documents import SET_STOCK, VARIANTS
from hub.canonical.errors import NotFound
from hub.ports.channel import ListingOffer, StockAnswer, StockLine

UNTRACKED, TRACKED = "FALSE", "TRUE"
Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Level(Shown):
    """What a variant shows at the location; on hand is `number + allocated`."""

    allocated: int = 0
    tracked: bool = True


class Stock(StockByListing):
    """Listings and numbers of one shop.

    Args: location: gives the id of the stock location to write to.
    """

    def __init__(self, graph: GraphQL, location: Callable[[], str]) -> None:
        self._graph, self._location = graph, location

    def listings(self) -> Iterator[ListingOffer]:
        """Every variant; `available` is what is on sale at our location."""
        place = self._location()
        for node in (node for nodes, _ in offset_pages(self._page, "products") for node in nodes):
            sku, title = node["sku"].strip() or None, node["name"].strip() or None
            level = _level(node, place)
            yield ListingOffer(str(node["id"]), sku, title, available=level.number, place={"location_id": place})

    def _page(self, skip: int) -> tuple[Sequence[Node], int]:
        found = self._asked({"take": self.at_once, "skip": skip, "sort": {"id": "ASC"}})
        return found["items"], found["totalItems"]

    def _asked(self, options: Mapping[str, Any]) -> Any:
        return self._graph.query(VARIANTS, {"options": options})["productVariants"]

    def rows(self, refs: Sequence[str]) -> Mapping[str, Node]:
        found = self._asked({"take": self.at_once, "filter": {"id": {"in": refs}}})["items"]
        return {str(node["id"]): node for node in found}

    def level(self, row: Node, line: StockLine) -> _Level:
        """What is on sale at the line's location."""
        return _level(row, self._place(line))

    def _place(self, line: StockLine) -> str:
        return line.place.get("location_id") or self._location()

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        """One mutation for all lines: Vendure takes all of them or none."""
        update = [_update(line, self._place(line), shown[at]) for at, line in lines.items()]
        try:
            nodes = self._graph.mutate(SET_STOCK, {"input": update}, absolute=True)
        except NotFound as error:
            return all_refused(lines, str(error), retry=True)
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
