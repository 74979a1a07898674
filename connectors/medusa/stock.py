"""Listings and stock at one location: the hub's number is what may be sold, Medusa keeps what is stocked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from connectors.kit.stock.placed import StockAtPlace
from connectors.kit.stock.shown import Shown
from connectors.kit.values import Row, text_id
from connectors.kit.wire.http import Api
from connectors.kit.wire.paging import asked
from connectors.medusa.client import LIST
from hub.ports.channel import StockAnswer, StockLine

ITEMS = "/inventory-items"
FIELDS = {"order": "id", "fields": "id,sku,title,requires_shipping,*location_levels"}


class Stock(StockAtPlace):
    """Inventory items of one server. `location`: gives the id of the stock location to write to."""

    levels = ("location_levels", "location_id", "stocked_quantity", "reserved_quantity")
    at_once = 20
    """More values of one name are no list any more to the server's reader of queries."""

    def __init__(self, api: Api, location: Callable[[], str]) -> None:
        super().__init__(location)
        self._api = api

    def every(self) -> Iterator[Row]:
        return LIST.every(asked(self._api.call, ITEMS, FIELDS), "inventory_items")

    def rows(self, refs: Sequence[str]) -> Mapping[str, Row]:
        chosen = {f"id[{at}]": ref for at, ref in enumerate(refs)}
        found, _ = LIST.page(asked(self._api.call, ITEMS, {**FIELDS, **chosen}), "inventory_items")
        return {text_id(row.get("id")): row for row in found}

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        """One call for each number; an item that has no level at the location gets one. All are read back."""
        for at, line in lines.items():
            path, place = f"{ITEMS}/{line.listing_ref}/location-levels", self.place_of(line)
            body = {"stocked_quantity": self.to_lie(line, shown[at])}
            if shown[at].number is None:
                self._api.call("POST", path, json={**body, "location_id": place})
            else:
                self._api.call("POST", f"{path}/{place}", json=body)
        return {}
