"""Lookup tables: CSV files whose first column is the channel's value and whose other columns are ours."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from hub.canonical.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Table:
    """`rows`: channel's value in lower case -> {column: text or None}; `lines`: their line numbers."""

    name: str
    file: str
    columns: tuple[str, ...]
    rows: Mapping[str, Mapping[str, object]]
    lines: Mapping[str, int]


def read_table(name: str, file: str, text: str) -> Table:
    """Read one CSV with a heading line. Raises Misconfigured naming file and line."""
    lines = list(csv.reader(io.StringIO(text)))
    if not lines or len(lines[0]) < 2:
        raise Misconfigured(f"{file}:1: expected a heading: the channel's value, then our columns")
    columns = tuple(cell.strip() for cell in lines[0][1:])
    rows: dict[str, dict[str, object]] = {}
    places: dict[str, int] = {}
    for number, cells in enumerate(lines[1:], start=2):
        if not cells:
            continue
        key = cells[0].strip().lower()
        if not key or key in rows or len(cells) != len(columns) + 1:
            raise Misconfigured(f"{file}:{number}: expected {len(columns) + 1} cells and a value not seen before")
        rows[key] = {column: cell.strip() or None for column, cell in zip(columns, cells[1:], strict=True)}
        places[key] = number
    return Table(name, file, columns, rows, places)
