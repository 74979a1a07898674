"""Warehouses as the plan sees them; and where an order goes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from hub.canonical.geo import Point
from hub.rules.routing import Place
from hub.store.geodata import locate
from hub.store.tables import warehouses


def read_places(db: Connection) -> tuple[Place, ...]:
    """All warehouses, by code."""
    return tuple(_place(row) for row in db.execute(select(warehouses).order_by(warehouses.c.code)))


def _place(row: Row[Any]) -> Place:
    point = Point(row.lat, row.lon) if row.lat is not None and row.lon is not None else point_of(row)
    return Place(row.code, row.priority, row.active, point, row.country, frozenset(row.ships_to or ()))


def point_of(row: Row[Any]) -> Point | None:
    """Where the address in a row's country, postal_code, city and region is; None where nothing is known."""
    found = locate(row.country, row.postal_code, row.city, row.region, row._mapping.get("district"))
    return found.point if found else None
