"""Listings and stock at one location: the hub's number is what may be sold, Medusa keeps what is stocked.

What may be sold is what is stocked less what open orders reserve. So the hub writes its number and what is reserved
beside it: reservations stay, and an order between reading and writing still lowers what may be sold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.kit.http import Api
from connectors.kit.listings import StockByListing
from connectors.kit.paging import asked
from connectors.kit.stock import Shown
from connectors.kit.values import Row, rows_of, text_id, whole, words
from connectors.medusa.client import LIST
from hub.ports.channel import ListingOffer, StockAnswer, StockLine

ITEMS = "/inventory-items"
FIELDS = {"order": "id", "fields": "id,sku,title,requires_shipping,*location_levels"}


@dataclass(frozen=True, slots=True)
class _Level(Shown):
    """What an inventory item shows at the location: stocked is `number + reserved`."""

    reserved: int = 0


class Stock(StockByListing):
    """Listings and numbers of one server. `location`: gives the id of the stock location to write to."""

    at_once = 20
    """More values of one name are no list any more to the server's reader of queries."""

    def __init__(self, api: Api, location: Callable[[], str]) -> None:
        self._api, self._location = api, location

    def listings(self) -> Iterator[ListingOffer]:
        """Every inventory item; `available` is what may be sold from our location."""
        place = self._location()
        for row in LIST.every(asked(self._api.call, ITEMS, FIELDS), "inventory_items"):
            number = _level(row, place).number
            sku, title = words(row.get("sku")), words(row.get("title"))
            yield ListingOffer(text_id(row.get("id")), sku, title, None, number, {"location_id": place})

    def rows(self, refs: Sequence[str]) -> Mapping[str, Row]:
        chosen = {f"id[{at}]": ref for at, ref in enumerate(refs)}
        found, _ = LIST.page(asked(self._api.call, ITEMS, {**FIELDS, **chosen}), "inventory_items")
        return {text_id(row.get("id")): row for row in found}

    def level(self, row: Row, line: StockLine) -> _Level:
        """What may be sold from the line's location."""
        return _level(row, self._place(line))

    def _place(self, line: StockLine) -> str:
        return line.place.get("location_id") or self._location()

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        """One call for each number; an item that has no level at the location gets one. All are read back."""
        for at, line in lines.items():
            level, place = shown[at], self._place(line)
            path = f"{ITEMS}/{line.listing_ref}/location-levels"
            reserved = level.reserved if isinstance(level, _Level) else 0
            body = {"stocked_quantity": line.available + reserved}
            if level.number is None:
                self._api.call("POST", path, json={**body, "location_id": place})
            else:
                self._api.call("POST", f"{path}/{place}", json=body)
        return {}


def _level(item: Row, place: str) -> _Level:
    levels = rows_of(item, "location_levels")
    row = next((row for row in levels if row.get("location_id") == place), None)
    if row is None:
        return _Level(None)
    reserved = whole(row.get("reserved_quantity"), "reserved_quantity") or 0
    stocked = whole(row.get("stocked_quantity"), "stocked_quantity") or 0
    return _Level(stocked - reserved, reserved=reserved)
