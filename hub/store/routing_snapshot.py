"""Reads what a plan may use: places with their next ship day, free pieces, capacity, rates, prices, belief, pace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from hub.rules.calendars import Calendar, after_working, next_ship_day, read_calendar
from hub.rules.routing import Rate, Ruleset, Snapshot
from hub.rules.routing.snapshot import Lot
from hub.rules.routing_needs import Need, needs
from hub.rules.shipping import Zone, ZoneMap
from hub.store.bid_prices import read_prices
from hub.store.capacity import Limit, open_days
from hub.store.confidence import read_confidence
from hub.store.places import place_of
from hub.store.tables import items, shipping_rates, shipping_zones, stock_ledger, warehouses

PACE_DAYS = 28
"""Sales of so many days make the velocity."""

Key = tuple[str, str]
"""(warehouse, sku)"""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a warehouse's pick lists of this plan are told.

    ships_on: the day they are planned to leave. accept_by: until when they must be accepted, None: taken as accepted.
    booked:   whether the order takes a place on that day.
    """

    ships_on: date | None
    accept_by: datetime | None
    booked: bool


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is read only where the rules ask for it; empty where they do not.

    items: SKU -> (grams, micros) of one piece.
    """

    zones: ZoneMap | None
    rates: tuple[Rate, ...]
    prices: Mapping[Key, int]
    velocity: Mapping[Key, int]
    items: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class World:
    """One moment: the snapshot, what is known beside it, and the places' terms."""

    snapshot: Snapshot
    known: Knowledge
    terms: Mapping[str, Terms]


_PLACES = select(warehouses).order_by(warehouses.c.code)


def read_world(
    db: Connection, free: Mapping[Key, int], skus: Collection[str], ruleset: Ruleset, now: datetime,
    *, lots: Mapping[Key, tuple[Lot, ...]] | None = None, lock: bool = True,
) -> World:  # fmt: skip
    """Everything that `ruleset` may ask for, about these SKUs.

    Args: free: free pieces, read under the lock of their balances where the plan is to be committed; lots: likewise.
          lock: also lock the capacity of the days that are offered; False for a dry run.
    """
    asked = needs(ruleset)
    rows = db.execute(_PLACES).all()
    calendars = {row.code: calendar_of(row) for row in rows}
    limits = {row.code: Limit(calendars[row.code], row.daily_orders) for row in rows if row.daily_orders is not None}
    days = open_days(db, limits, now, lock=lock)
    known = read_knowledge(db, skus, asked, now)
    ships_on = {code: days[code].day if code in days else next_ship_day(calendars[code], now) for code in calendars}
    moved = {code: day.moved_from for code, day in days.items()}
    snapshot = Snapshot(
        tuple(place_of(row, ships_on[row.code], moved.get(row.code)) for row in rows), free, lots or {},
        confidence=read_confidence(db, skus),
        capacity={code: (day.left, day.most) for code, day in days.items()},
        rates=known.rates, prices=known.prices, velocity=known.velocity, as_of=now if Need.TIME in asked else None,
    )  # fmt: skip
    terms = {
        row.code: Terms(ships_on[row.code], accept_by(row, calendars[row.code], now), row.code in days) for row in rows
    }
    return World(snapshot, known, terms)


def read_knowledge(db: Connection, skus: Collection[str], asked: frozenset[Need], now: datetime) -> Knowledge:
    """Rates, zones, bid prices, pace and weights, as far as they are asked for."""
    return Knowledge(
        zones=read_zones(db) if Need.RATES in asked else None,
        rates=_rates(db) if Need.RATES in asked else (),
        prices=read_prices(db, skus, now) if Need.PRICES in asked else {},
        velocity=read_velocity(db, skus, now) if Need.VELOCITY in asked else {},
        items=_items(db, skus) if Need.WEIGHTS in asked else {},
    )


def zones_of(zones: ZoneMap | None, codes: Iterable[str], address: Row[Any] | None) -> tuple[tuple[str, str], ...]:
    """(warehouse, zone) of an address (country, postal_code), "" for all warehouses that are not named."""
    if zones is None or address is None:
        return ()
    usual = zones.zone("", address.country, address.postal_code)
    found = [(code, zones.zone(code, address.country, address.postal_code)) for code in codes]
    named = [(code, zone) for code, zone in found if zone is not None and zone != usual]
    return ((("", usual),) if usual else ()) + tuple(sorted(named))


def calendar_of(row: Row[Any]) -> Calendar:
    """A warehouse row's calendar; it was checked when it was saved."""
    return read_calendar(row.zone, row.hours or {}, row.cutoff, row.holidays or ())


def accept_by(row: Row[Any], calendar: Calendar, now: datetime) -> datetime | None:
    """Until when a pick list that is made now must be accepted; None: it is taken as accepted."""
    return None if row.accept_minutes is None else after_working(calendar, now, row.accept_minutes)


def read_zones(db: Connection) -> ZoneMap:
    """All shipping zones."""
    z = shipping_zones.c
    rows = db.execute(select(z.warehouse, z.country, z.postal_prefix, z.zone))
    return ZoneMap(Zone(*row) for row in rows)


def _rates(db: Connection) -> tuple[Rate, ...]:
    steps: dict[tuple[str, ...], list[tuple[int, int, int]]] = defaultdict(list)
    days: dict[tuple[str, ...], int] = {}
    for row in db.execute(select(shipping_rates).order_by(shipping_rates.c.up_to_g)):
        key = (row.warehouse, row.zone, row.carrier, row.service)
        steps[key].append((row.up_to_g, row.price, row.per_unit))
        days[key] = max(days.get(key, 0), row.days)
    return tuple(
        Rate(warehouse, zone, tuple(steps[key]), days[key], carrier, service)
        for key in sorted(steps)
        for warehouse, zone, carrier, service in [key]
    )


def read_velocity(db: Connection, skus: Iterable[str], now: datetime) -> dict[Key, int]:
    """Pieces shipped a day, in thousandths."""
    t = stock_ledger.c
    query = select(t.warehouse, t.sku, func.sum(-t.on_hand).label("pieces")).where(
        t.sku.in_(sorted(set(skus))), t.kind == "ship", t.at >= now - timedelta(days=PACE_DAYS)
    )
    rows = db.execute(query.group_by(t.warehouse, t.sku))
    return {(row.warehouse, row.sku): int(row.pieces) * 1000 // PACE_DAYS for row in rows}


def _items(db: Connection, skus: Iterable[str]) -> dict[str, tuple[int, int]]:
    i = items.c
    rows = db.execute(select(i.sku, i.weight_g, i.value).where(i.sku.in_(sorted(set(skus)))))
    return {row.sku: (row.weight_g, row.value) for row in rows}
