"""Where the pieces of a SKU are that orders wait for: promised to whom, unfit why, under way, or free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from hub.rules.ats import place_line
from hub.rules.incoming import Due
from hub.store.available import read_shelves, sells
from hub.store.database import Database
from hub.store.expected import read_coming
from hub.store.tables import (
    fulfillment_lines,
    fulfillment_orders,
    order_pieces,
    orders,
    stock_balances,
    transfer_lines,
    transfers,
    warehouses,
)
from hub.store.unfit_lots import AT_WORK

_f, _w, _o, _p, _b = fulfillment_lines.c, fulfillment_orders.c, orders.c, order_pieces.c, stock_balances.c
MOST = 3
"""So many orders are named that hold pieces in one place."""


@dataclass(frozen=True, slots=True)
class Lying:
    """One SKU in one warehouse. `free` is what is left of on_hand; incoming and in_transit are not there yet.

    due: (day or None, pieces) that suppliers are to bring. transfers: pieces that wait to be sent away.
    orders: (id, number) of the first that hold some of it, of `holders`.
    open: whether the warehouse sells at all.
    """

    warehouse: str
    open: bool
    on_hand: int
    reserved: int
    transfers: int
    damaged: int
    quality_hold: int
    expired: int
    safety: int
    free: int
    incoming: int
    in_transit: int
    due: tuple[Due, ...]
    orders: tuple[tuple[int, str], ...]
    holders: int


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """`missing`: pieces that the orders asked about (or all that wait) still need; `places`: where any is, by code."""

    sku: str
    missing: int
    places: tuple[Lying, ...]


def whereabouts(
    db: Database, skus: Iterable[str], now: datetime, order_id: int | None = None
) -> dict[str, Whereabouts]:  # fmt: skip
    """SKU -> where its pieces are; what is missing, to this order or (None) to all that wait."""
    wanted = sorted(set(skus))
    if not wanted:
        return {}
    with db.read() as connection:
        missing = _missing(connection, wanted, order_id)
        places = _places(connection, wanted, now)
    return {sku: Whereabouts(sku, missing.get(sku, 0), places.get(sku, ())) for sku in wanted}


def _missing(db: Connection, skus: Sequence[str], order_id: int | None) -> dict[str, int]:
    lacking = _p.wanted - _p.reserved - _p.shipped
    query = select(_p.sku, func.sum(lacking)).join(orders, _o.id == _p.order_id).group_by(_p.sku)
    query = query.where(_p.sku.in_(skus), lacking > 0, _o.state.in_(("held", "waiting")))
    rows = db.execute(query if order_id is None else query.where(_o.id == order_id))
    return {sku: int(pieces) for sku, pieces in rows}


def _places(db: Connection, skus: Sequence[str], now: datetime) -> Mapping[str, tuple[Lying, ...]]:
    codes = db.scalars(select(warehouses.c.code).order_by(warehouses.c.code)).all()
    selling = set(db.scalars(select(warehouses.c.code).where(sells())))
    shelves, holders = read_shelves(db, skus, codes), _holders(db, skus)
    going, coming, expected = _leaving(db, skus), _coming(db, skus), read_coming(db, skus)
    found: dict[str, tuple[Lying, ...]] = {}
    for sku, places in shelves.items():
        rows = []
        for code, lots in sorted(places.items()):
            line, mine = place_line(code, lots, now.date()), holders.get((sku, code), [])
            rows.append(Lying(
                code, code in selling, line.on_hand, line.reserved, going.get((sku, code), 0), line.damaged,
                line.quality_hold, line.too_short, line.safety, line.free, *coming.get((sku, code), (0, 0)),
                tuple((row.due_on, row.pieces) for row in expected.get(sku, ()) if row.warehouse == code),
                tuple(mine[:MOST]), len(mine),
            ))  # fmt: skip
        found[sku] = tuple(row for row in rows if row.on_hand or row.incoming or row.in_transit)
    return found


Spot = tuple[str, str]
"""(SKU, warehouse)"""


def _holders(db: Connection, skus: Sequence[str]) -> dict[Spot, list[tuple[int, str]]]:
    """The orders that hold pieces there, by id."""
    query = (
        select(_f.sku, _w.warehouse, _o.id, _o.number).distinct()
        .join(fulfillment_orders, _w.id == _f.fulfillment_order_id).join(orders, _o.id == _f.order_id)
        .where(_w.status.in_(AT_WORK), _f.sku.in_(skus),
               _f.quantity > _f.shipped + _f.cancelled)
    )  # fmt: skip
    found = defaultdict[Spot, list[tuple[int, str]]](list)
    for sku, code, order_id, number in db.execute(query.order_by(_o.id)):
        found[sku, code].append((order_id, number))
    return found


def _leaving(db: Connection, skus: Sequence[str]) -> dict[Spot, int]:
    t, line = transfers.c, transfer_lines.c
    query = select(line.sku, t.source, func.sum(line.quantity - line.shipped)).join(transfers, t.id == line.transfer_id)
    query = query.where(line.sku.in_(skus), t.state.in_(("ready", "in_transit"))).group_by(line.sku, t.source)
    return {(sku, code): int(pieces) for sku, code, pieces in db.execute(query)}


def _coming(db: Connection, skus: Sequence[str]) -> dict[Spot, tuple[int, int]]:
    query = select(_b.sku, _b.warehouse, func.sum(_b.incoming), func.sum(_b.in_transit)).where(_b.sku.in_(skus))
    rows = db.execute(query.group_by(_b.sku, _b.warehouse))
    return {(sku, code): (int(incoming), int(in_transit)) for sku, code, incoming, in_transit in rows}
