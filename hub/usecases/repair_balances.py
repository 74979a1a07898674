"""Mends balances whose numbers are neither the sum of their ledger nor what was promised from them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select, text

from hub.rules.repair import mend_balance
from hub.store import pushes
from hub.store.audit import record
from hub.store.laws import EXPECTED, PROMISED, UNDER_WAY
from hub.store.stock import STATES, Key, Move, ensure_balances, lock_balances, rebuild_balance
from hub.store.tables import stock_ledger
from hub.store.waiting import wake_short
from hub.usecases.context import Context

BALANCE_LAWS = frozenset(
    {
        "balance_is_ledger",
        "ledger_has_balance",
        "reserved_is_pick_lists",
        "in_transit_is_transfers",
        "incoming_is_expected",
        "never_oversold",
    }
)
"""The laws that speak of balances."""


@dataclass(frozen=True, slots=True)
class Mended:
    """One thing that was put right (`done`), or that only a person can put right."""

    check: str
    what: str
    done: bool
    words: str


def mend_balances(ctx: Context, keys: Collection[Key], run: str, actor: str) -> list[Mended]:
    """Look at each of these balances again under its lock, and mend what is still wrong."""
    return [mended for key in sorted(keys) if (mended := _mend_one(ctx, key, run, actor)) is not None]


def _mend_one(ctx: Context, key: Key, run: str, actor: str) -> Mended | None:
    now = ctx.clock()
    sku, warehouse, lot = key
    what = f"{sku} in {warehouse}" + (f", lot {lot}" if lot else "")
    with ctx.db.write() as db:
        ensure_balances(db, [key], now)
        row = next(b for b in lock_balances(db, [sku]) if (b.warehouse, b.lot) == (warehouse, lot))
        before, ledger = {state: int(getattr(row, state)) for state in STATES}, _ledger(db, key)
        mend = mend_balance(before, ledger, *(_claim(db, claims, key) for claims in (PROMISED, UNDER_WAY, EXPECTED)))
        if mend.numbers is None:
            return Mended("never_oversold", what, False, mend.why)
        if mend.numbers == before == ledger:
            return None
        rebuild_balance(db, _move(key, mend.numbers, ledger, run, actor), mend.numbers, now)
        pushes.mark_skus(db, [sku], now)
        waiting = wake_short(db, [sku], now)
        changes = _changes(before, ledger, mend.numbers)
        record(db, now, actor, "audit.repaired", f"sku:{sku}", run=run, warehouse=warehouse, lot=lot, changes=changes)
    if waiting:
        ctx.doorbell.ring("orders.place")
    told = "; ".join(f"{state} {c['balance']} (ledger {c['ledger']}) is {c['now']}" for state, c in changes.items())
    return Mended("balance_is_ledger", what, True, f"{told}; {mend.why}")


def _move(key: Key, numbers: Mapping[str, int], ledger: Mapping[str, int], run: str, actor: str) -> Move:
    sku, warehouse, lot = key
    lacks = {state: numbers[state] - ledger[state] for state in STATES}
    return Move(kind="repair", sku=sku, warehouse=warehouse, lot=lot, cause=run, line="", reason="found by the audit",
                actor=actor, **lacks)  # fmt: skip


def _changes(
    before: Mapping[str, int], ledger: Mapping[str, int], numbers: Mapping[str, int]
) -> dict[str, dict[str, int]]:
    return {
        state: {"balance": before[state], "ledger": ledger[state], "now": numbers[state]}
        for state in STATES if not before[state] == ledger[state] == numbers[state]
    }  # fmt: skip


def _ledger(db: Connection, key: Key) -> dict[str, int]:
    t = stock_ledger.c
    sums = [func.coalesce(func.sum(t[state]), 0).label(state) for state in STATES]
    row: Row[Any] = db.execute(select(*sums).where(t.sku == key[0], t.warehouse == key[1], t.lot == key[2])).one()
    return {state: int(getattr(row, state)) for state in STATES}


def _claim(db: Connection, claims: str, key: Key) -> int:
    query = text(f"SELECT open FROM ({claims}) c WHERE sku = :sku AND warehouse = :warehouse AND lot = :lot")
    return int(db.scalar(query, {"sku": key[0], "warehouse": key[1], "lot": key[2]}) or 0)
