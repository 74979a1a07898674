"""The words of stock in the API's answers: whole base units, and as of when."""

from __future__ import annotations

from datetime import date, datetime

from hub.api.parts import Id, Out, Time
from hub.reports.sku import MoveFact, SkuFacts
from hub.reports.stock import Balance, StockRow


class BalanceOut(Out):
    """Pieces in one warehouse. `ats`: on hand less reserved, damaged, on quality hold, expired and safety, from 0.

    `incoming` (purchases) and `in_transit` (transfers) are under way and not on hand yet.
    """

    warehouse: str
    on_hand: int
    reserved: int
    damaged: int
    quality_hold: int
    expired: int
    safety: int
    incoming: int
    in_transit: int
    ats: int


class StockOut(Out):
    """One SKU. The sums go over the warehouses shown; what a channel may sell is said by its listing."""

    sku: str
    title: str
    barcode: str
    is_kit: bool
    on_hand: int
    reserved: int
    ats: int
    warehouses: list[BalanceOut]
    as_of: Time


class MoveOut(Out):
    """One ledger row: how on hand, reserved and the rarer states changed (null: not), and why."""

    id: Id
    at: Time
    warehouse: str
    lot: str
    kind: str
    on_hand: int
    reserved: int
    damaged: int | None
    quality_hold: int | None
    safety: int | None
    incoming: int | None
    in_transit: int | None
    reason: str
    actor: str
    order_id: Id | None


class ComponentOut(Out):
    sku: str
    quantity: int


class SkuOut(StockOut):
    """`components`: what a kit is made of; `waiting_orders`: orders held for this SKU; `moves`: newest first."""

    components: list[ComponentOut]
    lots: list[LotOut]
    waiting_orders: int
    moves: list[MoveOut]

    @classmethod
    def of(cls, facts: SkuFacts, as_of: datetime) -> SkuOut:
        return cls(
            **dict(stock_of(facts.row, as_of)),
            components=[ComponentOut(sku=sku, quantity=quantity) for sku, quantity in facts.components],
            lots=[LotOut.model_validate(lot) for lot in facts.lots],
            waiting_orders=facts.waiting,
            moves=[_move(move) for move in facts.moves],
        )


class LotOut(Out):
    """One lot in one warehouse; `expires_on`: its last good day, null: none. `ats`: free pieces that are good."""

    warehouse: str
    lot: str
    expires_on: date | None
    on_hand: int
    reserved: int
    damaged: int
    quality_hold: int
    ats: int


class StockChange(Out):
    """What was changed, and how the balance stands then."""

    sku: str
    difference: int
    balance: BalanceOut
    as_of: Time


def stock_of(row: StockRow, as_of: datetime) -> StockOut:
    """One SKU of the report."""
    return StockOut(
        sku=row.sku, title=row.title, barcode=row.barcode, is_kit=row.is_kit, on_hand=row.on_hand,
        reserved=row.reserved, ats=row.free, as_of=as_of,
        warehouses=[_balance(code, place) for code, place in sorted(row.places.items())],
    )  # fmt: skip


def change_of(row: StockRow, warehouse: str, difference: int, as_of: datetime) -> StockChange:
    """The answer to a change of one balance."""
    balance = _balance(warehouse, row.places[warehouse])
    return StockChange(sku=row.sku, difference=difference, balance=balance, as_of=as_of)


def _balance(code: str, found: Balance) -> BalanceOut:
    return BalanceOut(
        warehouse=code, on_hand=found.on_hand, reserved=found.reserved, damaged=found.damaged,
        quality_hold=found.quality_hold, expired=found.expired, safety=found.safety, incoming=found.incoming,
        in_transit=found.in_transit, ats=found.free,
    )  # fmt: skip


def _move(fact: MoveFact) -> MoveOut:
    return MoveOut.model_validate(fact)
