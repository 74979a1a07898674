"""A place on the globe, as a word that routing and the address book share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """Latitude and longitude in degrees (WGS 84), north and east positive."""

    lat: float
    lon: float
