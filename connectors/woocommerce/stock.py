"""Listings and stock: WooCommerce has no compare-and-set, so the number is read before it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.kit.stock.batches import StockInBatches
from connectors.kit.stock.listings import variant_title
from connectors.kit.stock.shown import Shown
from connectors.kit.values import Row, digits_of, label, rows_of, some_number, text_id
from connectors.kit.wire.arrays import answered
from connectors.kit.wire.http import Api
from connectors.woocommerce.feed import BY_ID, LIST
from hub.canonical.told import told
from hub.ports.channel import ListingOffer, StockLine

PRODUCTS = "/wc/v3/products"
LISTING_FIELDS = {**BY_ID, "_fields": "id,name,type,sku,global_unique_id,manage_stock,stock_quantity"}
STOCK_FIELDS = {"per_page": str(LIST.size), "_fields": "id,manage_stock,stock_quantity"}
BY_PARENT = told("its stock is kept on the product; switch on Manage stock for the variation")
SOLD_AS_THEY_ARE = frozenset({"grouped", "external", "variable"})


class Stock(StockInBatches):
    """Listings and numbers of one shop; products are told together, variations by their product."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def listings(self) -> Iterator[ListingOffer]:
        """Simple products and variations; grouped and external products hold no stock of their own."""
        for row in self._every(PRODUCTS):
            if row.get("type") == "variable":
                variations = self._every(f"{PRODUCTS}/{text_id(row.get('id'))}/variations")
                yield from (self._offer(row, variation) for variation in variations)
            elif row.get("type") not in SOLD_AS_THEY_ARE:
                yield self._offer(row, None)

    def _every(self, path: str) -> Iterator[Row]:
        return LIST.every(answered(self._api.call, path, LISTING_FIELDS), path)

    def _offer(self, product: Row, variation: Row | None) -> ListingOffer:
        row, title = product if variation is None else variation, label(product.get("name"))
        shown, ref = self.level(row), text_id(row.get("id"))
        place = {"product_id": text_id(product.get("id")), "variation_id": "" if variation is None else ref}
        name, barcode = variant_title(title, label(row.get("name"))), label(row.get("global_unique_id"))
        number = None if shown.refused else shown.number
        return ListingOffer(ref, label(row.get("sku")), name, barcode, number, place)

    def ref_of(self, line: StockLine) -> str:
        """The id of the thing that holds the number; "" where it is no number."""
        return digits_of(line.place.get("variation_id") or line.listing_ref)

    def place_of(self, line: StockLine) -> str:
        """The list of products, or that of the variations of one."""
        variation, product = line.place.get("variation_id"), line.place.get("product_id", "")
        return f"{PRODUCTS}/{product}/variations" if variation and product.isdigit() else PRODUCTS

    def asked(self, place: str, refs: Sequence[str]) -> Mapping[str, Row]:
        answer = self._api.call("GET", place, params={**STOCK_FIELDS, "include": ",".join(refs)}, accept={404})
        return {text_id(row.get("id")): row for row in ([] if answer.status == 404 else LIST.rows(answer.data))}

    def told(self, place: str, numbers: Mapping[str, int]) -> Mapping[str, Row]:
        update = [{"id": int(ref), "manage_stock": True, "stock_quantity": number} for ref, number in numbers.items()]
        answer = LIST.one(self._api.call("POST", f"{place}/batch", json={"update": update}))
        return {text_id(row.get("id")): row for row in rows_of(answer, "update")}

    def level(self, row: Row) -> Shown:
        managed = row.get("manage_stock")
        number = some_number(row.get("stock_quantity")) if managed else None
        return Shown(number, BY_PARENT if managed == "parent" else "")
