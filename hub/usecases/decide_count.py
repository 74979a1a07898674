"""Deciding on a count that was handed in: write its variances, have shelves counted again, or throw it away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from hub.canonical.errors import BadInput, Conflict, NotAllowed
from hub.rules.counting import still_to_write, writable
from hub.store import confidence, pushes
from hub.store.audit import record
from hub.store.feeds import note_fed
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
        _may_approve(ctx, db, row, actor)
        lines = _to_write(db, row, again=before == Approval(0, 0, 0))
        if not lines and row.state == "submitted":
            _decide(db, count_id, "approved", actor, now)
            record(db, now, actor, "count.approved", f"count:{count_id}", shelves=before.shelves,
                   pieces=before.pieces, problems=before.problems)  # fmt: skip
        if not lines:
            return None
        step, waiting = _write(db, row, lines, actor, now)
    if waiting:
        ctx.doorbell.ring("orders.place")
    return step


def _may_approve(ctx: Context, db: Connection, row: Row[Any], actor: str) -> None:
    if row.state not in ("submitted", "approved"):
        raise Conflict(f"count {row.id} is {row.state}: it must be handed in before it can be approved")
    counted = select(_l.id).where(_l.count_id == row.id, _l.counted_by == actor).limit(1)
    if ctx.count_by_two and (actor == row.submitted_by or db.scalar(counted) is not None):
        raise NotAllowed(f"count {row.id} was counted by you: another person must approve it")


def _to_write(db: Connection, row: Row[Any], *, again: bool) -> list[Row[Any]]:
    """Shelves of a count that was handed in; of an approved one, those with a problem, at the first look."""
    query = select(stock_count_lines).where(_l.count_id == row.id, _l.counted.is_not(None)).order_by(_l.id)
    if row.state == "submitted":
        return list(db.execute(query.where(_l.written.is_(None)).limit(CHUNK)))
    differing = query.where(_l.written != _l.counted - _l.expected)
    return [line for line in db.execute(differing) if line.problem] if again else []


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
    found = _found_since(db, row, lines)
    moves, results = [], []
    for line in lines:
        balance = balances[line.sku, line.lot]
        step, rest = _step(line, balance, found.get(line.id, 0))
        if step or line.written is None:
            moves.append(_move(row, line, step, balance.version, actor))
        why = _problem(db, row, line, rest) if rest else {}
        results.append({"b_id": line.id, "done": (line.written or 0) + step, "why": why})
    apply_moves(db, moves, now)
    db.execute(_RESULT, results)
    skus = {move.sku for move in moves}
    confidence.regain(db, [(place, sku) for sku in skus], now)
    note_fed(db, place, now)
    pushes.mark_skus(db, skus, now)
    confidence.regain(db, {(move.warehouse, move.sku) for move in moves}, now)
    waiting = wake_short(db, skus, now)  # also where the count only confirms: a picker may have missed pieces
    problems = sum(1 for result in results if result["why"])
    return Approval(len(moves), sum(move.on_hand for move in moves), problems), waiting


def _found_since(db: Connection, row: Row[Any], lines: Sequence[Row[Any]]) -> dict[int, int]:
    """Line id -> what other findings changed on its shelf after it was counted."""
    t = stock_ledger.c
    shelves = {(line.sku, line.lot): line for line in lines}
    query = select(t.sku, t.lot, t.on_hand, t.at).where(
        t.sku.in_(sorted({line.sku for line in lines})), t.warehouse == row.warehouse, t.kind.in_(FINDINGS),
        t.at > min(line.counted_at for line in lines), t.cause != _cause(row),
    )  # fmt: skip
    found: dict[int, int] = defaultdict(int)
    for each in db.execute(query):
        line = shelves.get((each.sku, each.lot))
        if line is not None and each.at > line.counted_at:
            found[line.id] += each.on_hand
    return found


def _step(line: Row[Any], balance: Row[Any], found_since: int) -> tuple[int, int]:
    """(pieces to write now, pieces that stay unwritten because they are bound)"""
    left = still_to_write(line.counted - line.expected - (line.written or 0), found_since)
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
