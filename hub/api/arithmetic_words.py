"""The words of a listing's arithmetic in the API's answers."""

from __future__ import annotations

from datetime import date
from typing import Any

from hub.api.parts import Id, Out, Time


class PlaceOut(Out):
    """One warehouse: `free` = on_hand less the other numbers, from 0; `stale`: "", freeze or leave_out."""

    warehouse: str
    on_hand: int
    reserved: int
    damaged: int
    quality_hold: int
    too_short: int
    safety: int
    buffer: int
    free: int
    stale: str


class ComingOut(Out):
    """Pieces that a supplier is to bring (`due_on` null: nobody knows when); nothing counts before it is here."""

    id: Id
    sku: str
    warehouse: str
    pieces: int
    due_on: date | None
    ref: str


class PartOut(Out):
    """One component in base units: `sellable` = free less `kept_for_others`, plus `room` beyond the stock, from 0.

    `stock_counts` false: a presale before its day, which sells `room` alone. `units`: listing units that it makes.
    """

    sku: str
    per_unit: int
    places: list[PlaceOut]
    free: int
    kept_for_others: int
    mode: str
    room: int
    stock_counts: bool
    sellable: int
    units: int


class ShelfOut(Out):
    """Where a shelf's number comes from: counted, imported or computed from moves, and since when."""

    sku: str
    warehouse: str
    as_of: Time
    source: str


class ArithmeticOut(Out):
    """`number` = `share` (permille of `units`) less both buffers, at most `cap`, 0 from `end_when` down.

    `publishes`: what a push would tell the channel, null: nothing, because of `held_back`. `source` unknown: nobody
    ever counted a component. `pace`: the arithmetic of `lag_buffer`. `pools_unfilled`: connection -> pieces that its
    exclusive pool lacks.
    """

    connection_id: Id
    connection: str
    listing_ref: str
    sku: str
    components: list[PartOut]
    units: int
    permille: int
    share: int
    buffer: int
    lag_buffer: int
    cap: int | None
    end_when: int | None
    number: int
    source: str
    held_back: str
    publishes: int | None
    shown: int | None
    shown_at: Time | None
    as_of: Time
    shelves: list[ShelfOut]
    pace: dict[str, Any]
    pools_unfilled: dict[str, int]
    coming: list[ComingOut]
