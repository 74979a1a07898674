"""Offers and their stock: numbers go in as a CSV file (STO01), what is wrong with a line comes back in an error file.

OF24 would reset every field of an offer that is not sent; the stock import touches nothing but the quantity.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from urllib3 import encode_multipart_formdata

from connectors.kit.paging import only
from connectors.kit.stock import Shown
from connectors.kit.stock_files import FileStock, Report
from connectors.kit.values import Row, rows_of, text_id, whole, words
from connectors.mirakl.client import LIST, OFFERS, Seller
from hub.canonical.told import told
from hub.ports.channel import ListingOffer, StockLine, StockReading

IMPORTS = "/offers/stock/imports"
COLUMNS = ("offer-sku", "quantity", "warehouse-code", "update-delete")
CODES = frozenset({"EAN", "UPC"})
REPORT_SKU = 2
"""The error file repeats our columns after the line's number and the reason."""
COMPLETE, FAILED = "COMPLETE", "FAILED"


class Stock(FileStock):
    """Offers and numbers of one shop."""

    by_sku = "offer_sku"
    under_way = frozenset({"WAITING", "RUNNING"})
    waits_s = (0.0,)
    """A file is asked for twice, at the pace of STO02."""
    still = told("the marketplace is still at stock import {file}")

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

    def shown(self, lines: Sequence[StockLine]) -> dict[int, Shown]:
        """Each offer's own number (OF26), or why it needs no asking."""
        found = ((at, self._shown(line)) for at, line in enumerate(lines))
        return {at: shown for at, shown in found if shown}

    def _shown(self, line: StockLine) -> Shown | None:
        if not (line.listing_ref.isascii() and line.listing_ref.isdigit() and self.ref_of(line)):
            return Shown(None, told("this is no offer of Mirakl: read the listings again"))
        answer = self._seller.call("GET", f"{OFFERS}/{line.listing_ref}/quantity", accept={404})
        return None if answer.status == 404 else Shown(whole(only(answer.data).get("quantity"), "quantity"))

    def send(self, lines: Mapping[str, StockLine]) -> str:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writerow(COLUMNS)
        writer.writerows((sku, line.available, "", "") for sku, line in lines.items())
        body, kind = encode_multipart_formdata({"file": ("stock.csv", text.getvalue().encode(), "text/csv")})
        self._seller.wait("STO01")
        answer = self._seller.call("POST", IMPORTS, data=body, headers={"Content-Type": kind})
        return text_id(only(answer.data).get("import_id"))

    def state(self, file: str) -> Row:
        """One that the marketplace forgot has failed."""
        self._seller.wait("STO02")
        answer = self._seller.call("GET", f"{IMPORTS}/{file}/status", accept={404})
        return {"status": FAILED} if answer.status == 404 else only(answer.data)

    def report(self, file: str, state: Row, refs: Sequence[str]) -> Report:
        status = state.get("status")
        if status == FAILED:
            return Report({}, why=f"the marketplace could not read stock import {file}")
        if status != COMPLETE:
            return Report({}, why=f"status of stock import {file} = {status!r}: the hub does not know it", retry=False)
        if not state.get("has_error_report"):
            return Report({})
        self._seller.wait("STO03")
        answer = self._seller.call("GET", f"{IMPORTS}/{file}/error_report", accept={200})
        refused = read_report(answer.body.decode("utf-8-sig", "replace"))
        unnamed = (whole(state.get("lines_in_error"), "lines_in_error") or 0) - len(refused)
        why = f"{unnamed} lines of stock import {file} failed without being named" if unnamed > 0 else ""
        return Report(refused, why)


def read_report(text: str) -> dict[str, str]:
    """The error file of an import: offer SKU -> what is wrong with its line."""
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=";") if row]
    heading = [cell.strip().lower() for cell in rows[0]] if rows else []
    at = heading.index(COLUMNS[0]) if COLUMNS[0] in heading else REPORT_SKU
    return {row[at]: _refusal(row[1][:300]) for row in rows[1:] if len(row) > max(at, 1)}


def _refusal(said: str) -> str:
    why = f"the marketplace refused it: {said}"
    return why
