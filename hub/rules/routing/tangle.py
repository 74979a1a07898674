"""Deals an order whose pieces hang together: by lot and expiry, or in groups that must come from one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from hub.rules.routing.fill import Deal, Gives, Row
from hub.rules.routing.flow import match
from hub.rules.routing.ranking import Places
from hub.rules.routing.stock import Stock
from hub.rules.routing.words import Piece

WAYS = 1_000
"""At most so many ways to give places to groups are tried; beyond it the groups choose one after the other."""

FINER = 10_000
"""Lots of equal price go by expiry: a price is this many steps of a lot's place in the queue."""


class Tier(NamedTuple):
    """Free pieces of one lot in one place; `price` and `relief` of a piece, `turn` in the queue of its place."""

    at: int
    lot: str
    day: str | None
    free: int
    price: int
    relief: int
    turn: int


class Prices(NamedTuple):
    """What a piece costs: by column and place (by rank where None), less the relief for the day its lot expires on."""

    unit: Sequence[Sequence[int]] | None
    relief: Callable[[str | None], int]
    total: Callable[[Mapping[int, Sequence[int]]], int] | None


class Tangled:
    """Lots and groups: in a place the lot that expires first goes first; a group comes whole from one place or not."""

    loose = False

    def __init__(
        self,
        pieces: Sequence[Piece],
        needs: Mapping[str, int],
        stock: Stock,
        rows: Sequence[Sequence[int]],
        places: Sequence[int],
        groups: bool,
        ranked: Callable[[Places], Sequence[int]],
        prices: Prices,
    ) -> None:
        self.pieces, self.skus, self.needs = pieces, tuple(needs), tuple(needs.values())
        self._rows, self._ranked, self._prices = rows, ranked, prices
        self._lots = [{at: list(lots) for at, lots in stock.lots(sku).items()} for sku in needs]
        self._groups = self._grouped(groups)
        self._deals: dict[tuple[Places, int | None], Deal] = {}
        alone = ((at, self.deal((at,))) for at in places)
        self.gives: Gives = {at: tuple(deal.loads[at]) for at, deal in alone if deal.loads}

    def _grouped(self, groups: bool) -> list[list[int]]:
        """Piece numbers of each group."""
        found: dict[str, list[int]] = {}
        for number, piece in enumerate(self.pieces):
            if groups and piece.group and piece.quantity > 0:
                found.setdefault(piece.group, []).append(number)
        return [found[name] for name in sorted(found)]

    def covers(self, chosen: Places) -> int:
        return self.deal(chosen).pieces if chosen else 0

    def rows(self, deal: Deal) -> tuple[Row, ...]:
        return deal.rows or ()

    def deal(self, chosen: Places, dearest: int | None = None) -> Deal:
        """The most pieces, then the least price; `dearest`: a piece that costs more is left out."""
        found = self._deals.get((chosen, dearest))
        if found is None:
            found = self._deals[chosen, dearest] = self._best(chosen, dearest)
        return found

    def _best(self, chosen: Places, dearest: int | None) -> Deal:
        tiers = [self._tiers(column, chosen, dearest) for column in range(len(self.skus))]
        ways = (self._matched(tiers, dict(way)) for way in self._ways(chosen, tiers))
        deals = [(-found[0].pieces, found[1], n, found[0]) for n, found in enumerate(ways) if found]
        return min(deals, key=lambda row: row[:3])[3]

    def _ways(self, chosen: Places, tiers: Sequence[Sequence[Tier]]) -> Iterator[tuple[tuple[int, int], ...]]:
        """(group, place) pairs; a group without a pair is left out."""
        count = len(self._groups)
        if (len(chosen) + 1) ** count <= WAYS:
            for picks in product((*chosen, -1), repeat=count):
                yield tuple((group, at) for group, at in enumerate(picks) if at >= 0)
        else:
            yield self._one_after_the_other(chosen, tiers)

    def _one_after_the_other(self, chosen: Places, tiers: Sequence[Sequence[Tier]]) -> tuple[tuple[int, int], ...]:
        way: dict[int, int] = {}
        for group in range(len(self._groups)):
            fits = (at for at in self._ranked(chosen) if self._matched(tiers, {**way, group: at}))
            at = next(fits, None)
            if at is not None:
                way[group] = at
        return tuple(way.items())

    def _tiers(self, column: int, chosen: Places, dearest: int | None) -> list[Tier]:
        lots, order = self._lots[column], self._ranked(chosen)
        found: list[Tier] = []
        for rank, at in enumerate(order):
            free = self._rows[column][at]
            price = self._prices.unit[column][at] if self._prices.unit else rank
            for turn, (lot, day, pieces) in enumerate(lots.get(at) or [("", None, free)]):
                relief = self._prices.relief(day)
                tier = Tier(at, lot, day, min(pieces, free), price, relief, turn)
                if tier.free > 0 and (dearest is None or price - relief <= dearest):
                    found.append(tier)
                    free -= tier.free
        return found

    def _matched(self, tiers: Sequence[Sequence[Tier]], way: Mapping[int, int]) -> tuple[Deal, int] | None:
        """The deal with these groups served and its price; None where a group finds not all of its pieces."""
        fixed = {number: way[group] for group in way for number in self._groups[group]}
        left_out = {number for group, numbers in enumerate(self._groups) if group not in way for number in numbers}
        rows: list[Row] = []
        relief = 0
        for column, sku in enumerate(self.skus):
            numbers = [n for n, piece in enumerate(self.pieces) if piece.sku == sku and n not in left_out]
            numbers.sort(key=lambda number: number not in fixed)
            dealt = self._match(numbers, tiers[column], fixed)
            if any(
                sum(pieces for n, _, pieces in dealt if n == x) < self.pieces[x].quantity for x in numbers if x in fixed
            ):
                return None
            rows += [Row(number, tier.at, pieces, tier.lot) for number, tier, pieces in dealt]
            relief += sum(tier.relief * pieces for _, tier, pieces in dealt)
        return self._deal(rows, relief)

    def _match(
        self, numbers: Sequence[int], tiers: Sequence[Tier], fixed: Mapping[int, int]
    ) -> list[tuple[int, Tier, int]]:
        prices = [
            [self._price(self.pieces[number], tier, fixed.get(number, tier.at)) for tier in tiers] for number in numbers
        ]
        needs = [max(0, self.pieces[number].quantity) for number in numbers]
        flow = match(needs, [tier.free for tier in tiers], prices)
        return sorted((numbers[demand], tiers[supply], pieces) for (demand, supply), pieces in flow.items())

    def _price(self, piece: Piece, tier: Tier, only: int) -> int | None:
        late = piece.min_life_until and tier.day is not None and tier.day < piece.min_life_until.isoformat()
        if tier.at != only or late or (piece.lots and tier.lot not in piece.lots):
            return None
        return (tier.price - tier.relief) * FINER + tier.turn

    def _deal(self, rows: Sequence[Row], relief: int) -> tuple[Deal, int]:
        loads: dict[int, list[int]] = {}
        columns = {sku: column for column, sku in enumerate(self.skus)}
        for row in rows:
            loads.setdefault(row.at, [0] * len(self.needs))[columns[self.pieces[row.piece].sku]] += row.quantity
        total = self._prices.total
        ordered = tuple(sorted(rows))
        price = total(loads) - relief if total else self._rank_price(ordered)
        return Deal(dict(sorted(loads.items())), ordered, (), relief), price

    def _rank_price(self, rows: Sequence[Row]) -> int:
        order = {at: rank for rank, at in enumerate(self._ranked(tuple(sorted({row.at for row in rows}))))}
        return sum(order[row.at] * row.quantity for row in rows)
