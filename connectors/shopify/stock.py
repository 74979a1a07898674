"""Writes and reads the available number at one location: compare-and-set, in batches, one answer per line."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.shopify.client import GraphQL
from connectors.shopify.documents import SET_STOCK, VARIANTS, levels
from connectors.shopify.ids import gid, number
from hub.canonical.errors import BadRecord
from hub.ports.channel import ListingOffer, StockAnswer, StockLine, StockReading

ITEMS_A_QUERY, VARIANTS_A_PAGE = 50, 100
LINES_A_CALL = 250
ROUNDS = 4
INDEX = re.compile(r"\d+")
STALE = frozenset({"CHANGE_FROM_QUANTITY_STALE", "COMPARE_QUANTITY_STALE"})
AGAIN = frozenset({"IDEMPOTENCY_CONCURRENT_REQUEST", "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"})


@dataclass(frozen=True, slots=True)
class _Write:
    """One line on its way: `at` is its place in the answer, `expected` the number that must stand there."""

    at: int
    line: StockLine
    item: str
    location: str
    expected: int | None = None

    @property
    def spot(self) -> tuple[str, str]:
        return self.item, self.location


class StockDesk:
    """The available numbers of one shop.

    Args: location: gives the global id of the location to use where a line's place names none.
    """

    def __init__(self, graph: GraphQL, location: Callable[[], str]) -> None:
        self._graph, self._location = graph, location

    def listings(self) -> Iterator[ListingOffer]:
        """Every variant; `listing_ref` is the variant's number, `available` what stands at our location."""
        location = self._location()
        asked = {"first": VARIANTS_A_PAGE, "after": None, "location": location}
        for connection in self._graph.pages(VARIANTS, asked, "productVariants", ("first",)):
            yield from (_offer(node, location) for node in connection["nodes"])

    def push(self, lines: Sequence[StockLine]) -> tuple[StockAnswer, ...]:
        """Write absolute numbers. A line whose number was changed by somebody else is answered as stale."""
        answers: dict[int, StockAnswer] = {}
        waiting = [write for at, line in enumerate(lines) if (write := self._write(at, line, answers))]
        while waiting:
            batch, waiting = _batch(waiting)
            self._push_batch(batch, answers)
        return tuple(answers[at] for at in range(len(lines)))

    def _write(self, at: int, line: StockLine, answers: dict[int, StockAnswer]) -> _Write | None:
        try:
            return _Write(at, line, *self._spot(line), line.last_sent)
        except BadRecord as error:
            answers[at] = StockAnswer(line.listing_ref, ok=False, why=f"{error}; pull the listings again")
            return None

    def _spot(self, line: StockLine) -> tuple[str, str]:
        item = gid("InventoryItem", line.place.get("inventory_item_id"), "place.inventory_item_id")
        named = line.place.get("location_id")
        return item, gid("Location", named, "place.location_id") if named else self._location()

    def _push_batch(self, batch: list[_Write], answers: dict[int, StockAnswer]) -> None:
        """Rounds of one mutation each: what Shopify refused is answered, the rest goes again."""
        batch = self._expecting(batch, answers)
        for attempt in range(ROUNDS):
            if not batch:
                return
            errors = self._set(batch, attempt)
            if not errors:
                _settle(batch, answers)
                return
            batch = self._after(errors, batch, answers)
        for write in batch:
            answers[write.at] = StockAnswer(write.line.listing_ref, ok=False, why="the number keeps moving", retry=True)

    def _expecting(self, batch: list[_Write], answers: dict[int, StockAnswer]) -> list[_Write]:
        """Read what stands there for the lines that the hub never wrote before."""
        unknown = [write for write in batch if write.expected is None]
        seen = self._levels(unknown)
        ready = []
        for write in batch:
            found = seen.get(write.spot) if write.expected is None else write.expected
            if found is None:
                answers[write.at] = _absent(write)
            else:
                ready.append(replace(write, expected=found))
        return ready

    def _set(self, batch: Sequence[_Write], attempt: int) -> list[Mapping[str, Any]]:
        quantities = [
            {
                "inventoryItemId": write.item,
                "locationId": write.location,
                "quantity": write.line.available,
                "changeFromQuantity": write.expected,
            }
            for write in batch
        ]
        variables = {
            "input": {"name": "available", "reason": "correction", "quantities": quantities},
            "key": _key(batch, attempt),
        }
        answer = self._graph.mutate(SET_STOCK, variables, keyed=True)["inventorySetQuantities"]
        return list(answer["userErrors"])

    def _after(
        self, errors: list[Mapping[str, Any]], batch: list[_Write], answers: dict[int, StockAnswer]
    ) -> list[_Write]:
        """Answer the lines that were refused; give back those worth another round (Shopify refuses all or none)."""
        codes = {str(error.get("code")) for error in errors}
        if codes & AGAIN:
            return batch
        named = {at: error for error in errors if (at := _index(error)) is not None and at < len(batch)}
        if not named and not codes & STALE:
            return _all_refused(errors, batch, answers)
        for at, error in named.items():
            if str(error.get("code")) not in STALE:
                answers[batch[at].at] = _refusal(batch[at], error)
        left = [write for write in batch if write.at not in answers]
        return self._without_stale(left, answers) if codes & STALE else left

    def _without_stale(self, batch: list[_Write], answers: dict[int, StockAnswer]) -> list[_Write]:
        """Read all numbers back: a line that already shows its number is done, one that moved is stale."""
        seen, good = self._levels(batch), []
        for write in batch:
            found = seen.get(write.spot)
            if found == write.expected:
                good.append(write)
            else:
                answers[write.at] = _absent(write) if found is None else _moved(write, found)
        return good

    def read(self, lines: Sequence[StockLine]) -> Iterator[StockReading]:
        """What the shop shows; None where the item is gone or not stocked at the location."""
        answers: dict[int, StockAnswer] = {}
        for start in range(0, len(lines), ITEMS_A_QUERY):
            part = lines[start : start + ITEMS_A_QUERY]
            writes = {at: write for at, line in enumerate(part) if (write := self._write(at, line, answers))}
            seen = self._levels(list(writes.values()))
            for at, line in enumerate(part):
                yield StockReading(line.listing_ref, seen.get(writes[at].spot) if at in writes else None)

    def _levels(self, writes: Sequence[_Write]) -> dict[tuple[str, str], int]:
        """(item, location) -> available, for those that are stocked there."""
        found: dict[tuple[str, str], int] = {}
        for location in dict.fromkeys(write.location for write in writes):
            items = list(dict.fromkeys(write.item for write in writes if write.location == location))
            for start in range(0, len(items), ITEMS_A_QUERY):
                found |= self._levels_at(location, items[start : start + ITEMS_A_QUERY])
        return found

    def _levels_at(self, location: str, items: Sequence[str]) -> dict[tuple[str, str], int]:
        variables = {"location": location} | {f"i{n}": item for n, item in enumerate(items)}
        data = self._graph.query(levels(len(items)), variables)
        shown = {item: available(data.get(f"i{n}")) for n, item in enumerate(items)}
        return {(item, location): number for item, number in shown.items() if number is not None}


def _offer(node: Mapping[str, Any], location: str) -> ListingOffer:
    item = node["inventoryItem"]
    return ListingOffer(
        listing_ref=number(node["id"], "id"),
        sku=node["sku"] or None,
        title=node["displayName"],
        barcode=node["barcode"] or None,
        available=available(item),
        place={
            "inventory_item_id": number(item["id"], "inventoryItem.id"),
            "location_id": number(location, "location_id"),
        },
    )


def _batch(waiting: list[_Write]) -> tuple[list[_Write], list[_Write]]:
    """At most 250 lines with no place twice, and the rest."""
    chosen: dict[tuple[str, str], _Write] = {}
    rest = []
    for write in waiting:
        if write.spot in chosen or len(chosen) == LINES_A_CALL:
            rest.append(replace(write, expected=None))
        else:
            chosen[write.spot] = write
    return list(chosen.values()), rest


def _key(batch: Sequence[_Write], attempt: int) -> str:
    """The same for the same lines, numbers and attempt: repeating a write that timed out gives its first result."""
    rows = sorted((write.line.key, write.item, write.location, write.line.available, write.expected) for write in batch)
    digest = hashlib.sha256(repr((attempt, rows)).encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


def _index(error: Mapping[str, Any]) -> int | None:
    """Which line of the batch an error's field path names: ["input", "quantities", "3", ...] -> 3."""
    path = [str(part) for part in error.get("field") or ()]
    return next((int(part) for part in path if INDEX.fullmatch(part)), None)


def available(item: Mapping[str, Any] | None) -> int | None:
    """The available number in an inventory item's answer; None where it is not stocked at the location."""
    level = (item or {}).get("inventoryLevel") or {}
    return next((int(row["quantity"]) for row in level.get("quantities", ()) if row["name"] == "available"), None)


def _settle(batch: Sequence[_Write], answers: dict[int, StockAnswer]) -> None:
    for write in batch:
        answers[write.at] = StockAnswer(write.line.listing_ref, ok=True, seen=write.line.available)


def _moved(write: _Write, found: int) -> StockAnswer:
    if found == write.line.available:
        return StockAnswer(write.line.listing_ref, ok=True, seen=found)
    why = f"Shopify shows {found}, expected {write.expected}"
    return StockAnswer(write.line.listing_ref, ok=False, why=why, stale=True, seen=found)


def _absent(write: _Write) -> StockAnswer:
    why = "the item is gone from Shopify, or not stocked at the location: stock it there, then pull the listings"
    return StockAnswer(write.line.listing_ref, ok=False, why=why)


def _refusal(write: _Write, error: Mapping[str, Any]) -> StockAnswer:
    return StockAnswer(write.line.listing_ref, ok=False, why=f"{error.get('message')} ({error.get('code')})")


def _all_refused(
    errors: Sequence[Mapping[str, Any]], batch: Sequence[_Write], answers: dict[int, StockAnswer]
) -> list[_Write]:
    for write in batch:
        answers[write.at] = _refusal(write, errors[0])
    return []
