"""One SKU in full: balances, listings, what it is made of, the newest ledger rows, who waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from hub.canonical.errors import NotFound
from hub.reports.names import actor_names
from hub.reports.stock import Scope, StockRow, columns, stock_rows
from hub.rules.lots import lives_long_enough
from hub.store.available import read_shelves
from hub.store.database import Database
from hub.store.expected import Coming, read_coming
from hub.store.selling import OWED
from hub.store.tables import holds, items, kits, orders, stock_ledger
from hub.store.waiting import SHORT

MOVES = 60


@dataclass(frozen=True, slots=True)
class MoveFact:
    """How on hand, reserved and the rarer states changed (None: not), why, by whom; `number`: the order's, if any."""

    id: int
    at: datetime
    warehouse: str
    lot: str
    kind: str
    on_hand: int
    reserved: int
    damaged: int | None
    quality_hold: int | None
    safety: int | None
    incoming: int | None
    in_transit: int | None
    reason: str
    actor: str
    order_id: int | None
    number: str


@dataclass(frozen=True, slots=True)
class LotFact:
    """One lot that lies in one warehouse; `ats`: free pieces, 0 past its last good day (None: it has none)."""

    warehouse: str
    lot: str
    expires_on: date | None
    on_hand: int
    reserved: int
    damaged: int
    quality_hold: int
    ats: int


@dataclass(frozen=True, slots=True)
class SkuFacts:
    """`components`: (SKU, pieces) of a kit; `part_of`: kits that need it; `waiting`: orders held for its stock.

    lots: those that have a name, by warehouse, the next to expire first. coming: what suppliers are to bring.
    """

    row: StockRow
    warehouses: tuple[tuple[str, str], ...]
    components: tuple[tuple[str, int], ...]
    part_of: tuple[tuple[str, int], ...]
    moves: tuple[MoveFact, ...]
    waiting: int
    lots: tuple[LotFact, ...]
    coming: tuple[Coming, ...]


def read_sku(db: Database, sku: str, now: datetime, scope: Scope = None) -> SkuFacts:
    """One SKU. Raises NotFound."""
    with db.read() as connection:
        row = connection.execute(select(items).where(items.c.sku == sku)).one_or_none()
        if row is None:
            raise NotFound(f"there is no SKU {sku!r}")
        places = columns(connection, scope)
        short = (holds.c.fingerprint.in_((SHORT + sku, OWED + sku)), holds.c.state == "open")
        return SkuFacts(
            row=stock_rows(connection, [row], places, now)[0],
            warehouses=places,
            components=_kit(connection, sku, whole=True),
            part_of=_kit(connection, sku, whole=False),
            moves=_moves(connection, sku, [code for code, _ in places]),
            waiting=connection.scalar(select(func.count()).select_from(holds).where(*short)) or 0,
            lots=_lots(connection, sku, [code for code, _ in places], now.date()),
            coming=tuple(row for row in read_coming(connection, [sku]).get(sku, ()) if row.warehouse in dict(places)),
        )


def _kit(db: Connection, sku: str, *, whole: bool) -> tuple[tuple[str, int], ...]:
    mine, other = (kits.c.sku, kits.c.component) if whole else (kits.c.component, kits.c.sku)
    rows = db.execute(select(other, kits.c.quantity).where(mine == sku).order_by(other))
    return tuple((row[0], row[1]) for row in rows)


def _lots(db: Connection, sku: str, codes: Sequence[str], today: date) -> tuple[LotFact, ...]:
    found = read_shelves(db, [sku], codes).get(sku, {})
    named = [(code, lot) for code, lots in sorted(found.items()) for lot in lots if lot.lot and lot.on_hand]
    named.sort(key=lambda pair: (pair[0], pair[1].expires_on or date.max, pair[1].lot))
    return tuple(
        LotFact(code, lot.lot, lot.expires_on, lot.on_hand, lot.reserved, lot.damaged, lot.quality_hold,
                lot.free if lives_long_enough(lot.expires_on, today, 0) else 0)
        for code, lot in named
    )  # fmt: skip


def _moves(db: Connection, sku: str, codes: Sequence[str]) -> tuple[MoveFact, ...]:
    table = stock_ledger.c
    query = select(stock_ledger, orders.c.number).outerjoin(orders, orders.c.id == table.order_id)
    query = query.where(table.sku == sku, table.warehouse.in_(codes)).order_by(table.id.desc()).limit(MOVES)
    rows = db.execute(query).all()
    names = actor_names(db, {row.actor for row in rows})
    return tuple(
        MoveFact(row.id, row.at, row.warehouse, row.lot, row.kind, row.on_hand, row.reserved, row.damaged,
                 row.quality_hold, row.safety, row.incoming, row.in_transit, row.reason, names[row.actor],
                 row.order_id, row.number or "")
        for row in rows
    )  # fmt: skip
