"""Gives back what is reserved beyond what is wanted: after a cancellation, an edit, or stock that is not there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from hub.store import capacity, pushes
from hub.store.stock import Move, apply_moves, lock_balances
from hub.store.tables import fulfillment_lines, fulfillment_orders, order_pieces
from hub.store.waiting import wake_short

_f, _p, _o = fulfillment_lines.c, order_pieces.c, fulfillment_orders.c


def release_excess(db: Connection, causes: Mapping[int, str], now: datetime, reason: str) -> dict[int, int]:
    """Cut pick lists down to what is still wanted, newest and unpicked first; the stock is free again.

    Args:    causes: order_id -> what keys the ledger, unique to this change; the caller has locked these orders.
    Returns: order_id -> pieces that had left already and cannot be taken back (only where there are any).
    """
    pieces = _excess(db, sorted(causes))
    if not pieces:
        return {}
    lines = _open_lines(db, [piece.id for piece in pieces])
    lock_balances(db, {piece.sku for piece in pieces})
    moves: list[Move] = []
    cuts: list[tuple[Row[Any], int]] = []
    late: dict[int, int] = defaultdict(int)
    for piece in pieces:
        excess = piece.reserved + piece.shipped - piece.wanted
        for line in lines[piece.id]:
            take = min(excess, line.quantity - line.shipped - line.cancelled)
            if take > 0:
                excess -= take
                cuts.append((line, take))
                moves.append(_move(line, take, causes[line.order_id], reason))
        if excess > 0:
            late[piece.order_id] += excess
    write_cuts(db, cuts, now)
    apply_moves(db, moves, now)
    pushes.mark_skus(db, {move.sku for move in moves}, now)
    wake_short(db, {move.sku for move in moves}, now)
    return dict(late)


def _excess(db: Connection, order_ids: Sequence[int]) -> Sequence[Row[Any]]:
    query = select(order_pieces).where(_p.order_id.in_(order_ids), _p.reserved + _p.shipped > _p.wanted)
    return db.execute(query.order_by(_p.id)).all()


def _open_lines(db: Connection, piece_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    query = (
        select(fulfillment_lines, _o.warehouse)
        .join(fulfillment_orders, _o.id == _f.fulfillment_order_id)
        .where(_f.piece_id.in_(piece_ids), _f.shipped + _f.cancelled < _f.quantity)
        .order_by(_f.picked > 0, _f.id.desc())
    )
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in db.execute(query):
        found[row.piece_id].append(row)
    return found


def _move(line: Row[Any], take: int, cause: str, reason: str, actor: str = "hub") -> Move:
    return Move(
        kind="release", sku=line.sku, warehouse=line.warehouse, lot=line.lot, cause=cause, line=str(line.id),
        reserved=-take, order_id=line.order_id, reason=reason, actor=actor,
    )  # fmt: skip


_CUT_LINE = (
    fulfillment_lines.update()
    .where(_f.id == bindparam("b_id"))
    .values(cancelled=_f.cancelled + bindparam("take"), picked=bindparam("b_picked"))
)
_CUT_PIECE = order_pieces.update().where(_p.id == bindparam("b_piece")).values(reserved=_p.reserved - bindparam("take"))


def write_cuts(db: Connection, cuts: Sequence[tuple[Row[Any], int]], now: datetime) -> None:
    """Cancel `take` pieces of each fulfillment line, and the fulfillment orders in which nothing is left."""
    if not cuts:
        return
    rows = [
        {
            "b_id": line.id, "b_piece": line.piece_id, "take": take,
            "b_picked": min(line.picked, line.quantity - line.cancelled - take),
        }
        for line, take in cuts
    ]  # fmt: skip
    db.execute(_CUT_LINE, [{name: row[name] for name in ("b_id", "take", "b_picked")} for row in rows])
    db.execute(_CUT_PIECE, [{name: row[name] for name in ("b_piece", "take")} for row in rows])
    close_finished(db, {line.fulfillment_order_id for line, _ in cuts}, now)


def close_finished(db: Connection, fulfillment_order_ids: Iterable[int], now: datetime) -> None:
    """A pick list with nothing left to do is shipped where anything of it left, else cancelled."""
    ids = sorted(set(fulfillment_order_ids))
    left = func.sum(_f.quantity - _f.shipped - _f.cancelled)
    query = select(_f.fulfillment_order_id, func.sum(_f.shipped)).where(_f.fulfillment_order_id.in_(ids))
    for fulfillment_order_id, shipped in db.execute(query.group_by(_f.fulfillment_order_id).having(left == 0)).all():
        status, asked = ("shipped", "accepted") if shipped else ("cancelled", "cancelled")
        db.execute(
            fulfillment_orders.update()
            .where(_o.id == fulfillment_order_id)
            .values(status=status, request_status=asked, updated_at=now)
        )
    done = select(_o.order_id).where(_o.id.in_(ids), _o.status.in_(("cancelled", "shipped")))
    capacity.release(db, db.scalars(done).all())


def release_list(db: Connection, work: Row[Any], cause: str, now: datetime, *, reason: str, actor: str) -> list[str]:
    """Give back all that is still open on one (locked) pick list; returns the SKUs. The list is closed by it."""
    return release_lists(db, [work], {work.id: cause}, now, reason=reason, actor=actor)


def release_lists(
    db: Connection, works: Sequence[Row[Any]], causes: Mapping[int, str], now: datetime, *, reason: str,
    actor: str = "hub",
) -> list[str]:  # fmt: skip
    """`release_list` of several at once; `causes`: pick list id -> what keys the ledger."""
    query = select(fulfillment_lines, _o.warehouse).join(fulfillment_orders, _o.id == _f.fulfillment_order_id)
    still = (_o.id.in_([work.id for work in works]), _f.shipped + _f.cancelled < _f.quantity)
    lines = db.execute(query.where(*still).order_by(_f.id)).all()
    cuts = [(line, int(line.quantity - line.shipped - line.cancelled)) for line in lines]
    skus = sorted({line.sku for line in lines})
    lock_balances(db, skus)
    write_cuts(db, cuts, now)
    moves = [_move(line, take, causes[line.fulfillment_order_id], reason, actor) for line, take in cuts]
    apply_moves(db, moves, now)
    pushes.mark_skus(db, skus, now)
    return skus
