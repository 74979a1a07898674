"""Listings and stock at one location: Vendure keeps what is on hand and what of it is allocated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.kit.stock.listings import all_refused
from connectors.kit.stock.placed import Level, StockAtPlace
from connectors.kit.stock.shown import Shown
from connectors.kit.values import Row
from connectors.vendure.client import LIST, GraphQL
from connectors.vendure.documents import SET_STOCK, VARIANTS
from hub.canonical.errors import NotFound
from hub.ports.channel import StockAnswer, StockLine


class Stock(StockAtPlace):
    """Variants of one shop. `location`: gives the id of the stock location to write to."""

    levels = ("stockLevels", "stockLocationId", "stockOnHand", "stockAllocated")
    title = "name"

    def __init__(self, graph: GraphQL, location: Callable[[], str]) -> None:
        super().__init__(location)
        self._graph = graph

    def every(self) -> Iterator[Row]:
        return LIST.every(self._graph.lists(VARIANTS, "productVariants", {"sort": {"id": "ASC"}}), "items")

    def rows(self, refs: Sequence[str]) -> Mapping[str, Row]:
        found, _ = LIST.page(self._graph.lists(VARIANTS, "productVariants", {"filter": {"id": {"in": refs}}}), "items")
        return {str(node["id"]): node for node in found}

    def at(self, row: Row, place: str) -> Level:
        """One without tracking shows no number."""
        level = super().at(row, place)
        return level if row["trackInventory"] != "FALSE" else replace(level, number=None)

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        """One mutation for all lines: Vendure takes all of them or none."""
        update = [self._update(line, shown[at]) for at, line in lines.items()]
        try:
            nodes = self._graph.mutate(SET_STOCK, {"input": update}, absolute=True)
        except NotFound as error:
            return all_refused(lines, str(error), retry=True)
        now = {str(node["id"]): node for node in nodes if node}
        told = {at: now[line.listing_ref] for at, line in lines.items() if line.listing_ref in now}
        right = {
            at: lines[at] for at, node in told.items() if self.level(node, lines[at]).number == lines[at].available
        }
        return {at: StockAnswer(line.listing_ref, True, seen=line.available) for at, line in right.items()}

    def _update(self, line: StockLine, shown: Shown) -> dict[str, Any]:
        """A variant without tracking is tracked from now on."""
        row = {"stockLocationId": self.place_of(line), "stockOnHand": self.to_lie(line, shown)}
        tracked = not isinstance(shown, Level) or shown.row is None or shown.row["trackInventory"] != "FALSE"
        return {"id": line.listing_ref, "stockLevels": [row]} | ({} if tracked else {"trackInventory": "TRUE"})
