"""Work in the warehouses: pick lists by state, and one pick list with everything that a picker must know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, select

from hub.canonical.errors import NotAllowed, NotFound
from hub.reports.cursors import read_page
from hub.reports.names import actor_names
from hub.reports.stock import Scope
from hub.store.database import Database
from hub.store.tables import (
    connections,
    fulfillment_lines,
    fulfillment_orders,
    items,
    order_documents,
    order_events,
    orders,
    shipment_lines,
    shipments,
    stock_lots,
    warehouses,
)

_f, _o, _l = fulfillment_orders.c, orders.c, fulfillment_lines.c
OPEN = ("open", "picking", "packed")
TABS = ("todo", "open", "picking", "packed", "shipped", "cancelled")
"""todo: all that is open, being picked or packed."""

CARRIERS = ("DHL", "UPS", "FedEx", "USPS", "SF Express", "DPD", "GLS")


@dataclass(frozen=True, slots=True)
class PickCard:
    """One pick list in a list. `pieces` asked (cancelled ones left out), `picked`, `shipped`; `stopped`: order held.

    mine: it is the reader's. theirs: somebody else is picking it. updated_at: of its last change, such as a scan.
    request_status: submitted (it waits to be accepted, until `accept_by`), accepted, rejected or cancelled.
    """

    id: int
    order_id: int
    number: str
    connection: str
    warehouse: str
    warehouse_title: str
    status: str
    picker: str
    mine: bool
    theirs: bool
    stopped: bool
    lines: int
    pieces: int
    picked: int
    shipped: int
    skus: tuple[str, ...]
    country: str | None
    city: str | None
    ship_by: datetime | None
    created_at: datetime
    updated_at: datetime
    request_status: str
    accept_by: datetime | None

    @property
    def asked(self) -> bool:
        """The warehouse has not said yet whether it will do it."""
        return self.status == "open" and self.request_status == "submitted"


@dataclass(frozen=True, slots=True)
class PickPage:
    rows: tuple[PickCard, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class PickLine:
    """One line: `asked` pieces (cancelled ones left out), of which picked and shipped; `missing`: not on the shelf.

    lot: take the pieces from this lot ("": of no lot); expires_on: its last good day.
    """

    id: int
    sku: str
    title: str
    barcode: str
    lot: str
    expires_on: date | None
    asked: int
    picked: int
    shipped: int
    missing: int

    @property
    def left(self) -> int:
        """Pieces still to scan."""
        return max(0, self.asked - self.picked)

    @property
    def in_hand(self) -> int:
        """Pieces that were picked and have not left."""
        return max(0, self.picked - self.shipped)


@dataclass(frozen=True, slots=True)
class Parcel:
    id: int
    carrier: str
    tracking_no: str
    shipped_at: datetime
    lines: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PickSheet:
    """One pick list in full; `address`: the canonical `ship_to`; `carriers`: this warehouse's, newest first.

    lost_at: when whoever has it took it over from the reader; None where nobody did.
    """

    card: PickCard
    order_state: str
    lines: tuple[PickLine, ...]
    parcels: tuple[Parcel, ...]
    address: dict[str, Any]
    note: str
    shipping_method: str
    carriers: tuple[str, ...]
    lost_at: datetime | None

    @property
    def left(self) -> int:
        return sum(line.left for line in self.lines)

    @property
    def in_hand(self) -> int:
        return sum(line.in_hand for line in self.lines)


def pick_counts(db: Database, scope: Scope = None) -> dict[str, int]:
    """Tab -> how many pick lists it shows."""
    query = select(_f.status, func.count().label("number")).group_by(_f.status)
    with db.read() as connection:
        found: dict[str, int] = {row.status: row.number for row in connection.execute(_scoped(query, scope))}
    return {"todo": sum(found.get(status, 0) for status in OPEN)} | {tab: found.get(tab, 0) for tab in TABS[1:]}


def find_picks(
    db: Database, *, tab: str = "todo", scope: Scope = None, warehouse: str = "", actor: str = "", after: str = "",
    limit: int = 50,
) -> PickPage:  # fmt: skip
    """One page of pick lists: work that waits oldest first, work that is done newest first.

    Args:   actor: whose lists are `mine`. Raises: BadInput: a cursor that is not ours, a limit outside 1 to 500.
    """
    query = _scoped(_cards(), scope).where(_f.status.in_(OPEN if tab == "todo" else (tab,)))
    if warehouse:
        query = query.where(_f.warehouse == warehouse)
    done = tab in ("shipped", "cancelled")
    with db.read() as connection:
        rows, following = read_page(connection, query, _f.id, after, limit, newest_first=done)
        return PickPage(_read(connection, rows, actor), following)


def next_picks(db: Database, actor: str, scope: Scope = None, limit: int = 20) -> tuple[PickCard, ...]:
    """What this picker should do next: the own lists first, then lists that nobody has, the most urgent first."""
    mine = (_f.picker == actor) & _f.status.in_(OPEN)
    free = (_f.status == "open") & (_o.state != "held")
    query = _scoped(_cards(), scope).where(mine | free)
    late_last = func.coalesce(_f.ship_by, _f.created_at)
    query = query.order_by((_f.picker == actor).desc(), _f.ship_by.is_(None), late_last, _f.id).limit(limit)
    with db.read() as connection:
        return _read(connection, connection.execute(query).all(), actor)


def read_pick(db: Database, pick_id: int, *, scope: Scope = None, actor: str = "") -> PickSheet:
    """One pick list. Raises NotFound; NotAllowed: it belongs to a warehouse outside the scope."""
    with db.read() as connection:
        row = connection.execute(_cards().where(_f.id == pick_id)).one_or_none()
        if row is None:
            raise NotFound(f"there is no pick list {pick_id}")
        if scope is not None and row.warehouse not in scope:
            raise NotAllowed(f"pick list {pick_id} belongs to the warehouse {row.warehouse}, which is not yours")
        body = connection.scalar(select(order_documents.c.current).where(order_documents.c.order_id == row.order_id))
        document: dict[str, Any] = body or {}
        return PickSheet(
            card=_read(connection, [row], actor)[0],
            order_state=row.order_state,
            lines=_lines(connection, pick_id),
            parcels=_parcels(connection, pick_id),
            address=document.get("ship_to") or {},
            note=document.get("note") or "",
            shipping_method=(document.get("shipping") or {}).get("method") or "",
            carriers=_carriers(connection, row.warehouse),
            lost_at=_lost_at(connection, row, actor),
        )


def _lost_at(db: Connection, row: Row[Any], actor: str) -> datetime | None:
    e = order_events.c
    query = select(e.at, e.data).where(
        e.order_id == row.order_id, e.kind == "picking_taken_over", e.actor == row.picker
    )
    newest = next((found for found in db.execute(query.order_by(e.id.desc())) if found.data["list"] == row.id), None)
    return newest.at if newest and actor == newest.data["picker"] and actor != row.picker else None


def _scoped(query: Select[Any], scope: Scope) -> Select[Any]:
    return query if scope is None else query.where(_f.warehouse.in_(sorted(scope)))


def _cards() -> Select[Any]:
    joined = (
        fulfillment_orders.join(orders, _o.id == _f.order_id)
        .join(connections, connections.c.id == _o.connection_id)
        .outerjoin(warehouses, warehouses.c.code == _f.warehouse)
    )
    return select(
        fulfillment_orders, _o.number, _o.country, _o.city, _o.state.label("order_state"),
        connections.c.name.label("connection"), warehouses.c.title,
    ).select_from(joined)  # fmt: skip


def _read(db: Connection, rows: Sequence[Row[Any]], actor: str) -> tuple[PickCard, ...]:
    names = actor_names(db, {row.picker for row in rows})
    lines: dict[int, list[Any]] = defaultdict(list)
    query = select(fulfillment_lines).where(_l.fulfillment_order_id.in_([row.id for row in rows])).order_by(_l.id)
    for line in db.execute(query):
        lines[line.fulfillment_order_id].append(line)
    return tuple(_card(row, lines[row.id], names[row.picker], actor) for row in rows)


def _card(row: Row[Any], lines: Sequence[Any], picker: str, actor: str) -> PickCard:
    mine = bool(actor) and row.picker == actor
    live = [line for line in lines if line.quantity > line.cancelled]
    return PickCard(
        id=row.id, order_id=row.order_id, number=row.number, connection=row.connection, warehouse=row.warehouse,
        warehouse_title=row.title or row.warehouse, status=row.status, picker=picker, mine=mine,
        theirs=row.status == "picking" and not mine and bool(row.picker),
        stopped=row.order_state == "held", lines=len(live),
        pieces=sum(line.quantity - line.cancelled for line in lines),
        picked=sum(line.picked for line in lines), shipped=sum(line.shipped for line in lines),
        skus=tuple(line.sku for line in live), country=row.country, city=row.city, ship_by=row.ship_by,
        created_at=row.created_at, updated_at=row.updated_at, request_status=row.request_status,
        accept_by=row.accept_by,
    )  # fmt: skip


def _lines(db: Connection, pick_id: int) -> tuple[PickLine, ...]:
    lot = and_(stock_lots.c.sku == _l.sku, stock_lots.c.lot == _l.lot)
    joined = fulfillment_lines.outerjoin(items, items.c.sku == _l.sku).outerjoin(stock_lots, lot)
    query = select(fulfillment_lines, items.c.title, items.c.barcode, stock_lots.c.expires_on).select_from(joined)
    rows = db.execute(query.where(_l.fulfillment_order_id == pick_id).order_by(_l.sku, _l.id))
    return tuple(
        PickLine(row.id, row.sku, row.title or "", row.barcode or "", row.lot, row.expires_on,
                 row.quantity - row.cancelled, row.picked, row.shipped, row.cancelled)
        for row in rows
    )  # fmt: skip


def _parcels(db: Connection, pick_id: int) -> tuple[Parcel, ...]:
    table = shipments.c
    rows = db.execute(select(shipments).where(table.fulfillment_order_id == pick_id).order_by(table.id)).all()
    contents: dict[int, list[tuple[str, int]]] = defaultdict(list)
    line = shipment_lines.c
    for part in db.execute(select(shipment_lines).where(line.shipment_id.in_([row.id for row in rows]))):
        contents[part.shipment_id].append((part.sku, part.quantity))
    return tuple(
        Parcel(row.id, row.carrier, row.tracking_no, row.shipped_at, tuple(sorted(contents[row.id]))) for row in rows
    )


def _carriers(db: Connection, warehouse: str) -> tuple[str, ...]:
    """What this warehouse used last, then the usual ones."""
    query = select(shipments.c.carrier).where(shipments.c.warehouse == warehouse).order_by(shipments.c.id.desc())
    used = db.scalars(query.limit(50)).all()
    return tuple(dict.fromkeys([*used, *CARRIERS]))
