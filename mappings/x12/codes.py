"""Looks up X12 codes in tables/*.csv."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from mappings.engine.tables import Table, read_table


def cell(name: str, code: str | None, column: str) -> str | None:
    """One cell of a table, for a code in any case; None where the table does not have the code."""
    row = _table(name).rows.get((code or "").lower())
    return None if row is None else str(row[column])


@cache
def _table(name: str) -> Table:
    file = f"tables/{name}.csv"
    return read_table(name, file, files("mappings.x12").joinpath(file).read_text("utf-8"))
