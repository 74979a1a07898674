"""Stock that a marketplace imports from a CSV file, with an error file for the lines that it did not take."""

from __future__ import annotations

import csv
import io
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from urllib3 import encode_multipart_formdata

from connectors.kit.stock.files import FileStock, Report
from connectors.kit.values import Row, whole
from hub.canonical.told import told
from hub.ports.channel import StockLine


class ImportStock(FileStock):
    """Stock of such a marketplace, whose states say in a word how an import ended.

    columns: the file's heading: that of a listing's reference, that of its number, and others, which are left empty.
    complete, failed: statuses of an import that was worked off, and of one that could not be read.
    has_errors, wrong: a state's fields that say whether there is an error file, and how many lines went wrong.
    ref_at:  the column of the reference in an error file that does not name it; the reason stands in the second.
    """

    columns: ClassVar[Sequence[str]]
    complete: ClassVar[str]
    failed: ClassVar[str]
    has_errors: ClassVar[str]
    wrong: ClassVar[str]
    ref_at: ClassVar[int] = 2
    still = told("the marketplace is still at stock import {file}")

    @abstractmethod
    def upload(self, form: Mapping[str, Any]) -> str:
        """Send a file, `form` being the body and headers of a call; the marketplace's id of the import."""

    @abstractmethod
    def errors(self, file: str) -> str:
        """The error file of an import."""

    def send(self, lines: Mapping[str, StockLine]) -> str:
        rest = [""] * (len(self.columns) - 2)
        text = csv_text((self.columns, *((ref, line.available, *rest) for ref, line in lines.items())))
        return self.upload(file_form("stock.csv", text))

    def report(self, file: str, state: Row, refs: Sequence[str]) -> Report:
        status = state.get(self.status)
        if status == self.failed:
            return Report({}, why=f"the marketplace could not read stock import {file}")
        if status != self.complete:
            return Report({}, why=f"status of stock import {file} = {status!r}: the hub does not know it", retry=False)
        if not state.get(self.has_errors):
            return Report({})
        refused = refusals(self.errors(file), self.columns[0], self.ref_at)
        unnamed = (whole(state.get(self.wrong), self.wrong) or 0) - len(refused)
        why = f"{unnamed} lines of stock import {file} failed without being named" if unnamed > 0 else ""
        return Report(refused, why)


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Rows as marketplaces read them: each cell quoted, with semicolons between."""
    text = io.StringIO()
    csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()


def file_form(name: str, text: str, field: str = "file") -> dict[str, Any]:
    """What sends a CSV file in the field of a form: arguments of `Api.call`."""
    body, kind = encode_multipart_formdata({field: (name, text.encode(), "text/csv")})
    return {"data": body, "headers": {"Content-Type": kind}}


def refusals(text: str, column: str, ref_at: int = 2) -> dict[str, str]:
    """The error file of an import, reference -> what is wrong with its line, which stands in the second column.

    Args: column: heading of the references, in any case; where it is not there, they stand at `ref_at`, from 0.
    """
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=";") if row]
    heading = [cell.strip().lower() for cell in rows[0]] if rows else []
    at = heading.index(column) if column in heading else ref_at
    return {row[at]: _refusal(row[1][:300]) for row in rows[1:] if len(row) > max(at, 1)}


def _refusal(said: str) -> str:
    why = f"the marketplace refused it: {said}"
    return why
