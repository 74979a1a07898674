"""Transfers on their way: pieces leave, arrive whole or damaged, and what never arrives is written off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from hub.canonical.errors import BadInput, Conflict
from hub.canonical.told import told
from hub.store.audit import record
from hub.store.stock import Move, ensure_balances
from hub.store.tables import stock_ledger, transfer_lines
from hub.store.waiting import wake_short
from hub.usecases.context import Context
from hub.usecases.plan_transfer import (
    cause_of,
    lines_of,
    lock_transfer,
    move_of,
    release_rest,
    set_state,
    write_moves,
)

_l = transfer_lines.c


@dataclass(frozen=True, slots=True)
class Arrived:
    """Pieces of one line that came in: `whole` may be sold, `damaged` not."""

    whole: int = 0
    damaged: int = 0


def ship_transfer(
    ctx: Context, transfer_id: int, *, actor: str, key: str, contents: Mapping[int, int] | None = None
) -> str:
    """Pieces leave the source; they are in transit to the destination. Returns the transfer's state then.

    Args:   contents: line id -> pieces; None: all that has not left yet. What stays behind stays reserved.
            key:      the same key again has no second effect.
    Raises: NotFound. BadInput: a foreign line, or more than is left of it. Conflict: it is not ready to ship.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        row, lines = _ready(db, transfer_id, ("ready", "in_transit"), told("be shipped"))
        if _done(db, row, lines, "transfer_out", key):
            return str(row.state)
        left = {line.id: line.quantity - line.shipped for line in lines}
        going = _chosen(row, left, contents, told("left to ship"))
        moves = _leaving(row, lines, going, key, actor)
        ensure_balances(db, [(line.sku, row.destination, line.lot) for line in lines if line.id in going], now)
        write_moves(db, moves, now)
        db.execute(_SHIPPED, [{"b_id": line, "pieces": pieces} for line, pieces in going.items()])
        set_state(db, row, "in_transit", now, shipped_at=row.shipped_at or now)
        record(db, now, actor, "transfer.shipped", f"transfer:{transfer_id}", pieces=sum(going.values()))
    return "in_transit"


def receive_transfer(
    ctx: Context, transfer_id: int, *, actor: str, key: str, contents: Mapping[int, Arrived] | None = None,
    reason: str = "",
) -> str:  # fmt: skip
    """Pieces arrive, in as many parts as it takes; the last one ends the transfer. Returns its state then.

    Args:   contents: line id -> what arrived; None: all that is under way, whole.
            reason:   needed where pieces arrived damaged.
            key:      the same key again has no second effect.
    Raises: NotFound. BadInput: a foreign line, more than is under way, or damaged pieces without a reason.
            Conflict: nothing is under way.
    """
    now = ctx.clock()
    with ctx.db.write() as db:
        row, lines = _ready(db, transfer_id, ("in_transit", "received"), told("be received"))
        if _done(db, row, lines, "transfer_in", key):
            return str(row.state)
        coming = _coming(row, lines, contents, reason)
        write_moves(db, _arriving(row, lines, coming, key, actor, reason), now)
        db.execute(_RECEIVED, [
            {"b_id": line, "pieces": part.whole + part.damaged, "broken": part.damaged} for line, part in coming.items()
        ])  # fmt: skip
        waiting = wake_short(db, {line.sku for line in lines if line.id in coming}, now)
        record(db, now, actor, "transfer.received", f"transfer:{transfer_id}",
               pieces=sum(part.whole + part.damaged for part in coming.values()),
               damaged=sum(part.damaged for part in coming.values()), reason=reason[:500])  # fmt: skip
        state = _settle(db, row, now)
    if waiting:
        ctx.doorbell.ring("orders.place")
    return state


def close_transfer(ctx: Context, transfer_id: int, *, actor: str, reason: str) -> int:
    """Nothing more will come: what is under way is written off as lost, what never left is free again.

    Returns: pieces written off. Again changes nothing.
    Raises:  NotFound. BadInput: no reason. Conflict: nothing has left yet: cancel it instead.
    """
    if not reason.strip():
        raise BadInput("closing a transfer needs a reason: say what became of the pieces that did not arrive")
    now = ctx.clock()
    with ctx.db.write() as db:
        row, lines = _ready(db, transfer_id, ("in_transit", "received"), told("be closed"))
        if row.state == "received":
            return 0
        lost = {line.id: pieces for line in lines if (pieces := _under_way(line))}
        moves = [
            move_of(row, line, "transfer_lost", str(line.id), actor, warehouse=row.destination, reason=reason[:200],
                    in_transit=-lost[line.id])
            for line in lines if line.id in lost
        ]  # fmt: skip
        write_moves(db, moves, now)
        for line_id, pieces in lost.items():
            db.execute(transfer_lines.update().where(_l.id == line_id).values(lost=_l.lost + pieces))
        waiting = release_rest(db, row, lines, actor, now)
        set_state(db, row, "received", now, received_at=now)
        record(db, now, actor, "transfer.closed", f"transfer:{transfer_id}", lost=sum(lost.values()),
               reason=reason[:500])  # fmt: skip
    if waiting:
        ctx.doorbell.ring("orders.place")
    return sum(lost.values())


_SHIPPED = (
    transfer_lines.update().where(_l.id == bindparam("b_id")).values(shipped=_l.shipped + bindparam("pieces"))
)  # fmt: skip
_RECEIVED = (
    transfer_lines.update()
    .where(_l.id == bindparam("b_id"))
    .values(received=_l.received + bindparam("pieces"), damaged=_l.damaged + bindparam("broken"))
)


def _ready(db: Connection, transfer_id: int, states: tuple[str, ...], verb: str) -> tuple[Row[Any], list[Row[Any]]]:
    row = lock_transfer(db, transfer_id)
    if row.state not in states:
        hint = {"draft": told("reserve it first"), "ready": told("ship it first"), "received": told("it is done")}.get(
            row.state, ""
        )
        raise Conflict(f"transfer {transfer_id} is {row.state} and cannot {verb}: {hint or told('make a new one')}")
    return row, lines_of(db, transfer_id)


def _mark(line: Row[Any], key: str) -> str:
    return f"{line.id}:{key}"


def _done(db: Connection, row: Row[Any], lines: Sequence[Row[Any]], kind: str, key: str) -> bool:
    """Whether this very step was written before."""
    t = stock_ledger.c
    marks = [_mark(line, key) for line in lines]
    seen = select(t.id).where(t.cause == cause_of(row), t.kind == kind, t.line.in_(marks))
    return db.scalar(seen.limit(1)) is not None


def _under_way(line: Row[Any]) -> int:
    return int(line.shipped - line.received - line.lost)


def _chosen(row: Row[Any], left: Mapping[int, int], asked: Mapping[int, int] | None, what: str) -> dict[int, int]:
    """Line id -> pieces, only where there are any. Raises BadInput."""
    wanted = {line: pieces for line, pieces in (left if asked is None else asked).items() if pieces}
    for line, pieces in wanted.items():
        if not 0 < pieces <= left.get(line, 0):
            raise BadInput(f"line {line} of transfer {row.id}: {pieces} pieces, {left.get(line, 0)} are {what}")
    if not wanted:
        raise BadInput(f"transfer {row.id}: no pieces are {what}, or none were named")
    return wanted


def _leaving(
    row: Row[Any], lines: Sequence[Row[Any]], going: Mapping[int, int], key: str, actor: str
) -> list[Move]:  # fmt: skip
    moves = []
    for line in lines:
        if pieces := going.get(line.id, 0):
            mark = _mark(line, key)
            moves.append(move_of(row, line, "transfer_out", mark, actor, on_hand=-pieces, reserved=-pieces))
            moves.append(
                move_of(row, line, "transfer_out", mark, actor, warehouse=row.destination, in_transit=pieces)
            )  # fmt: skip
    return moves


def _coming(
    row: Row[Any], lines: Sequence[Row[Any]], asked: Mapping[int, Arrived] | None, reason: str
) -> dict[int, Arrived]:
    under_way = {line.id: _under_way(line) for line in lines}
    if asked is None:
        asked = {line: Arrived(pieces) for line, pieces in under_way.items()}
    if any(part.whole < 0 or part.damaged < 0 for part in asked.values()):
        raise BadInput(f"transfer {row.id}: pieces that arrived are 0 or more")
    sums = _chosen(row, under_way, {line: part.whole + part.damaged for line, part in asked.items()}, told("under way"))
    coming = {line: part for line, part in asked.items() if line in sums}
    if any(part.damaged for part in coming.values()) and not reason.strip():
        raise BadInput("pieces that arrived damaged need a reason: say what happened to them")
    return coming


def _arriving(
    row: Row[Any], lines: Sequence[Row[Any]], coming: Mapping[int, Arrived], key: str, actor: str, reason: str
) -> list[Move]:
    words = {"reason": reason.strip()[:200]} if reason.strip() else {}
    return [
        move_of(row, line, "transfer_in", _mark(line, key), actor, warehouse=row.destination,
                on_hand=part.whole + part.damaged, damaged=part.damaged,
                in_transit=-(part.whole + part.damaged), **words)
        for line in lines if (part := coming.get(line.id))
    ]  # fmt: skip


def _settle(db: Connection, row: Row[Any], now: datetime) -> str:
    """Received once all that was asked has left and arrived."""
    whole = all(line.shipped == line.quantity and not _under_way(line) for line in lines_of(db, row.id))
    state = "received" if whole else "in_transit"
    set_state(db, row, state, now, received_at=now if whole else None)
    return state
