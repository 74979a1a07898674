"""Stock of the Inventory API: one quantity a SKU, from which all its offers sell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.ebay.client import INVENTORY, ITEMS, Row, Seller, one, rows, said
from connectors.kit.stock import AbsoluteStock, Shown
from connectors.kit.values import whole
from hub.canonical.errors import InvariantBroken
from hub.ports.channel import ListingOffer, StockAnswer, StockLine

PAGE, AT_ONCE = 200, 25
READ, WRITE = f"{INVENTORY}/bulk_get_inventory_item", f"{INVENTORY}/bulk_update_price_quantity"


class Stock(AbsoluteStock):
    """Listings and numbers of one seller."""

    def __init__(self, seller: Seller) -> None:
        self._seller = seller

    def listings(self) -> Iterator[ListingOffer]:
        """Every inventory item; its SKU names it. Raises InvariantBroken where a page comes twice."""
        page, total, seen = 0, 1, set[str]()
        while len(seen) < total:
            query = {"limit": str(PAGE), "offset": str(page)}  # the offset counts pages here
            data = one(self._seller.call("GET", ITEMS, params=query), "getInventoryItems")
            fresh = {str(row["sku"]): row for row in rows(data, "inventoryItems") if row.get("sku")}
            if seen & fresh.keys():
                raise InvariantBroken(f"page {page} of the inventory items came twice")
            yield from (_offer(sku, row) for sku, row in fresh.items())
            seen |= fresh.keys()
            page, total = page + 1, whole(data.get("total"), "total") or 0
            if not fresh:
                return

    def shown(self, lines: Sequence[StockLine]) -> Mapping[int, Shown]:
        skus = sorted({_sku(line) for line in lines if _sku(line)})
        items = dict[str, Row]()
        for start in range(0, len(skus), AT_ONCE):
            body = {"requests": [{"sku": sku} for sku in skus[start : start + AT_ONCE]]}
            data = one(self._seller.call("POST", READ, json=body, retry=True), "bulkGetInventoryItem")
            items |= {str(row.get("sku")): row for row in rows(data, "responses") if row.get("statusCode") == 200}
        return {
            at: Shown(_quantity(items[_sku(line)].get("inventoryItem")))
            for at, line in enumerate(lines)
            if _sku(line) in items
        }

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        """One call a SKU, as eBay asks for it; each says what became of it."""
        told = {at: self._write(line) for at, line in lines.items()}
        return {at: answer for at, answer in told.items() if answer}

    def _write(self, line: StockLine) -> StockAnswer | None:
        """Why it was refused; None where it was taken."""
        number = {"sku": _sku(line), "shipToLocationAvailability": {"quantity": line.available}}
        answer = self._seller.call("POST", WRITE, json={"requests": [number]}, accept={400})
        data = answer.data if isinstance(answer.data, Mapping) else {}
        told = next(iter(rows(data, "responses")), data)
        if answer.status != 400 and told.get("statusCode") in {None, 200, 204}:
            return None
        return StockAnswer(line.listing_ref, False, f"eBay refused it: {said(told) or 'no reason given'}")


def _sku(line: StockLine) -> str:
    return line.place.get("sku") or line.sku or ""


def _offer(sku: str, row: Row) -> ListingOffer:
    told = row.get("product")
    product = told if isinstance(told, Mapping) else {}
    codes = [str(code) for name in ("ean", "upc") for code in product.get(name) or () if code]
    return ListingOffer(sku, sku, product.get("title"), next(iter(codes), None), _quantity(row), {"sku": sku})


def _quantity(item: Row | None) -> int | None:
    """The number that ships to homes, over all offers and warehouses."""
    availability = item.get("availability") if item else None
    shipped = availability.get("shipToLocationAvailability") if isinstance(availability, Mapping) else None
    return whole(shipped.get("quantity"), "quantity") if isinstance(shipped, Mapping) else None
