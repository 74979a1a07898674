"""Stock files that were read: what each would change, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from hub.canonical.errors import NotFound
from hub.reports.cursors import pack, page_size, read_page, unpack_id
from hub.store.database import Database
from hub.store.tables import stock_imports

_f = stock_imports.c
_COLUMNS = [column for column in stock_imports.columns if column.name not in ("rows", "problems")]


@dataclass(frozen=True, slots=True)
class Import:
    """One file. `summary`: rows by status (new, changed, same, problem), pieces more and fewer; `breaker`: why it needs
    an explicit yes, "" where it needs none; `applied`: what it changed (rows, more, fewer, late), None before."""

    id: int
    key: str
    file_name: str
    mode: str
    state: str
    summary: Mapping[str, int]
    breaker: str
    applied: Mapping[str, int] | None
    created_by: str
    created_at: datetime
    applied_by: str
    applied_at: datetime | None


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row. `line`: its number in the file; before, after: pieces; `problem`: why it is left out."""

    line: int
    sku: str
    warehouse: str
    lot: str
    expires_on: str | None
    quantity: int
    before: int
    after: int
    status: str
    problem: str


def find_imports(db: Database, *, after: str = "", limit: int = 50) -> tuple[list[Import], str | None]:
    """One page, newest first, and the cursor of the next."""
    with db.read() as connection:
        rows, following = read_page(connection, select(*_COLUMNS), _f.id, after, limit)
    return [_import(row) for row in rows], following


def read_import(db: Database, import_id: int) -> Import:
    """One file. Raises NotFound."""
    with db.read() as connection:
        row = connection.execute(select(*_COLUMNS).where(_f.id == import_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no import {import_id}")
    return _import(row)


def import_rows(
    db: Database, import_id: int, *, status: str = "", after: str = "", limit: int = 50
) -> tuple[list[ImportRow], str | None]:
    """One page of the file's rows by line, and the cursor of the next; `status` narrows. Raises NotFound."""
    with db.read() as connection:
        row = connection.execute(select(_f.rows, _f.problems).where(_f.id == import_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no import {import_id}")
    late = {each["line"] for each in row.problems if each.get("late")}
    every = [*(each for each in row.rows if each["line"] not in late), *row.problems]
    start = unpack_id(after) if after else 0
    found = sorted((each for each in every if each["line"] > start), key=lambda each: int(each["line"]))
    found = [each for each in found if not status or each["status"] == status]
    shown = found[: page_size(limit)]
    return [_row(each) for each in shown], pack(shown[-1]["line"]) if len(found) > limit else None


def _import(row: Row[Any]) -> Import:
    counts = {name: row.summary[name] for name in ("rows", "new", "changed", "same", "problem", "more", "fewer")}
    return Import(row.id, row.key, row.file_name, row.mode, row.state, counts, row.summary["breaker"],
                  row.summary.get("applied"), row.created_by, row.created_at, row.applied_by,
                  row.applied_at)  # fmt: skip


def _row(each: Mapping[str, Any]) -> ImportRow:
    return ImportRow(**{name: each[name] for name in ImportRow.__dataclass_fields__})
