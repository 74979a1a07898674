"""Routing: the one import for everybody who plans, explains, stores or replays a decision."""

from __future__ import annotations

from hub.canonical.geo import Point
from hub.rules.distance import haversine_km
from hub.rules.routing.change import Change, applied, changes_together, what_would_have_to_change
from hub.rules.routing.conditions import ALWAYS, Condition, Group
from hub.rules.routing.days import ShipDay, ship_day
from hub.rules.routing.decision import Candidate, Decision
from hub.rules.routing.explain import Explanation, Tried, explain
from hub.rules.routing.named import NAMED, named
from hub.rules.routing.plan import plan
from hub.rules.routing.policies import CRITERIA, Criterion, Estimate, Filters, Leftover, Objective, Split
from hub.rules.routing.reading import MICROS, money_text
from hub.rules.routing.replay import as_seen
from hub.rules.routing.ruleset import Batch, Ruleset, Strategy
from hub.rules.routing.simulate import Difference, Outcome, Simulation, simulate, simulate_recorded
from hub.rules.routing.snapshot import Rate, Snapshot, hashed, snapshot_hash, snapshot_text
from hub.rules.routing.spent import Lane, Spent, spent, spent_on, yardstick
from hub.rules.routing.why import why
from hub.rules.routing.words import Demand, Piece, Place, Shortage, Take

__all__ = [
    "ALWAYS",
    "CRITERIA",
    "MICROS",
    "NAMED",
    "Batch",
    "Candidate",
    "Change",
    "Condition",
    "Criterion",
    "Decision",
    "Demand",
    "Difference",
    "Estimate",
    "Explanation",
    "Filters",
    "Group",
    "Lane",
    "Leftover",
    "Objective",
    "Outcome",
    "Piece",
    "Place",
    "Point",
    "Rate",
    "Ruleset",
    "ShipDay",
    "Shortage",
    "Simulation",
    "Snapshot",
    "Spent",
    "Split",
    "Strategy",
    "Take",
    "Tried",
    "applied",
    "as_seen",
    "changes_together",
    "explain",
    "hashed",
    "haversine_km",
    "money_text",
    "named",
    "plan",
    "ship_day",
    "simulate",
    "simulate_recorded",
    "snapshot_hash",
    "snapshot_text",
    "spent",
    "spent_on",
    "what_would_have_to_change",
    "why",
    "yardstick",
]
