"""The sandbox marketplace's stock imports: a CSV file is taken at once, read later, and its errors told in a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.mirakl.sandbox.errors import invalid, missing
from connectors.mirakl.sandbox.shapes import moment
from connectors.mirakl.sandbox.shop import Shop

COLUMNS = ["offer-sku", "quantity", "warehouse-code", "update-delete"]


@dataclass
class Import:
    """One file. `polls`: how often its status is asked for until it is read."""

    id: str
    created: datetime
    rows: Sequence[list[str]]
    polls: int
    errors: list[tuple[int, str, list[str]]] = field(default_factory=list)
    read: bool = False
    failed: bool = False


class Imports:
    """Stock files of one shop. `polls`: how often each says that it is under way; `fail_next`: files that fail."""

    def __init__(self, shop: Shop) -> None:
        self._shop, self.all = shop, dict[str, Import]()
        self.polls = self.fail_next = 0

    def take(self, text: str) -> str:
        """STO01; returns the import's id. Raises MiraklError 400 for a file without the right heading."""
        rows = list(csv.reader(io.StringIO(text), delimiter=";"))
        if not rows or rows[0] != COLUMNS:
            raise invalid(f"The file's columns must be {COLUMNS}")
        made = Import(str(self._shop.new_id()), self._shop.now(), rows[1:], self.polls)
        if self.fail_next:
            self.fail_next, made.failed, made.read = self.fail_next - 1, True, True
        self.all[made.id] = made
        if not self.polls:
            self._read(made)
        return made.id

    def find(self, import_id: str) -> Import:
        """Raises MiraklError 404."""
        if import_id not in self.all:
            raise missing(f"Import with id '{import_id}'")
        return self.all[import_id]

    def status(self, found: Import, shop_id: int) -> dict[str, Any]:
        """STO02: asking brings the import on its way."""
        shown = "FAILED" if found.failed else "COMPLETE" if found.read else "RUNNING"
        if not found.read and not found.failed:
            found.polls -= 1
            if found.polls <= 0:
                self._read(found)
        body: dict[str, Any] = {
            "import_id": found.id, "shop_id": shop_id, "date_created": moment(found.created), "status": shown,
            "has_error_report": shown == "COMPLETE" and bool(found.errors),
        }  # fmt: skip
        counted = {"lines_in_error": len(found.errors), "lines_in_success": len(found.rows) - len(found.errors)}
        return body | (counted if shown == "COMPLETE" else {})

    def report(self, found: Import) -> str:
        """STO03. Raises MiraklError 404 where there is none."""
        if not found.errors:
            raise missing("Error report")
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writerow(["error-line", "error-message", *COLUMNS])
        writer.writerows([str(number), why, *row] for number, why, row in found.errors)
        return text.getvalue()

    def _read(self, found: Import) -> None:
        if found.read:
            return
        found.read = True
        for number, row in enumerate(found.rows, start=2):
            why = self._write(row)
            if why:
                found.errors.append((number, why, row))

    def _write(self, row: list[str]) -> str:
        """Set one offer's number; returns what is wrong with the line."""
        if len(row) != len(COLUMNS) or row[2] or row[3]:
            return "The line is not of the expected format"
        offer = next((offer for offer in self._shop.offers.values() if offer.sku == row[0]), None)
        if offer is None:
            return f"The offer with sku '{row[0]}' does not exist"
        if not row[1].isdigit() or int(row[1]) > 1_000_000:
            return f"The quantity '{row[1]}' must be a number from 0 to 1000000"
        offer.quantity = int(row[1])
        return ""
