"""Reads a table out of a CSV or Excel file that a stranger may have made: bounded in every way, nothing worked out."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from xml.etree.ElementTree import ParseError

from hub.canonical.errors import BadInput, Misconfigured
from hub.canonical.file_kinds import file_kind, holds_no_text
from hub.rules.stock_file import read_header

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 100_000
MOST_COLUMNS = 50
MOST_CHARACTERS = 1000
MOST_UNPACKED = 200 * 1024 * 1024
MOST_PARTS = 2000
MOST_RATIO = 100
DELIMITERS = (",", ";", "\t", "|")

Line = tuple[int, list[str]]
"""(number of the line in the file, its cells)"""


def read_sheet(raw: bytes) -> list[Line]:
    """The rows that are not empty, the header first. Excel files: the first sheet, formulas as they are written.

    Raises: BadInput: too large, of another kind, or damaged. Misconfigured: this installation cannot read Excel files.
    """
    if len(raw) > MOST_BYTES:
        raise BadInput(f"the file has {len(raw)} bytes; up to {MOST_BYTES} are read: split it")
    if raw.startswith(b"PK\x03\x04"):
        return _bounded(_excel(raw))
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadInput("this is an old Excel file (.xls): save it as .xlsx or CSV")
    if kind := file_kind(raw):
        raise BadInput(f"this is a {kind} file, not a table: save the table as CSV UTF-8, or as .xlsx")
    if holds_no_text(raw):
        raise BadInput("the file holds bytes that are no text: save the table as CSV UTF-8, or as .xlsx")
    return _bounded(_csv(_text(raw)))


def _bounded(lines: Iterable[Line]) -> list[Line]:
    found: list[Line] = []
    for number, cells in lines:
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        if len(found) > MOST_ROWS:
            raise BadInput(f"the file has more than {MOST_ROWS} rows: split it")
        if len(cells) > MOST_COLUMNS or any(len(cell) > MOST_CHARACTERS for cell in cells):
            raise BadInput(f"line {number}: more than {MOST_COLUMNS} columns, or over {MOST_CHARACTERS} characters")
        found.append((number, cells))
    if not found:
        raise BadInput("the file is empty: its first row names the columns, such as sku, warehouse, quantity")
    return found


def _text(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        codes: tuple[str, ...] = ("utf-16",)
    else:
        codes = ("utf-8-sig", "gb18030")
    for code in codes:
        try:
            return raw.decode(code)
        except UnicodeDecodeError:
            continue
    raise BadInput("the file is neither UTF-8 nor GBK text: save it as CSV UTF-8, or as .xlsx")


def _csv(text: str) -> Iterator[Line]:
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    try:
        for cells in reader:
            yield number, cells
            number = reader.line_num + 1
    except csv.Error as error:
        raise BadInput(f"line {number} cannot be read ({error}): a quotation mark may be missing") from None


def _delimiter(text: str) -> str:
    """The sign between cells: the one by which the header makes sense, else the most frequent."""
    header = next((line for line in text.splitlines() if line.strip()), "")

    def makes_sense(delimiter: str) -> int:
        try:
            return len(read_header(next(csv.reader([header], delimiter=delimiter))))
        except (BadInput, csv.Error):
            return 0

    return max(DELIMITERS, key=lambda each: (makes_sense(each), header.count(each)))


def _excel(raw: bytes) -> Iterator[Line]:
    try:
        import openpyxl
    except ImportError:
        openpyxl = None
    if openpyxl is None or not openpyxl.DEFUSEDXML:
        raise Misconfigured("Excel files need the extra `sheets` (pip install 'stockline[sheets]'), or save it as CSV")
    try:
        _check_parts(raw)
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS + 1, values_only=True)
        for number, cells in enumerate(rows, 1):
            yield number, [_cell(cell) for cell in cells]
    except (zipfile.BadZipFile, ParseError, KeyError, IndexError, ValueError, TypeError, AttributeError, OSError):
        raise BadInput(
            "the Excel file is damaged or not a workbook: open it, save it anew, or save it as CSV"
        ) from None


def _check_parts(raw: bytes) -> None:
    """Refuse what would unpack to something enormous, before any of it is unpacked. Raises BadInput."""
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        parts = packed.infolist()
    unpacked = sum(part.file_size for part in parts)
    dense = any(part.file_size > MOST_RATIO * max(1, part.compress_size) for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or dense:
        raise BadInput("the Excel file unpacks to far more than it should: save its first sheet as CSV")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)
