"""Listings and stock: absolute numbers, read before they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.kit.http import Api
from connectors.kit.stock import AbsoluteStock, Shown
from connectors.kit.values import text_id, whole
from hub.canonical.errors import InvariantBroken
from hub.ports.channel import ListingOffer, StockAnswer, StockLine


class Stock(AbsoluteStock):
    """`GET /products` by page or by ids; `PUT /products/{id}/stock` writes one number."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def listings(self) -> Iterator[ListingOffer]:
        """Every product, page by page. Raises InvariantBroken where a page comes twice."""
        page, more, before = 1, True, list[Any]()
        while more:
            data = self._api.call("GET", "/products", params={"page": str(page)}).data
            if data["products"] and data["products"] == before:
                raise InvariantBroken(f"page {page} of the products came twice")
            yield from (_offer(row) for row in data["products"])
            page, more, before = page + 1, bool(data["more"]), data["products"]

    def shown(self, lines: Sequence[StockLine]) -> Mapping[int, Shown]:
        """Place in `lines` -> the number that the shop shows; products it does not know are missing."""
        if not lines:
            return {}
        query = {"ids": ",".join(sorted({line.listing_ref for line in lines}))}
        rows = self._api.call("GET", "/products", params=query).data["products"]
        stock = {text_id(row["id"]): whole(row["stock"], "stock") for row in rows}
        return {at: Shown(stock[line.listing_ref]) for at, line in enumerate(lines) if line.listing_ref in stock}

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> Mapping[int, StockAnswer]:
        """One call a number. A product that vanished meanwhile gets its answer; the others are read back."""
        answers = {}
        for at, line in lines.items():
            path = f"/products/{line.listing_ref}/stock"
            answer = self._api.call("PUT", path, json={"stock": line.available}, retry=True, accept={404})
            if answer.status == 404:
                answers[at] = StockAnswer(line.listing_ref, False, "the shop has no such listing")
        return answers


def _offer(row: Mapping[str, Any]) -> ListingOffer:
    return ListingOffer(
        text_id(row["id"]), row["sku"], row["title"], row["barcode"] or None, whole(row["stock"], "stock")
    )
