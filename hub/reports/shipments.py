"""Parcels that left, page by page, newest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from hub.canonical.errors import NotAllowed, NotFound
from hub.reports.cursors import read_page
from hub.store.database import Database
from hub.store.tables import orders, shipment_lines, shipments

_s, _l = shipments.c, shipment_lines.c


@dataclass(frozen=True, slots=True)
class ShipmentLine:
    """Pieces of one SKU in a parcel."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Shipment:
    """One parcel; `number`: its order's."""

    id: int
    order_id: int
    number: str
    fulfillment_order_id: int
    warehouse: str
    carrier: str
    tracking_no: str
    tracking_url: str | None
    shipped_at: datetime
    lines: tuple[ShipmentLine, ...]


def find_shipments(
    db: Database, *, scope: Collection[str] | None = None, order_id: int | None = None, tracking_no: str = "",
    after: str = "", limit: int = 50,
) -> tuple[list[Shipment], str | None]:  # fmt: skip
    """One page of parcels, newest first, and the cursor of the next; `scope`: warehouses to be seen, None: all."""
    query = _query()
    if scope is not None:
        query = query.where(_s.warehouse.in_(sorted(scope)))
    if order_id is not None:
        query = query.where(_s.order_id == order_id)
    if tracking_no:
        query = query.where(_s.tracking_no == tracking_no)
    with db.read() as connection:
        rows, following = read_page(connection, query, _s.id, after, limit)
        return _shipments(connection, rows), following


def read_shipment(db: Database, shipment_id: int, scope: Collection[str] | None = None) -> Shipment:
    """One parcel. Raises NotFound; NotAllowed: it left from a warehouse outside the scope."""
    with db.read() as connection:
        found = _shipments(connection, connection.execute(_query().where(_s.id == shipment_id)).all())
    if not found:
        raise NotFound(f"there is no shipment {shipment_id}")
    if scope is not None and found[0].warehouse not in scope:
        raise NotAllowed(f"shipment {shipment_id} left from a warehouse that is not yours")
    return found[0]


def _query() -> Select[Any]:
    return select(shipments, orders.c.number).join(orders, orders.c.id == _s.order_id)


def _shipments(db: Connection, rows: Sequence[Row[Any]]) -> list[Shipment]:
    lines: dict[int, list[ShipmentLine]] = defaultdict(list)
    query = select(shipment_lines).where(_l.shipment_id.in_([row.id for row in rows]))
    for line in db.execute(query.order_by(_l.shipment_id, _l.fulfillment_line_id)):
        lines[line.shipment_id].append(ShipmentLine(line.sku, line.quantity))
    return [
        Shipment(row.id, row.order_id, row.number, row.fulfillment_order_id, row.warehouse, row.carrier,
                 row.tracking_no, row.tracking_url, row.shipped_at, tuple(lines[row.id]))
        for row in rows
    ]  # fmt: skip
