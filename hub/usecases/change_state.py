"""Says what is wrong with pieces that lie in a warehouse: damaged, on quality hold, fine again, or thrown away."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Row

from hub.canonical.errors import BadInput, Conflict
from hub.store import pushes
from hub.store.stock import Move, apply_moves
from hub.store.waiting import wake_short
from hub.usecases.change_stock import LARGEST, locked_balance, was_written
from hub.usecases.context import Context

StockState = Literal["free", "damaged", "quality_hold", "scrapped"]
STATES: tuple[StockState, ...] = get_args(StockState)
"""free: may be sold. damaged, quality_hold: on hand, never sold. scrapped: gone for good, no longer on hand."""


def change_state(
    ctx: Context, sku: str, warehouse: str, pieces: int, *, source: str, target: str, reason: str, actor: str,
    key: str, lot: str = "",
) -> None:  # fmt: skip
    """Move `pieces` from one state to another; the same `key` again changes nothing.

    Raises: NotFound: unknown SKU or warehouse. BadInput: no such state, no reason, fewer than 1 piece.
            Conflict: not that many are in the state `source`; those that orders were promised are not free.
    """
    _check(pieces, source, target, reason)
    now = ctx.clock()
    with ctx.db.write() as db:
        row = locked_balance(db, sku, warehouse, now, lot)
        if was_written(db, "state", key, row):
            return
        _write(db, row, pieces, source, target, (key, reason, actor), now)
        waiting = wake_short(db, [sku], now) if target == "free" else 0
    if waiting:
        ctx.doorbell.ring("orders.place")


Cause = tuple[str, str, str]
"""(key, reason, actor)"""


def _check(pieces: int, source: str, target: str, reason: str) -> None:
    if not reason.strip():
        raise BadInput("a stock change needs a reason")
    if source not in STATES or source == "scrapped":
        raise BadInput(f"from = {source!r}: use free, damaged or quality_hold")
    if target not in STATES or target == source:
        raise BadInput(f"to = {target!r}: use one of {', '.join(state for state in STATES if state != source)}")
    if not 0 < pieces < LARGEST:
        raise BadInput(f"pieces = {pieces}: expected a number of pieces from 1 on")


def _write(db: Connection, row: Row[Any], pieces: int, source: str, target: str, cause: Cause, now: datetime) -> None:
    free = row.on_hand - row.reserved - row.damaged - row.quality_hold
    there = free if source == "free" else int(row._mapping[source])
    if pieces > there:
        state = source.replace("_", " ")
        raise Conflict(
            f"{row.sku} in {row.warehouse}: {there} pieces are free ({row.reserved} more are promised to orders), not "
            f"{pieces}: give a smaller number, or move orders first"
            if source == "free" and row.reserved
            else f"{row.sku} in {row.warehouse}: {there} pieces are {state}, not {pieces}: give a smaller number"
        )
    changes = {state: 0 for state in ("damaged", "quality_hold")}
    for state, sign in ((source, -1), (target, 1)):
        if state in changes:
            changes[state] += sign * pieces
    key, reason, actor = cause
    move = Move("state", row.sku, row.warehouse, key, f"{source}>{target}", lot=row.lot, reason=reason, actor=actor,
                on_hand=-pieces if target == "scrapped" else 0, **changes)  # fmt: skip
    apply_moves(db, [move], now)
    pushes.mark_skus(db, [row.sku], now)
