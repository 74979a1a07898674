"""Offers and their stock: numbers go in as a CSV file (STO01), what is wrong with a line comes back in an error file.

OF24 would reset every field of an offer that is not sent; the stock import touches nothing but the quantity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.kit.stock.imports import ImportStock
from connectors.kit.stock.listings import StockByLine
from connectors.kit.stock.shown import Shown
from connectors.kit.values import Row, rows_of, text_id, whole, words
from connectors.kit.wire.paging import known, only
from connectors.mirakl.client import LIST, OFFERS, Seller
from hub.canonical.told import told
from hub.ports.channel import ListingOffer, StockLine, StockReading

IMPORTS = "/offers/stock/imports"
CODES = frozenset({"EAN", "UPC"})


class Stock(ImportStock, StockByLine):
    """Offers and numbers of one shop. The error file repeats our columns after the line's number and the reason."""

    by_sku = "offer_sku"
    columns = ("offer-sku", "quantity", "warehouse-code", "update-delete")
    under_way, complete, failed = frozenset({"WAITING", "RUNNING"}), "COMPLETE", "FAILED"
    has_errors, wrong = "has_error_report", "lines_in_error"
    waits_s = (0.0,)
    """A file is asked for twice, at the pace of STO02."""

    def __init__(self, seller: Seller) -> None:
        super().__init__()
        self._seller = seller

    def listings(self) -> Iterator[ListingOffer]:
        """Every offer of the shop."""
        for row in LIST.every(self._seller.asks(OFFERS), "offers"):
            sku, codes = str(row.get("shop_sku") or ""), rows_of(row, "product_references")
            barcode = next((str(code.get("reference")) for code in codes if code.get("reference_type") in CODES), None)
            yield ListingOffer(
                text_id(row.get("offer_id")), sku or None, words(row.get("product_title")), barcode,
                whole(row.get("quantity"), "quantity"), {"offer_sku": sku},
            )  # fmt: skip

    def read(self, listings: Sequence[StockLine]) -> Iterator[StockReading]:
        """What the marketplace shows, one reading per line."""
        shown = {offer.listing_ref: offer.available for offer in self.listings()} if listings else {}
        yield from (StockReading(line.listing_ref, shown.get(line.listing_ref)) for line in listings)

    def level_of(self, line: StockLine) -> Shown | None:
        """The offer's own number (OF26)."""
        if not (line.listing_ref.isascii() and line.listing_ref.isdigit() and self.ref_of(line)):
            return Shown(None, told("this is no offer of Mirakl: read the listings again"))
        row = known(self._seller.call, f"{OFFERS}/{line.listing_ref}/quantity")
        return None if row is None else Shown(whole(row.get("quantity"), "quantity"))

    def upload(self, form: Mapping[str, Any]) -> str:
        return text_id(only(self._seller.call("POST", IMPORTS, gap="STO01", **form).data).get("import_id"))

    def state(self, file: str) -> Row:
        """One that the marketplace forgot has failed."""
        return known(self._seller.call, f"{IMPORTS}/{file}/status", gap="STO02") or {"status": self.failed}

    def errors(self, file: str) -> str:
        answer = self._seller.call("GET", f"{IMPORTS}/{file}/error_report", gap="STO03", accept={200})
        return answer.body.decode("utf-8-sig", "replace")
