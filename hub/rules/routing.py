"""Routing: the one import for everybody who plans, explains, stores or replays a decision."""

from __future__ import annotations

from hub.canonical.geo import Point
from hub.rules.distance import haversine_km
from hub.rules.routing_plan import plan
from hub.rules.routing_replay import as_seen
from hub.rules.routing_why import why
from hub.rules.routing_words import (
    CRITERIA,
    Candidate,
    Decision,
    Demand,
    Piece,
    Place,
    Ruleset,
    Shortage,
    Snapshot,
    Take,
    snapshot_hash,
)

__all__ = [
    "CRITERIA",
    "Candidate",
    "Decision",
    "Demand",
    "Piece",
    "Place",
    "Point",
    "Ruleset",
    "Shortage",
    "Snapshot",
    "Take",
    "as_seen",
    "haversine_km",
    "plan",
    "snapshot_hash",
    "why",
]
