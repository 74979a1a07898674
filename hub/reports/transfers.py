"""Transfers between warehouses, page by page, newest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from hub.canonical.errors import NotAllowed, NotFound
from hub.reports.cursors import read_page
from hub.store.database import Database
from hub.store.tables import transfer_lines, transfers

_t, _l = transfers.c, transfer_lines.c
Scope = Collection[str] | None


@dataclass(frozen=True, slots=True)
class TransferLine:
    """Pieces of one SKU and lot: asked, left, arrived (damaged ones too), damaged, lost, and still under way."""

    id: int
    sku: str
    lot: str
    quantity: int
    shipped: int
    received: int
    damaged: int
    lost: int
    under_way: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer. `state`: draft, ready, in_transit, received, cancelled."""

    id: int
    key: str
    source: str
    destination: str
    state: str
    note: str
    created_by: str
    created_at: datetime
    shipped_at: datetime | None
    received_at: datetime | None
    lines: tuple[TransferLine, ...]


def find_transfers(
    db: Database, *, state: str = "", scope: Scope = None, after: str = "", limit: int = 50
) -> tuple[list[Transfer], str | None]:
    """One page, newest first, and the cursor of the next; `scope`: warehouses at either end, None: all."""
    query = select(transfers)
    if state:
        query = query.where(_t.state == state)
    if scope is not None:
        query = query.where(or_(_t.source.in_(sorted(scope)), _t.destination.in_(sorted(scope))))
    with db.read() as connection:
        rows, following = read_page(connection, query, _t.id, after, limit)
        return _transfers(connection, rows), following


def read_transfer(db: Database, transfer_id: int, scope: Scope = None) -> Transfer:
    """One transfer. Raises: NotFound. NotAllowed: neither end is in scope."""
    with db.read() as connection:
        rows = connection.execute(select(transfers).where(_t.id == transfer_id)).all()
        found = _transfers(connection, rows)
    if not found:
        raise NotFound(f"there is no transfer {transfer_id}")
    if scope is not None and not {found[0].source, found[0].destination} & set(scope):
        raise NotAllowed(f"transfer {transfer_id} concerns none of your warehouses")
    return found[0]


def _transfers(db: Connection, rows: Sequence[Row[Any]]) -> list[Transfer]:
    lines: dict[int, list[TransferLine]] = defaultdict(list)
    query = select(transfer_lines).where(_l.transfer_id.in_([row.id for row in rows])).order_by(_l.id)
    for line in db.execute(query):
        under_way = line.shipped - line.received - line.lost
        lines[line.transfer_id].append(
            TransferLine(line.id, line.sku, line.lot, line.quantity, line.shipped, line.received, line.damaged,
                         line.lost, under_way)
        )  # fmt: skip
    return [
        Transfer(row.id, row.key, row.source, row.destination, row.state, row.note, row.created_by, row.created_at,
                 row.shipped_at, row.received_at, tuple(lines[row.id]))
        for row in rows
    ]  # fmt: skip
