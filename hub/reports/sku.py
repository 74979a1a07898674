"""One SKU in full: balances, listings, what it is made of, the newest ledger rows, who waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from hub.canonical.errors import NotFound
from hub.reports.names import actor_names
from hub.reports.stock import Scope, StockRow, columns, stock_rows
from hub.store.database import Database
from hub.store.tables import holds, items, kits, orders, stock_ledger

MOVES = 60


@dataclass(frozen=True, slots=True)
class MoveFact:
    """How on hand and reserved changed, why and by whom; `number`: the order's, where it has one."""

    id: int
    at: datetime
    warehouse: str
    kind: str
    on_hand: int
    reserved: int
    reason: str
    actor: str
    order_id: int | None
    number: str


@dataclass(frozen=True, slots=True)
class SkuFacts:
    """`components`: (SKU, pieces) of a kit; `part_of`: kits that need it; `waiting`: orders held for its stock."""

    row: StockRow
    warehouses: tuple[tuple[str, str], ...]
    components: tuple[tuple[str, int], ...]
    part_of: tuple[tuple[str, int], ...]
    moves: tuple[MoveFact, ...]
    waiting: int


def read_sku(db: Database, sku: str, scope: Scope = None) -> SkuFacts:
    """One SKU. Raises NotFound."""
    with db.read() as connection:
        row = connection.execute(select(items).where(items.c.sku == sku)).one_or_none()
        if row is None:
            raise NotFound(f"there is no SKU {sku!r}")
        places = columns(connection, scope)
        short = (holds.c.fingerprint == f"short:{sku}", holds.c.state == "open")
        return SkuFacts(
            row=stock_rows(connection, [row], places)[0],
            warehouses=places,
            components=_kit(connection, sku, whole=True),
            part_of=_kit(connection, sku, whole=False),
            moves=_moves(connection, sku, [code for code, _ in places]),
            waiting=connection.scalar(select(func.count()).select_from(holds).where(*short)) or 0,
        )


def _kit(db: Connection, sku: str, *, whole: bool) -> tuple[tuple[str, int], ...]:
    mine, other = (kits.c.sku, kits.c.component) if whole else (kits.c.component, kits.c.sku)
    rows = db.execute(select(other, kits.c.quantity).where(mine == sku).order_by(other))
    return tuple((row[0], row[1]) for row in rows)


def _moves(db: Connection, sku: str, codes: Sequence[str]) -> tuple[MoveFact, ...]:
    table = stock_ledger.c
    query = select(stock_ledger, orders.c.number).outerjoin(orders, orders.c.id == table.order_id)
    query = query.where(table.sku == sku, table.warehouse.in_(codes)).order_by(table.id.desc()).limit(MOVES)
    rows = db.execute(query).all()
    names = actor_names(db, {row.actor for row in rows})
    return tuple(
        MoveFact(row.id, row.at, row.warehouse, row.kind, row.on_hand, row.reserved, row.reason, names[row.actor],
                 row.order_id, row.number or "")
        for row in rows
    )  # fmt: skip
