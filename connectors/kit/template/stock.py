"""Listings and stock: absolute numbers, read before they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.kit.stock.listings import StockByListing, one_by_one
from connectors.kit.stock.shown import Shown
from connectors.kit.values import Row, inside, rows_of, text_id, whole, words
from connectors.kit.wire.http import Api
from connectors.kit.wire.paging import numbered_rows
from hub.ports.channel import ListingOffer, StockAnswer, StockLine


class Stock(StockByListing):
    """`GET /products` by page or by ids; `PUT /products/{id}/stock` writes one number."""

    at_once = 100

    def __init__(self, api: Api) -> None:
        self._api = api

    def listings(self) -> Iterator[ListingOffer]:
        """Every product, page by page. Raises InvariantBroken where a page comes twice."""
        return (_offer(row) for row in numbered_rows(self._page, "products"))

    def _page(self, number: int) -> tuple[list[Row], bool]:
        data = self._api.call("GET", "/products", params={"page": str(number)}).data
        return rows_of(data, "products"), bool(inside(data, "more"))

    def rows(self, refs: Sequence[str]) -> Mapping[str, Row]:
        """Listing -> its product; products that the shop does not know are missing."""
        data = self._api.call("GET", "/products", params={"ids": ",".join(refs)}).data
        return {text_id(row.get("id")): row for row in rows_of(data, "products")}

    def level(self, row: Row, line: StockLine) -> Shown:
        """What a product shows."""
        return Shown(whole(row.get("stock"), "stock"))

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        """One call a number, which is read back. A product that vanished meanwhile gets the shop's words as answer."""
        return one_by_one(lines, self._write)

    def _write(self, at: int, line: StockLine) -> None:
        path = f"/products/{line.listing_ref}/stock"
        self._api.call("PUT", path, json={"stock": line.available}, retry=True)


def _offer(row: Row) -> ListingOffer:
    number = whole(row.get("stock"), "stock")
    return ListingOffer(
        text_id(row.get("id")), words(row.get("sku")), words(row.get("title")), words(row.get("barcode")), number
    )
