"""A warehouse as the plan sees it; and where an address is."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Row

from hub.canonical.geo import Point
from hub.rules.routing import Place
from hub.store.geodata import locate


def place_of(row: Row[Any], ships_on: date | None, moved_from: date | None = None) -> Place:
    """A row of the table of warehouses. `ships_on`: the first day on which it can hand over what comes in now.

    Args: moved_from: the day that would be if no day were full; None where none is.
    """
    point = Point(row.lat, row.lon) if row.lat is not None and row.lon is not None else point_of(row)
    return Place(
        row.code, row.priority, row.active, point, row.country, frozenset(row.ships_to or ()), row.kind,
        frozenset(row.tags or ()), "" if row.zone == "UTC" else row.zone, ships_on, row.handling, row.handling_unit,
        moved_from,
    )  # fmt: skip


def point_of(row: Any) -> Point | None:
    """Where the address in a row's country, postal_code, city and region is; None where nothing is known."""
    found = locate(row.country, row.postal_code, row.city, row.region, getattr(row, "district", None))
    return found.point if found else None
