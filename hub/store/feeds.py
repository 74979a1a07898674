"""How fresh the numbers of a warehouse are, where they come from outside."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from hub.store import pushes
from hub.store.selling import read_stale
from hub.store.tables import stock_balances, warehouses


def note_fed(db: Connection, warehouse: str, now: datetime) -> None:
    """Numbers of this warehouse came in. Where they were too old before, every listing that it feeds is pushed."""
    was_stale = warehouse in read_stale(db, now)
    db.execute(
        warehouses.update()
        .where(warehouses.c.code == warehouse, warehouses.c.fresh_hours.is_not(None))
        .values(fed_at=now)
    )
    if was_stale:
        mark_warehouse(db, warehouse, now)


def mark_warehouse(db: Connection, warehouse: str, now: datetime) -> None:
    """Every listing of what lies in this warehouse should be pushed."""
    table = stock_balances.c
    pushes.mark_skus(db, db.scalars(select(table.sku).where(table.warehouse == warehouse).distinct()), now)
