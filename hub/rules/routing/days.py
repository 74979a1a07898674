"""The day on which places send, and the day it would have been had none of their days been full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hub.rules.routing.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class ShipDay:
    """ships_on: when the last parcel leaves, None = unknown. moved_from: when it would, were no day full; None = then.

    full: the places whose own day moved because it is full, by code.
    """

    ships_on: date | None
    moved_from: date | None = None
    full: tuple[str, ...] = ()


def ship_day(seen: Snapshot, warehouses: Sequence[str]) -> ShipDay:
    """When these places together send what comes in as it was when the plan was made."""
    places = sorted((place for place in seen.places if place.code in warehouses), key=lambda place: place.code)
    days = [place.ships_on for place in places if place.ships_on is not None]
    full = tuple(place.code for place in places if place.moved_from is not None)
    if not places or len(days) < len(places):
        return ShipDay(None, None, full)
    first = max(place.moved_from or day for place, day in zip(places, days, strict=True))
    return ShipDay(max(days), first if first < max(days) else None, full)
