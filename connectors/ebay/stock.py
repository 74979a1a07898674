"""Stock of the Inventory API: one quantity a SKU, from which all its offers sell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.ebay.client import INVENTORY, ITEMS, Seller, one, said
from connectors.kit.listings import StockByListing, one_by_one
from connectors.kit.stock import Shown
from connectors.kit.values import Row, inside, rows_of, whole
from hub.canonical.errors import InvariantBroken
from hub.ports.channel import ListingOffer, StockAnswer, StockLine

PAGE = 200
READ, WRITE = f"{INVENTORY}/bulk_get_inventory_item", f"{INVENTORY}/bulk_update_price_quantity"


class Stock(StockByListing):
    """Listings and numbers of one seller."""

    at_once, by_sku = 25, "sku"

    def __init__(self, seller: Seller) -> None:
        self._seller = seller

    def listings(self) -> Iterator[ListingOffer]:
        """Every inventory item; its SKU names it. Raises InvariantBroken where a page comes twice."""
        page, total, seen = 0, 1, set[str]()
        while len(seen) < total:
            query = {"limit": str(PAGE), "offset": str(page)}  # the offset counts pages here
            data = one(self._seller.call("GET", ITEMS, params=query), "getInventoryItems")
            fresh = {str(row["sku"]): row for row in rows_of(data, "inventoryItems") if row.get("sku")}
            if seen & fresh.keys():
                raise InvariantBroken(f"page {page} of the inventory items came twice")
            yield from (_offer(sku, row) for sku, row in fresh.items())
            seen |= fresh.keys()
            page, total = page + 1, whole(data.get("total"), "total") or 0
            if not fresh:
                return

    def rows(self, refs: Sequence[str]) -> Mapping[str, Row]:
        body = {"requests": [{"sku": sku} for sku in refs]}
        data = one(self._seller.call("POST", READ, json=body, retry=True), "bulkGetInventoryItem")
        return {str(row.get("sku")): row for row in rows_of(data, "responses") if row.get("statusCode") == 200}

    def level(self, row: Row, line: StockLine) -> Shown:
        return Shown(_quantity(row.get("inventoryItem")))

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        """One call a SKU, as eBay asks for it; each says what became of it."""
        return one_by_one(lines, self._write)

    def _write(self, at: int, line: StockLine) -> StockAnswer | None:
        """Why it was refused; None where it was taken."""
        number = {"sku": self.ref_of(line), "shipToLocationAvailability": {"quantity": line.available}}
        answer = self._seller.call("POST", WRITE, json={"requests": [number]}, accept={400})
        data = answer.data if isinstance(answer.data, Mapping) else {}
        told = next(iter(rows_of(data, "responses")), data)
        if answer.status != 400 and told.get("statusCode") in {None, 200, 204}:
            return None
        return StockAnswer(line.listing_ref, False, f"eBay refused it: {said(told) or 'no reason given'}")


def _offer(sku: str, row: Row) -> ListingOffer:
    product = row.get("product")
    codes = [str(code) for name in ("ean", "upc") for code in inside(product, name) or () if code]
    return ListingOffer(sku, sku, inside(product, "title"), next(iter(codes), None), _quantity(row), {"sku": sku})


def _quantity(item: Row | None) -> int | None:
    """The number that ships to homes, over all offers and warehouses."""
    return whole(inside(item, "availability", "shipToLocationAvailability", "quantity"), "quantity")
