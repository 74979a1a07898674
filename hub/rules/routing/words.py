"""The words of a plan's question: places, pieces and orders; each can be stored and read back.

What has its default is left out of `to_dict`, so that what was stored before a field existed reads and hashes as ever.
Money is in micros, millionths of the house currency. Dates are in the place's own calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import fields

from hub.canonical.geo import Point
from hub.canonical.times import iso


@dataclass(frozen=True, slots=True)
class Place:
    """A warehouse. `priority` 1 is asked first. `ships_to`: ISO country codes, empty = everywhere.

    kind:       warehouse, store or supplier.
    zone:       IANA time zone of its calendar, for people; the caller has already counted in it.
    ships_on:   first day on which it can hand over a parcel, after cut-off, calendar and holidays; None = unknown.
    moved_from: the day that would be, had it room for any number of orders; None = no full day stands before it.
    per_order, per_unit: handling cost in micros, of each parcel and of each piece.
    """

    code: str
    priority: int
    active: bool = True
    point: Point | None = None
    country: str | None = None
    ships_to: frozenset[str] = frozenset()
    kind: str = "warehouse"
    tags: frozenset[str] = frozenset()
    zone: str = ""
    ships_on: date | None = None
    per_order: int = 0
    per_unit: int = 0
    moved_from: date | None = None

    def to_dict(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "code": self.code,
            "priority": self.priority,
            "active": self.active,
            "point": pair_of(self.point),
            "country": self.country,
            "ships_to": sorted(self.ships_to),
        }
        days = {name: day_text(getattr(self, name)) for name in ("ships_on", "moved_from")}
        added = {"tags": sorted(self.tags), **days}
        return body | said(self, ("kind", "zone", "per_order", "per_unit")) | {k: v for k, v in added.items() if v}

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Place:
        sets = {name: frozenset(body.get(name, ())) for name in ("ships_to", "tags")}
        days = {name: day_of(body.get(name)) for name in ("ships_on", "moved_from")}
        return cls(**{**body, **sets, **days, "point": point_of(body["point"])})


class Piece(Struct, frozen=True):
    """One demanded SKU of an order, kits already exploded, in base units; less than 1 asks for nothing.

    weight_g, value: of one unit, in grams and micros.
    group:           pieces of one group come from one place together: a kit, a gift and its wrapping.
    min_life_until:  a lot must expire on or after this day; lots without a day always may.
    lots:            only these lots, () = any.
    """

    ref: str
    sku: str
    quantity: int
    weight_g: int = 0
    value: int = 0
    group: str = ""
    min_life_until: date | None = None
    lots: tuple[str, ...] = ()

    def to_row(self) -> list[Any]:
        if not (self.weight_g or self.value or self.group or self.min_life_until or self.lots):
            return [self.ref, self.sku, self.quantity]
        added = said(self, ("weight_g", "value", "group"))
        if self.min_life_until:
            added["min_life_until"] = day_text(self.min_life_until)
        if self.lots:
            added["lots"] = list(self.lots)
        return [self.ref, self.sku, self.quantity, added]

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Piece:
        more = dict(row[3]) if len(row) > 3 else {}
        if "min_life_until" in more:
            more["min_life_until"] = day_of(more["min_life_until"])
        return cls(*row[:3], **{**more, "lots": tuple(more.get("lots", ()))})


class Demand(Struct, frozen=True):
    """One order. `excluded`: warehouses that refused it. `together`: all pieces from one place or not at all.

    The same SKU may stand in several pieces. An unknown `country` rules no warehouse out.
    zones:      (warehouse, shipping zone of the address seen from it), "" = from all others.
    deliver_by: last day on which it may arrive. `priority` 1 is served first.
    value:      of the whole order in micros. `pinned`: the only place that may give, after a manual move.
    """

    order_ref: str
    pieces: tuple[Piece, ...]
    country: str | None = None
    point: Point | None = None
    excluded: frozenset[str] = frozenset()
    together: bool = False
    zones: tuple[tuple[str, str], ...] = ()
    channel: str = ""
    connection: str = ""
    tags: frozenset[str] = frozenset()
    ship_method: str = ""
    payment: str = ""
    placed_at: datetime | None = None
    deliver_by: date | None = None
    priority: int = 5
    value: int = 0
    pinned: str | None = None

    def skus(self) -> frozenset[str]:
        return frozenset([piece.sku for piece in self.pieces])

    def to_dict(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "order_ref": self.order_ref,
            "pieces": [piece.to_row() for piece in self.pieces],
            "country": self.country,
            "point": pair_of(self.point),
            "excluded": sorted(self.excluded),
            "together": self.together,
        }
        body |= said(self, ("channel", "connection", "ship_method", "payment", "priority", "value", "pinned"))
        if self.zones:
            body["zones"] = [list(row) for row in self.zones]
        if self.tags:
            body["tags"] = sorted(self.tags)
        if self.placed_at:
            body["placed_at"] = iso(self.placed_at)
        if self.deliver_by:
            body["deliver_by"] = day_text(self.deliver_by)
        return body

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Demand:
        read = {
            "pieces": tuple(Piece.from_row(row) for row in body["pieces"]),
            "point": point_of(body["point"]),
            "excluded": frozenset(body["excluded"]),
            "zones": tuple((warehouse, zone) for warehouse, zone in body.get("zones", ())),
            "tags": frozenset(body.get("tags", ())),
            "placed_at": time_of(body.get("placed_at")),
            "deliver_by": day_of(body.get("deliver_by")),
        }
        return cls(**{**body, **read})


class Take(NamedTuple):
    """`quantity` >= 1 pieces of one demanded piece from one warehouse; `lot` "" where stock is not kept by lot."""

    piece_ref: str
    sku: str
    warehouse: str
    quantity: int
    lot: str = ""

    def to_row(self) -> list[Any]:
        row = [self.piece_ref, self.sku, self.warehouse, self.quantity]
        return [*row, self.lot] if self.lot else row


class Shortage(NamedTuple):
    """`missing` >= 1 of the `wanted` pieces cannot be given under the rules."""

    piece_ref: str
    sku: str
    wanted: int
    missing: int


def said(word: Any, names: Iterable[str]) -> dict[str, Any]:
    """The named fields of a structure or dataclass that do not have their default."""
    defaults = _defaults(word.__class__)
    return {name: value for name in names if (value := getattr(word, name)) != defaults[name]}


@lru_cache(maxsize=64)
def _defaults(kind: Any) -> dict[str, Any]:
    declared = fields(kind) if issubclass(kind, Struct) else kind.__dataclass_fields__.values()
    return {field.name: field.default for field in declared}


def pair_of(point: Point | None) -> list[float] | None:
    return None if point is None else [point.lat, point.lon]


def point_of(pair: Any) -> Point | None:
    return None if pair is None else Point(*pair)


def day_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def day_of(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def time_text(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC with "Z"; None stays None."""
    return None if moment is None else iso(moment)


def time_of(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
