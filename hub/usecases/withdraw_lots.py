"""Takes pieces off pick lists whose lot may no longer leave, finds others, and sets expired lots aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from hub.rules.lots import swap
from hub.store import pushes
from hub.store.events import add_events
from hub.store.lots import read_plannable
from hub.store.selling import read_terms
from hub.store.stock import Move, apply_moves, lock_balances
from hub.store.tables import (
    fulfillment_lines,
    fulfillment_orders,
    order_pieces,
    orders,
    stock_balances,
    stock_lots,
)
from hub.store.unfit_lots import AT_WORK, Unfit, unfit_lines
from hub.store.waiting import wake_short
from hub.usecases.context import Context
from hub.usecases.pick_orders import resettle
from hub.usecases.release_excess import write_cuts

_o, _p, _b, _l = fulfillment_orders.c, order_pieces.c, stock_balances.c, stock_lots.c
UNFIT = "unfit"
"""Why a pick list was revoked of which nothing may leave any more."""


def withdraw_lots(ctx: Context, limit: int = 100) -> int:
    """Mend up to `limit` pick lists, and set up to as many expired lots aside; returns how many of both.

    What is taken off a list is replaced by lots of the same shelf that are good for long enough, the first to expire
    first; else its order is planned again. Safe to run at any time, anywhere.
    """
    now = ctx.clock()
    with ctx.db.read() as db:
        ids = sorted({one.line.fulfillment_order_id for one in unfit_lines(db, now)})[:limit]
    mended = sum([_mend(ctx, list_id, now) for list_id in ids])
    with ctx.db.write() as db:
        aside = _set_aside(db, now, limit)
    if mended:
        ctx.doorbell.ring("orders.place")
    return mended + aside


def _mend(ctx: Context, list_id: int, now: datetime) -> int:
    """One list in its own transaction; 0 where it was done with, or asked to be cancelled, meanwhile."""
    with ctx.db.write() as db:
        work = _locked(db, list_id)
        unfit = unfit_lines(db, now, [list_id]) if work.status in AT_WORK else []
        if not unfit:
            return 0
        found = _replacements(db, unfit, now)
        _add_lines(db, found)
        write_cuts(db, [(one.line, one.pieces) for one in unfit], now)
        apply_moves(db, [move for one in found for move in one.moves()], now)
        _tell_list(db, work, now)
        skus = {one.line.sku for one in unfit}
        pushes.mark_skus(db, skus, now)
        words = {"warehouse": work.warehouse, "lots": [one.to_dict() for one in found]}
        add_events(db, [(work.order_id, "lots_withdrawn", words)], now)
        wake_short(db, skus, now)
        resettle(db, work.order_id, now)
    return 1


def _locked(db: Connection, list_id: int) -> Row[Any]:
    """The pick list, locked after its order, as everywhere."""
    order_id = db.scalar(select(_o.order_id).where(_o.id == list_id))
    db.execute(select(orders.c.id).where(orders.c.id == order_id).with_for_update())
    return db.execute(select(fulfillment_orders).where(_o.id == list_id).with_for_update()).one()


@dataclass(frozen=True, slots=True)
class _Replaced:
    """An unfit line and (lot, pieces) that leave instead; none where the order is planned again."""

    unfit: Unfit
    instead: Sequence[tuple[str, int]]

    def moves(self) -> list[Move]:
        one, line = self.unfit, self.unfit.line
        same = {"sku": line.sku, "warehouse": one.warehouse, "line": str(line.id), "order_id": line.order_id}
        cause, reason = f"unfit:{line.fulfillment_order_id}", f"expired: {one.last}"
        gone = Move(kind="release", cause=cause, lot=line.lot, reserved=-one.pieces, reason=reason, **same)
        return [gone, *(Move(kind="reserve", cause=cause, lot=lot, reserved=pieces, reason=reason, **same)
                        for lot, pieces in self.instead)]  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """What the order's timeline says of it."""
        one = self.unfit
        told = {"sku": one.line.sku, "lot": one.line.lot, "quantity": one.pieces, "good_until": str(one.last)}
        return told | {"instead": [{"lot": lot, "quantity": pieces} for lot, pieces in self.instead]}


def _replacements(db: Connection, unfit: Sequence[Unfit], now: datetime) -> list[_Replaced]:
    """Other lots of the same shelves, which are locked by it.

    Where a pool keeps pieces for a channel, only a plan knows who may have them.
    """
    skus = {one.line.sku for one in unfit}
    there, lots = read_plannable(db, skus, now.date(), lock=True)
    free = dict(there)
    exclusive = read_terms(db, skus, now).exclusive
    left = {place: {lot: (lot, day, there) for lot, day, there in rows} for place, rows in lots.items()}
    found = []
    for one in unfit:
        place = (one.warehouse, one.line.sku)
        shelf = left.get(place, {}) if one.line.sku not in exclusive else {}
        instead = swap(one.pieces, shelf.values(), free.get(place, 0), one.least)
        for lot, pieces in instead:
            shelf[lot] = (lot, shelf[lot][1], shelf[lot][2] - pieces)
            free[place] -= pieces
        found.append(_Replaced(one, instead))
    return found


def _add_lines(db: Connection, found: Sequence[_Replaced]) -> None:
    """The other lots on the list, nothing of them picked yet; their pieces count as reserved, beside the old ones."""
    lines = [(one.unfit.line, lot, pieces) for one in found for lot, pieces in one.instead]
    for line, lot, pieces in lines:
        same: Mapping[str, Any] = {
            name: line._mapping[name] for name in ("fulfillment_order_id", "order_id", "line_id", "piece_id", "sku")
        }
        blank = {"picked": 0, "shipped": 0, "cancelled": 0}
        db.execute(fulfillment_lines.insert().values(**same, **blank, lot=lot, quantity=pieces))
        db.execute(order_pieces.update().where(_p.id == line.piece_id).values(reserved=_p.reserved + pieces))


def _tell_list(db: Connection, work: Row[Any], now: datetime) -> None:
    """A list of which nothing is left says why; one that was packed is in picking again."""
    here = _o.id == work.id
    gone = fulfillment_orders.update().where(here, _o.status == "cancelled")
    db.execute(gone.values(reject_reason=UNFIT, updated_at=now))
    again = fulfillment_orders.update().where(here, _o.status == "packed")
    db.execute(again.values(status="picking", updated_at=now))


def _set_aside(db: Connection, now: datetime, limit: int) -> int:
    """Put what is free of expired lots on quality hold, where a person decides about it; returns how many balances."""
    free = _b.on_hand - _b.reserved - _b.damaged - _b.quality_hold
    lot = and_(_l.sku == _b.sku, _l.lot == _b.lot)
    query = select(stock_balances, _l.expires_on).join(stock_lots, lot).where(_l.expires_on < now.date(), free > 0)
    last = {
        (row.sku, row.warehouse, row.lot): row.expires_on
        for row in db.execute(query.order_by(_b.sku, _b.warehouse, _b.lot).limit(limit))
    }
    rows = lock_balances(db, {sku for sku, _, _ in last}) if last else []
    found = [(row, last[row.sku, row.warehouse, row.lot]) for row in rows if (row.sku, row.warehouse, row.lot) in last]
    moves = [
        Move("state", row.sku, row.warehouse, f"expired:{row.version}", "free>quality_hold", lot=row.lot,
             quality_hold=pieces, reason=f"expired: {day}")
        for row, day in found
        if (pieces := row.on_hand - row.reserved - row.damaged - row.quality_hold) > 0
    ]  # fmt: skip
    apply_moves(db, moves, now)
    return len(moves)
