"""Great-circle distance, in whole hectometers so that sums do not depend on their order."""

from __future__ import annotations

from collections.abc import Sequence
from math import asin, cos, radians, sin, sqrt

from hub.canonical.geo import Point

EARTH_RADIUS_KM = 6371.0088
"""Mean radius R1 of the IUGG."""

UNKNOWN_HM = 10_000_000
"""Stands for "no distance known": farther than any sum of known distances over 40 parcels."""


def haversine_km(a: Point, b: Point) -> float:
    """Kilometers between two points on the mean sphere; within 0.6 % of the ellipsoid."""
    return _km(a, b, cos(radians(b.lat)))


def _km(a: Point, b: Point, cos_b: float) -> float:
    up = sin(radians(b.lat - a.lat) / 2) ** 2
    across = sin(radians(b.lon - a.lon) / 2) ** 2
    chord = up + cos(radians(a.lat)) * cos_b * across
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord)))


def distances_hm(points: Sequence[Point | None], target: Point | None) -> list[int]:
    """Hectometers (0.1 km) of each point to the target; `UNKNOWN_HM` where one is not known."""
    if target is None:
        return [UNKNOWN_HM] * len(points)
    across = cos(radians(target.lat))
    return [UNKNOWN_HM if point is None else round(_km(point, target, across) * 10) for point in points]


def hm_to_km(hm: int) -> float | None:
    """A sum of hectometers as kilometers; None as soon as one part is unknown."""
    return None if hm >= UNKNOWN_HM else hm / 10
