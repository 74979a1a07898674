"""Deliveries that suppliers are to bring, page by page: newest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select

from hub.canonical.errors import NotAllowed, NotFound
from hub.reports.cursors import read_page
from hub.store.database import Database
from hub.store.tables import expected_receipts

_e = expected_receipts.c
Scope = Collection[str] | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One expected receipt. `open`: pieces still to come. `difference`: received less expected, once it is done."""

    id: int
    key: str
    warehouse: str
    sku: str
    ref: str
    quantity: int
    received: int
    damaged: int
    missing: int
    open: int
    difference: int
    due_on: date | None
    late: bool
    state: str
    reason: str
    created_by: str
    created_at: datetime
    received_at: datetime | None


def find_deliveries(
    db: Database, today: date, *, state: str = "", sku: str = "", scope: Scope = None, after: str = "", limit: int = 50
) -> tuple[list[Delivery], str | None]:
    """One page, newest first, and the cursor of the next; `scope`: warehouses, None: all."""
    query = select(expected_receipts)
    for column, value in ((_e.state, state), (_e.sku, sku)):
        query = query.where(column == value) if value else query
    query = query if scope is None else query.where(_e.warehouse.in_(sorted(scope)))
    with db.read() as connection:
        rows, following = read_page(connection, query, _e.id, after, limit)
    return [_delivery(row, today) for row in rows], following


def read_delivery(db: Database, expected_id: int, today: date, scope: Scope = None) -> Delivery:
    """One delivery. Raises: NotFound. NotAllowed: its warehouse is not in scope."""
    with db.read() as connection:
        row = connection.execute(select(expected_receipts).where(_e.id == expected_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no expected delivery {expected_id}: see stockline stock incoming")
    if scope is not None and row.warehouse not in scope:
        raise NotAllowed(f"delivery {expected_id} concerns none of your warehouses")
    return _delivery(row, today)


def _delivery(row: Row[Any], today: date) -> Delivery:
    is_open = row.state == "open"
    return Delivery(
        row.id, row.key, row.warehouse, row.sku, row.ref, row.quantity, row.received, row.damaged, row.missing,
        max(0, row.quantity - row.received) if is_open else 0, 0 if is_open else row.received - row.quantity,
        row.due_on, is_open and row.due_on is not None and row.due_on < today, row.state, row.reason, row.created_by,
        row.created_at, row.received_at,
    )  # fmt: skip
