"""Listings and stock at one location. Vendure keeps what is on hand and what is allocated; on sale is the difference.

It has no compare-and-set: the number shown is read before one is written. What is written is on hand, so that a sale
between reading and writing, which Vendure allocates, still lowers what is on sale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.kit.stock import settled
from connectors.vendure.client import GraphQL
from connectors.vendure.documents import SET_STOCK, VARIANTS
from hub.canonical.errors import InvariantBroken, NotFound
from hub.ports.channel import ListingOffer, StockAnswer, StockLine, StockReading

PER_PAGE = 100
TRACKED = "TRUE"
UNTRACKED = "FALSE"


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a variant shows at the location. available: None where its stock is not tracked, or not kept there."""

    available: int | None
    allocated: int
    tracked: bool


class StockDesk:
    """Listings and numbers of one shop.

    Args: location: gives the id of the stock location to write to.
    """

    def __init__(self, graph: GraphQL, location: Callable[[], str]) -> None:
        self._graph, self._location = graph, location

    def listings(self) -> Iterator[ListingOffer]:
        """Every variant; `available` is what is on sale at our location."""
        place = self._location()
        for node in self._pages():
            yield ListingOffer(
                listing_ref=str(node["id"]),
                sku=node["sku"].strip() or None,
                title=node["name"].strip() or None,
                available=_shown(node, place).available,
                place={"location_id": place},
            )

    def _pages(self) -> Iterator[Mapping[str, Any]]:
        """Every variant, by id. Raises InvariantBroken where a page comes twice."""
        skip, total, seen = 0, 1, set[str]()
        while skip < total:
            options = {"take": PER_PAGE, "skip": skip, "sort": {"id": "ASC"}}
            found = self._graph.query(VARIANTS, {"options": options})["productVariants"]
            fresh = [node for node in found["items"] if node["id"] not in seen]
            if found["items"] and not fresh:
                raise InvariantBroken(f"the products from number {skip} on came twice")
            seen.update(node["id"] for node in fresh)
            yield from fresh
            skip, total = skip + PER_PAGE, found["totalItems"]

    def push(self, lines: Sequence[StockLine]) -> tuple[StockAnswer, ...]:
        """Write absolute numbers. A line whose number was changed by somebody else is answered as stale."""
        shown = self._levels(lines)
        answers: dict[int, StockAnswer] = {}
        wanted: dict[int, StockLine] = {}
        for at, line in enumerate(lines):
            found = shown.get((line.listing_ref, self._place(line)))
            verdict = _gone(line) if found is None else settled(line, found.available)
            if verdict is None:
                wanted[at] = line
            else:
                answers[at] = verdict
        answers |= self._write(wanted, shown)
        return tuple(answers[at] for at in range(len(lines)))

    def _place(self, line: StockLine) -> str:
        return line.place.get("location_id") or self._location()

    def _write(
        self, wanted: Mapping[int, StockLine], shown: Mapping[tuple[str, str], _Shown]
    ) -> dict[int, StockAnswer]:
        """One mutation for all lines: Vendure takes all of them or none."""
        if not wanted:
            return {}
        spots = {at: (line.listing_ref, self._place(line)) for at, line in wanted.items()}
        update = [_update(line, spots[at][1], shown[spots[at]]) for at, line in wanted.items()]
        try:
            nodes = self._graph.mutate(SET_STOCK, {"input": update}, absolute=True)
        except NotFound as error:
            return {at: StockAnswer(line.listing_ref, False, str(error), retry=True) for at, line in wanted.items()}
        written = {str(node["id"]): node for node in nodes if node}
        return {at: _written(line, written.get(line.listing_ref), spots[at][1]) for at, line in wanted.items()}

    def read(self, lines: Sequence[StockLine]) -> Iterator[StockReading]:
        """What the shop shows, one reading per line."""
        shown = self._levels(lines)
        for line in lines:
            found = shown.get((line.listing_ref, self._place(line)))
            yield StockReading(line.listing_ref, found.available if found else None)

    def _levels(self, lines: Sequence[StockLine]) -> dict[tuple[str, str], _Shown]:
        """(variant, location) -> what it shows; variants that the shop does not have are missing."""
        asked = sorted({line.listing_ref for line in lines})
        places = {line.listing_ref: self._place(line) for line in lines}
        found: dict[tuple[str, str], _Shown] = {}
        for start in range(0, len(asked), PER_PAGE):
            part = asked[start : start + PER_PAGE]
            options = {"take": PER_PAGE, "filter": {"id": {"in": part}}}
            for node in self._graph.query(VARIANTS, {"options": options})["productVariants"]["items"]:
                place = places[str(node["id"])]
                found[str(node["id"]), place] = _shown(node, place)
        return found


def _shown(node: Mapping[str, Any], place: str) -> _Shown:
    tracked = node["trackInventory"] != UNTRACKED
    level = next((row for row in node["stockLevels"] if str(row["stockLocationId"]) == place), None)
    if level is None:
        return _Shown(None, 0, tracked)
    on_sale = level["stockOnHand"] - level["stockAllocated"]
    return _Shown(on_sale if tracked else None, level["stockAllocated"], tracked)


def _update(line: StockLine, place: str, shown: _Shown) -> dict[str, Any]:
    """On hand must be what is on sale and what is allocated; a variant without tracking is tracked from now on."""
    level = {"stockLocationId": place, "stockOnHand": line.available + shown.allocated}
    update: dict[str, Any] = {"id": line.listing_ref, "stockLevels": [level]}
    return update if shown.tracked else update | {"trackInventory": TRACKED}


def _gone(line: StockLine) -> StockAnswer:
    return StockAnswer(line.listing_ref, False, "the shop has no such listing")


def _written(line: StockLine, node: Mapping[str, Any] | None, place: str) -> StockAnswer:
    """A sale in between lowers what is on sale; the number that is seen then tells the hub."""
    if node is None:
        return StockAnswer(line.listing_ref, False, "the shop's answer does not name it", retry=True)
    seen = _shown(node, place).available
    if seen != line.available:
        return StockAnswer(line.listing_ref, False, f"after writing the shop shows {seen}", retry=True, seen=seen)
    return StockAnswer(line.listing_ref, True, seen=seen)
