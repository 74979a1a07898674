"""Deals an order's pieces to a set of places, where any piece may come from any place that has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from hub.rules.routing.bill import Bill
from hub.rules.routing.ranking import Places, Rank
from hub.rules.routing.words import Piece

Gives = Mapping[int, tuple[int, ...]]
"""Place index -> pieces per wanted SKU, at most the need; only places that may serve and have something."""

Share = list[tuple[int, int]]
"""One SKU: (place index, pieces), in the order in which they are dealt to the pieces of the order."""


class Row(NamedTuple):
    """`quantity` pieces of the order's piece number `piece` from a place, of a lot ("" = not kept by lot)."""

    piece: int
    at: int
    quantity: int
    lot: str = ""


@dataclass(frozen=True, slots=True)
class Deal:
    """Which place gives what. `loads`: place index -> pieces per SKU. `relief`: micros of ageing stock taken.

    cost: micros, with the price of what is left out; 0 where nobody asked for it.
    """

    loads: dict[int, list[int]]
    rows: tuple[Row, ...] | None = None
    shares: tuple[Share, ...] = ()
    relief: int = 0
    cost: int = 0

    @property
    def pieces(self) -> int:
        return sum([sum(load) for load in self.loads.values()])


class Fill(Protocol):
    """How the pieces of one order can be dealt."""

    gives: Gives
    needs: tuple[int, ...]
    loose: bool

    def covers(self, chosen: Places) -> int: ...

    def deal(self, chosen: Places, dearest: int | None = None) -> Deal: ...

    def rows(self, deal: Deal) -> tuple[Row, ...]: ...


class Loose:
    """The usual order: pieces are independent of each other and lots do not matter."""

    loose = True

    def __init__(self, pieces: Sequence[Piece], needs: Mapping[str, int], gives: Gives) -> None:
        self.pieces, self.skus, self.needs, self.gives = pieces, tuple(needs), tuple(needs.values()), gives

    def covers(self, chosen: Places) -> int:
        """Pieces that these places give together."""
        if len(chosen) == 1:
            return sum(self.gives[chosen[0]])
        if not chosen:
            return 0
        rows = zip(*[self.gives[place] for place in chosen], strict=True)
        return sum([min(need, sum(row)) for need, row in zip(self.needs, rows, strict=True)])

    def _dealt(self, chosen: Places, order: Callable[[int], Sequence[int]]) -> Deal:
        """Each SKU from the places in the order given for its column."""
        loads = {at: [0] * len(self.needs) for at in chosen}
        shares = []
        for column, need in enumerate(self.needs):
            share: Share = []
            for at in order(column):
                quantity = min(need, self.gives[at][column])
                if quantity:
                    share.append((at, quantity))
                    loads[at][column] = quantity
                    need -= quantity
            shares.append(share)
        return Deal({at: load for at, load in loads.items() if any(load)}, None, tuple(shares))

    def rows(self, deal: Deal) -> tuple[Row, ...]:
        """The shares dealt to the pieces in their order."""
        left = {sku: [list(part) for part in share] for sku, share in zip(self.skus, deal.shares, strict=True)}
        rows: list[Row] = []
        for number, piece in enumerate(self.pieces):
            missing = piece.quantity
            for part in left.get(piece.sku, ()):
                quantity = min(missing, part[1])
                if quantity > 0:
                    rows.append(Row(number, part[0], quantity))
                    part[1] -= quantity
                    missing -= quantity
        return tuple(rows)


class Ranked(Loose):
    """Deals by the rank of the places; a SKU comes from one place where one has all of it."""

    def __init__(self, pieces: Sequence[Piece], needs: Mapping[str, int], gives: Gives, rank: Callable[[Places], Rank]):
        super().__init__(pieces, needs, gives)
        self._rank = rank

    def deal(self, chosen: Places, dearest: int | None = None) -> Deal:
        ranked = sorted(chosen, key=lambda at: self._rank((at,)))

        def order(column: int) -> Sequence[int]:
            need = self.needs[column]
            return [at for at in ranked if self.gives[at][column] == need][:1] or ranked

        return self._dealt(chosen, order)


class Cheapest(Loose):
    """Deals each SKU from where a piece costs least; where weights matter, then moves pieces while that helps."""

    def __init__(self, pieces: Sequence[Piece], needs: Mapping[str, int], gives: Gives, bill: Bill) -> None:
        super().__init__(pieces, needs, gives)
        self.bill = bill

    def deal(self, chosen: Places, dearest: int | None = None) -> Deal:
        """`dearest`: a piece that costs more than this in micros is left out."""

        def order(column: int) -> Sequence[int]:
            row = self.bill.unit[column]
            ranked = sorted(chosen, key=row.__getitem__)
            return ranked if dearest is None else [at for at in ranked if row[at] <= dearest]

        found = self._dealt(chosen, order)
        return self._moved(found) if self.bill.stepped and len(found.loads) > 1 else found

    def price(self, chosen: Places) -> int:
        """What `deal` costs where weights do not matter, had each of the places to send a parcel. Micros."""
        total = sum([self.bill.fixed[at] for at in chosen])
        for column, need in enumerate(self.needs):
            row = self.bill.unit[column]
            for at in sorted(chosen, key=row.__getitem__):
                pieces = min(need, self.gives[at][column])
                total += pieces * row[at]
                need -= pieces
                if not need:
                    break
        return total

    def _moved(self, deal: Deal) -> Deal:
        """Moves all that another chosen place can take of one SKU, as long as the parcels get cheaper."""
        loads = {at: list(load) for at, load in deal.loads.items()}
        cost = self.bill.total(loads, 0)
        while True:
            moves = [moved for moved in self._moves(loads) if self.bill.total(moved, 0) < cost]
            if not moves:
                return Deal(loads, None, self._shares(loads))
            loads = min(moves, key=lambda moved: self.bill.total(moved, 0))
            cost = self.bill.total(loads, 0)

    def _moves(self, loads: dict[int, list[int]]) -> list[dict[int, list[int]]]:
        found = []
        for giver in loads:
            for taker in loads:
                for column in range(len(self.needs)):
                    room = self.gives[taker][column] - loads[taker][column]
                    quantity = min(room, loads[giver][column])
                    if giver != taker and quantity > 0:
                        found.append(_shifted(loads, giver, taker, column, quantity))
        return found

    def _shares(self, loads: Mapping[int, Sequence[int]]) -> tuple[Share, ...]:
        return tuple(
            [(at, load[column]) for at, load in loads.items() if load[column]] for column in range(len(self.needs))
        )


def _shifted(
    loads: Mapping[int, Sequence[int]], giver: int, taker: int, column: int, quantity: int
) -> dict[int, list[int]]:
    moved = {at: list(load) for at, load in loads.items()}
    moved[giver][column] -= quantity
    moved[taker][column] += quantity
    return {at: load for at, load in moved.items() if any(load)}
