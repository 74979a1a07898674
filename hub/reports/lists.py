"""Plain lists for the command line: orders, stock, connections, listings, warehouses, items. Read-only."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Select, and_, func, select

from hub.canonical.amounts import from_micros, plain
from hub.rules.ats import Balance, by_lot
from hub.store.database import Database
from hub.store.known import must_be_stocked, must_be_warehouses
from hub.store.tables import (
    connections,
    holds,
    items,
    kits,
    listings,
    orders,
    shipping_rates,
    shipping_zones,
    stock_balances,
    stock_lots,
    streams,
    warehouses,
)
from hub.store.zeros import count_doubted

Line = dict[str, Any]
"""One row, JSON-ready but for times."""


def _read(db: Database, ask: Select[Any]) -> list[Line]:
    with db.read() as connection:
        return [dict(row) for row in connection.execute(ask).mappings()]


def order_list(
    db: Database, *, state: str = "", connection: str = "", connection_key: int | None = None, text: str = "",
    ids: Collection[int] | None = None, limit: int = 50,
) -> list[Line]:  # fmt: skip
    """Newest first. `text` is an order number or the channel's id, whole; ids: only these orders."""
    ask = select(
        orders.c.id, connections.c.name.label("connection"), orders.c.number, orders.c.channel_ref, orders.c.state,
        orders.c.payment, orders.c.currency, orders.c.total, orders.c.country, orders.c.placed_at,
    ).join(connections, connections.c.id == orders.c.connection_id)  # fmt: skip
    ask = ask.order_by(orders.c.id.desc()).limit(limit)
    ask = ask.where(orders.c.state == state) if state else ask
    ask = ask.where(connections.c.name == connection) if connection else ask
    ask = ask.where(connections.c.id == connection_key) if connection_key is not None else ask
    ask = ask if ids is None else ask.where(orders.c.id.in_(ids))
    ask = ask.where((orders.c.number == text) | (orders.c.channel_ref == text)) if text else ask
    return [row | {"total": _money(row["total"])} for row in _read(db, ask)]


def _money(micros: int | None) -> str | None:
    return None if micros is None else plain(from_micros(micros))


def order_counts(db: Database) -> dict[str, int]:
    """state -> how many orders."""
    with db.read() as connection:
        counted = connection.execute(select(orders.c.state, func.count()).group_by(orders.c.state))
        return {row[0]: row[1] for row in counted}


def stock_list(db: Database, today: date, *, sku: str = "", warehouse: str = "") -> list[Line]:
    """One line per (SKU, warehouse, lot). `ats`: what of it may still be promised; lots add up to their warehouse.

    Raises: NotFound: an unknown SKU or warehouse. BadInput: a kit, which has no stock of its own.
    """
    with db.read() as connection:
        must_be_stocked(connection, [sku] if sku else [])
        must_be_warehouses(connection, [warehouse] if warehouse else [])
    b = stock_balances.c
    numbers = (b.on_hand, b.reserved, b.damaged, b.quality_hold, b.safety, b.incoming, b.in_transit)
    lot = and_(stock_lots.c.sku == b.sku, stock_lots.c.lot == b.lot)
    ask = select(b.sku, b.warehouse, b.lot, stock_lots.c.expires_on, *numbers).select_from(
        stock_balances.outerjoin(stock_lots, lot)
    ).order_by(b.sku, b.warehouse, b.lot)  # fmt: skip
    ask = ask.where(b.sku == sku) if sku else ask
    ask = ask.where(b.warehouse == warehouse) if warehouse else ask
    shelves = groupby(_read(db, ask), key=lambda row: (row["sku"], row["warehouse"]))
    return [row for _, lots in shelves for row in _with_ats(list(lots), today)]


def _with_ats(lots: list[Line], today: date) -> list[Line]:
    names = ("on_hand", "reserved", "damaged", "quality_hold", "safety", "lot", "expires_on")
    found = by_lot([Balance(*(row[name] for name in names)) for row in lots], today)
    return [row | {"ats": ats} for row, ats in zip(lots, found, strict=True)]


def connection_list(db: Database) -> list[Line]:
    """One line a connection, with the failures in a row of its worst stream and when it last pulled well.

    stopped: its streams that are stopped by themselves, though it may be active. waiting_zeros: listings whose 0 waits
    for a person.
    """
    c, s = connections.c, streams.c
    pulled = select(s.ok_at).where(s.connection_id == c.id, s.stream == "orders").scalar_subquery()
    failures = select(func.max(s.failures)).where(s.connection_id == c.id).scalar_subquery()
    open_holds = select(func.count()).where(holds.c.connection_id == c.id, holds.c.state == "open").scalar_subquery()
    ask = select(
        c.id, c.name, c.channel, c.state, c.state_reason, c.on_shortage,
        pulled.label("pulled_at"), failures.label("failures"), open_holds.label("holds"),
    ).order_by(c.name)  # fmt: skip
    stopped: dict[int, list[str]] = {}
    for row in _read(db, select(s.connection_id, s.stream).where(s.paused.is_(True)).order_by(s.stream)):
        stopped.setdefault(row["connection_id"], []).append(row["stream"])
    with db.read() as connection:
        zeros = count_doubted(connection)
    return [
        row | {"stopped": stopped.get(row["id"], []), "waiting_zeros": zeros.get(row["id"], 0)}
        for row in _read(db, ask)
    ]


def listing_list(db: Database, *, connection: str = "", unlinked: bool = False) -> list[Line]:
    """What the channels offer, and which SKU each is (null: not linked); unlinked_at: when a person took that away."""
    t = listings.c
    ask = select(
        connections.c.name.label("connection"), t.listing_ref, t.sku, t.units, t.offered_sku, t.title, t.stocked,
        t.unlinked_at,
    ).join(connections, connections.c.id == t.connection_id).order_by(connections.c.name, t.listing_ref)  # fmt: skip
    ask = ask.where(connections.c.name == connection) if connection else ask
    return _read(db, ask.where(t.sku.is_(None)) if unlinked else ask)


def warehouse_list(db: Database) -> list[Line]:
    """In the order in which they are asked."""
    w = warehouses.c
    rows = _read(db, select(
        w.code, w.title, w.priority, w.active, w.country, w.region, w.city, w.postal_code, w.lat, w.lon, w.ships_to,
        w.kind, w.tags, w.zone, w.hours, w.cutoff, w.holidays, w.daily_orders, w.accept_minutes, w.asks_from,
        w.answer_minutes, w.handling, w.handling_unit,
    ).order_by(w.priority, w.code))  # fmt: skip
    return [row | {name: _money(row[name]) for name in ("handling", "handling_unit")} for row in rows]


def item_list(db: Database) -> list[Line]:
    """All SKUs; `kit` names the components of those that are composed."""
    parts: dict[str, dict[str, int]] = {}
    for row in _read(db, select(kits).order_by(kits.c.sku, kits.c.component)):
        parts.setdefault(row["sku"], {})[row["component"]] = row["quantity"]
    i = items.c
    rows = _read(db, select(i.sku, i.title, i.barcode, i.weight_g, i.value, i.tags).order_by(i.sku))
    return [row | {"kit": parts.get(row["sku"], {}), "value": _money(row["value"])} for row in rows]


def zone_list(db: Database) -> list[Line]:
    """Which addresses are in which shipping zone, the longest prefix first."""
    z = shipping_zones.c
    ask = select(z.warehouse, z.country, z.postal_prefix, z.zone)
    return _read(db, ask.order_by(z.warehouse, z.country, func.length(z.postal_prefix).desc(), z.postal_prefix))


def rate_list(db: Database, *, zone: str = "") -> list[Line]:
    """What parcels cost, by carrier, place, zone and weight; money as decimal text."""
    r = shipping_rates.c
    ask = select(r.carrier, r.service, r.warehouse, r.zone, r.up_to_g, r.price, r.per_unit, r.days)
    ask = ask.where(r.zone == zone) if zone else ask
    rows = _read(db, ask.order_by(r.carrier, r.service, r.warehouse, r.zone, r.up_to_g))
    return [row | {name: _money(row[name]) for name in ("price", "per_unit")} for row in rows]
