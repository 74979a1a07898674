"""Pieces that suppliers are to bring: written down, received in parts, and given up where they do not come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.rules.lots import lives_long_enough
from hub.store import pushes
from hub.store.audit import record
from hub.store.database import insert_new
from hub.store.known import must_be_stocked
from hub.store.lots import last_good_day
from hub.store.stock import Move, apply_moves, lock_balances
from hub.store.tables import expected_receipts, stock_balances, stock_ledger
from hub.store.waiting import wake_short
from hub.usecases.change_stock import LARGEST, locked_balance
from hub.usecases.context import Context
from hub.usecases.move_transfer import Arrived

_e = expected_receipts.c


@dataclass(frozen=True, slots=True)
class Expected:
    """`quantity` pieces of a SKU are to come to a warehouse. The same `key` again is the same delivery."""

    key: str
    sku: str
    warehouse: str
    quantity: int
    due_on: date | None = None
    ref: str = ""


def expect_stock(ctx: Context, wanted: Expected, *, actor: str) -> int:
    """Write down what is to come; returns its id. It is incoming, not on hand: nothing of it is sold for that.

    Raises: NotFound: an unknown SKU or warehouse. BadInput: fewer than 1 piece, a kit, or a SKU that was never counted:
            its shops keep their own numbers until it is. Conflict: the key stands for another delivery.
    """
    if not 0 < wanted.quantity < LARGEST:
        raise BadInput(f"{wanted.quantity} pieces: a delivery brings 1 or more", {"quantity": "min"})
    now, ref = ctx.clock(), wanted.ref.strip()[:100]
    told_of_it = {"sku": wanted.sku, "warehouse": wanted.warehouse, "quantity": wanted.quantity,
                  "due_on": wanted.due_on, "ref": ref}  # fmt: skip
    with ctx.db.write() as db:
        _must_be_counted(db, wanted.sku, wanted.warehouse)
        locked_balance(db, wanted.sku, wanted.warehouse, now)
        blank = {"received": 0, "damaged": 0, "missing": 0, "state": "open", "reason": ""}
        row = told_of_it | blank | {"key": wanted.key, "created_by": actor, "created_at": now}
        new = insert_new(db, expected_receipts, [row], ("key",))
        found = db.execute(select(expected_receipts).where(_e.key == wanted.key)).one()
        if not new:
            if {name: found._mapping[name] for name in told_of_it} != told_of_it:
                raise Conflict(f"the key {wanted.key!r} stands for another delivery ({found.id}): take a new key")
            return int(found.id)
        apply_moves(db, [_move(found, "expect", "", actor, incoming=wanted.quantity, reason=ref)], now)
        record(db, now, actor, "delivery.expected", f"delivery:{found.id}", sku=wanted.sku,
               warehouse=wanted.warehouse, pieces=wanted.quantity)  # fmt: skip
    return int(found.id)


def _must_be_counted(db: Connection, sku: str, warehouse: str) -> None:
    """A delivery begins a balance at 0, and that would be told to the shops as if somebody had looked."""
    must_be_stocked(db, [sku])
    if db.scalar(select(stock_balances.c.sku).where(stock_balances.c.sku == sku).limit(1)) is None:
        raise BadInput(
            f"{sku} was never counted, and expecting it would tell its shops that there are 0: count it in {warehouse} "
            "first, even if there are none (stockline stock set)",
            {"sku": "uncounted"},
        )


def receive_expected(
    ctx: Context, expected_id: int, arrived: Arrived, *, actor: str, key: str, reason: str = "", lot: str = "",
    expires_on: date | None = None, sure: bool = False,
) -> str:  # fmt: skip
    """Pieces arrive, in as many parts as it takes, and are on hand; the last one ends it. Returns its state then.

    More may arrive than was expected. Args: reason: needed where pieces arrived damaged. lot, expires_on: of these
    pieces. sure: a lot past its last good day is meant. key: the same key again has no second effect.

    Raises: NotFound. BadInput: no pieces, damaged ones without a reason, an expiry without a lot, an expired lot
            (`fields` names `yes`). Conflict: it is done already, or the lot expires on another day.
    """
    pieces = arrived.whole + arrived.damaged
    if min(arrived.whole, arrived.damaged) < 0 or not 0 < pieces < LARGEST:
        raise BadInput(f"{pieces} pieces arrived: say how many, from 1 on", {"pieces": "min"})
    if arrived.damaged and not reason.strip():
        raise BadInput("pieces that arrived damaged need a reason: say what happened to them", {"reason": "missing"})
    now = ctx.clock()
    with ctx.db.write() as db:
        row = _locked(db, expected_id)
        if _was_received(db, row, key):
            return str(row.state)
        if row.state != "open":
            raise Conflict(f"delivery {expected_id} is done already: book what came later with stockline stock add")
        locked_balance(db, row.sku, row.warehouse, now, lot, expires_on)
        _must_be_good(db, row.sku, lot, now, sure=sure)
        apply_moves(db, _arriving(row, arrived, lot, key, actor, reason), now)
        state = _count(db, row, arrived, reason, now)
        pushes.mark_skus(db, [row.sku], now)
        waiting = wake_short(db, [row.sku], now)
        record(db, now, actor, "delivery.received", f"delivery:{expected_id}", pieces=pieces, damaged=arrived.damaged)
    if waiting:
        ctx.doorbell.ring("orders.place")
    return state


def close_expected(ctx: Context, expected_id: int, *, actor: str, reason: str) -> int:
    """Nothing more of it will come: returns the pieces that are given up. Again changes nothing.

    Raises: NotFound. BadInput: no reason.
    """
    if not reason.strip():
        raise BadInput("closing a delivery needs a reason: say what became of the rest", {"reason": "missing"})
    now = ctx.clock()
    with ctx.db.write() as db:
        row = _locked(db, expected_id)
        if row.state != "open":
            return 0
        missing = int(row.quantity - row.received)
        lock_balances(db, [row.sku])
        apply_moves(db, [_move(row, "not_coming", "", actor, incoming=-missing, reason=reason.strip()[:200])], now)
        _write(db, row, state="received", received_at=now, missing=missing, reason=reason.strip()[:500])
        record(db, now, actor, "delivery.closed", f"delivery:{expected_id}", missing=missing, reason=reason[:500])
    return missing


def _locked(db: Connection, expected_id: int) -> Row[Any]:
    row = db.execute(select(expected_receipts).where(_e.id == expected_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(f"there is no expected delivery {expected_id}: see stockline stock incoming")
    return row


def _cause(row: Row[Any]) -> str:
    return f"delivery:{row.id}"


def _move(row: Row[Any], kind: str, mark: str, actor: str, *, reason: str, lot: str = "", **states: int) -> Move:
    return Move(kind=kind, sku=row.sku, warehouse=row.warehouse, lot=lot, cause=_cause(row), line=mark, actor=actor,
                reason=reason, **states)  # fmt: skip


def _arriving(row: Row[Any], arrived: Arrived, lot: str, key: str, actor: str, reason: str) -> list[Move]:
    """What is on hand now, and is no longer incoming: that stands at the balance without a lot."""
    pieces, broken = arrived.whole + arrived.damaged, arrived.damaged
    less = -min(pieces, max(0, row.quantity - row.received))
    words = reason.strip()[:200] or row.ref or "received"
    if not lot:
        return [_move(row, "receive", key, actor, reason=words, incoming=less, on_hand=pieces, damaged=broken)]
    moves = [_move(row, "receive", key, actor, reason=words, lot=lot, on_hand=pieces, damaged=broken)]
    return [*moves, _move(row, "receive", key, actor, reason=words, incoming=less)] if less else moves


def _was_received(db: Connection, row: Row[Any], key: str) -> bool:
    t = stock_ledger.c
    seen = select(t.id).where(t.cause == _cause(row), t.kind == "receive", t.line == key)
    return db.scalar(seen.limit(1)) is not None


def _must_be_good(db: Connection, sku: str, lot: str, now: datetime, *, sure: bool) -> None:
    last = last_good_day(db, sku, lot) if lot else None
    if not sure and not lives_long_enough(last, now.date(), 0):
        raise BadInput(f"lot {lot} of {sku} was good until {last} only: look at the day again; if it is meant, "
                       "say yes (--yes)", {"yes": "needed"})  # fmt: skip


def _count(db: Connection, row: Row[Any], arrived: Arrived, reason: str, now: datetime) -> str:
    received = row.received + arrived.whole + arrived.damaged
    done = received >= row.quantity
    words = {"reason": reason.strip()[:500]} if reason.strip() else {}
    _write(db, row, received=received, damaged=row.damaged + arrived.damaged, state="received" if done else "open",
           received_at=now if done else None, **words)  # fmt: skip
    return "received" if done else "open"


def _write(db: Connection, row: Row[Any], **values: Any) -> None:
    db.execute(expected_receipts.update().where(_e.id == row.id).values(**values))
