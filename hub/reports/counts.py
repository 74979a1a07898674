"""Counts of shelves: what is open, what was counted, how it differs from the books and what that is worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from hub.canonical.amounts import from_micros
from hub.canonical.errors import NotAllowed, NotFound
from hub.reports.cursors import read_page
from hub.store.database import Database
from hub.store.tables import items, stock_balances, stock_count_lines, stock_counts

_n, _l, _b, _i = stock_counts.c, stock_count_lines.c, stock_balances.c, items.c
Scope = Collection[str] | None


@dataclass(frozen=True, slots=True)
class CountLine:
    """One shelf. What the reader may not know yet is None.

    expected: what the books said when it was counted (an uncounted shelf: what they say now).
    variance: counted less expected. value: what it is worth, in the house currency.
    written:  what the approval changed. problem: what stands against the rest ({} where nothing does).
    """

    id: int
    sku: str
    title: str
    lot: str
    counted: int | None
    counted_by: str
    counted_at: datetime | None
    expected: int | None
    variance: int | None
    value: Decimal | None
    written: int | None
    problem: Mapping[str, Any]
    note: str


@dataclass(frozen=True, slots=True)
class Count:
    """One count. `hidden`: it is blind and still open, so nobody is told what the books say.

    shelves, counted: how many there are, and are done. differing: shelves with a variance; `more`, `fewer`: their
    pieces; `value`: what all variances are worth together. problems: shelves that were not written in full.
    """

    id: int
    warehouse: str
    kind: str
    state: str
    blind: bool
    hidden: bool
    note: str
    created_by: str
    submitted_by: str
    decided_by: str
    created_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None
    shelves: int
    counted: int
    differing: int | None
    more: int | None
    fewer: int | None
    value: Decimal | None
    problems: int
    lines: tuple[CountLine, ...]


def find_counts(
    db: Database, *, state: str = "", scope: Scope = None, after: str = "", limit: int = 50
) -> tuple[list[Count], str | None]:
    """One page of counts without their shelves, newest first, and the cursor of the next."""
    query = select(stock_counts)
    if state:
        query = query.where(_n.state == state)
    if scope is not None:
        query = query.where(_n.warehouse.in_(sorted(scope)))
    with db.read() as connection:
        rows, following = read_page(connection, query, _n.id, after, limit)
        lines = _lines(connection, rows)
    return [_count(row, lines[row.id], whole=False) for row in rows], following


def read_count(db: Database, count_id: int, scope: Scope = None) -> Count:
    """One count with its shelves. Raises: NotFound. NotAllowed: its warehouse is not in scope."""
    with db.read() as connection:
        row = connection.execute(select(stock_counts).where(_n.id == count_id)).one_or_none()
        if row is None:
            raise NotFound(f"there is no count {count_id}")
        if scope is not None and row.warehouse not in scope:
            raise NotAllowed(f"count {count_id} is in {row.warehouse}, which is not yours")
        lines = _lines(connection, [row])
    return _count(row, lines[row.id], whole=True)


def _lines(db: Connection, rows: Sequence[Row[Any]]) -> dict[int, list[CountLine]]:
    hidden = {row.id: row.blind and row.state == "open" for row in rows}
    found: dict[int, list[CountLine]] = defaultdict(list)
    for line in db.execute(_shelves([row.id for row in rows])):
        found[line.count_id].append(_line(line, hidden[line.count_id]))
    return found


def _shelves(count_ids: Sequence[int]) -> Select[Any]:
    shelf = (_b.sku == _l.sku) & (_b.warehouse == _n.warehouse) & (_b.lot == _l.lot)
    return (
        select(stock_count_lines, _i.title, _i.value, _b.on_hand)
        .join(stock_counts, _n.id == _l.count_id)
        .outerjoin(items, _i.sku == _l.sku)
        .outerjoin(stock_balances, shelf)
        .where(_l.count_id.in_(count_ids))
        .order_by(_l.sku, _l.lot)
    )


def _line(row: Row[Any], hidden: bool) -> CountLine:
    expected = row.expected if row.counted is not None else row.on_hand or 0
    variance = None if row.counted is None or hidden else row.counted - row.expected
    return CountLine(
        id=row.id, sku=row.sku, title=row.title or "", lot=row.lot, counted=row.counted, counted_by=row.counted_by,
        counted_at=row.counted_at, expected=None if hidden else expected, variance=variance,
        value=None if variance is None else from_micros(variance * (row.value or 0)), written=row.written,
        problem=row.problem, note=row.note,
    )  # fmt: skip


def _count(row: Row[Any], lines: Sequence[CountLine], *, whole: bool) -> Count:
    hidden = bool(row.blind and row.state == "open")
    variances = [line.variance for line in lines if line.variance]
    value = sum((line.value for line in lines if line.value is not None), Decimal(0))
    return Count(
        id=row.id, warehouse=row.warehouse, kind=row.kind, state=row.state, blind=row.blind, hidden=hidden,
        note=row.note, created_by=row.created_by, submitted_by=row.submitted_by, decided_by=row.decided_by,
        created_at=row.created_at, submitted_at=row.submitted_at, decided_at=row.decided_at, shelves=len(lines),
        counted=sum(1 for line in lines if line.counted is not None), differing=None if hidden else len(variances),
        more=None if hidden else sum(v for v in variances if v > 0),
        fewer=None if hidden else -sum(v for v in variances if v < 0), value=None if hidden else value,
        problems=sum(1 for line in lines if line.problem), lines=tuple(lines) if whole else (),
    )  # fmt: skip
