"""Changes stock by hand: receive, adjust, count, safety; each with a reason, once per key, told to every channel."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.canonical.errors import BadInput, Conflict
from hub.canonical.told import told
from hub.rules.breaker import far_up
from hub.rules.lots import NO_LOT, lives_long_enough
from hub.rules.reasons import check_reason
from hub.store import confidence, pushes
from hub.store.audit import record
from hub.store.feeds import note_fed
from hub.store.known import must_be_stocked, must_be_warehouses
from hub.store.lots import know_lot, last_good_day
from hub.store.stock import Move, apply_moves, ensure_balances, lock_balances
from hub.store.tables import stock_balances, stock_ledger
from hub.store.waiting import wake_short
from hub.usecases.context import Context

LARGEST = 10**12


def adjust_stock(
    ctx: Context, sku: str, warehouse: str, by: int, *, reason: str, actor: str, key: str, kind: str = "adjust",
    lot: str = "", expires_on: date | None = None, sure: bool = False,
) -> int:  # fmt: skip
    """Add `by` pieces (negative: take away); returns what is on hand then. The same `key` again changes nothing.

    Args:   reason: a code of `hub.rules.reasons`, a code with words (`damaged: wet`), or words of one's own;
            lot: which lot of it, "" or "-" = pieces without one; expires_on: its last good day, where it is known;
            sure: a number far above what was there, and a lot past its last good day, are meant.
    Raises: NotFound: unknown SKU or warehouse. Conflict: less would remain than is reserved, damaged and on quality
            hold, or the lot expires on another day. BadInput: 0 pieces, no reason, one that goes the other way, an
            expiry without a lot, or what may be a slip of the hand (`fields` names `yes`).
    """
    if not by:
        raise BadInput("0 pieces change nothing: say how many come in, or how many go (-3)", {"pieces": "min"})
    reason = check_reason(reason, by)
    lot, now = _named(lot), ctx.clock()
    with ctx.db.write() as db:
        row = locked_balance(db, sku, warehouse, now, lot, expires_on)
        if not was_written(db, kind, key, row):
            _must_be_meant(db, row, by, now, sure=sure)
            _write(db, row, by, kind=kind, cause=key, reason=reason, actor=actor, now=now)
            row = locked_balance(db, sku, warehouse, now, lot)
        on_hand = int(row.on_hand)
        waiting = wake_short(db, [sku], now) if by > 0 else 0
    if waiting:
        ctx.doorbell.ring("orders.place")
    return on_hand


def count_stock(
    ctx: Context, sku: str, warehouse: str, counted: int, *, reason: str, actor: str, key: str, lot: str = "",
    expires_on: date | None = None, sure: bool = False,
) -> int:  # fmt: skip
    """Somebody counted the shelf: on hand becomes `counted`; returns the difference that was written.

    Args:   lot, expires_on, sure: as in `adjust_stock`; where lots lie on the shelf, one must be named, or "-".
    Raises: as `adjust_stock`; BadInput: a negative or absurd count, or no lot where lots lie there.
    """
    if not 0 <= counted < LARGEST:
        raise BadInput(f"counted = {counted}: expected a number of pieces from 0 on")
    now = ctx.clock()
    with ctx.db.write() as db:
        if not lot:
            _must_have_no_lots(db, sku, warehouse)
        row = locked_balance(db, sku, warehouse, now, _named(lot), expires_on)
        if was_written(db, "count", key, row):
            return 0
        difference = counted - int(row.on_hand)
        _must_be_meant(db, row, difference, now, sure=sure)
        _write(db, row, difference, kind="count", cause=key, reason=reason, actor=actor, now=now)
        confidence.regain(db, [(warehouse, sku)], now)
        note_fed(db, warehouse, now)
        waiting = wake_short(db, [sku], now)  # also where the count only confirms: a picker may have missed pieces
    if waiting:
        ctx.doorbell.ring("orders.place")
    return difference


def set_safety(ctx: Context, sku: str, warehouse: str, safety: int, *, actor: str) -> None:
    """Keep `safety` pieces of a SKU unsold in one warehouse."""
    if not 0 <= safety < LARGEST:
        raise BadInput(f"safety = {safety}: expected a number of pieces from 0 on")
    now = ctx.clock()
    with ctx.db.write() as db:
        row = locked_balance(db, sku, warehouse, now)
        if safety == row.safety:
            return
        cause = f"safety:{sku}:{warehouse}:{row.version + 1}"
        move = Move("safety", sku, warehouse, cause, "", safety=safety - row.safety, reason="safety", actor=actor)
        apply_moves(db, [move], now)
        pushes.mark_skus(db, [sku], now)
        waiting = wake_short(db, [sku], now) if safety < row.safety else 0
        record(db, now, actor, "stock.safety", f"sku:{sku}", warehouse=warehouse, before=row.safety, after=safety)
    if waiting:
        ctx.doorbell.ring("orders.place")


def locked_balance(
    db: Connection, sku: str, warehouse: str, now: datetime, lot: str = "", expires_on: date | None = None
) -> Row[Any]:
    """The balance of one lot, made where it is missing, locked.

    Raises what `must_be_stocked`, `must_be_warehouses` and `know_lot` raise.
    """
    must_be_stocked(db, [sku])
    must_be_warehouses(db, [warehouse])
    know_lot(db, sku, lot, expires_on, now)
    ensure_balances(db, [(sku, warehouse, lot)], now)
    return next(row for row in lock_balances(db, [sku]) if row.warehouse == warehouse and row.lot == lot)


def _named(lot: str) -> str:
    return "" if lot == NO_LOT else lot


def _must_have_no_lots(db: Connection, sku: str, warehouse: str) -> None:
    """A count without a lot says nothing of pieces that have one. Raises BadInput, naming them."""
    t = stock_balances.c
    mine = (t.sku == sku, t.warehouse == warehouse, t.lot != "", t.on_hand > 0)
    rows = db.execute(select(t.lot, t.on_hand).where(*mine).order_by(t.lot)).all()
    if rows:
        lots = ", ".join(f"{row.lot}: {row.on_hand}" for row in rows[:5])
        raise BadInput(f"{sku} lies in {warehouse} in lots ({lots}): count each lot by its name, and with - as the lot "
                       "the pieces that have none")  # fmt: skip


def _must_be_meant(db: Connection, row: Row[Any], by: int, now: datetime, *, sure: bool) -> None:
    """Raises BadInput for what is more often a slip of the hand than meant, unless somebody is sure of it."""
    if sure or by <= 0:
        return
    after = row.on_hand + by
    if far_up(row.on_hand, after):
        raise BadInput(f"{row.sku} in {row.warehouse}: {after} pieces would lie there, and {row.on_hand} do now: look "
                       "at the number again; if it is meant, say yes (--yes)", {"yes": "needed"})  # fmt: skip
    last = last_good_day(db, row.sku, row.lot) if row.lot else None
    if not lives_long_enough(last, now.date(), 0):
        raise BadInput(f"lot {row.lot} of {row.sku} was good until {last} only: look at the day again; if it is meant, "
                       "say yes (--yes)", {"yes": "needed"})  # fmt: skip


def was_written(db: Connection, kind: str, key: str, row: Row[Any]) -> bool:
    """Whether this cause changed this balance before."""
    t = stock_ledger.c
    mine = (t.sku == row.sku, t.warehouse == row.warehouse, t.lot == row.lot)
    query = select(t.id).where(t.cause == key, t.kind == kind, *mine)
    return db.scalar(query.limit(1)) is not None


def _write(
    db: Connection, row: Row[Any], by: int, *, kind: str, cause: str, reason: str, actor: str, now: datetime
) -> None:
    if not -LARGEST < by < LARGEST or row.on_hand + by >= LARGEST:
        raise BadInput(f"{by} pieces: expected a number below {LARGEST}")
    bound = row.reserved + row.damaged + row.quality_hold
    if row.on_hand + by < bound:
        where = f"{row.warehouse}, lot {row.lot}" if row.lot else row.warehouse
        rest = told(f", {row.damaged} damaged, {row.quality_hold} on quality hold") if bound > row.reserved else ""
        raise Conflict(
            f"{row.sku} in {where}: {row.on_hand} on hand, {row.reserved} promised to orders{rest}; "
            f"{row.on_hand + by} would be too few: {_way_out(db, row, row.on_hand + by)}"
        )
    move = Move(kind=kind, sku=row.sku, warehouse=row.warehouse, lot=row.lot, cause=cause, line="", on_hand=by,
                reason=reason, actor=actor)  # fmt: skip
    apply_moves(db, [move], now)
    pushes.mark_skus(db, [row.sku], now)


def _way_out(db: Connection, row: Row[Any], after: int) -> str:
    """What helps where a shelf has too few pieces to have `after`: orders go, another lot has some, or fewer go."""
    marked = row.damaged + row.quality_hold
    if row.reserved and after >= marked:
        return told("move or cancel orders first")
    t = stock_balances.c
    mine = (t.sku == row.sku, t.warehouse == row.warehouse, t.lot != row.lot, t.on_hand > 0)
    lots = db.scalars(select(t.lot).where(*mine).order_by(t.lot)).all()
    if not lots:
        spare = row.on_hand - row.reserved - marked
        return told(f"no more than {spare} can be taken away")
    where = ", ".join(f"lot {lot}" if lot else "no lot" for lot in lots[:5])
    return told(f"pieces lie in {where}: say which lot is meant")
