"""Warehouses and the active ruleset, as the plan sees them; and where an order goes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.canonical.geo import Point
from hub.rules.routing import Place, Ruleset
from hub.store.geodata import locate
from hub.store.tables import rulesets, warehouses


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


def read_rulesets(db: Connection, versions: Iterable[int]) -> dict[int, Ruleset]:
    """Rulesets by version, whatever their state; version 0 is the documented default."""
    query = select(rulesets.c.version, rulesets.c.body).where(rulesets.c.version.in_(sorted(set(versions))))
    found = {row.version: Ruleset.from_dict(dict(row.body) | {"version": row.version}) for row in db.execute(query)}
    return {0: Ruleset(version=0)} | found


def read_ruleset(db: Connection) -> Ruleset:
    """The active ruleset; the documented default (version 0) where none was ever activated."""
    row = db.execute(select(rulesets).where(rulesets.c.active.is_(True)).order_by(rulesets.c.version.desc())).first()
    return Ruleset(version=0) if row is None else Ruleset.from_dict(dict(row.body) | {"version": row.version})
