"""The words of routing: what a plan is asked, may use and answers; each can be stored and read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, Literal

from hub.canonical.errors import BadInput
from hub.canonical.geo import Point

CRITERIA = ("full_coverage", "fewest_parcels", "priority", "distance")
"""full_coverage: one place that gives everything before any combination. fewest_parcels: fewer places.
priority: smaller sum of the places' priorities. distance: smaller sum of the parcels' kilometers, unknown last."""


@dataclass(frozen=True, slots=True)
class Place:
    """A warehouse. `priority` 1 is asked first. `ships_to`: ISO country codes, empty = everywhere."""

    code: str
    priority: int
    active: bool = True
    point: Point | None = None
    country: str | None = None
    ships_to: frozenset[str] = frozenset()

    def to_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "priority": self.priority,
            "active": self.active,
            "point": _pair(self.point),
            "country": self.country,
            "ships_to": sorted(self.ships_to),
        }

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Place:
        return cls(**{**body, "point": _point(body["point"]), "ships_to": frozenset(body["ships_to"])})


@dataclass(frozen=True, slots=True)
class Piece:
    """One demanded SKU of an order, kits already exploded, in base units; less than 1 asks for nothing."""

    ref: str
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Demand:
    """One order. `excluded`: warehouses that refused it. `together`: all pieces from one place or not at all.

    The same SKU may stand in several pieces. An unknown `country` rules no warehouse out.
    """

    order_ref: str
    pieces: tuple[Piece, ...]
    country: str | None = None
    point: Point | None = None
    excluded: frozenset[str] = frozenset()
    together: bool = False

    def skus(self) -> frozenset[str]:
        return frozenset(piece.sku for piece in self.pieces)

    def to_dict(self) -> dict[str, Any]:
        return {
            "order_ref": self.order_ref,
            "pieces": [[piece.ref, piece.sku, piece.quantity] for piece in self.pieces],
            "country": self.country,
            "point": _pair(self.point),
            "excluded": sorted(self.excluded),
            "together": self.together,
        }

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Demand:
        pieces = tuple(Piece(*row) for row in body["pieces"])
        excluded = frozenset(body["excluded"])
        return cls(body["order_ref"], pieces, body["country"], _point(body["point"]), excluded, body["together"])


@dataclass(frozen=True, slots=True)
class Take:
    """`quantity` >= 1 pieces of one demanded piece from one warehouse."""

    piece_ref: str
    sku: str
    warehouse: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Shortage:
    """`missing` >= 1 of the `wanted` pieces cannot be given under the rules."""

    piece_ref: str
    sku: str
    wanted: int
    missing: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The stock a plan may use. `free`: (warehouse, sku) -> free pieces; missing and negative count as 0."""

    places: tuple[Place, ...]
    free: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def only(self, skus: Iterable[str]) -> Snapshot:
        """The part of it that decides about these SKUs: all places, their free pieces of these SKUs."""
        wanted = sorted(set(skus))
        keys = ((place.code, sku) for place in self.places for sku in wanted)
        return Snapshot(self.places, {key: self.free[key] for key in keys if key in self.free})

    def after(self, takes: Iterable[Take]) -> Snapshot:
        """The stock once these takes are made."""
        free = dict(self.free)
        for take in takes:
            free[take.warehouse, take.sku] -= take.quantity
        return Snapshot(self.places, free)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, places and stock sorted, so that equal snapshots give equal text."""
        return {"places": _places(self.places), "free": self._rows()}

    def _rows(self) -> list[list[Any]]:
        return sorted([warehouse, sku, pieces] for (warehouse, sku), pieces in self.free.items())

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Snapshot:
        places = tuple(Place.from_dict(row) for row in body["places"])
        return cls(places, {(warehouse, sku): pieces for warehouse, sku, pieces in body["free"]})


def snapshot_hash(snapshot: Snapshot) -> str:
    """Hex SHA-256 of `to_dict` as JSON with sorted keys, no spaces, not escaped to ASCII.

    Take it of `snapshot.only(demand.skus())`, as `as_seen` gives it, to store it with a decision.
    """
    body = f'{{"free":{_json(snapshot._rows())},"places":{_places_json(snapshot.places)}}}'
    return hashlib.sha256(body.encode()).hexdigest()


def _places(places: Iterable[Place]) -> list[dict[str, Any]]:
    return [place.to_dict() for place in sorted(places, key=lambda place: place.code)]


@lru_cache(maxsize=16)
def _places_json(places: tuple[Place, ...]) -> str:
    """The same for every order of a batch."""
    return _json(_places(places))


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Ruleset:
    """How to choose. `criteria`: names of `CRITERIA` in any order, compared lexicographically, ties by warehouse code.

    max_parcels:   at most so many places for one order, None = any number; `split` False means one.
    allow_partial: give what there is; else an order is taken whole or not at all.
    Raises:        BadInput: an unknown or repeated criterion, or max_parcels below 1.
    """

    version: int = 1
    criteria: tuple[str, ...] = CRITERIA
    max_parcels: int | None = None
    split: bool = True
    allow_partial: bool = False

    def __post_init__(self) -> None:
        unknown = [name for name in self.criteria if name not in CRITERIA]
        if unknown or len(set(self.criteria)) != len(self.criteria):
            text = ", ".join(self.criteria)
            raise BadInput(f"ruleset.criteria = {text!r}: use each of {', '.join(CRITERIA)} at most once")
        if self.max_parcels is not None and self.max_parcels < 1:
            raise BadInput(f"ruleset.max_parcels = {self.max_parcels}: use 1 or more, or leave it out for any number")

    def to_dict(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "criteria": list(self.criteria),
            "max_parcels": self.max_parcels,
            "split": self.split,
            "allow_partial": self.allow_partial,
        }

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Ruleset:
        """Read back; what is left out has its default. Raises BadInput for a key that no ruleset has."""
        unknown = sorted(set(body) - {row.name for row in fields(cls)})
        if unknown:
            known = ", ".join(row.name for row in fields(cls))
            raise BadInput(f"ruleset.{unknown[0]}: no such setting; use {known}")
        return cls(**{**body, "criteria": tuple(body.get("criteria", CRITERIA))})


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place or combination that was looked at.

    covers:      pieces of the order it can give, of `wanted`.
    distance_km: sum over its parcels, None where a point is unknown.
    priority:    sum over its parcels.
    reason:      "chosen", or why it lost against the winner: covers_less, more_parcels, lower_priority, farther,
                 tie_by_code; or why it may not serve the order: inactive, excluded, does_not_ship_to, no_stock.
    """

    warehouses: tuple[str, ...]
    covers: int
    wanted: int
    parcels: int
    distance_km: float | None
    priority: int
    chosen: bool
    reason: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "warehouses": list(self.warehouses),
            "covers": self.covers,
            "wanted": self.wanted,
            "parcels": self.parcels,
            "distance_km": self.distance_km,
            "priority": self.priority,
            "chosen": self.chosen,
            "reason": self.reason,
        }

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Candidate:
        return cls(**{**body, "warehouses": tuple(body["warehouses"])})


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one order: "routed" when every piece is taken, else "short".

    A short order has takes only under `allow_partial`. `shortages` say what its best plan would miss.
    `candidates`: the winner first, then best to worst, then the places that may not serve, by code.
    """

    order_ref: str
    outcome: Literal["routed", "short"]
    takes: tuple[Take, ...]
    shortages: tuple[Shortage, ...]
    candidates: tuple[Candidate, ...]
    ruleset_version: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "order_ref": self.order_ref,
            "outcome": self.outcome,
            "takes": [[t.piece_ref, t.sku, t.warehouse, t.quantity] for t in self.takes],
            "shortages": [[s.piece_ref, s.sku, s.wanted, s.missing] for s in self.shortages],
            "candidates": [candidate.to_dict() for candidate in self.candidates],
            "ruleset_version": self.ruleset_version,
        }

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Decision:
        return cls(
            body["order_ref"],
            body["outcome"],
            tuple(Take(*row) for row in body["takes"]),
            tuple(Shortage(*row) for row in body["shortages"]),
            tuple(Candidate.from_dict(row) for row in body["candidates"]),
            body["ruleset_version"],
        )


def _pair(point: Point | None) -> list[float] | None:
    return None if point is None else [point.lat, point.lon]


def _point(pair: Any) -> Point | None:
    return None if pair is None else Point(*pair)
