"""Listings and stock of multi-source inventory: the hub's number is what may be sold, Magento keeps what lies there.

What may be sold (salable) is the quantity of all sources less what open orders reserve. To let the shop sell a number,
the hub moves the quantity of its source by the difference: reservations and other sources stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from connectors.kit.http import Api
from connectors.kit.jobs import wait_for
from connectors.kit.stock import settled
from connectors.kit.values import text_id, whole
from connectors.magento.client import Row, chosen, criteria, rows_of, search, search_all
from hub.canonical.amounts import exact
from hub.ports.channel import ListingOffer, StockAnswer, StockLine, StockReading

PRODUCTS, SOURCE_ITEMS = "/V1/products", "/V1/inventory/source-items"
IN_STOCK, OUT_OF_STOCK = 1, 0
DONE, TRY_AGAIN, WAITING = 1, 2, 4
"""Operations of a bulk call: complete, failed but worth another try, open; the others failed."""


class Stock:
    """Listings and numbers of one website and one source."""

    def __init__(self, api: Api, website: str, source: str, *, bulk: bool) -> None:
        self._api, self._source = api, source
        self._salable_path = f"/V1/inventory/export-stock-salable-qty/website/{website}"
        self._send = self._in_bulk if bulk else self._at_once

    def listings(self) -> Iterator[ListingOffer]:
        """Simple products, variants of configurable ones among them; the others hold no stock that ships."""
        for page in search_all(self._api, PRODUCTS, "type_id", "simple", sort="entity_id"):
            shown = self._salable([str(row.get("sku") or "") for row in page])
            for row in page:
                sku = str(row.get("sku") or "")
                yield ListingOffer(
                    text_id(row.get("id")), sku, str(row.get("name") or "") or None, None, shown.get(sku), {"sku": sku}
                )

    def read(self, listings: Sequence[StockLine]) -> Iterator[StockReading]:
        """What the shop may sell, one reading per line."""
        shown = self._salable([_sku(line) for line in listings])
        yield from (StockReading(line.listing_ref, shown.get(_sku(line))) for line in listings)

    def push(self, lines: Sequence[StockLine]) -> tuple[StockAnswer, ...]:
        """Write absolute numbers; one answer per line, in the same order, read back from the shop."""
        skus = [_sku(line) for line in lines]
        shown, held = self._salable(skus), self._held(skus)
        answers = {at: _verdict(line, shown.get(_sku(line))) for at, line in enumerate(lines)}
        moves = {
            at: held.get(_sku(line), Decimal(0)) + line.available - shown[_sku(line)]
            for at, line in enumerate(lines)
            if answers[at] is None
        }
        answers |= {at: _too_low(lines[at], quantity) for at, quantity in moves.items() if quantity < 0}
        moves = {at: quantity for at, quantity in moves.items() if quantity >= 0}
        answers |= self._written({at: (lines[at], quantity) for at, quantity in moves.items()}, shown)
        return tuple(answer for at in range(len(lines)) if (answer := answers[at]))

    def _written(
        self, moves: Mapping[int, tuple[StockLine, Decimal]], before: Mapping[str, int]
    ) -> dict[int, StockAnswer]:
        if not moves:
            return {}
        refused = self._send({at: self._item(line, quantity) for at, (line, quantity) in moves.items()})
        now = self._salable([_sku(line) for line, _ in moves.values()])
        return {
            at: _refusal(line, *refused[at])
            if at in refused
            else _read_back(line, now.get(_sku(line)), before[_sku(line)])
            for at, (line, _) in moves.items()
        }

    def _item(self, line: StockLine, quantity: Decimal) -> Row:
        status = IN_STOCK if quantity > 0 else OUT_OF_STOCK
        return {"sku": _sku(line), "source_code": self._source, "quantity": quantity, "status": status}

    def _at_once(self, items: Mapping[int, Row]) -> dict[int, tuple[str, bool]]:
        """One call for all of them; nothing is refused alone."""
        self._api.call("POST", SOURCE_ITEMS, json={"sourceItems": list(items.values())})
        return {}

    def _in_bulk(self, items: Mapping[int, Row]) -> dict[int, tuple[str, bool]]:
        """One operation each, through the queue; gives (why, worth another try) of those that were not done."""
        body = [{"sourceItems": [item]} for item in items.values()]
        sent = self._api.call("POST", f"/async/bulk{SOURCE_ITEMS}", json=body).data
        path = f"/V1/bulk/{sent['bulk_uuid']}/detailed-status"
        done = wait_for(
            lambda: {
                text_id(row.get("id")) or "0": row
                for row in rows_of(self._api.call("GET", path).data["operations_list"])
            },
            lambda found: all(row.get("status") != WAITING for row in found.values()),
        )
        results = [(at, done.get(str(place), {})) for place, at in enumerate(items)]
        return {at: _why(row) for at, row in results if row.get("status") != DONE}

    def _salable(self, skus: Sequence[str]) -> dict[str, int]:
        """sku -> what may be sold; SKUs that the website's stock does not have are missing."""
        found: dict[str, int] = {}
        for value, condition in chosen(skus):
            rows, _ = search(self._api, self._salable_path, criteria("sku", value, condition))
            numbers = ((str(row.get("sku")), whole(row.get("qty"), "qty")) for row in rows)
            found |= {sku: number for sku, number in numbers if number is not None}
        return found

    def _held(self, skus: Sequence[str]) -> dict[str, Decimal]:
        """sku -> quantity in our source, as far as it counts (one that is out of stock counts nothing)."""
        found: dict[str, Decimal] = {}
        for value, condition in chosen(skus):
            for page in search_all(self._api, SOURCE_ITEMS, "sku", value, condition, sort="source_item_id"):
                ours = (row for row in page if row.get("source_code") == self._source and row.get("status") == IN_STOCK)
                found |= {str(row.get("sku")): exact(row.get("quantity"), "quantity") for row in ours}
        return found


def _sku(line: StockLine) -> str:
    return line.place.get("sku") or line.sku or ""


def _verdict(line: StockLine, shown: int | None) -> StockAnswer | None:
    """The answer that needs no writing; None: write."""
    if shown is None:
        return StockAnswer(line.listing_ref, False, "the stock of this website has no such product")
    return settled(line, shown)


def _too_low(line: StockLine, quantity: Decimal) -> StockAnswer:
    why = (
        f"other sources hold more than the hub lets the shop sell: ours would be {quantity}; lower them, or take them "
        "out of the website's stock"
    )
    return StockAnswer(line.listing_ref, False, why)


def _why(operation: Row) -> tuple[str, bool]:
    status = operation.get("status", WAITING)
    if status == WAITING:
        return "Magento's queue has not come to it; are the queue consumers running?", True
    return (
        f"the shop refused it: {str(operation.get('result_message') or 'no reason given')[:300]}",
        status == TRY_AGAIN,
    )


def _refusal(line: StockLine, why: str, retry: bool) -> StockAnswer:
    return StockAnswer(line.listing_ref, False, why, retry=retry)


def _read_back(line: StockLine, seen: int | None, before: int) -> StockAnswer:
    """A number that did not move means that the index is behind: writing again would move it twice."""
    if seen == line.available:
        return StockAnswer(line.listing_ref, True, seen=seen)
    if seen == before:
        why = (
            "written, but the shop still sells by the former number: set the index mode of Inventory to Update on Save"
        )
        return StockAnswer(line.listing_ref, False, why, seen=seen)
    return StockAnswer(line.listing_ref, False, f"sold meanwhile: the shop shows {seen}", stale=True, seen=seen)
