"""Stock of the Inventory API: one quantity a SKU, from which all its offers sell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from connectors.ebay.client import BY_OFFSET, INVENTORY, ITEMS, Seller, said
from connectors.kit.stock.listings import StockByListing, one_by_one
from connectors.kit.stock.shown import Shown
from connectors.kit.values import Row, inside, rows_of, whole
from connectors.kit.wire.paging import asked, only
from hub.ports.channel import ListingOffer, StockAnswer, StockLine

BY_NUMBER = replace(BY_OFFSET, first=0)
"""Of inventory items the offset counts pages."""
READ, WRITE = f"{INVENTORY}/bulk_get_inventory_item", f"{INVENTORY}/bulk_update_price_quantity"


class Stock(StockByListing):
    """Listings and numbers of one seller."""

    at_once, by_sku = 25, "sku"

    def __init__(self, seller: Seller) -> None:
        self._call = seller.call

    def listings(self) -> Iterator[ListingOffer]:
        """Every inventory item; its SKU names it. Raises InvariantBroken where a page comes twice."""
        rows = BY_NUMBER.every(asked(self._call, ITEMS), "inventoryItems")
        return (_offer(str(row["sku"]), row) for row in rows if row.get("sku"))

    def rows(self, refs: Sequence[str]) -> Mapping[str, Row]:
        body = {"requests": [{"sku": sku} for sku in refs]}
        answers = rows_of(only(self._call("POST", READ, json=body, retry=True).data), "responses")
        return {str(row.get("sku")): row for row in answers if row.get("statusCode") == 200}

    def level(self, row: Row, line: StockLine) -> Shown:
        return Shown(_quantity(row.get("inventoryItem")))

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        """One call a SKU, as eBay asks for it; each says what became of it."""
        return one_by_one(lines, self._write)

    def _write(self, at: int, line: StockLine) -> StockAnswer | None:
        """Why it was refused; None where it was taken."""
        number = {"sku": self.ref_of(line), "shipToLocationAvailability": {"quantity": line.available}}
        answer = self._call("POST", WRITE, json={"requests": [number]}, accept={400})
        told = next(iter(rows_of(answer.data, "responses")), answer.data)
        if answer.status != 400 and inside(told, "statusCode") in {None, 200, 204}:
            return None
        return StockAnswer(line.listing_ref, False, f"eBay refused it: {said(told) or 'no reason given'}")


def _offer(sku: str, row: Row) -> ListingOffer:
    product = row.get("product")
    codes = [str(code) for name in ("ean", "upc") for code in inside(product, name) or () if code]
    return ListingOffer(sku, sku, inside(product, "title"), next(iter(codes), None), _quantity(row), {"sku": sku})


def _quantity(item: Row | None) -> int | None:
    """The number that ships to homes, over all offers and warehouses."""
    return whole(inside(item, "availability", "shipToLocationAvailability", "quantity"), "quantity")
