"""The stock of one batch while it is planned: what is still free and what the places can still take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.canonical.errors import InvariantBroken
from hub.rules.routing.free import FreePieces, Row
from hub.rules.routing.snapshot import Lot, Snapshot
from hub.rules.routing.words import Take


class Stock:
    """Places sorted by code, so that comparing indices compares codes; free pieces per SKU as a row over the places."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.places = sorted(snapshot.places, key=lambda place: place.code)
        self.codes = [place.code for place in self.places]
        if len(set(self.codes)) < len(self.codes):
            raise InvariantBroken("a snapshot names one warehouse twice")
        self.snapshot = snapshot
        self.points = [place.point for place in self.places]
        self.indices = range(len(self.codes))
        self.index = {code: at for at, code in enumerate(self.codes)}
        self.capacity = [snapshot.capacity.get(code) for code in self.codes]
        self.moved = any(place.moved_from for place in self.places)
        self._lotted = {sku for _, sku in snapshot.lots} - snapshot.presale.keys()
        self._free: Mapping[str, Row] = FreePieces.of(snapshot.free).rows
        self._left: dict[str, list[int]] = {}
        self._lots: dict[str, dict[int, list[Lot]]] = {}
        self._open_to: dict[str | None, bool] = {}

    def open_to(self, country: str | None) -> bool:
        """True when every place is active, ships to the country and has no limit on its orders."""
        found = self._open_to.get(country)
        if found is None:
            serves = (
                place.active and (not place.ships_to or country is None or country in place.ships_to)
                for place in self.places
            )
            found = self._open_to[country] = not self.snapshot.capacity and all(serves)
        return found

    def reset(self) -> None:
        """Back to the snapshot."""
        self._left, self._lots = {}, {}
        self.capacity = [self.snapshot.capacity.get(code) for code in self.codes]

    def left(self, sku: str) -> list[int]:
        """Pieces of a SKU still free, by place index, never negative; none of a presale before its day."""
        row = self._left.get(sku)
        if row is None:
            free = self._free.get(sku, {}) if sku not in self.snapshot.presale else {}
            row = [pieces if (pieces := free.get(code, 0)) > 0 else 0 for code in self.codes]
            if sku in self._lotted:
                row = [self._in_lots(at, sku, pieces) for at, pieces in enumerate(row)]
            self._left[sku] = row
        return row

    def _in_lots(self, at: int, sku: str, pieces: int) -> int:
        lots = self.lots(sku).get(at)
        return pieces if lots is None else min(pieces, sum(max(0, free) for _, _, free in lots))

    def has_lots(self, sku: str) -> bool:
        return sku in self._lotted

    def lots(self, sku: str) -> dict[int, list[Lot]]:
        """Place index -> lots, first to expire first; only of places that keep this SKU by lot."""
        found = self._lots.get(sku)
        if found is None:
            keys = ((at, self.snapshot.lots.get((code, sku))) for at, code in enumerate(self.codes))
            known = ((at, lots) for at, lots in keys if lots is not None and sku in self._lotted)
            found = self._lots[sku] = {at: sorted(lots, key=_expiry) for at, lots in known}
        return found

    def promised(self, sku: str, min_confidence: int, min_left: int) -> list[int]:
        """`left` less what is not believed and what stays behind; none where it is believed less than the minimum."""
        row, believed = self.left(sku), self.snapshot.confidence
        if not believed and not min_left:
            return row
        trust = [believed.get((code, sku), 1000) for code in self.codes]
        return [
            max(0, free * permille // 1000 - min_left) if permille >= min_confidence else 0
            for free, permille in zip(row, trust, strict=True)
        ]

    def give(self, takes: Sequence[Take]) -> bool:
        """Lower what the next orders see, by one order's takes. True when a place with limited capacity was booked."""
        self.lend(takes)
        return self._book({take.warehouse for take in takes}) if self.snapshot.capacity else False

    def lend(self, takes: Sequence[Take], back: bool = False) -> None:
        """Lower the stock, or raise it again, without a place being booked."""
        for take in takes:
            at, quantity = self.index[take.warehouse], -take.quantity if back else take.quantity
            self.left(take.sku)[at] -= quantity
            if take.lot:
                rows = self.lots(take.sku)[at]
                rows[:] = [(lot, day, n - quantity * (lot == take.lot)) for lot, day, n in rows]

    def _book(self, codes: set[str]) -> bool:
        booked = False
        for code in codes:
            limit = self.capacity[self.index[code]]
            if limit is not None:
                self.capacity[self.index[code]] = (limit[0] - 1, limit[1])
                booked = True
        return booked


def _expiry(lot: Lot) -> tuple[str, str]:
    """Lots without a day last."""
    return lot[1] or "9999-12-31", lot[0]
