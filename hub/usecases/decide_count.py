"""Deciding on a count that was handed in: write its variances, have shelves counted again, or throw it away."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from hub.canonical.errors import BadInput, Conflict, NotAllowed
from hub.rules.counting import still_to_write, writable
from hub.store import confidence, pushes
from hub.store.audit import record
from hub.store.stock import Move, apply_moves, ensure_balances, lock_balances
from hub.store.tables import (
    fulfillment_lines,
    fulfillment_orders,
    orders,
    stock_count_lines,
    stock_counts,
    stock_ledger,
    transfer_lines,
    transfers,
)
from hub.store.waiting import wake_short
from hub.usecases.context import Context
from hub.usecases.count_shelves import lines_of, lock_count

_n, _l = stock_counts.c, stock_count_lines.c
CHUNK = 500
"""Shelves that are written in one transaction: a stocktake holds up no order for long."""
FINDINGS = ("count", "missing")
MOST_ORDERS = 50


@dataclass(frozen=True, slots=True)
class Approval:
    """`shelves` whose variance was written with this call, the `pieces` it changed (lost ones count below 0), and the
    shelves whose rest is kept back because pieces are promised."""

    shelves: int
    pieces: int
    problems: int


def approve_count(ctx: Context, count_id: int, *, actor: str) -> Approval:
    """Write the variances; a promise is never broken: what cannot be written becomes the shelf's problem.

    Approving again tries the shelves with a problem once more, after their orders were moved or cancelled.

    Raises: NotFound. Conflict: it was not handed in, or was rejected. NotAllowed: the one who counted approves alone
            though this installation wants two.
    """
    total = Approval(0, 0, 0)
    while True:
        step = _approve_some(ctx, count_id, actor, total)
        if step is None:
            return total
        total = Approval(total.shelves + step.shelves, total.pieces + step.pieces, total.problems + step.problems)


def reject_count(
    ctx: Context, count_id: int, *, actor: str, reason: str, recount: Collection[str] | None = None
) -> None:  # fmt: skip
    """Do not believe a count, or give it up. Nothing of the stock changes.

    Args:   recount: SKUs that are to be counted again; empty: those with a variance; None: the count is thrown away.
    Raises: NotFound. BadInput: no reason, or a SKU that is not in it. Conflict: it is decided already.
    """
    if not reason.strip():
        raise BadInput("rejecting a count needs a reason: say what is doubted")
    now = ctx.clock()
    with ctx.db.write() as db:
        row = lock_count(db, count_id)
        if row.state not in ("submitted", "open"):
            raise Conflict(f"count {count_id} is {row.state}: it cannot be rejected any more")
        if recount is None:
            _decide(db, count_id, "rejected", actor, now)
            record(db, now, actor, "count.rejected", f"count:{count_id}", reason=reason[:500])
            return
        again = _doubted(count_id, lines_of(db, count_id), recount)
        blank = {"counted": None, "expected": None, "counted_by": "", "counted_at": None}
        db.execute(stock_count_lines.update().where(_l.id.in_(again)).values(blank))
        db.execute(stock_counts.update().where(_n.id == count_id).values(state="open", submitted_by=""))
        record(db, now, actor, "count.recounted", f"count:{count_id}", reason=reason[:500], shelves=len(again))


def _doubted(count_id: int, lines: Sequence[Row[Any]], recount: Collection[str]) -> list[int]:
    unknown = sorted(set(recount) - {line.sku for line in lines})
    if unknown:
        raise BadInput(f"{unknown[0]} is not in count {count_id}")
    found = [line.id for line in lines if (line.sku in recount if recount else line.counted != line.expected)]
    if not found:
        raise BadInput(f"count {count_id} has no variance: name the SKUs that are to be counted again")
    return found


def _approve_some(ctx: Context, count_id: int, actor: str, before: Approval) -> Approval | None:
    """Write up to CHUNK shelves; None once none is left."""
    now = ctx.clock()
    with ctx.db.write() as db:
        row = lock_count(db, count_id)
        lines = _may_approve(ctx, row, lines_of(db, count_id), actor)
        open_lines = [line for line in lines if line.counted is not None and line.written is None]
        if not open_lines and row.state == "submitted":
            _decide(db, count_id, "approved", actor, now)
            record(db, now, actor, "count.approved", f"count:{count_id}", shelves=before.shelves,
                   pieces=before.pieces, problems=before.problems)  # fmt: skip
        elif row.state == "approved" and before == Approval(0, 0, 0):
            open_lines = [line for line in lines if line.problem]
        if not open_lines:
            return None
        step, waiting = _write(db, row, open_lines[:CHUNK], actor, now)
    if waiting:
        ctx.doorbell.ring("orders.place")
    return step


def _may_approve(ctx: Context, row: Row[Any], lines: list[Row[Any]], actor: str) -> list[Row[Any]]:
    if row.state not in ("submitted", "approved"):
        raise Conflict(f"count {row.id} is {row.state}: it must be handed in before it can be approved")
    if ctx.count_by_two and actor in {row.submitted_by, *(line.counted_by for line in lines)}:
        raise NotAllowed(f"count {row.id} was counted by you: another person must approve it")
    return lines


def _decide(db: Connection, count_id: int, state: str, actor: str, now: datetime) -> None:
    values = {"state": state, "decided_by": actor, "decided_at": now}
    db.execute(stock_counts.update().where(_n.id == count_id).values(values))


_RESULT = (
    stock_count_lines.update()
    .where(_l.id == bindparam("b_id"))
    .values(written=bindparam("done"), problem=bindparam("why"))
)  # fmt: skip


def _write(
    db: Connection, row: Row[Any], lines: Sequence[Row[Any]], actor: str, now: datetime
) -> tuple[Approval, int]:  # fmt: skip
    place = row.warehouse
    ensure_balances(db, [(line.sku, place, line.lot) for line in lines], now)
    balances = {(b.sku, b.lot): b for b in lock_balances(db, {ln.sku for ln in lines}) if b.warehouse == place}
    moves, results = [], []
    for line in lines:
        balance = balances[line.sku, line.lot]
        step, rest = _step(db, row, line, balance)
        if step or line.written is None:
            moves.append(_move(row, line, step, balance.version, actor))
        why = _problem(db, row, line, rest) if rest else {}
        results.append({"b_id": line.id, "done": (line.written or 0) + step, "why": why})
    apply_moves(db, moves, now)
    db.execute(_RESULT, results)
    skus = {move.sku for move in moves}
    pushes.mark_skus(db, skus, now)
    confidence.regain(db, {(move.warehouse, move.sku) for move in moves}, now)
    waiting = wake_short(db, skus, now)  # also where the count only confirms: a picker may have missed pieces
    problems = sum(1 for result in results if result["why"])
    return Approval(len(moves), sum(move.on_hand for move in moves), problems), waiting


def _step(db: Connection, row: Row[Any], line: Row[Any], balance: Row[Any]) -> tuple[int, int]:
    """(pieces to write now, pieces that stay unwritten because they are bound)"""
    t = stock_ledger.c
    since = select(func.coalesce(func.sum(t.on_hand), 0)).where(
        t.sku == line.sku, t.warehouse == row.warehouse, t.lot == line.lot, t.kind.in_(FINDINGS),
        t.at > line.counted_at, t.cause != _cause(row),
    )  # fmt: skip
    left = still_to_write(line.counted - line.expected - (line.written or 0), int(db.scalar(since) or 0))
    step = writable(left, balance.on_hand, balance.reserved + balance.damaged + balance.quality_hold)
    return step, left - step


def _cause(row: Row[Any]) -> str:
    return f"count:{row.id}"


def _move(row: Row[Any], line: Row[Any], by: int, version: int, actor: str) -> Move:
    mark = str(line.id) if line.written is None else f"{line.id}:{version}"
    return Move(
        kind="count", sku=line.sku, warehouse=row.warehouse, lot=line.lot, cause=_cause(row), line=mark, on_hand=by,
        reason=row.note or "counted", actor=actor,
    )  # fmt: skip


def _problem(db: Connection, row: Row[Any], line: Row[Any], rest: int) -> Mapping[str, Any]:
    """Who was promised the pieces that are not there, newest first, and what to do."""
    f, o = fulfillment_lines.c, fulfillment_orders.c
    open_pieces = f.quantity - f.shipped - f.cancelled
    lists = (
        select(f.order_id, orders.c.number, o.id.label("pick_id"), open_pieces.label("pieces"))
        .join(fulfillment_orders, o.id == f.fulfillment_order_id)
        .join(orders, orders.c.id == f.order_id)
        .where(f.sku == line.sku, f.lot == line.lot, o.warehouse == row.warehouse, open_pieces > 0)
        .order_by(f.id.desc())
    )
    t, tl = transfers.c, transfer_lines.c
    moving = select(t.id.label("transfer_id"), (tl.quantity - tl.shipped).label("pieces")).join(
        transfers, t.id == tl.transfer_id
    )
    moving = moving.where(
        tl.sku == line.sku, tl.lot == line.lot, t.source == row.warehouse, t.state.in_(("ready", "in_transit")),
        tl.shipped < tl.quantity,
    )  # fmt: skip
    return {
        "missing": -rest,
        "orders": [dict(found) for found in db.execute(lists.limit(MOST_ORDERS)).mappings()],
        "transfers": [dict(found) for found in db.execute(moving.limit(MOST_ORDERS)).mappings()],
        "mend": f"{-rest} pieces are promised and not there: move or cancel these orders (newest first) or transfers, "
                "release damaged pieces, then approve the count again",
    }  # fmt: skip
