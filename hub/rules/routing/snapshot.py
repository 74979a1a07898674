"""The stock, rates and prices that a plan may use, at one moment; hashed, so that a decision can name what it saw."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import orjson

from hub.rules.routing.free import FreePieces, Key, lower_row
from hub.rules.routing.words import Demand, Place, Take, day_of, day_text, time_of, time_text

_KEPT = 16
"""How many batches' places are remembered as text."""

Lot = tuple[str, str | None, int]
"""(lot, day it expires on as ISO text or None, free pieces)."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What a carrier's service takes for a parcel from one warehouse ("" = from any) into one zone.

    steps: (up to so many grams, price of the parcel, price of each piece in it), ascending, money in micros;
           a heavier parcel counts as several of the last step.
    days:  from handing over to arrival.
    """

    warehouse: str
    zone: str
    steps: tuple[tuple[int, int, int], ...]
    days: int = 0
    carrier: str = ""
    service: str = ""

    def to_row(self) -> list[Any]:
        steps = [list(step) for step in self.steps]
        return [self.warehouse, self.zone, self.carrier, self.service, self.days, steps]

    @classmethod
    def from_row(cls, row: Iterable[Any]) -> Rate:
        warehouse, zone, carrier, service, days, steps = row
        return cls(warehouse, zone, tuple((g, price, each) for g, price, each in steps), days, carrier, service)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a plan may use. What is missing means: no stock, no lots, fully believed, no limit, no price, no sales.

    free:       free pieces of all lots together; negative counts as 0.
    lots:       where stock is kept by lot, its lots; only what stands here can be given there.
    confidence: permille of the free pieces that may be promised; 1000 where missing.
    capacity:   warehouse -> (orders it can still take on the day it ships, orders it can take on such a day).
    rates:      parcel prices by warehouse and zone.
    prices:     what one piece is worth for the orders still to come (bid price), micros.
    velocity:   pieces sold a day, in thousandths.
    presale:    SKU -> the day before which none of its free pieces may leave for this order; None = not known yet.
    as_of:      when the stock was read, UTC; ages and days are counted from here.
    """

    places: tuple[Place, ...]
    free: Mapping[Key, int] = field(default_factory=dict)
    lots: Mapping[Key, tuple[Lot, ...]] = field(default_factory=dict)
    confidence: Mapping[Key, int] = field(default_factory=dict)
    capacity: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    rates: tuple[Rate, ...] = ()
    prices: Mapping[Key, int] = field(default_factory=dict)
    velocity: Mapping[Key, int] = field(default_factory=dict)
    as_of: datetime | None = None
    presale: Mapping[str, date | None] = field(default_factory=dict)

    def only(self, skus: Iterable[str], zones: Iterable[str] = ()) -> Snapshot:
        """The part of it that decides about these SKUs and shipping zones: all places, and what is known of these."""
        asked = sorted(set(skus))
        here = FreePieces.of(self.free).only(asked).at({place.code for place in self.places})
        return self._part(here, asked, zones)

    def _part(self, free: FreePieces, skus: Sequence[str], zones: Iterable[str]) -> Snapshot:
        """With these free pieces; what is seldom known of SKUs is looked up only where anything is."""
        rare = self.lots or self.confidence or self.prices or self.velocity
        keys = [(place.code, sku) for place in self.places for sku in skus] if rare else ()
        into = frozenset(zones) if self.rates else ()
        return Snapshot(
            self.places,
            free,
            self.lots and _of(self.lots, keys),
            self.confidence and _of(self.confidence, keys),
            self.capacity and dict(self.capacity),
            self.rates and tuple([rate for rate in self.rates if rate.zone in into]),
            self.prices and _of(self.prices, keys),
            self.velocity and _of(self.velocity, keys),
            self.as_of,
            self.presale and {sku: self.presale[sku] for sku in skus if sku in self.presale},
        )

    def seen_by(self, demand: Demand) -> Snapshot:
        """The part of it that decides about this order."""
        return self.only(demand.skus(), (zone for _, zone in demand.zones))

    def after(self, takes: Iterable[Take]) -> Snapshot:
        """What is left once one order has made these takes."""
        left = Left(self)
        left.lower(takes)
        return left.whole()

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, everything sorted, so that equal snapshots give equal text."""
        return {"places": _places(self.places), "free": _rows(self.free)} | self._more()

    def _more(self) -> dict[str, Any]:
        """What snapshots did not have at first; only what is there."""
        rare = (
            self.lots, self.confidence, self.capacity, self.rates, self.prices, self.velocity, self.as_of, self.presale
        )  # fmt: skip
        if not any(rare):
            return {}
        body: dict[str, Any] = {
            "lots": sorted([*key, [list(lot) for lot in lots]] for key, lots in self.lots.items()),
            "confidence": _rows(self.confidence),
            "capacity": sorted([place, *left] for place, left in self.capacity.items()),
            "rates": sorted(rate.to_row() for rate in self.rates),
            "prices": _rows(self.prices),
            "velocity": _rows(self.velocity),
            "presale": sorted([sku, day_text(day)] for sku, day in self.presale.items()),
            "as_of": time_text(self.as_of),
        }
        return {name: value for name, value in body.items() if value}

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Snapshot:
        return cls(
            tuple(Place.from_dict(row) for row in body["places"]),
            _by_key(body["free"]),
            {(place, sku): tuple(_lot(lot) for lot in lots) for place, sku, lots in body.get("lots", ())},
            _by_key(body.get("confidence", ())),
            {place: (left, most) for place, left, most in body.get("capacity", ())},
            tuple(Rate.from_row(row) for row in body.get("rates", ())),
            _by_key(body.get("prices", ())),
            _by_key(body.get("velocity", ())),
            time_of(body.get("as_of")),
            {sku: day_of(day) for sku, day in body.get("presale", ())},
        )


class Left:
    """What is left of a snapshot's pieces and capacity while its orders are served, one after the other."""

    def __init__(self, start: Snapshot) -> None:
        self._start = start
        self._rows = dict(FreePieces.of(start.free).at({place.code for place in start.places}).rows)
        self._lots, self._capacity = dict(start.lots), dict(start.capacity)
        self._now = replace(start, lots=self._lots, capacity=self._capacity)

    def seen_by(self, demand: Demand) -> Snapshot:
        """`Snapshot.seen_by` of what is left now."""
        skus, zones = sorted(demand.skus()), (zone for _, zone in demand.zones)
        return self._now._part(FreePieces(self._rows).only(skus), skus, zones)

    def whole(self) -> Snapshot:
        """All that is left now; nothing may be lowered afterwards."""
        return replace(self._now, free=FreePieces(self._rows))

    def lower(self, takes: Iterable[Take]) -> None:
        """Take one order's pieces out of the stock and one place of each of its warehouses out of the capacity."""
        givers = set()
        for take in takes:
            lower_row(self._rows, take.sku, take.warehouse, take.quantity)
            givers.add(take.warehouse)
            if take.lot:
                rows = self._lots[take.warehouse, take.sku]
                left = tuple((lot, day, n - take.quantity * (lot == take.lot)) for lot, day, n in rows)
                self._lots[take.warehouse, take.sku] = left
        for code in givers & self._capacity.keys():
            orders, most = self._capacity[code]
            self._capacity[code] = (orders - 1, most)


def snapshot_text(snapshot: Snapshot) -> str:
    """`to_dict` as JSON with sorted keys, no spaces, not escaped to ASCII: what is stored, and hashed."""
    more = snapshot._more()
    if more:
        return _json({"free": _rows(snapshot.free), "places": _places(snapshot.places)} | more)
    free = orjson.dumps(FreePieces.of(snapshot.free).triples()).decode()
    return f'{{"free":{free},"places":{_places_json(snapshot.places)}}}'


def snapshot_hash(snapshot: Snapshot) -> str:
    """Hex SHA-256 of `snapshot_text`. Take it of what `as_seen` gives, to store it with a decision."""
    return hashed(snapshot_text(snapshot))


def hashed(text: str) -> str:
    """Hex SHA-256 of a snapshot's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _of(rows: Mapping[Key, Any], keys: Iterable[Key]) -> dict[Key, Any]:
    return {key: rows[key] for key in keys if key in rows}


def _rows(by_key: Mapping[Key, int]) -> list[list[Any]]:
    return sorted([[warehouse, sku, number] for (warehouse, sku), number in by_key.items()])


def _by_key(rows: Iterable[tuple[str, str, int]]) -> dict[Key, int]:
    return {(warehouse, sku): number for warehouse, sku, number in rows}


def _lot(row: Iterable[Any]) -> Lot:
    lot, day, free = row
    return lot, day, free


def _places(places: Iterable[Place]) -> list[dict[str, Any]]:
    return [place.to_dict() for place in sorted(places, key=lambda place: place.code)]


_TOLD: dict[int, tuple[tuple[Place, ...], str]] = {}


def _places_json(places: tuple[Place, ...]) -> str:
    """The same for every order of a batch, which all hold the very same places."""
    found = _TOLD.get(id(places))
    if found is None or found[0] is not places:
        if len(_TOLD) >= _KEPT:
            _TOLD.clear()
        found = _TOLD[id(places)] = (places, _json(_places(places)))
    return found[1]


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
