"""Listings and stock of multi-source inventory: the hub's number is what may be sold, Magento keeps what lies there.

What may be sold (salable) is the quantity of all sources less what open orders reserve. To let the shop sell a number,
the hub moves the quantity of its source by the difference: reservations and other sources stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from connectors.kit.stock.listings import StockByListing
from connectors.kit.stock.shown import Shown
from connectors.kit.values import Row, inside, rows_of, text_id, whole, words
from connectors.kit.wire.http import Api
from connectors.kit.wire.jobs import wait_for
from connectors.magento.client import chosen, criteria, search, search_all
from hub.canonical.amounts import exact
from hub.canonical.told import told
from hub.ports.channel import ListingOffer, StockAnswer, StockLine

PRODUCTS, SOURCE_ITEMS = "/V1/products", "/V1/inventory/source-items"
IN_STOCK, OUT_OF_STOCK = 1, 0
UNMANAGED = told("Magento keeps no stock of it: switch on Manage Stock in the product's Advanced Inventory")
DONE, TRY_AGAIN, WAITING = 1, 2, 4
"""Operations of a bulk call: complete, failed but worth another try, open; the others failed."""


class Stock(StockByListing):
    """Listings and numbers of one website and one source."""

    by_sku = "sku"
    unmoved = told(
        "written, but the shop still sells by the former number: set the index mode of Inventory to Update on Save"
    )

    def __init__(self, api: Api, website: str, source: str, *, bulk: bool) -> None:
        self._api, self._source, self._bulk = api, source, bulk
        self._salable_path = f"/V1/inventory/export-stock-salable-qty/website/{website}"

    def listings(self) -> Iterator[ListingOffer]:
        """Simple products, variants of configurable ones among them; the others hold no stock that ships."""
        for page in search_all(self._api, PRODUCTS, criteria("type_id", "simple", sort="entity_id")):
            salable = self.rows([str(row.get("sku") or "") for row in page])
            for row in page:
                ref, sku, title = text_id(row.get("id")), str(row.get("sku") or ""), words(row.get("name"))
                number = whole(inside(salable.get(sku), "qty"), "qty")
                yield ListingOffer(ref, sku, title, None, number, {"sku": sku})

    def rows(self, refs: Sequence[str]) -> Mapping[str, Row]:
        """sku -> what the website may sell of it; SKUs that its stock does not have are missing."""
        pages = (search(self._api, self._salable_path, criteria("sku", *some))[0] for some in chosen(refs))
        return {str(row.get("sku")): row for page in pages for row in page}

    def level(self, row: Row, line: StockLine) -> Shown:
        number = whole(row.get("qty"), "qty")
        return Shown(number, UNMANAGED if number is None else "")

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        """Move the quantity of our source by what is missing of each number."""
        held = self._held([self.ref_of(line) for line in lines.values()])
        wanted = {
            at: held.get(self.ref_of(line), Decimal(0)) + line.available - (shown[at].number or 0)
            for at, line in lines.items()
        }
        refused = {at: _too_low(lines[at], quantity) for at, quantity in wanted.items() if quantity < 0}
        items = {at: self._item(lines[at], quantity) for at, quantity in wanted.items() if quantity >= 0}
        if items and not self._bulk:
            self._api.call("POST", SOURCE_ITEMS, json={"sourceItems": list(items.values())})
        failed = self._in_bulk(items) if items and self._bulk else {}
        return refused | {at: _refusal(lines[at], operation) for at, operation in failed.items()}

    def _item(self, line: StockLine, quantity: Decimal) -> Row:
        status = IN_STOCK if quantity > 0 else OUT_OF_STOCK
        return {"sku": self.ref_of(line), "source_code": self._source, "quantity": quantity, "status": status}

    def _in_bulk(self, items: Mapping[int, Row]) -> dict[int, Row]:
        """One operation each, through the queue; gives those that were not done, as far as the queue told."""
        body = [{"sourceItems": [item]} for item in items.values()]
        sent = self._api.call("POST", f"/async/bulk{SOURCE_ITEMS}", json=body).data
        path = f"/V1/bulk/{sent['bulk_uuid']}/detailed-status"
        told = wait_for(
            lambda: rows_of(self._api.call("GET", path).data["operations_list"]),
            lambda operations: all(row.get("status") != WAITING for row in operations),
        )
        by_place = {row.get("id"): row for row in told}
        operations = {at: by_place.get(place, {}) for place, at in enumerate(items)}
        return {at: row for at, row in operations.items() if row.get("status") != DONE}

    def _held(self, skus: Sequence[str]) -> dict[str, Decimal]:
        """sku -> quantity in our source, as far as it counts (one that is out of stock counts nothing)."""
        found: dict[str, Decimal] = {}
        for value, condition in chosen(skus):
            query = criteria("sku", value, condition, "source_item_id")
            for page in search_all(self._api, SOURCE_ITEMS, query):
                ours = (row for row in page if row.get("source_code") == self._source and row.get("status") == IN_STOCK)
                found |= {str(row.get("sku")): exact(row.get("quantity"), "quantity") for row in ours}
        return found


def _too_low(line: StockLine, quantity: Decimal) -> StockAnswer:
    why = (
        f"other sources hold more than the hub lets the shop sell: ours would be {quantity}; lower them, or take them "
        "out of the website's stock"
    )
    return StockAnswer(line.listing_ref, False, why)


def _refusal(line: StockLine, operation: Row) -> StockAnswer:
    status = operation.get("status", WAITING)
    if status == WAITING:
        why = "Magento's queue has not come to it; are the queue consumers running?"
        return StockAnswer(line.listing_ref, False, why, retry=True)
    said = str(operation.get("result_message") or "no reason given")[:300]
    return StockAnswer(line.listing_ref, False, told(f"the shop refused it: {said}"), retry=status == TRY_AGAIN)
