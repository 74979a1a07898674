"""Offers and their stock: numbers go in as a CSV file (STO01), what is wrong with a line comes back in an error file.

OF24 would reset every field of an offer that is not sent; the stock import touches nothing but the quantity.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from urllib3 import encode_multipart_formdata

from connectors.kit.jobs import wait_for
from connectors.kit.paging import only
from connectors.kit.stock import AbsoluteStock, Shown
from connectors.kit.values import Row, rows_of, text_id, whole, words
from connectors.mirakl.client import LIST, OFFERS, Seller
from hub.canonical.told import told
from hub.ports.channel import ListingOffer, StockAnswer, StockLine, StockReading

IMPORTS = "/offers/stock/imports"
COLUMNS = ("offer-sku", "quantity", "warehouse-code", "update-delete")
CODES = frozenset({"EAN", "UPC"})
REPORT_SKU = 2
"""The error file repeats our columns after the line's number and the reason."""
UNDER_WAY, COMPLETE, FAILED = frozenset({"WAITING", "RUNNING"}), "COMPLETE", "FAILED"
AGAIN_S = (0.0,)
"""A file is asked for twice, at the pace of STO02; after that the hub comes back to it."""


@dataclass(frozen=True, slots=True)
class _Import:
    """One file that was sent: the marketplace's id of it, and the number written for each offer's SKU."""

    id: str
    numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a file: reasons by SKU; `why`: what is wrong with the other lines ("" where they are fine)."""

    done: _Import
    refused: Mapping[str, str]
    why: str = ""
    retry: bool = False

    def of(self, line: StockLine) -> StockAnswer:
        refused = self.refused.get(_sku(line), "")
        if not refused and not self.why:
            return StockAnswer(line.listing_ref, True, seen=line.available)
        return StockAnswer(line.listing_ref, False, refused or self.why, retry=not refused and self.retry)


class Stock(AbsoluteStock):
    """Offers and numbers of one shop. Remembers the file that it did not see the end of, and what the last one said."""

    def __init__(self, seller: Seller) -> None:
        self._seller = seller
        self._running: _Import | None = None
        self._before: _Outcome | None = None

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

    def push(self, lines: Sequence[StockLine]) -> tuple[StockAnswer, ...]:
        """While a file is not finished, every line is to be tried again: it is asked for before another is sent."""
        self._before = self._outcome(self._running) if self._running else None
        if self._running:
            return tuple(_unfinished(line, self._running) for line in lines)
        return super().push(lines)

    def shown(self, lines: Sequence[StockLine]) -> dict[int, Shown]:
        """Each offer's own number (OF26), or why it needs no asking."""
        found = ((at, self._shown(line)) for at, line in enumerate(lines))
        return {at: shown for at, shown in found if shown}

    def _shown(self, line: StockLine) -> Shown | None:
        if not (line.listing_ref.isascii() and line.listing_ref.isdigit() and _sku(line)):
            return Shown(None, told("this is no offer of Mirakl: read the listings again"))
        if self._before and self._before.done.numbers.get(_sku(line)) == line.available:
            why = self._before.refused.get(_sku(line))
            if why:
                return Shown(None, why)
        answer = self._seller.call("GET", f"{OFFERS}/{line.listing_ref}/quantity", accept={404})
        return None if answer.status == 404 else Shown(whole(only(answer.data).get("quantity"), "quantity"))

    def write(self, lines: Mapping[int, StockLine], shown: Mapping[int, Shown]) -> dict[int, StockAnswer]:
        self._running = sent = self._send(lines.values())
        outcome = self._outcome(sent)
        return {at: outcome.of(line) if outcome else _unfinished(line, sent) for at, line in lines.items()}

    def _send(self, lines: Iterable[StockLine]) -> _Import:
        text, numbers = io.StringIO(), {_sku(line): line.available for line in lines}
        writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writerow(COLUMNS)
        writer.writerows((sku, number, "", "") for sku, number in numbers.items())
        body, kind = encode_multipart_formdata({"file": ("stock.csv", text.getvalue().encode(), "text/csv")})
        self._seller.wait("STO01")
        answer = self._seller.call("POST", IMPORTS, data=body, headers={"Content-Type": kind})
        return _Import(text_id(only(answer.data).get("import_id")), numbers)

    def _outcome(self, file: _Import) -> _Outcome | None:
        """What became of the file under way, which is then forgotten; None where it is not finished."""
        state = wait_for(lambda: self._state(file), lambda found: found.get("status") not in UNDER_WAY, waits_s=AGAIN_S)
        if state.get("status") in UNDER_WAY:
            return None
        found = self._read_outcome(file, state)
        self._running = None
        return found

    def _state(self, file: _Import) -> Row:
        self._seller.wait("STO02")
        answer = self._seller.call("GET", f"{IMPORTS}/{file.id}/status", accept={404})
        return {"status": FAILED} if answer.status == 404 else only(answer.data)

    def _read_outcome(self, file: _Import, state: Row) -> _Outcome:
        status = state.get("status")
        if status == FAILED:
            return _Outcome(file, {}, why=f"the marketplace could not read stock import {file.id}", retry=True)
        if status != COMPLETE:
            return _Outcome(file, {}, why=f"status of stock import {file.id} = {status!r}: the hub does not know it")
        if not state.get("has_error_report"):
            return _Outcome(file, {})
        self._seller.wait("STO03")
        answer = self._seller.call("GET", f"{IMPORTS}/{file.id}/error_report", accept={200})
        refused = read_report(answer.body.decode("utf-8-sig", "replace"))
        unnamed = (whole(state.get("lines_in_error"), "lines_in_error") or 0) - len(refused)
        why = f"{unnamed} lines of stock import {file.id} failed without being named" if unnamed > 0 else ""
        return _Outcome(file, refused, why, retry=True)


def read_report(text: str) -> dict[str, str]:
    """The error file of an import: offer SKU -> what is wrong with its line."""
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=";") if row]
    heading = [cell.strip().lower() for cell in rows[0]] if rows else []
    at = heading.index(COLUMNS[0]) if COLUMNS[0] in heading else REPORT_SKU
    return {row[at]: _refusal(row[1][:300]) for row in rows[1:] if len(row) > max(at, 1)}


def _refusal(said: str) -> str:
    why = f"the marketplace refused it: {said}"
    return why


def _sku(line: StockLine) -> str:
    return line.place.get("offer_sku") or line.sku or ""


def _unfinished(line: StockLine, file: _Import) -> StockAnswer:
    return StockAnswer(line.listing_ref, False, f"the marketplace is still at stock import {file.id}", retry=True)
