"""The only writer of stock balances: locks in key order, one guarded update per balance, one ledger row per cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, select

from hub.canonical.errors import Conflict, InvariantBroken
from hub.ports.failpoints import reach
from hub.store.database import insert_new
from hub.store.tables import stock_balances, stock_ledger

Key = tuple[str, str, str]
"""(sku, warehouse, lot)"""

RARE = ("damaged", "quality_hold", "safety", "incoming", "in_transit")
STATES = ("on_hand", "reserved", *RARE)
"""The numbers of a balance. on_hand counts what is reserved, damaged and on quality hold too."""


@dataclass(frozen=True, slots=True)
class Move:
    """One change of one balance, in whole base units. (cause, line, kind, sku, warehouse, lot) happens once."""

    kind: str
    sku: str
    warehouse: str
    cause: str
    line: str
    on_hand: int = 0
    reserved: int = 0
    lot: str = ""
    order_id: int | None = None
    reason: str = ""
    actor: str = "hub"
    damaged: int = 0
    quality_hold: int = 0
    safety: int = 0
    incoming: int = 0
    in_transit: int = 0

    @property
    def key(self) -> Key:
        return (self.sku, self.warehouse, self.lot)

    @property
    def deltas(self) -> tuple[int, ...]:
        """Its changes, in the order of `STATES`."""
        return tuple([getattr(self, state) for state in STATES])


def lock_balances(db: Connection, skus: Iterable[str]) -> Sequence[Row[Any]]:
    """Lock and read all balances of these SKUs in the one global order (sku, warehouse, lot)."""
    table = stock_balances
    query = select(table).where(table.c.sku.in_(sorted(set(skus))))
    rows = db.execute(query.order_by(table.c.sku, table.c.warehouse, table.c.lot).with_for_update()).all()
    reach("after_stock_lock")
    return rows


def ensure_balances(db: Connection, keys: Iterable[Key], now: datetime) -> None:
    """Make empty balances where there are none yet."""
    rows = [{"sku": sku, "warehouse": place, "lot": lot, "updated_at": now} for sku, place, lot in sorted(set(keys))]
    blank = dict.fromkeys(STATES, 0) | {"version": 0}
    insert_new(db, stock_balances, [row | blank for row in rows], ("sku", "warehouse", "lot"))


def apply_moves(db: Connection, moves: Sequence[Move], now: datetime) -> None:
    """Write the moves into ledger and balances. The balances must be locked by `lock_balances` before.

    Raises:
        Conflict: a balance would leave 0 <= reserved + damaged + quality_hold <= on_hand, or one of its numbers fall
                  below 0; nothing of the transaction may be kept.
        InvariantBroken: a cause comes a second time.
    """
    if not moves:
        return
    ordered = sorted(moves, key=lambda move: (move.key, move.cause, move.line))
    written = insert_new(
        db, stock_ledger, [_ledger_row(move, now) for move in ordered],
        ("cause", "line", "kind", "sku", "warehouse", "lot"),
    )  # fmt: skip
    if written != len(moves):
        raise InvariantBroken(f"{len(moves) - written} stock move(s) were written before (cause {ordered[0].cause})")
    sums: dict[Key, tuple[int, ...]] = {}
    for move in ordered:
        before = sums.get(move.key, (0,) * len(STATES))
        sums[move.key] = tuple(map(add, before, move.deltas))
    for key, deltas in sums.items():
        _update_balance(db, key, deltas, now)
    reach("after_reserve")


_b = stock_balances.c


def _after(state: str) -> ColumnElement[int]:
    column: ColumnElement[int] = _b[state]
    return column + bindparam(f"d_{state}")


_GUARDED = (
    stock_balances.update()
    .where(
        and_(
            _b.sku == bindparam("b_sku"), _b.warehouse == bindparam("b_warehouse"), _b.lot == bindparam("b_lot"),
            *(_after(state) >= 0 for state in STATES),
            _after("reserved") + _after("damaged") + _after("quality_hold") <= _after("on_hand"),
        )
    )
    .values({state: _after(state) for state in STATES} | {"version": _b.version + 1, "updated_at": bindparam("now")})
)  # fmt: skip


def _update_balance(db: Connection, key: Key, deltas: tuple[int, ...], now: datetime) -> None:
    sku, warehouse, lot = key
    values = {"b_sku": sku, "b_warehouse": warehouse, "b_lot": lot, "now": now}
    values |= {f"d_{state}": delta for state, delta in zip(STATES, deltas, strict=True)}
    if db.execute(_GUARDED, values).rowcount != 1:
        told = ", ".join(f"{delta:+d} {state}" for state, delta in zip(STATES, deltas, strict=True) if delta)
        raise Conflict(
            f"stock of {sku} in {warehouse} does not allow {told}: what is reserved, damaged and on quality hold "
            "would pass what is on hand, or a number would fall below 0"
        )


def _ledger_row(move: Move, now: datetime) -> dict[str, Any]:
    return {
        "sku": move.sku, "warehouse": move.warehouse, "lot": move.lot, "kind": move.kind, "on_hand": move.on_hand,
        "reserved": move.reserved, "cause": move.cause, "line": move.line, "order_id": move.order_id,
        "reason": move.reason, "actor": move.actor, "at": now, **{name: getattr(move, name) or None for name in RARE},
    }  # fmt: skip
