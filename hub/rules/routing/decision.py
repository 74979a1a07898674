"""The answer of a plan for one order, small enough to be stored with every order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from hub.rules.routing.words import Shortage, Take, said

Parts = tuple[tuple[str, int], ...]
"""(part of the cost, micros), in the order of `COSTS`; parts that are 0 are left out."""


class Candidate(NamedTuple):
    """One place or combination that was looked at.

    covers:      pieces of the order it can give, of `wanted`.
    distance_km: sum over its parcels, None where a point is unknown.
    priority:    sum over its parcels.
    reason:      "chosen", or why it lost against the winner: `LOST`; or why it may not serve the order: `BARRED`.
    cost, parts: under an objective in money what it costs in micros, and of what that is made.
    """

    warehouses: tuple[str, ...]
    covers: int
    wanted: int
    parcels: int
    distance_km: float | None
    priority: int
    chosen: bool
    reason: str
    cost: int | None = None
    parts: Parts = ()

    def to_dict(self) -> dict[str, Any]:
        body = {
            "warehouses": list(self.warehouses),
            "covers": self.covers,
            "wanted": self.wanted,
            "parcels": self.parcels,
            "distance_km": self.distance_km,
            "priority": self.priority,
            "chosen": self.chosen,
            "reason": self.reason,
        }
        parts = {"parts": [list(part) for part in self.parts]} if self.parts else {}
        cost = {} if self.cost is None else {"cost": self.cost}
        return body | cost | parts

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Candidate:
        parts = tuple((name, micros) for name, micros in body.get("parts", ()))
        return cls(**{**body, "warehouses": tuple(body["warehouses"]), "parts": parts})


LOST = (
    "covers_less", "more_parcels", "lower_priority", "farther", "dearer", "covers_smaller_share", "ships_later",
    "shorter_supply", "less_stock", "less_capacity", "part_too_small", "tie_by_code",
)  # fmt: skip
MEASURED = {
    "covers_less": "covers", "more_parcels": "parcels", "lower_priority": "priority", "farther": "distance_km",
    "dearer": "cost",
}  # fmt: skip
"""Why a candidate lost -> the field that says by how much."""
BARRED = (
    "inactive", "excluded", "not_pinned", "does_not_ship_to", "no_capacity", "wrong_tag", "wrong_kind", "wrong_place",
    "too_far", "ships_too_late", "arrives_too_late", "no_rate", "not_all_available", "no_stock",
    "kept_for_presale",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one order: "routed" when every piece is taken, else "short".

    A short order has takes only where its strategy gives parts. `shortages` say what its best plan would miss.
    candidates: the winner, the runner-up, and where the winner is a combination the best single place; `explain` gives
                all. (Decisions stored before there was `explain` keep all of them here.)
    excluded:   (warehouse, reason) of the places that may not serve the order at all, by code.
    strategy:   the name of the one that decided. leftover: the action for what is missing, until which day.
    presale:    (SKU, ISO day) of missing pieces that may not leave before that day, None where it is not known.
    keeps:      the takes are kept until the rest of the order is there; else they are sent.
    turn:       the how-manieth order of its batch was served with it; not stored.
    """

    order_ref: str
    outcome: Literal["routed", "short"]
    takes: tuple[Take, ...]
    shortages: tuple[Shortage, ...]
    candidates: tuple[Candidate, ...]
    ruleset_version: int
    excluded: tuple[tuple[str, str], ...] = ()
    strategy: str = "default"
    leftover: str = ""
    until: str | None = None
    turn: int = field(default=0, compare=False)
    presale: tuple[tuple[str, str | None], ...] = ()
    keeps: bool = False

    @property
    def runner_up(self) -> Candidate | None:
        """The best loser that was a real alternative: it covers as much, or its gaps were priced and it is dearer."""
        losers = (row for row in self.candidates[1:] if row.reason in LOST and row.reason != "covers_less")
        return next(losers, None) if self.takes else None

    @property
    def differs(self) -> tuple[str, float, float] | None:
        """The criterion by which the runner-up lost, where it is a number: (its field, winner's, runner-up's)."""
        second = self.runner_up
        name = MEASURED.get(second.reason) if second else None
        here, there = (getattr(row, name, None) for row in (self.candidates[0], second)) if name else (None, None)
        return None if name is None or here is None or there is None else (name, here, there)

    @property
    def saved(self) -> int | None:
        """What the winner costs less than the runner-up, in micros; None without costs or runner-up."""
        second = self.runner_up
        if second is None or second.cost is None or self.candidates[0].cost is None:
            return None
        return second.cost - self.candidates[0].cost

    def to_dict(self) -> dict[str, Any]:
        body = {
            "order_ref": self.order_ref,
            "outcome": self.outcome,
            "takes": [take.to_row() for take in self.takes],
            "shortages": [[s.piece_ref, s.sku, s.wanted, s.missing] for s in self.shortages],
            "candidates": [candidate.to_dict() for candidate in self.candidates],
            "ruleset_version": self.ruleset_version,
        }
        excluded = {"excluded": [list(row) for row in self.excluded]} if self.excluded else {}
        presale = {"presale": [list(row) for row in self.presale]} if self.presale else {}
        return body | excluded | presale | said(self, ("strategy", "leftover", "until", "keeps"))

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Decision:
        read = {
            "takes": tuple(Take(*row) for row in body["takes"]),
            "shortages": tuple(Shortage(*row) for row in body["shortages"]),
            "candidates": tuple(Candidate.from_dict(row) for row in body["candidates"]),
            "excluded": tuple((code, reason) for code, reason in body.get("excluded", ())),
            "presale": tuple((sku, day) for sku, day in body.get("presale", ())),
        }
        return cls(**{**body, **read})
