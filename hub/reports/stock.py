"""Stock by SKU, warehouse and channel: what there is, what is promised, what each channel shows and should show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, or_, select

from hub.reports.cursors import like, pack, page_size, unpack
from hub.rules.ats import ats
from hub.store.available import listing_numbers
from hub.store.catalog import read_kits
from hub.store.database import Database
from hub.store.tables import connections, items, kits, listings, stock_balances, stock_pushes, warehouses

_i, _b, _l, _p = items.c, stock_balances.c, listings.c, stock_pushes.c
Scope = Collection[str] | None
"""Warehouse codes that the asker may see; None: all."""

TABS = ("all", "out", "pushing", "failed")
"""all; out: nothing free anywhere; pushing: a channel does not show the number yet; failed: a push was given up."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Pieces of one SKU in one warehouse, lots summed. `free` is what may still be promised."""

    on_hand: int
    reserved: int
    safety: int
    incoming: int
    free: int


@dataclass(frozen=True, slots=True)
class Shown:
    """One listing. `shown`: what the hub last wrote there (None: never); `should`: what it may sell now.

    waiting: a push is under way since `changed_at`. dead: given up on; `error` says why. stocked: it follows the stock.
    """

    connection_id: int
    connection: str
    listing_ref: str
    title: str
    units: int
    buffer: int
    max_listed: int | None
    stocked: bool
    should: int | None
    shown: int | None
    sent_at: datetime | None
    waiting: bool
    changed_at: datetime | None
    attempts: int
    dead: bool
    error: str


@dataclass(frozen=True, slots=True)
class StockRow:
    """One SKU. `places`: warehouse code -> balance (missing: never stocked there). `free` of a kit: how many its
    components make."""

    sku: str
    title: str
    barcode: str
    is_kit: bool
    places: dict[str, Balance]
    on_hand: int
    reserved: int
    free: int
    listings: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class StockPage:
    """`warehouses`: (code, title) of the columns; `next`: cursor, None on the last page."""

    rows: tuple[StockRow, ...]
    warehouses: tuple[tuple[str, str], ...]
    next: str | None


def find_stock(
    db: Database, *, q: str = "", tab: str = "all", after: str = "", limit: int = 50, scope: Scope = None
) -> StockPage:
    """One page of SKUs by code.

    Args:   q: a part of SKU, title or barcode. tab: one of `TABS`.
    Raises: BadInput: a cursor that is not ours, or a limit outside 1 to 500.
    """
    query = select(items).order_by(_i.sku).limit(page_size(limit) + 1)
    if after:
        query = query.where(_i.sku > unpack(after))
    if q.strip():
        query = query.where(_matching(q.strip()[:200]))
    if tab in _WHICH:
        query = query.where(_WHICH[tab])
    with db.read() as connection:
        rows = connection.execute(query).all()
        places = columns(connection, scope)
        found = stock_rows(connection, rows[:limit], places)
    return StockPage(found, places, pack(rows[limit - 1].sku) if len(rows) > limit else None)


def stock_counts(db: Database) -> dict[str, int]:
    """Tab -> how many SKUs it shows."""
    with db.read() as connection:
        count = select(func.count()).select_from(items)
        found = {tab: connection.scalar(count.where(which)) or 0 for tab, which in _WHICH.items()}
        return {"all": connection.scalar(count) or 0} | found


def _matching(text: str) -> ColumnElement[bool]:
    part = f"%{like(text)}%"
    return or_(_i.sku.ilike(part, escape="\\"), _i.title.ilike(part, escape="\\"), _i.barcode == text)


def _free_anywhere() -> ColumnElement[bool]:
    free = select(_b.sku).join(warehouses, warehouses.c.code == _b.warehouse)
    return _i.sku.in_(free.where(warehouses.c.active.is_(True), _b.on_hand - _b.reserved - _b.safety > 0))


def _pushed(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """SKUs with a listing whose push is in such a state."""
    same = and_(_l.connection_id == _p.connection_id, _l.listing_ref == _p.listing_ref)
    found: Select[Any] = select(_l.sku).join(stock_pushes, same).where(which, _l.sku.is_not(None))
    return _i.sku.in_(found)


_OPEN = _p.seq > _p.sent_seq
_KIT = exists().where(kits.c.sku == _i.sku)
_WHICH: dict[str, ColumnElement[bool]] = {
    "out": and_(~_free_anywhere(), ~_KIT),
    "pushing": _pushed(and_(_OPEN, _p.dead.is_(False))),
    "failed": _pushed(_p.dead.is_(True)),
}


def columns(db: Connection, scope: Scope) -> tuple[tuple[str, str], ...]:
    """(code, title) of the warehouses in scope, by priority."""
    query = select(warehouses.c.code, warehouses.c.title).order_by(warehouses.c.priority, warehouses.c.code)
    if scope is not None:
        query = query.where(warehouses.c.code.in_(sorted(scope)))
    return tuple((row.code, row.title or row.code) for row in db.execute(query))


def stock_rows(
    db: Connection, rows: Sequence[Row[Any]], places: Sequence[tuple[str, str]]
) -> tuple[StockRow, ...]:  # fmt: skip
    """The numbers of these items, in the warehouses given."""
    skus = [row.sku for row in rows]
    balances = _balances(db, skus, [code for code, _ in places])
    shown = _shown(db, skus)
    made_of = read_kits(db, skus)
    parts = _balances(db, sorted({sku for kit in made_of.values() for sku, _ in kit}), [code for code, _ in places])
    return tuple(
        _stock_row(row, balances[row.sku], shown[row.sku], _buildable(made_of.get(row.sku, ()), parts)) for row in rows
    )


def _buildable(kit: Sequence[tuple[str, int]], parts: Mapping[str, dict[str, Balance]]) -> int | None:
    """How many of a kit its free components make; None: it is no kit."""
    free = (sum(b.free for b in parts.get(sku, {}).values()) // pieces for sku, pieces in kit)
    return min(free, default=None)


def _stock_row(row: Row[Any], places: dict[str, Balance], found: Sequence[Shown], buildable: int | None) -> StockRow:
    values = places.values()
    free = sum(b.free for b in values) if buildable is None else buildable
    return StockRow(
        row.sku, row.title, row.barcode, buildable is not None, places, sum(b.on_hand for b in values),
        sum(b.reserved for b in values), free, tuple(found),
    )  # fmt: skip


def _balances(db: Connection, skus: Sequence[str], codes: Sequence[str]) -> defaultdict[str, dict[str, Balance]]:
    sums = [func.sum(column) for column in (_b.on_hand, _b.reserved, _b.safety, _b.incoming)]
    query = select(_b.sku, _b.warehouse, *sums).where(_b.sku.in_(skus), _b.warehouse.in_(codes))
    found: defaultdict[str, dict[str, Balance]] = defaultdict(dict)
    for sku, code, *numbers in db.execute(query.group_by(_b.sku, _b.warehouse)):
        on_hand, reserved, safety, incoming = (int(number) for number in numbers)
        found[sku][code] = Balance(on_hand, reserved, safety, incoming, ats(on_hand, reserved, safety))
    return found


def _shown(db: Connection, skus: Sequence[str]) -> defaultdict[str, list[Shown]]:
    rows = db.execute(select(listings).where(_l.sku.in_(skus)).order_by(_l.connection_id, _l.listing_ref)).all()
    should = listing_numbers(db, [row for row in rows if row.stocked])
    names = {row.id: row.name for row in db.execute(select(connections.c.id, connections.c.name))}
    refs = sorted({row.listing_ref for row in rows})
    states: dict[tuple[int, str], Row[Any]] = {}
    for push in db.execute(select(stock_pushes).where(_p.listing_ref.in_(refs))):
        states[push.connection_id, push.listing_ref] = push
    found: defaultdict[str, list[Shown]] = defaultdict(list)
    for row in rows:
        key = (row.connection_id, row.listing_ref)
        found[row.sku].append(_listing(row, names.get(row.connection_id, ""), should.get(key), states.get(key)))
    return found


def _listing(row: Row[Any], name: str, should: int | None, push: Row[Any] | None) -> Shown:
    return Shown(
        connection_id=row.connection_id, connection=name, listing_ref=row.listing_ref, title=row.title,
        units=row.units, buffer=row.buffer, max_listed=row.max_listed, stocked=row.stocked, should=should,
        shown=push.sent_value if push else None, sent_at=push.sent_at if push else None,
        waiting=bool(push and push.seq > push.sent_seq and not push.dead), changed_at=push.changed_at if push else None,
        attempts=push.attempts if push else 0, dead=bool(push and push.dead), error=push.error if push else "",
    )  # fmt: skip
