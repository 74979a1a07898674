"""Lookup tables: CSV files whose first column is the channel's value and whose other columns are ours."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from hub.canonical.errors import Misconfigured
from hub.canonical.told import told


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    value:   heading of the first column.
    columns: headings of the others.
    rows:    channel's value in lower case -> {column: text or None}.
    places:  channel's value in lower case -> where each of its other cells stands, "file:line:column".
    """

    name: str
    file: str
    value: str
    columns: tuple[str, ...]
    rows: Mapping[str, Mapping[str, object]]
    places: Mapping[str, tuple[str, ...]]

    def cell(self, value: str | None, column: str) -> Any:
        """One cell, for a channel's value in any case; None where the table does not have the value."""
        row = self.rows.get((value or "").lower())
        return None if row is None else row[column]


def read_table(name: str, file: str, text: str) -> Table:
    """Read one CSV with a heading line. Raises Misconfigured naming file, line and column."""
    reader = csv.reader(io.StringIO(text))
    lines = [(reader.line_num, cells) for cells in reader]
    if not lines or len(lines[0][1]) < 2:
        raise Misconfigured(f"{file}:1:1: expected a heading: the channel's value, then our columns")
    heading = [cell.strip() for cell in lines[0][1]]
    empty = Table(name, file, heading[0], tuple(heading[1:]), {}, {})
    spans = ((number, cells, [0, *accumulate(len(cell) + 1 for cell in cells)]) for number, cells in lines[1:])
    return _filled(empty, ((cells, [f"{file}:{no}:{at + 1}" for at in starts]) for no, cells, starts in spans if cells))


def with_rows(table: Table, file: str, rows: Iterable[Sequence[str]]) -> Table:
    """The table with some rows added, or in place of those of the same value. Raises Misconfigured, likewise.

    Args: file: how messages name the rows; line and column are then the number of the row and of its cell.
    """
    cells = [list(row) for row in rows]
    placed = ((row, [f"{file}:{number}:{at + 1}" for at in range(len(row) + 1)]) for number, row in enumerate(cells, 1))
    own = _filled(replace(table, rows={}, places={}), placed)
    return replace(table, rows={**table.rows, **own.rows}, places={**table.places, **own.places})


def _filled(table: Table, lines: Iterable[tuple[Sequence[str], Sequence[str]]]) -> Table:
    """Args: lines: cells, and where each of them (and the end of the line) stands."""
    rows: dict[str, Mapping[str, object]] = {}
    places: dict[str, tuple[str, ...]] = {}
    for cells, spots in lines:
        key = cells[0].strip().lower() if cells else ""
        width = len(table.columns) + 1
        if len(cells) != width:
            why = f"expected {width} cells, {_heading(table)}, found {len(cells)}"
            raise Misconfigured(f"{spots[min(len(cells), width)]}: {why}")
        if not key or key in rows:
            raise Misconfigured(f"{spots[0]}: {_no_new(cells[0].strip())}")
        rows[key] = {column: cell.strip() or None for column, cell in zip(table.columns, cells[1:], strict=True)}
        places[key] = tuple(spots[1:-1])
    return replace(table, rows=rows, places=places)


def _no_new(value: str) -> str:
    """Why a row cannot begin with this value: it is empty, or another row does."""
    if not value:
        return told("expected a value of the channel's in the first cell: it is empty")
    return told(f"expected a value not seen before: {value!r} stands here a second time")


def _heading(table: Table) -> str:
    return ", ".join((table.value, *table.columns))
