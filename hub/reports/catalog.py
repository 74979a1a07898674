"""SKUs, kits and warehouses, page by page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, or_, select

from hub.canonical.amounts import from_micros
from hub.canonical.errors import NotFound
from hub.reports.cursors import like, pack, page_size, unpack
from hub.store.catalog import read_kits
from hub.store.database import Database
from hub.store.tables import items, kits, warehouses

_i, _w = items.c, warehouses.c


@dataclass(frozen=True, slots=True)
class Item:
    """One SKU; `components`: (SKU, pieces in one kit), empty for a plain SKU."""

    sku: str
    title: str
    barcode: str
    tags: tuple[str, ...]
    components: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A place that keeps stock and ships; `ships_to`: country codes, empty means everywhere.

    hours: {"mon": [["08:00", "17:00"]], …} in `zone`, {} is always open. handling: money per parcel and per piece.
    """

    code: str
    title: str
    priority: int
    active: bool
    country: str | None
    region: str | None
    city: str | None
    postal_code: str | None
    lat: float | None
    lon: float | None
    ships_to: tuple[str, ...]
    kind: str
    tags: tuple[str, ...]
    zone: str
    hours: Mapping[str, Any]
    cutoff: str | None
    holidays: tuple[str, ...]
    daily_orders: int | None
    accept_minutes: int | None
    asks_from: str
    answer_minutes: int
    handling: Decimal
    handling_unit: Decimal


def find_items(
    db: Database, *, q: str = "", kits_only: bool = False, after: str = "", limit: int = 50
) -> tuple[list[Item], str | None]:
    """One page of SKUs by code, and the cursor of the next.

    Args: q: a part of SKU or title, or a whole barcode.
    """
    query = select(items).order_by(_i.sku).limit(page_size(limit) + 1)
    if after:
        query = query.where(_i.sku > unpack(after))
    if kits_only:
        query = query.where(exists().where(kits.c.sku == _i.sku))
    if q:
        part = f"%{like(q)}%"
        query = query.where(or_(_i.sku.ilike(part, escape="\\"), _i.title.ilike(part, escape="\\"), _i.barcode == q))
    with db.read() as connection:
        rows = connection.execute(query).all()
        found = _items(connection, rows[:limit])
    return found, pack(found[-1].sku) if len(rows) > limit else None


def read_item(db: Database, sku: str) -> Item:
    """One SKU. Raises NotFound."""
    with db.read() as connection:
        found = _items(connection, connection.execute(select(items).where(_i.sku == sku)).all())
    if not found:
        raise NotFound(f"there is no SKU {sku!r}")
    return found[0]


def _items(db: Connection, rows: Collection[Row[Any]]) -> list[Item]:
    parts = read_kits(db, [row.sku for row in rows])
    return [Item(row.sku, row.title, row.barcode, tuple(row.tags or ()), parts.get(row.sku, ())) for row in rows]


def find_warehouses(
    db: Database, *, scope: Collection[str] | None = None, after: str = "", limit: int = 50
) -> tuple[list[Warehouse], str | None]:
    """One page of warehouses by code, and the cursor of the next; `scope`: the codes that may be seen, None: all."""
    query = _warehouses().order_by(_w.code).limit(page_size(limit) + 1)
    if scope is not None:
        query = query.where(_w.code.in_(sorted(scope)))
    if after:
        query = query.where(_w.code > unpack(after))
    with db.read() as connection:
        found = [_warehouse(row) for row in connection.execute(query)]
    return found[:limit], pack(found[limit - 1].code) if len(found) > limit else None


def read_warehouse(db: Database, code: str) -> Warehouse:
    """One warehouse. Raises NotFound."""
    with db.read() as connection:
        row = connection.execute(_warehouses().where(_w.code == code)).one_or_none()
    if row is None:
        raise NotFound(f"there is no warehouse {code!r}")
    return _warehouse(row)


def _warehouses() -> Select[Any]:
    return select(*(_w[field.name] for field in fields(Warehouse)))


def _warehouse(row: Row[Any]) -> Warehouse:
    values = dict(row._mapping)
    lists = {name: tuple(values[name] or ()) for name in ("ships_to", "tags", "holidays")}
    money = {name: from_micros(values[name]) for name in ("handling", "handling_unit")}
    return Warehouse(**values | lists | money | {"hours": values["hours"] or {}})
