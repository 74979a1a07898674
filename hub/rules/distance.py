"""Great-circle distance, in whole hectometers so that sums do not depend on their order."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

from hub.canonical.geo import Point

EARTH_RADIUS_KM = 6371.0088
"""Mean radius R1 of the IUGG."""

UNKNOWN_HM = 10_000_000
"""Stands for "no distance known": farther than any sum of known distances over 40 parcels."""


def haversine_km(a: Point, b: Point) -> float:
    """Kilometers between two points on the mean sphere; within 0.6 % of the ellipsoid."""
    up = sin(radians(b.lat - a.lat) / 2) ** 2
    across = sin(radians(b.lon - a.lon) / 2) ** 2
    chord = up + cos(radians(a.lat)) * cos(radians(b.lat)) * across
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord)))


def distance_hm(a: Point | None, b: Point | None) -> int:
    """Hectometers (0.1 km) between two points; `UNKNOWN_HM` where one is not known."""
    if a is None or b is None:
        return UNKNOWN_HM
    return round(haversine_km(a, b) * 10)


def hm_to_km(hm: int) -> float | None:
    """A sum of hectometers as kilometers; None as soon as one part is unknown."""
    return None if hm >= UNKNOWN_HM else hm / 10
