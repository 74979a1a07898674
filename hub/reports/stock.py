"""Stock by SKU, warehouse and channel: what there is, what is promised, what each channel shows and should show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, or_, select

from hub.reports.cursors import like, pack, page_size, unpack
from hub.reports.names import connection_names
from hub.rules.ats import Offer, place_line
from hub.store.available import listing_offers, read_shelves
from hub.store.catalog import read_kits
from hub.store.database import Database
from hub.store.pushes import to_push
from hub.store.tables import items, kits, listings, stock_balances, stock_pushes, warehouses
from hub.store.zeros import IN_DOUBT

_i, _b, _l, _p = items.c, stock_balances.c, listings.c, stock_pushes.c
Scope = Collection[str] | None
"""Warehouse codes that the asker may see; None: all."""

TABS = ("all", "out", "pushing", "doubted", "failed")
"""all; out: nothing free anywhere; pushing: a channel does not show the number yet; failed: a push was given up."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Pieces of one SKU in one warehouse, lots summed. `free` is what may still be promised.

    on_hand counts what is reserved, damaged and on quality hold too; incoming and in_transit are not on hand yet.
    expired: free pieces in lots past their last good day.
    """

    on_hand: int
    reserved: int
    damaged: int
    quality_hold: int
    expired: int
    safety: int
    incoming: int
    in_transit: int
    free: int


@dataclass(frozen=True, slots=True)
class Shown:
    """One listing. `shown`: what the hub last wrote there (None: never); `should`: what it may sell now.

    waiting: a push is under way since `changed_at`. doubted: its 0 waits for a person. dead: given up on; `error` says
    why. stocked: it follows the stock.
    offer: how `should` was computed; held_back: why it is not published as it is ("" where it is).
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
    doubted: bool
    changed_at: datetime | None
    attempts: int
    dead: bool
    error: str
    offer: Offer | None
    held_back: str


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
    db: Database, now: datetime, *, q: str = "", tab: str = "all", after: str = "", limit: int = 50,
    scope: Scope = None,
) -> StockPage:  # fmt: skip
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
        found = stock_rows(connection, rows[:limit], places, now)
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
    return _i.sku.in_(
        free.where(warehouses.c.active.is_(True), _b.on_hand - _b.reserved - _b.damaged - _b.quality_hold > _b.safety)
    )


def _pushed(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """SKUs with a listing whose push is in such a state."""
    same = and_(_l.connection_id == _p.connection_id, _l.listing_ref == _p.listing_ref)
    found: Select[Any] = select(_l.sku).join(stock_pushes, same).where(which, _l.sku.is_not(None))
    return _i.sku.in_(found)


_KIT = exists().where(kits.c.sku == _i.sku)
_WHICH: dict[str, ColumnElement[bool]] = {
    "out": and_(~_free_anywhere(), ~_KIT),
    "pushing": _pushed(to_push()),
    "doubted": _pushed(and_(*IN_DOUBT)),
    "failed": _pushed(_p.dead.is_(True)),
}


def columns(db: Connection, scope: Scope) -> tuple[tuple[str, str], ...]:
    """(code, title) of the warehouses in scope, by priority."""
    query = select(warehouses.c.code, warehouses.c.title).order_by(warehouses.c.priority, warehouses.c.code)
    if scope is not None:
        query = query.where(warehouses.c.code.in_(sorted(scope)))
    return tuple((row.code, row.title or row.code) for row in db.execute(query))


def stock_rows(
    db: Connection, rows: Sequence[Row[Any]], places: Sequence[tuple[str, str]], now: datetime
) -> tuple[StockRow, ...]:  # fmt: skip
    """The numbers of these items, in the warehouses given."""
    skus = [row.sku for row in rows]
    balances = _balances(db, skus, [code for code, _ in places], now)
    shown = _shown(db, skus, now)
    made_of = read_kits(db, skus)
    needed = sorted({sku for kit in made_of.values() for sku, _ in kit})
    parts = _balances(db, needed, [code for code, _ in places], now)
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


def _balances(
    db: Connection, skus: Sequence[str], codes: Sequence[str], now: datetime
) -> defaultdict[str, dict[str, Balance]]:
    found: defaultdict[str, dict[str, Balance]] = defaultdict(dict)
    coming = _under_way(db, skus)
    for sku, places in read_shelves(db, skus, codes).items():
        for code, lots in places.items():
            line = place_line(code, lots, now.date())
            found[sku][code] = Balance(
                line.on_hand, line.reserved, line.damaged, line.quality_hold, line.too_short, line.safety,
                *coming[sku, code], line.free,
            )  # fmt: skip
    return found


def _under_way(db: Connection, skus: Sequence[str]) -> dict[tuple[str, str], tuple[int, int]]:
    """(SKU, warehouse) -> (incoming, in_transit)"""
    sums = (func.sum(_b.incoming), func.sum(_b.in_transit))
    query = select(_b.sku, _b.warehouse, *sums).where(_b.sku.in_(skus)).group_by(_b.sku, _b.warehouse)
    return {(row[0], row[1]): (int(row[2]), int(row[3])) for row in db.execute(query)}


def _shown(db: Connection, skus: Sequence[str], now: datetime) -> defaultdict[str, list[Shown]]:
    rows = db.execute(select(listings).where(_l.sku.in_(skus)).order_by(_l.connection_id, _l.listing_ref)).all()
    offers = listing_offers(db, [row for row in rows if row.stocked], now)
    names = connection_names(db)
    refs = sorted({row.listing_ref for row in rows})
    states: dict[tuple[int, str], Row[Any]] = {}
    for push in db.execute(select(stock_pushes).where(_p.listing_ref.in_(refs))):
        states[push.connection_id, push.listing_ref] = push
    found: defaultdict[str, list[Shown]] = defaultdict(list)
    for row in rows:
        key = (row.connection_id, row.listing_ref)
        found[row.sku].append(_listing(row, names.get(row.connection_id, ""), offers.get(key), states.get(key)))
    return found


def _listing(row: Row[Any], name: str, offer: Offer | None, push: Row[Any] | None) -> Shown:
    return Shown(
        connection_id=row.connection_id, connection=name, listing_ref=row.listing_ref, title=row.title,
        units=row.units, buffer=row.buffer, max_listed=row.max_listed, stocked=row.stocked,
        should=offer.number if offer else None, offer=offer, held_back=offer.held_back if offer else "",
        shown=push.sent_value if push else None, sent_at=push.sent_at if push else None,
        waiting=bool(push and push.seq > max(push.sent_seq, push.doubted_seq) and not push.dead),
        doubted=bool(push and row.stocked and push.doubted_seq == push.seq > push.sent_seq),
        changed_at=push.changed_at if push else None,
        attempts=push.attempts if push else 0, dead=bool(push and push.dead), error=push.error if push else "",
    )  # fmt: skip
